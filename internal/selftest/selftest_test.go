package selftest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

func TestSubjects(t *testing.T) {
	all := Subjects()
	seen := map[string]bool{}
	faults := map[string]bool{}
	for _, s := range all {
		if seen[s.String()] {
			t.Errorf("%s is there twice", s)
		}
		seen[s.String()] = true
		right := s.Kind == Right || s.Kind == Unjudged
		if !right {
			faults[s.Name] = true
		}
		r, known := suite.Lookup(s.Requirement)
		switch {
		case right && s.Requirement != "":
			t.Errorf("%s is right, and breaks %s", s, s.Requirement)
		case !right && !known:
			t.Errorf("%s breaks %q, which does not exist", s, s.Requirement)
		case !right && r.Level == report.May && s.Dialect != service.Name: // there, what a server may do it may not do by halves
			t.Errorf("%s breaks %s, which nothing can break", s, r.ID)
		}
	}
	if want := len(slices.DeleteFunc(faulty.All(), func(f faulty.Fault) bool { return f.Spins })); len(faults) != want || want < 70 {
		t.Errorf("%d of %d faults are subjects, and there must be 70", len(faults), want)
	}
	for _, d := range []string{"echo", "greet", "line", "script", "http1"} {
		if !seen[Reference+"/"+d] {
			t.Errorf("the reference server is no subject in %s", d)
		}
	}
}

func TestSelect(t *testing.T) {
	all := Subjects()
	for _, c := range []struct {
		patterns []string
		wants    string // the name of one that is selected
		not      string
	}{
		{nil, "crlf-split", ""},
		{[]string{"crlf-split"}, "crlf-split", "read-is-message"},
		{[]string{"lose-*"}, "lose-byte-64k", "crlf-split"},
		{[]string{"fram"}, "read-is-message", "early-send"},
		{[]string{"SEND-1", "CONC"}, "early-send", "double-send"},
		{[]string{"right"}, Reference, "sink"},
		{[]string{"trivial"}, "sink", "early-send"},
	} {
		some, err := Select(all, c.patterns)
		if err != nil {
			t.Errorf("%q: %v", c.patterns, err)
			continue
		}
		has := func(name string) bool {
			return slices.ContainsFunc(some, func(s Subject) bool { return s.Name == name })
		}
		if !has(c.wants) || c.not != "" && has(c.not) {
			t.Errorf("%q selects %v", c.patterns, some)
		}
	}
	var wrong *judge.ConfigError
	if _, err := Select(all, []string{"sink", "crlf-splt"}); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "did you mean crlf-split?") {
		t.Errorf("a fault that does not exist: %v", err)
	}
}

// a report with these results, as the suite would make it.
func reported(results ...report.Result) *report.Report {
	r := &report.Report{Schema: report.Schema, Results: results}
	for i := range r.Results {
		r.Results[i].Level = report.Must
		if requirement, ok := suite.Lookup(r.Results[i].ID); ok {
			r.Results[i].Level = requirement.Level
		}
		if v := r.Results[i].Verdict; v == report.Fail || v == report.Warn {
			r.Results[i].Failure = &report.Failure{Cost: int64(len(results) - i)}
		}
	}
	report.Conclude(r)
	return r
}

