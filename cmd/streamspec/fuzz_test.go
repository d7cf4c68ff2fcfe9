//go:build unix

package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/realtime"
)

func TestFuzzReference(t *testing.T) {
	o := call(t, "fuzz", "reference", "--dialect", "line", "--plans", "500", "--seed", "3")
	if o.status != 0 || o.stderr != "" || !strings.HasPrefix(lastLine(o.stdout), "no failure in 500 plans of seed 3 in ") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
}

// plansIn are the files of plans in a folder.
func plansIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.plan"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFuzzSavesAndReplays holds that what fuzz saves fails again on the server that is wrong, and passes on the right one.
func TestFuzzSavesAndReplays(t *testing.T) {
	for _, c := range []struct{ fault, dialect string }{{"crlf-split", "line"}, {"read-short", "script"}, {"seven-bit", "echo"}} {
		t.Run(c.fault, func(t *testing.T) {
			if testing.Short() && c.fault != "seven-bit" {
				t.Skip("one of them shows it too")
			}
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "failures")
			o := call(t, "fuzz", "reference", "--fault", c.fault, "--dialect", c.dialect, "--plans", "400", "--timeout", "300ms", "--save", dir)
			if o.status != 1 || !strings.HasPrefix(lastLine(o.stdout), "not conformant: ") || !strings.Contains(o.stdout, "streamspec replay "+dir) {
				t.Fatalf("status %d, %s%s", o.status, o.stdout, o.stderr)
			}
			names := plansIn(t, dir)
			if len(names) == 0 {
				t.Fatal("nothing was saved")
			}
			for _, name := range names {
				wrong := call(t, "replay", name, "reference", "--fault", c.fault, "--timeout", "300ms")
				if wrong.status != 1 || !strings.Contains(wrong.stdout, "timeline") || !strings.HasPrefix(lastLine(wrong.stdout), "not conformant: ") {
					t.Errorf("%s on the faulty server: status %d, %s%s", name, wrong.status, wrong.stdout, wrong.stderr)
				}
				right := call(t, "replay", name, "reference")
				if right.status != 0 || !strings.HasPrefix(lastLine(right.stdout), "conformant: the server answers this plan as it must") {
					t.Errorf("%s on the right server: status %d, %s%s", name, right.status, right.stdout, right.stderr)
				}
			}
		})
	}
}

// TestFuzzRestarts holds that a server that dies is started again, and that the plan it died of is told.
func TestFuzzRestarts(t *testing.T) {
	dir := t.TempDir()
	server := program + " serve --addr {host}:{port} --dialect line"
	o := call(t, "fuzz", "--exec", server+" --fault fail-kills", "--dialect", "line", "--plans", "600", "--save", dir)
	if o.status != 1 || !strings.Contains(o.stdout, "problem   the server ended: exit status 3") || !strings.Contains(o.stdout, "restarts of the server") {
		t.Fatalf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
	for _, name := range plansIn(t, dir) {
		p, err := plan.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Len() > 8 || p.Cuts() > 0 {
			t.Errorf("it died of\n%s", p)
		}
		for exec, want := range map[string]int{server + " --fault fail-kills": 1, server: 0} {
			if o := call(t, "replay", name, "--exec", exec); o.status != want {
				t.Errorf("replay of\n%sby %s: status %d, %s%s", p, exec, o.status, o.stdout, o.stderr)
			}
		}
	}
}

// TestFuzzServerThatIsGone holds that a server that died and cannot be started again is a failure with what it died of.
func TestFuzzServerThatIsGone(t *testing.T) {
	server, addr := serving(t, "--dialect", "line", "--fault", "fail-kills")
	defer server.wait(t)
	o := call(t, "fuzz", addr, "--dialect", "line", "--plans", "100000", "--timeout", "300ms")
	if o.status != 1 || !strings.Contains(o.stdout, "could not be started again") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
}

// TestFuzzInterrupted holds that Ctrl-C ends it with what is known.
func TestFuzzInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	c := started(t, "fuzz", "reference", "--dialect", "line", "--for", "1h", "--clients", "2", "--corpus", dir)
	for ctx := realtime.Bounded(t); len(plansIn(t, dir)) == 0; time.Sleep(10 * time.Millisecond) { // a plan is kept: it is in the middle
		if ctx.Err() != nil {
			t.Fatalf("nothing was played: %s", c.stderr.String())
		}
	}
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if o := c.wait(t); o.status != 3 || !strings.HasPrefix(lastLine(o.stdout), "interrupted: no failure in ") {
		t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
	}
}

