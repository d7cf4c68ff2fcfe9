package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestExpect goes the way of a team: a failure that must stay is written into a file, waived, told when it passes, and compared with an
// earlier run.
func TestExpect(t *testing.T) {
	dir := t.TempDir()
	file, old := filepath.Join(dir, "expect.yaml"), filepath.Join(dir, "old.json")
	broken := []string{"run", "reference", "--dialect", "line", "--fault", "read-is-message", "--only", "FRAM-1,FRAM-2"}
	right := []string{"run", "reference", "--dialect", "line", "--only", "FRAM-1,FRAM-2"}
	with := func(args []string, more ...string) outcome {
		t.Helper()
		return call(t, append(append([]string(nil), args...), more...)...)
	}
	last := func(o outcome) string {
		lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
		return lines[len(lines)-1]
	}

	o := with(broken, "--expect", file, "--expect-update", "--json", old)
	if o.status != 0 || last(o) != "conformant, with 1 waived: 1 of 2 MUST (1 waived: FRAM-2)" {
		t.Fatalf("status %d: %s", o.status, o.stdout)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "- requirement: FRAM-2\n    reason: TODO\n") {
		t.Fatalf("%v: %s", err, text)
	}
	var rep report.Report
	if data, err := os.ReadFile(old); err != nil || json.Unmarshal(data, &rep) != nil || validate(t, data) != nil || rep.Summary.Waived != 1 || rep.Summary.Pass != 1 || rep.Summary.Fail != 1 {
		t.Errorf("%v, %+v", err, rep.Summary)
	}

	if o := with(broken, "--expect", file); o.status != 0 || !strings.HasPrefix(last(o), "conformant, with 1 waived: ") || strings.Contains(o.stdout, "timeline") {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
	if o := with(broken, "--expect", file, "--strict"); o.status != 2 || !strings.Contains(o.stderr, "still TODO") {
		t.Errorf("status %d: %s", o.status, o.stderr)
	}
	if o := with(right, "--expect", file); o.status != 1 || last(o) != "not conformant: 2 of 2 MUST, 1 not as expected" || !strings.Contains(unwrapped(o.stdout), "FRAM-2 passes, and is expected to fail") {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
	if o := with(right, "--expect", file, "--expect-update"); o.status != 0 || last(o) != "conformant: 2 of 2 MUST" {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
	if o := with(broken, "--expect", file); o.status != 1 {
		t.Errorf("what was taken out is waived: status %d: %s", o.status, o.stdout)
	}

	if o := with(broken, "--baseline", old); o.status != 0 || !strings.HasPrefix(last(o), "conformant, with 1 waived: ") {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
	if o := with(right, "--json", old); o.status != 0 {
		t.Fatalf("status %d: %s", o.status, o.stdout)
	}
	if o := with(broken, "--baseline", old); o.status != 1 || !strings.Contains(unwrapped(o.stdout), "and is broken now") {
		t.Errorf("status %d: %s", o.status, o.stdout)
	}
}

// unwrapped is a text on one line.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestExpectRefused: what is not what it should be is refused before anything is sent, and left as it is.
func TestExpectRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad, empty := write("bad.yaml", "expect:\n  - requirement: FRAM-2\n"), write("empty.json", "{}")
	newer := write("newer.json", `{"schema": "streamspec/2"}`)
	other := write("other.json", `{"schema": "streamspec/1", "dialect": "echo", "conclusion": "conformant", "results": []}`)
	for says, args := range map[string][]string{
		bad + ":2:5: FRAM-2 has no reason":           {"--expect", bad},
		"cannot be read":                             {"--expect", filepath.Join(dir, "none.yaml")},
		"it is no regular file":                      {"--expect", dir},
		"give it that too":                           {"--expect-update"},
		"is no report of a run":                      {"--baseline", empty},
		`has schema "streamspec/2"`:                  {"--baseline", newer},
		"of a server that speaks echo, and not line": {"--baseline", other},
	} {
		o := call(t, append([]string{"run", "127.0.0.1:1", "--dialect", "line"}, args...)...)
		if o.status != 2 || !strings.Contains(o.stderr, says) {
			t.Errorf("%v: status %d: %s", args, o.status, o.stderr)
		}
	}
	if text, err := os.ReadFile(bad); err != nil || string(text) != "expect:\n  - requirement: FRAM-2\n" {
		t.Errorf("%v: %s", err, text)
	}
}
