package judgetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/suite/report"
)

// Judge runs the suite; where that takes the machine's time, it is bounded.
func Judge(t testing.TB, cfg judge.Config) *report.Report {
	t.Helper()
	ctx := t.Context()
	if cfg.Connect == nil {
		ctx = realtime.Bounded(t)
	}
	rep, err := judge.Judge(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("the run did not end by itself: %s", rep.Sentence)
	}
	Complete(t, rep)
	return rep
}

// Complete holds what is true of every report.
func Complete(t testing.TB, rep *report.Report) {
	t.Helper()
	for _, r := range rep.Results {
		if r.ID == "" || r.Verdict == "" {
			t.Errorf("a result has no id or no verdict: %+v", r)
		}
		broken := r.Verdict == report.Fail || r.Verdict == report.Warn
		if broken && (r.Failure == nil || r.Reason == "" || r.Failure.Again == "" || r.Failure.Case == "" || r.Failure.Runs < 1 || r.Failure.Failed < 1 || r.Failure.Failed > r.Failure.Runs) {
			t.Errorf("%s is broken, and its evidence is incomplete: %q %+v", r.ID, r.Reason, r.Failure)
		}
		if r.Verdict == report.Pass && (r.Failure != nil || r.Cases == 0) {
			t.Errorf("%s passed with %d checks and this failure: %+v", r.ID, r.Cases, r.Failure)
		}
		if (r.Verdict == report.Skip || r.Verdict == report.Inconclusive) && r.Reason == "" {
			t.Errorf("%s is %s for no reason", r.ID, r.Verdict)
		}
		if r.Cuts.Confirmed > r.Cuts.Made {
			t.Errorf("%s confirmed %d of %d cuts", r.ID, r.Cuts.Confirmed, r.Cuts.Made)
		}
	}
}

// Having are the ids of the results with one of these verdicts, in order.
func Having(rep *report.Report, of ...report.Verdict) (ids []string) {
	for _, r := range rep.Results {
		if slices.Contains(of, r.Verdict) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Result is the one of that id.
func Result(t testing.TB, rep *report.Report, id string) report.Result {
	t.Helper()
	for _, r := range rep.Results {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no result of %s: %s", id, rep.Sentence)
	return report.Result{}
}

// Told is what a report says of everything that did not pass, for a test that fails.
func Told(rep *report.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", rep.Sentence, rep.Trouble)
	for _, r := range rep.Results {
		if r.Verdict != report.Pass && r.Verdict != report.Info {
			fmt.Fprintf(&b, "  %-8s %-12s %s\n", r.ID, r.Verdict, r.Reason)
		}
	}
	return b.String()
}

// Reasons are all reasons of a report, on one line.
func Reasons(r *report.Report) string {
	var all []string
	for _, res := range r.Results {
		if res.Reason != "" {
			all = append(all, fmt.Sprintf("%s %s: %s", res.ID, res.Verdict, res.Reason))
		}
	}
	return strings.Join(all, "; ")
}

// Unbroken holds that nothing is broken, and nothing left open.
func Unbroken(t *testing.T, rep *report.Report) {
	t.Helper()
	if broken := Having(rep, report.Fail, report.Inconclusive); len(broken) > 0 {
		t.Errorf("broken: %q: %s", broken, Told(rep))
	}
}