func TestFuzzRefuses(t *testing.T) {
	addr, came := watched(t)
	file := written(t, "file", "x")
	for want, args := range map[string][]string{
		"fuzz wants a target":                         {"fuzz"},
		"--for is \"0s\": it must be from":            {"fuzz", addr, "--for", "0s"},
		"--plans must be above 0":                     {"fuzz", addr, "--plans", "0"},
		"--clients must be from 1 to 256, not 100000": {"fuzz", addr, "--clients", "100000"},
		"--shard is I/N":                              {"fuzz", addr, "--shard", "3/2"},
		"--guide is auto":                             {"fuzz", addr, "--guide", "luck"},
		"--guide coverage goes with --exec":           {"fuzz", addr, "--guide", "coverage"},
		"--corpus goes with a guide":                  {"fuzz", addr, "--guide", "none", "--corpus", "x"},
		"--save: ":                                    {"fuzz", addr, "--save", filepath.Join(file, "x")},
		`unknown dialect "lin": did you mean line?`:   {"fuzz", addr, "--dialect", "lin"},
		"--fault plants a fault":                      {"fuzz", addr, "--fault", "flood"},
		"replay wants the file of a plan":             {"replay"},
		"no such file":                                {"replay", filepath.Join(t.TempDir(), "none"), addr},
		"file:1: this is no plan: a plan begins with": {"replay", file, addr},
		`unknown form of --emit "perl"`:               {"replay", file, "--emit", "perl"},
		"names no target":                             {"replay", written(t, "a.plan", "streamspec plan 1\ndialect line\nclient\nend half-close\n")},
		"more than one answer is right":               {"replay", written(t, "b.plan", "streamspec plan 1\ndialect line\nclient\nrequest \"a\\n\\n\"\nawait\nend half-close\n"), addr},
		"the plan is of version 9":                    {"replay", written(t, "c.plan", "streamspec plan 9\n"), addr},
		"d.plan:2: the line holds":                    {"replay", written(t, "d.plan", "streamspec plan 1\n\x00\xff\n"), addr},
	} {
		refused(t, call(t, args...), 2, want)
	}
	if n := came.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
}

// TestFuzzCorpus holds that a corpus grows, is begun with, and is refused where it is damaged.
func TestFuzzCorpus(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	call(t, "fuzz", "reference", "--dialect", "line", "--plans", "50", "--corpus", dir)
	first := len(plansIn(t, dir))
	if first == 0 {
		t.Fatal("nothing was kept")
	}
	o := call(t, "fuzz", "reference", "--dialect", "line", "--plans", "50", "--seed", "2", "--corpus", dir)
	if o.status != 0 || len(plansIn(t, dir)) <= first {
		t.Errorf("status %d, %d plans after %d: %s%s", o.status, len(plansIn(t, dir)), first, o.stdout, o.stderr)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.plan"), []byte("streamspec plan 1\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, call(t, "fuzz", "reference", "--dialect", "line", "--corpus", dir), 2, "bad.plan:2: there is no")
}

// lacks says what the programs of a form need and is not here; "" is nothing.
func lacks(form string) string {
	if _, err := exec.LookPath(map[string]string{"python": "python3", "go": "go"}[form]); err != nil {
		return err.Error()
	}
	return ""
}

