package judge

import (
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// failing is a failure of that kind whose evidence costs so much.
func failing(k finding.Kind, problem string, cost int64) *finding.Finding {
	return finding.New(k, "%s", problem).Costing(cost)
}

// TestVerdict: what the outcomes of a requirement's cases add up to.
func TestVerdict(t *testing.T) {
	v := verdicts{again: func(id string) string { return "again " + id }}
	one := player.Counts{Checks: 1}
	outcomes := map[byte]func() outcome{
		'.': func() outcome { return outcome{counted: one} },
		'b': func() outcome { return outcome{found: failing(finding.Broken, "it broke", 9), counted: one} },
		'g': func() outcome {
			f := failing(finding.Gone, "it is gone", 9)
			f.Certain = true
			return outcome{found: f}
		},
		'u': func() outcome { return outcome{found: finding.NewUndecided("who knows")} },
		'm': func() outcome { return outcome{found: failing(finding.Missing, "it did not come", 9)} },
		's': func() outcome { return outcome{found: finding.NewNotShown("not here")} },
		'c': func() outcome { return outcome{found: finding.New(finding.Interrupted, "interrupted")} },
		'd': func() outcome {
			return outcome{c: rules.Case{ID: "x"}, bound: time.Second, found: finding.New(finding.Late, "late")}
		},
	}
	for _, c := range []struct {
		level           report.Level
		of              string
		verdict         report.Verdict
		reason, remarks string
	}{
		{report.Must, "..", report.Pass, "", ""},
		{report.Must, ".b", report.Fail, "it broke", ""},
		{report.Must, ".g", report.Fail, "it is gone", ""},
		{report.Should, "b.", report.Warn, "it broke", ""},
		{report.May, ".", report.Info, "", ""},
		{report.May, "b.", report.Info, "", "it broke"},
		{report.Must, ".u", report.Inconclusive, "who knows", ""},
		{report.Must, ".m", report.Inconclusive, "it did not come", ""}, // nobody asked again
		{report.Should, "u", report.Inconclusive, "who knows", ""},
		{report.Must, "ub", report.Fail, "it broke", ""},
		{report.Must, "su", report.Inconclusive, "who knows", ""},
		{report.Must, "ss", report.Skip, "not here", ""},
		{report.May, "s", report.Skip, "not here", ""},
		{report.Must, "s.", report.Pass, "", "in part: not here"},
		{report.Must, "sb", report.Fail, "it broke", ""},
		{report.Must, ".c", report.Inconclusive, "interrupted", ""},
		{report.Must, "d", report.Inconclusive, "x was not done within 1s", ""},
		{report.Must, "", report.Skip, "no case shows it in this dialect", ""},
	} {
		var all []outcome
		for i := range len(c.of) {
			all = append(all, outcomes[c.of[i]]())
		}
		res := v.of(contract.Requirement{ID: "TEST-1", Level: c.level, Sentence: "It MUST hold.", Causes: []string{"a cause"}}, all)
		if res.Verdict != c.verdict || res.Reason != c.reason || res.Observed != c.remarks {
			t.Errorf("%s %q: %s, %q, %q", c.level, c.of, res.Verdict, res.Reason, res.Observed)
		}
		if failed := broken(res); failed != (res.Failure != nil) && res.Verdict != report.Inconclusive {
			t.Errorf("%s %q: the evidence is %+v", c.level, c.of, res.Failure)
		} else if failed && (res.Failure.Again != "again TEST-1" || res.Failure.Requirement != "It MUST hold." || res.Failure.Problem != c.reason || len(res.Failure.Causes) != 1) {
			t.Errorf("%s %q: the evidence is %+v", c.level, c.of, res.Failure)
		}
	}
}

// TestCheapestFailure: of the failures of a requirement the one that costs least is told, and of two that cost as much the first.
func TestCheapestFailure(t *testing.T) {
	v := verdicts{again: func(string) string { return "" }}
	for _, c := range []struct {
		costs []int64
		want  string
	}{
		{[]int64{5, 3}, "1"}, {[]int64{3, 5}, "0"}, {[]int64{4, 4}, "0"}, {[]int64{9, 7, 7}, "1"}, {[]int64{1, 0}, "1"},
	} {
		var all []outcome
		for i, cost := range c.costs {
			all = append(all, outcome{found: failing(finding.Broken, string(rune('0'+i)), cost)})
		}
		if res := v.of(contract.Requirement{ID: "TEST-1", Level: report.Must}, all); res.Reason != c.want {
			t.Errorf("of failures that cost %v the one of number %s is told, not %s", c.costs, res.Reason, c.want)
		}
	}
}

// TestShareOfCuts: what cuts show is shown where at least half of them were real; where nobody can know, or nothing hangs on cuts, that does
// not count.
func TestShareOfCuts(t *testing.T) {
	for _, c := range []struct {
		byCuts, sees    bool
		made, confirmed int
		want            report.Verdict
	}{
		{true, true, 10, 5, report.Pass},
		{true, true, 11, 5, report.Inconclusive},
		{true, true, 1, 0, report.Inconclusive},
		{true, true, 0, 0, report.Pass},
		{false, true, 11, 5, report.Pass},
		{true, false, 11, 5, report.Pass},
	} {
		v := verdicts{sees: c.sees, again: func(string) string { return "" }}
		o := outcome{counted: player.Counts{Checks: 1, Cuts: report.Cuts{Made: c.made, Confirmed: c.confirmed}}}
		if res := v.of(contract.Requirement{ID: "TEST-1", Level: report.Must, ByCuts: c.byCuts}, []outcome{o}); res.Verdict != c.want {
			t.Errorf("%+v: %s: %s", c, res.Verdict, res.Reason)
		}
	}
}

// TestBreaks: which requirement a baseline breaks.
func TestBreaks(t *testing.T) {
	answered := failing(finding.Broken, "wrong", 0)
	answered.Evidence.Actual.Total = 1
	silent := failing(finding.Broken, "nothing", 0)
	for _, c := range []struct {
		f      *finding.Finding
		served int
		want   string
	}{
		{answered, 0, "FRAM-1"}, {answered, 2, "FRAM-1"}, {silent, 0, "LIFE-1"}, {silent, 1, "LIFE-2"},
		{finding.NewUndecided("who knows"), 0, "FRAM-1"}, {finding.NewUndecided("who knows"), 1, "FRAM-1"},
	} {
		if got := breaks(c.f, c.served); got != c.want {
			t.Errorf("%s after %d that were served breaks %s, want %s", c.f.Problem, c.served, got, c.want)
		}
	}
}
