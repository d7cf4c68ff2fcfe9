package report

import (
	"strings"
	"testing"
)

// TestConsoleOfLittle holds what is drawn of reports in which much is missing.
func TestConsoleOfLittle(t *testing.T) {
	skip := Result{ID: "FRAM-1", Family: "FRAM", Level: Must, Verdict: Skip, Reason: "why"}
	pass := Result{ID: "FRAM-1", Family: "FRAM", Level: Must, Title: "a", Verdict: Pass}
	for _, c := range []struct {
		name string
		r    Report
		want string
	}{
		{"nothing", Report{}, "streamspec · seed 0\nno verdict: no requirement was shown to hold\n"},
		{"a note alone", Report{Notes: []string{"n"}}, "streamspec · seed 0\nnote: n\nno verdict: no requirement was shown to hold\n"},
		{"a name and a version", Report{Tool: Tool{"other", "1.2"}, Seed: 7, Dialect: "line"}, "other 1.2 · dialect line · seed 7\nno verdict: no requirement was shown to hold\n"},
		{"where it is, and how", Report{Target: Target{Name: "a", Address: "b", PID: 1, Cuts: "likely", Serial: true}, Strict: true}, "streamspec · a · b · pid 1 · seed 0 · cuts likely · one client at a time\nstrict\nno verdict: no requirement was shown to hold\n"},
		{"an address that is its name", Report{Target: Target{Name: "a", Address: "a"}}, "streamspec · a · seed 0\nno verdict: no requirement was shown to hold\n"},
		{"skips alone", Report{Results: []Result{skip}}, "streamspec · seed 0\n- 1 not applicable: why (FRAM-1)\nno verdict: no requirement was shown to hold, 1 not applicable\n"},
		{"skips in trouble", Report{Trouble: "t", Results: []Result{skip}}, "streamspec · seed 0\nt\nno verdict: the target could not be judged, 1 not judged\n"},
		{"a pass", Report{Results: []Result{pass}}, "streamspec · seed 0\nFRAM framing  1 of 1\n  ✓ FRAM-1  a\nconformant: 1 of 1 MUST\n"},
		{"a pass behind a family of skips", Report{Results: []Result{{ID: "LIFE-1", Family: "LIFE", Level: Must, Verdict: Skip, Reason: "why"}, pass}}, "streamspec · seed 0\nFRAM framing  1 of 1\n  ✓ FRAM-1  a\n- 1 not applicable: why (LIFE-1)\nconformant: 1 of 1 MUST, 1 not applicable\n"},
		{"a pass and a note", Report{Notes: []string{"n"}, Results: []Result{pass}}, "streamspec · seed 0\nFRAM framing  1 of 1\n  ✓ FRAM-1  a\n\nnote: n\nconformant: 1 of 1 MUST\n"},
		{"a fail without evidence", Report{Results: []Result{{ID: "FRAM-1", Family: "FRAM", Level: Must, Title: "a", Verdict: Fail, Reason: "why"}}}, "streamspec · seed 0\nFRAM framing  0 of 1\n  ✗ FRAM-1  a  why\n\n✗ FRAM-1  a\n  reason    why\nnot conformant: 1 of 1 MUST broken (FRAM-1)\n"},
		{"a warn without evidence", Report{Results: []Result{{ID: "FRAM-1", Family: "FRAM", Level: Should, Title: "a", Verdict: Warn, Reason: "why"}}}, "streamspec · seed 0\nFRAM framing  0 of 1\n  ! FRAM-1  a  why\n\n! FRAM-1  a\n  reason    why\nno verdict: no requirement was shown to hold\n"},
	} {
		if got := consoleText(t, concluded(&c.r), ConsoleOptions{}); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestOrder holds that requirements stand by their numbers, and families in the order of the contract, those that it does not
// have last.
func TestOrder(t *testing.T) {
	r := runOf("HTTX-1 MUST pass", "FRAM-10 MUST pass", "ROBU-1 MUST pass", "FRAM-2 MUST pass", "LIFE-3 MUST pass", "FRAM-x MUST pass")
	var order []string
	for _, f := range byFamily(r.Results) {
		for _, res := range f.results {
			order = append(order, res.ID)
		}
	}
	if got := strings.Join(order, " "); got != "LIFE-3 FRAM-x FRAM-2 FRAM-10 ROBU-1 HTTX-1" {
		t.Error(got)
	}
	for id, want := range map[string]int{"FRAM-12": 12, "FRAM": 0, "": 0, "12": 12, "A-B-3": 3} {
		if got := number(id); got != want {
			t.Errorf("the number of %q is %d", id, got)
		}
	}
}

// TestProblem holds which sentence says what went wrong.
func TestProblem(t *testing.T) {
	for _, c := range []struct {
		r    Result
		want string
	}{{Result{Reason: "r"}, "r"}, {Result{Reason: "r", Failure: &Failure{}}, "r"}, {Result{Reason: "r", Failure: &Failure{Problem: "p"}}, "p"}} {
		if got := problem(c.r); got != c.want {
			t.Errorf("%+v: %q", c.r, got)
		}
	}
}

// TestHexUnderOneAnother holds that an answer which ends where a row does shows that it ends there, and no row beyond.
func TestHexUnderOneAnother(t *testing.T) {
	draw := func(got string) string {
		f := &Failure{Expected: whole("0123456789abcdef"), Actual: whole(got), FirstDifference: int64(len(got))}
		return FailureText(Result{ID: "A-1", Failure: f}, ConsoleOptions{Width: 60})
	}
	const want = `        actual
     0  30 31 32 33 34 35 36 37  01234567
     8  --
        ^^                       ^
`
	if text := draw("01234567"); !strings.HasSuffix(text, want) {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if text := draw("0123"); strings.Count(text, "\n     8  ") != 1 {
		t.Errorf("a row beyond the end of an answer is shown:\n%s", text)
	}
}