// TestEmit holds that the programs that replay prints fail on a faulty server and pass on a right one.
func TestEmit(t *testing.T) {
	file := written(t, "cut.plan", "streamspec plan 1\ndialect line\nrequirement FRAM-6\nclient\nrequest \"a\\r\\nb\\r\\n\"\ncut 2\nend half-close\n")
	_, right := serving(t, "--dialect", "line")
	_, wrong := serving(t, "--dialect", "line", "--fault", "crlf-split")
	for form, run := range map[string]func(addr, text string) *exec.Cmd{
		"python": func(addr, text string) *exec.Cmd { return exec.Command("python3", written(t, "repro.py", text), addr) },
		"go": func(addr, text string) *exec.Cmd {
			dir := filepath.Dir(written(t, "repro_test.go", text))
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module repro\n\ngo 1.21\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command("go", "test", "-count=1", ".")
			c.Dir, c.Env = dir, append(os.Environ(), "ADDR="+addr, "GOFLAGS=", "GOWORK=off")
			return c
		},
	} {
		t.Run(form, func(t *testing.T) {
			if missing := lacks(form); missing != "" {
				if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") != "" {
					t.Fatal(missing)
				}
				t.Skip(missing)
			}
			o := call(t, "replay", file, "--emit", form)
			if o.status != 0 || o.stderr != "" {
				t.Fatalf("status %d, %s", o.status, o.stderr)
			}
			if out, err := run(right, o.stdout).CombinedOutput(); err != nil {
				t.Errorf("on the right server: %v, %s", err, out)
			}
			out, err := run(wrong, o.stdout).CombinedOutput()
			for try := 0; try < 4 && err == nil; try++ { // a program cannot see whether its cuts were real
				out, err = run(wrong, o.stdout).CombinedOutput()
			}
			if code := (*exec.ExitError)(nil); !errors.As(err, &code) || code.ExitCode() != 1 {
				t.Errorf("on the faulty server: %v, %s", err, out)
			}
		})
	}
}

// TestPlanOfARun holds that what run saves is replayed as what fuzz saves.
func TestPlanOfARun(t *testing.T) {
	dir := t.TempDir()
	o := call(t, "run", "reference", "--fault", "crlf-split", "--dialect", "line", "--only", "FRAM", "--save", dir)
	names := plansIn(t, dir)
	if o.status != 1 || len(names) == 0 {
		t.Fatalf("status %d, %d plans, %s%s", o.status, len(names), o.stdout, o.stderr)
	}
	if !regexp.MustCompile(`again +streamspec replay .*fram-6.*\.plan reference --fault crlf-split`).MatchString(o.stdout) {
		t.Errorf("the report does not tell of it: %s", o.stdout)
	}
	slices.Sort(names)
	for _, name := range names {
		if wrong := call(t, "replay", name, "reference", "--fault", "crlf-split"); wrong.status != 1 {
			t.Errorf("%s on the faulty server: status %d, %s%s", name, wrong.status, wrong.stdout, wrong.stderr)
		}
		if right := call(t, "replay", name, "reference"); right.status != 0 {
			t.Errorf("%s on the right server: status %d, %s%s", name, right.status, right.stdout, right.stderr)
		}
	}
}

// TestFuzzGuide holds that a server that tells its coverage, or writes it when it ends, guides the fuzzer, and that one that does
// neither is refused where its coverage was asked for.
func TestFuzzGuide(t *testing.T) {
	dir := t.TempDir()
	build := func(name string, flags ...string) string {
		out := filepath.Join(dir, name)
		args := append(append([]string{"build"}, flags...), "-o", out, "../../fuzz/rare/steps")
		if text, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return out
	}
	const module = "github.com/streamspec/streamspec/fuzz/rare"
	covered := build("covered", "-cover", "-covermode=atomic", "-coverpkg="+module+","+module+"/steps")
	for name, server := range map[string]string{"told": covered, "written": "env -u STREAMSPEC_COVERAGE " + covered} {
		t.Run(name, func(t *testing.T) {
			o := call(t, "fuzz", "--exec", server+" {host}:{port}", "--dialect", "line", "--plans", "80", "--guide", "coverage")
			if o.status != 0 || !strings.Contains(o.stdout, "kept for what they reached") {
				t.Errorf("status %d, %s%s", o.status, o.stdout, o.stderr)
			}
		})
	}
	refused(t, call(t, "fuzz", "--exec", build("plain")+" {host}:{port}", "--dialect", "line", "--guide", "coverage"), 2, "go build -cover")
}
