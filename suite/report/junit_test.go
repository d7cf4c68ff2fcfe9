package report

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func junitOf(t *testing.T, r *Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := WriteJUnit(&buf, r); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// parsed reads a JUnit report back as the plain readers see it.
func parsed(t *testing.T, data []byte) junitSuites {
	t.Helper()
	var s junitSuites
	if err := xml.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func caseOf(t *testing.T, s junitSuites, name string) junitCase {
	t.Helper()
	for _, suite := range s.Suites {
		for _, c := range suite.Cases {
			if strings.HasPrefix(c.Name, name+" ") || c.Name == name {
				return c
			}
		}
	}
	t.Fatalf("no testcase %s", name)
	return junitCase{}
}

func TestJUnitIsValid(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("STREAMSPEC_REQUIRE_TOOLS") == "1" {
			t.Fatal("xmllint is missing: install libxml2-utils")
		}
		t.Skip("xmllint is missing: install libxml2-utils")
	}
	dir := t.TempDir()
	xsd := filepath.Join(dir, "junit.xsd")
	if err := os.WriteFile(xsd, JUnitSchema(), 0o600); err != nil {
		t.Fatal(err)
	}
	lint := func(name string, data []byte) (string, error) {
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(xmllint, "--nonet", "--noout", "--schema", xsd, file).CombinedOutput()
		return string(out), err
	}
	all := samples()
	all["hostile"] = concluded(hostileRun())
	for name, r := range all {
		if out, err := lint(name, junitOf(t, r)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	wrong := bytes.Replace(junitOf(t, all["failing"]), []byte("<failure "), []byte("<broken "), 1)
	wrong = bytes.Replace(wrong, []byte("</failure>"), []byte("</broken>"), 1)
	if _, err := lint("wrong", wrong); err == nil {
		t.Error("an unknown element was accepted")
	}
	if _, err := lint("time", bytes.Replace(junitOf(t, all["right"]), []byte(`time="`), []byte(`time="x`), 1)); err == nil {
		t.Error("a time that is no number was accepted")
	}
}

func TestJUnitOfAFailingRun(t *testing.T) {
	r := concluded(failingRun())
	s := parsed(t, junitOf(t, r))
	if s.Tests != len(r.Results) || s.Failures != r.Summary.Fail || s.Errors != 0 || len(s.Suites) != len(catalogue) {
		t.Errorf("%d tests, %d failures, %d errors in %d suites", s.Tests, s.Failures, s.Errors, len(s.Suites))
	}
	c := caseOf(t, s, "FRAM-6")
	if c.Classname != "streamspec.script.FRAM" || c.Name != "FRAM-6 cuts inside CR LF and inside a UTF-8 character" {
		t.Errorf("%s in %s", c.Name, c.Classname)
	}
	res := *find(r, "FRAM-6")
	if c.Failure == nil || c.Failure.Message != res.Failure.Problem || c.Failure.Type != "MUST" ||
		c.Failure.Text != "\n"+FailureText(res, ConsoleOptions{Width: junitWidth}) {
		t.Errorf("%+v", c.Failure)
	}
	if c := caseOf(t, s, "LIFE-6"); c.Skipped == nil || c.Skipped.Message != find(r, "LIFE-6").Reason {
		t.Errorf("%+v", c)
	}
	if c := caseOf(t, s, "FRAM-2"); c.Failure != nil || c.Out == nil || c.Out.Text != "7 cases; 12,345 cuts, 12,345 confirmed" {
		t.Errorf("%+v", c)
	}
}

func TestJUnitOfAWarning(t *testing.T) {
	r := concluded(serialRun())
	s := parsed(t, junitOf(t, r))
	if c := caseOf(t, s, "CONC-2"); c.Failure != nil || c.Out == nil || !strings.Contains(c.Out.Text, "A second client should be served") {
		t.Errorf("a warning: %+v", c)
	}
	r.Strict = true
	Conclude(r)
	s = parsed(t, junitOf(t, r))
	if c := caseOf(t, s, "CONC-2"); c.Failure == nil || c.Failure.Type != "SHOULD" {
		t.Errorf("a warning under strict: %+v", c)
	}
}

func TestJUnitOfNoVerdict(t *testing.T) {
	trouble := concluded(troubledRun())
	c := caseOf(t, parsed(t, junitOf(t, trouble)), "the run")
	if c.Error == nil || c.Error.Message != trouble.Trouble || c.Error.Type != "trouble" {
		t.Errorf("trouble: %+v", c)
	}
	trouble.Results = nil
	if s := parsed(t, junitOf(t, concluded(trouble))); s.Tests != 1 || s.Errors != 1 {
		t.Errorf("trouble without results: %d tests, %d errors", s.Tests, s.Errors)
	}
	r := rightRun()
	for _, id := range []string{"FRAM-7", "CLOS-2"} {
		res := find(r, id)
		res.Verdict, res.Reason = Inconclusive, "the machine was too slow"
	}
	s := parsed(t, junitOf(t, concluded(r)))
	if c := caseOf(t, s, "FRAM-7"); c.Error == nil || c.Error.Message != "the machine was too slow" {
		t.Errorf("an inconclusive MUST: %+v", c)
	}
	if c := caseOf(t, s, "CLOS-2"); c.Error != nil || c.Skipped == nil || c.Skipped.Message != "inconclusive: the machine was too slow" {
		t.Errorf("an inconclusive SHOULD: %+v", c)
	}
}
