package main_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestReportFiles: both reports are written, over longer ones, and agree with the status.
func TestReportFiles(t *testing.T) {
	dir := t.TempDir()
	jsonFile, junitFile := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.xml")
	if err := os.WriteFile(jsonFile, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	o := call(t, "run", "reference", "--fault", "early-send", "--only", "SEND-1,SEND-2", "--json", jsonFile, "--junit", junitFile)
	if o.status != 1 || !strings.Contains(o.stdout, "not conformant") {
		t.Fatalf("status %d, %s", o.status, o.stdout)
	}
	data, err := os.ReadFile(jsonFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, data); err != nil {
		t.Error(err)
	}
	if data, err = os.ReadFile(junitFile); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(data, &suites); err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, s := range suites.Suites {
		for _, c := range s.Cases {
			if c.Failure != nil && strings.Contains(*c.Failure, "before SEND") {
				failed = append(failed, c.Name[:6])
			}
		}
	}
	if suites.Tests != 2 || suites.Failures != 1 || !slices.Equal(failed, []string{"SEND-1"}) {
		t.Errorf("%d tests, %d failures, %q: %s", suites.Tests, suites.Failures, failed, data)
	}
	if o := call(t, "run", "reference", "--only", "FRAM-1", "--junit", "-"); o.status != 0 || xml.Unmarshal([]byte(o.stdout), &suites) != nil {
		t.Errorf("JUnit on stdout: status %d, %s", o.status, o.stdout)
	}
}

// TestReportsAreWhole: what ends a run before it has a report leaves the old one as it was, and nothing beside it; a link stays one, and a
// file's permissions too.
func TestReportsAreWhole(t *testing.T) {
	dir := t.TempDir()
	file, link, fresh := filepath.Join(dir, "r.json"), filepath.Join(dir, "link.json"), filepath.Join(dir, "new.xml")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	addr, held := holding(t, 100)
	c := until(t, started(t, "run", addr, "--dialect", "echo", "--timeout", long, "--json", link, "--junit", fresh), held)
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
	c.done = true
	if text, err := os.ReadFile(file); err != nil || string(text) != "old" {
		t.Errorf("of a run that was killed: %q, %v", text, err)
	}
	holdFiles := func(want ...string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("the folder has %q, want %q, %v", names, want, err)
		}
	}
	holdFiles("link.json", "r.json")
	if o := call(t, "run", "reference", "--only", "FRAM-1", "--json", link, "--junit", fresh); o.status != 0 {
		t.Errorf("status %d, %s", o.status, o.stderr)
	}
	holdFiles("link.json", "new.xml", "r.json")
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	if info, err = os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || info.Size() < 100 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// TestFullDevice: a report that cannot be written when it is there is trouble of our own, in one line.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	o := call(t, "run", "reference", "--only", "FRAM-1", "--json", "/dev/full")
	if o.status != 3 || strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, "/dev/full") {
		t.Errorf("status %d, stderr %q", o.status, o.stderr)
	}
}

// TestJSONOnStdout: the report is all that is there, it is valid, and the console's text goes to stderr.
func TestJSONOnStdout(t *testing.T) {
	for _, args := range [][]string{{"--only", "FRAM-1..3", "--seed", "18446744073709551615"}, {"--fault", "latin-1", "--only", "CODE-3"}} {
		o := call(t, append([]string{"run", "reference", "--json", "-"}, args...)...)
		rep, err := report.ReadJSON(strings.NewReader(o.stdout))
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, o.stdout)
		}
		if err := validate(t, []byte(o.stdout)); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if rep.Conclusion.ExitStatus() != o.status || lastLine(o.stderr) != rep.Sentence || rep.Target.Name == "" || rep.Tool.Version == "" {
			t.Errorf("%q: status %d, stderr %q, report %q", args, o.status, lastLine(o.stderr), rep.Sentence)
		}
	}
}

// TestReportIsKept: a call that is refused leaves the reports of an earlier run as they are.
func TestReportIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(file, []byte("the earlier one"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"run", unused, "--json", file, "--only", "FARM"}, {"run", unused, "--json", file, "--junit", "/no/such/folder/x"}, {"run", unused, "--json", file}} {
		if o := call(t, args...); o.status < 2 {
			t.Errorf("%q: status %d", args, o.status)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != "the earlier one" {
			t.Errorf("%q left %q, %v", args, b, err)
		}
	}
}