// TestOutcome: when the suite itself has failed, and when it has not.
func TestOutcome(t *testing.T) {
	pass := report.Result{ID: "LIFE-1", Verdict: report.Pass}
	fail := func(id string) report.Result { return report.Result{ID: id, Verdict: report.Fail} }
	for _, c := range []struct {
		name    string
		kind    Kind
		breaks  string
		results []report.Result
		problem string // "" is none
		named   bool
	}{
		{"caught by its name", Fault, "LINE-3", []report.Result{pass, fail("LINE-3")}, "", true},
		{"caught by another of its family", Fault, "LINE-3", []report.Result{pass, fail("LINE-2")}, "", false},
		{"caught by its name, not first", Fault, "LINE-3", []report.Result{pass, fail("LINE-3"), fail("CODE-1")}, "", false},
		{"caught by the control", Fault, "SEND-3", []report.Result{fail("FRAM-1")}, "", false},
		{"caught by another family", Fault, "LINE-3", []report.Result{pass, fail("CODE-1")}, "do not explain it", false},
		{"a SHOULD", Fault, "CONC-2", []report.Result{pass, {ID: "CONC-2", Verdict: report.Warn}}, "", true},
		{"escapes", Fault, "LINE-3", []report.Result{pass}, "escapes", false},
		{"only inconclusive", Fault, "LINE-3", []report.Result{pass, {ID: "LINE-3", Verdict: report.Inconclusive, Reason: "late"}}, "escapes", false},
		{"rare, caught anywhere", Rare, "FRAM-1", []report.Result{pass, fail("CODE-1")}, "", false},
		{"rare, escapes", Rare, "FRAM-1", []report.Result{pass}, "escapes", false},
		{"right", Right, "", []report.Result{pass}, "", false},
		{"right and blamed", Right, "", []report.Result{pass, fail("CODE-1")}, "a right server is blamed: CODE-1, fail", false},
		{"right and warned", Right, "", []report.Result{pass, {ID: "CONC-2", Verdict: report.Warn}}, "a right server is blamed: CONC-2, warn", false},
		{"right and inconclusive", Right, "", []report.Result{pass, {ID: "CODE-1", Verdict: report.Inconclusive, Reason: "late"}}, "inconclusive: late", false},
		{"right, and one that gives everybody the same", Unjudged, "", []report.Result{{ID: "FRAM-8", Verdict: report.Skip, Reason: "always 401"}}, "", false},
		{"it is judged", Unjudged, "", []report.Result{pass}, "is judged", false},
		{"it is blamed", Unjudged, "", []report.Result{fail("CODE-1")}, "is judged: CODE-1, fail", false},
		{"trivial", Trivial, "LIFE-1", []report.Result{fail("LIFE-1")}, "", true},
		{"trivial, and no verdict", Trivial, "FRAM-8", []report.Result{{ID: "FRAM-8", Verdict: report.Skip, Reason: "too slow"}}, "", false},
		{"trivial, and something passes", Trivial, "LIFE-1", []report.Result{pass, fail("FRAM-1")}, "passes LIFE-1", false},
	} {
		s := Subject{Name: "x", Kind: c.kind, Dialect: "line", Requirement: c.breaks}
		o := outcome(s, reported(c.results...))
		if (o.Problem == "") != (c.problem == "") || !strings.Contains(o.Problem, c.problem) || o.Named() != c.named {
			t.Errorf("%s: %+v", c.name, o)
		}
	}
}

// TestWarned: a right server that breaks what is recommended is warned of that, and of nothing else.
func TestWarned(t *testing.T) {
	pass, warn := report.Result{ID: "LIFE-1", Verdict: report.Pass}, report.Result{ID: "CONC-2", Verdict: report.Warn}
	s := Subject{Name: "x", Kind: Right, Dialect: "line", Warned: []string{"CONC-2"}}
	for _, c := range []struct {
		results []report.Result
		problem string
	}{
		{[]report.Result{pass, warn}, ""},
		{[]report.Result{pass}, "is not warned of CONC-2"},
		{[]report.Result{pass, warn, {ID: "CODE-1", Verdict: report.Fail}}, "is blamed: CODE-1, fail"},
	} {
		if o := outcome(s, reported(c.results...)); (o.Problem == "") != (c.problem == "") || !strings.Contains(o.Problem, c.problem) {
			t.Errorf("%v: %q", c.results, o.Problem)
		}
	}
}

func TestMatrix(t *testing.T) {
	m := NewMatrix([]Outcome{
		{Name: "reference", Dialect: "line", Kind: Right, Conclusion: report.Conformant},
		{Name: "crlf-split", Dialect: "line", Kind: Fault, Requirement: "FRAM-6", First: "FRAM-6", Broken: []string{"FRAM-6", "LINE-3"}, Conclusion: report.NotConformant},
		{Name: "early-send", Dialect: "script", Kind: Fault, Requirement: "SEND-1", Conclusion: report.Conformant, Problem: "the fault escapes"},
		{Name: "rare-cut", Dialect: "line", Kind: Rare, Requirement: "FRAM-2", First: "LINE-1", Broken: []string{"LINE-1"}, Conclusion: report.NotConformant},
	})
	if got, want := m.Sums().String(), "2 of 3 faults caught, 1 of 2 (50.0 %) first by the requirement that names them; 0 of 1 right servers blamed"; got != want {
		t.Errorf("the sums: %s", got)
	}
	if by := m.FirstBy(); len(by) != 1 || !slices.Equal(by["FRAM-6"], []string{"crlf-split"}) {
		t.Errorf("first by: %v", by)
	}
	if ids := m.Unproven(); slices.Contains(ids, "FRAM-6") || !slices.Contains(ids, "LINE-1") || slices.Contains(ids, "LINE-8") {
		t.Errorf("unproven: %v", ids)
	}
	for _, c := range []struct {
		outcome Outcome
		want    []string
	}{
		{Outcome{Kind: Fault, Requirement: "FRAM-6", First: "FRAM-6", Broken: []string{"LIFE-3", "FRAM-6", "LINE-3"}}, []string{"FRAM-6"}},
		{Outcome{Kind: Fault, Requirement: "LINE-3", First: "LIFE-3", Broken: []string{"LIFE-3", "FRAM-6", "LINE-3"}}, []string{"LIFE-3", "LINE-3"}},
		{Outcome{Kind: Fault, Requirement: "LINE-9", First: "LIFE-3", Broken: []string{"LIFE-3", "FRAM-6", "LINE-3", "LINE-5"}}, []string{"LIFE-3", "LINE-3"}},
		{Outcome{Kind: Fault, Requirement: "SEND-1", First: "FRAM-1", Broken: []string{"LIFE-3", "FRAM-1"}}, []string{"FRAM-1"}},
		{Outcome{Kind: Fault, Requirement: "SEND-1"}, nil},
		{Outcome{Kind: Rare, Requirement: "FRAM-2", First: "LINE-1", Broken: []string{"LINE-1"}}, nil},
		{Outcome{Kind: Trivial, Requirement: "LIFE-1", First: "FRAM-1", Broken: []string{"FRAM-1"}}, nil},
		{Outcome{Kind: Right}, nil},
	} {
		s := Subject{Kind: c.outcome.Kind, Requirement: c.outcome.Requirement}
		if got := NewMatrix([]Outcome{c.outcome}).Catches(s); !slices.Equal(got, c.want) {
			t.Errorf("what catches %+v: %v", c.outcome, got)
		}
	}
	var text, markdown, data bytes.Buffer
	for w, write := range map[*bytes.Buffer]error{&text: m.WriteText(&text), &markdown: m.WriteMarkdown(&markdown), &data: m.Write(&data)} {
		if write != nil || w.Len() == 0 {
			t.Error(write)
		}
	}
	for _, want := range []string{"crlf-split  line     FRAM-6   FRAM-6           LINE-3", "✗ early-send/script: the fault escapes", m.Sums().String()} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text does not say %q:\n%s", want, text.String())
		}
	}
	for _, want := range []string{"| FRAM-6 | MUST | `crlf-split` |", "| LINE-1 | MUST | **none** |", "| by chance |", "| **the fault escapes** |", "FRAM-6 +1"} {
		if !strings.Contains(markdown.String(), want) {
			t.Errorf("the Markdown does not say %q", want)
		}
	}
	again, err := Read(&data)
	if err != nil || len(again.Differences(m)) > 0 || len(again.Outcomes) != len(m.Outcomes) {
		t.Errorf("read again: %v, %v", err, again)
	}
}

