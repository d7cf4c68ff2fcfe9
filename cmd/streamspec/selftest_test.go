package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestSelftest judges a few servers of each kind, keeps what is known, and goes on where it was.
func TestSelftest(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a run for every server")
	}
	kept := filepath.Join(t.TempDir(), "matrix.json")
	o := call(t, "selftest", "crlf-split", "accept-close", "--dialect", "line", "--resume", kept)
	if o.status != 0 || !strings.HasPrefix(lastLine(o.stdout), "2 of 2 faults caught, 1 of 1 (100.0 %) first by") {
		t.Fatalf("status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	if strings.Count(o.stderr, "\n") != 2 || !strings.Contains(o.stderr, "crlf-split/line") {
		t.Errorf("the progress: %q", o.stderr)
	}
	again := call(t, "selftest", "crlf-split", "accept-close", "--dialect", "line", "--resume", kept, "--json", "-")
	if again.status != 0 || again.stderr != "" || !strings.Contains(again.stdout, `"first":"FRAM-6"`) {
		t.Errorf("what is known is judged again: status %d, %q\n%s", again.status, again.stderr, again.stdout)
	}
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.json")
	otherwise := bytes.ReplaceAll(text, []byte(`"requirement":"FRAM-6"`), []byte(`"requirement":"FRAM-5"`))
	if err := os.WriteFile(other, otherwise, 0o644); err != nil {
		t.Fatal(err)
	}
	differs := call(t, "selftest", "crlf-split", "--dialect", "line", "--brief", "--in-memory", "--against", other)
	if differs.status != 1 || !strings.Contains(differs.stderr, "crlf-split/line is fault of FRAM-6, and was fault of FRAM-5") {
		t.Errorf("a matrix that differs: status %d, %q", differs.status, differs.stderr)
	}
	if same := call(t, "selftest", "crlf-split", "--dialect", "line", "--resume", kept, "--against", kept); same.status != 0 || same.stderr != "" {
		t.Errorf("the same matrix: status %d, %q", same.status, same.stderr)
	}
	brief := call(t, "selftest", "crlf-split", "--dialect", "line", "--brief", "--against", kept)
	if brief.status != 0 || !strings.HasPrefix(lastLine(brief.stdout), "1 of 1 faults caught, 1 of 1 (100.0 %) first by") {
		t.Errorf("by what it broke: status %d\n%s%s", brief.status, brief.stdout, brief.stderr)
	}
	near := call(t, "selftest", "crlf-split", "accept-close", "--dialect", "line", "--brief", "--in-memory", "--against", kept, "--except", "accept-close")
	if near.status != 0 || !strings.HasPrefix(lastLine(near.stdout), "1 of 1 faults caught, 1 of 1 (100.0 %) first by") {
		t.Errorf("in memory: status %d\n%s%s", near.status, near.stdout, near.stderr)
	}
	text = regexp.MustCompile(`"first":"[^"]*","broken":\[[^]]*]`).ReplaceAll(text, []byte(`"first":"LIFE-1","broken":["LIFE-1"]`))
	if err := os.WriteFile(other, text, 0o644); err != nil {
		t.Fatal(err)
	}
	escapes := call(t, "selftest", "crlf-split", "--dialect", "line", "--brief", "--against", other)
	if escapes.status != 1 || !strings.Contains(escapes.stdout, "the fault escapes: conformant: 1 of 1 MUST") {
		t.Errorf("by what it does not break: status %d\n%s%s", escapes.status, escapes.stdout, escapes.stderr)
	}
}

func TestSelftestRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		says string
		args []string
	}{
		{"did you mean crlf-split?", []string{"crlf-splt"}},
		{"did you mean line?", []string{"--dialect", "lin"}},
		{"the selection is empty", []string{"early-send", "--dialect", "echo"}},
		{"--at-once must be between", []string{"--at-once", "0"}},
		{"cannot both be written to stdout", []string{"--json", "-", "--markdown", "-"}},
		{"the matrix cannot be written", []string{"--json", "/nonexistent/m.json"}},
		{"what is known cannot be kept", []string{"--resume", "/nonexistent/m.json"}},
		{"the matrix cannot be read", []string{"--against", "/nonexistent/m.json"}},
		{"cannot be used", []string{"--against", broken}},
		{"cannot be used", []string{"--resume", broken}},
		{"--brief needs --against", []string{"--brief"}},
		{"--in-memory needs --brief", []string{"--in-memory"}},
		{"the selection is empty", []string{"crlf-split", "--except", "crlf-*"}},
		{"did you mean crlf-split?", []string{"--except", "crlf-splt"}},
		{"--only needs --merge", []string{"--only", "LINE"}},
		{"--merge needs --only, or the names of servers", []string{"--merge", broken}},
		{"--merge cannot be given with", []string{"crlf-split", "--merge", broken, "--resume", broken}},
		{"writes no matrix", []string{"--brief", "--against", broken, "--json", "-"}},
	} {
		refused(t, call(t, append([]string{"selftest"}, c.args...)...), 2, c.says)
	}
}

// TestSelftestInterrupted keeps what was judged, and says so with status 3.
func TestSelftestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGINT to send")
	}
	kept := filepath.Join(t.TempDir(), "matrix.json")
	c := started(t, "selftest", "accept-close", "crlf-split", "--dialect", "line", "--at-once", "1", "--resume", kept)
	c.stderr.await(t, "accept-close/line")
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	o := c.wait(t)
	if o.status != 3 || !strings.Contains(o.stderr, "interrupted with 1 of 2 servers judged") {
		t.Errorf("status %d: %q", o.status, o.stderr)
	}
	if text, err := os.ReadFile(kept); err != nil || !bytes.Contains(text, []byte("accept-close")) {
		t.Errorf("what was known is not kept: %v, %q", err, text)
	}
}

// TestOddServers are served by name, and refused by a wrong one.
func TestOddServers(t *testing.T) {
	refused(t, call(t, "serve", "--odd", "nagel", "--addr", "127.0.0.1:0"), 2, "did you mean nagle?")
	refused(t, call(t, "serve", "--odd", "flush-at-end", "--dialect", "echo", "--addr", "127.0.0.1:0"), 2, "speaks the dialects")
	refused(t, call(t, "serve", "--odd", "nagle", "--fault", "sink", "--addr", "127.0.0.1:0"), 2, "not both")
	refused(t, call(t, "list", "--odd", "--faults"), 2, "either")
	if o := call(t, "list", "--odd"); o.status != 0 || !strings.Contains(o.stdout, "nagle ") {
		t.Errorf("status %d: %q", o.status, o.stdout)
	}
}