func TestDifferences(t *testing.T) {
	o := func(name string, kind Kind, first string) Outcome {
		return Outcome{Name: name, Dialect: "line", Kind: kind, Requirement: "LINE-1", First: first, Broken: []string{first}}
	}
	beside := o("f", Fault, "ROBU-1")
	beside.Broken = []string{"LINE-1", "ROBU-1"}
	old := NewMatrix([]Outcome{o("a", Fault, "LINE-1"), o("b", Fault, "LINE-1"), o("c", Rare, "LINE-1"), o("d", Fault, "LINE-1"), beside, o("g", Fault, "ROBU-1")})
	newer := NewMatrix([]Outcome{o("a", Fault, "LINE-2"), o("b", Fault, "LINE-1"), o("c", Rare, "CODE-1"), o("e", Fault, "LINE-1"), o("f", Fault, "LINE-1"), o("g", Fault, "LINE-1")})
	want := []Difference{{"a/line", "is caught first by LINE-2, and was by LINE-1"}, {"d/line", "was not judged"}, {"e/line", "is new"}, {"g/line", "is caught first by LINE-1, and was by ROBU-1"}}
	if got := old.Differences(newer); !slices.Equal(got, want) {
		t.Errorf("the differences are %q", got)
	}
	if part := old.Only([]Subject{{Name: "b", Dialect: "line"}}); len(part.Outcomes) != 1 || part.Outcomes[0].Name != "b" {
		t.Errorf("a part of it: %v", part)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		"":                                   "no matrix",
		"{}":                                 "its schema is \"\"",
		`{"schema":"streamspec-selftest/9"}`: "this is streamspec-selftest/1",
		"\x00\xff":                           "no matrix",
		`{"schema":"streamspec-selftest/1","outcomes":[{"name":1}]}`: "no matrix",
		strings.Repeat(" ", maxMatrix+1):                             "longer than",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		}
	}
}

// TestRunEnds: an interrupted run says what was known, and waits for nothing.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	launched := 0
	cfg := Config{AtOnce: 1, Launch: func(Subject) (*target.Launcher, error) {
		launched++
		cancel()
		return target.NewLauncherArgs([]string{os.Args[0], "-test.run", "^$", "{port}"}, target.LauncherOptions{Ready: time.Hour})
	}}
	outcomes, err := Run(ctx, Subjects(), cfg)
	if err == nil || len(outcomes) != 0 || launched != 1 {
		t.Errorf("after %d starts: %v, %v", launched, outcomes, err)
	}
}

// TestRunSaysWhatItCannotStart names the server.
func TestRunSaysWhatItCannotStart(t *testing.T) {
	broken := errors.New("no such program")
	_, err := Run(t.Context(), Subjects()[:3], Config{Launch: func(Subject) (*target.Launcher, error) { return nil, broken }})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "/") {
		t.Errorf("%v", err)
	}
}
