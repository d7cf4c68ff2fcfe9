package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// verdicts draws verdicts. It holds what they hang on beside what the cases came to.
type verdicts struct {
	sees   bool                            // the server's end of a connection is seen: whether cuts were real is known
	again  func(requirement string) string // the command that shows a requirement again
	target string                          // the address that a plan is played to again; "" where that changes
}

// verdicts returns what draws those of the run.
func (r *Run) verdicts() verdicts {
	v := verdicts{sees: r.Server.Sees, again: r.cfg.Again}
	if t := r.Server.Target; t.Kind == target.KindAddress {
		v.target = t.Current()
	}
	return v
}

// of turns the outcomes of a requirement's cases into its result: a function of these alone.
func (v verdicts) of(r contract.Requirement, outcomes []outcome) report.Result {
	res := report.Result{ID: r.ID, Family: r.Family(), Level: r.Level, Title: r.Title, Verdict: report.Pass}
	if r.Level == report.May {
		res.Verdict = report.Info
	}
	shown, leftOut := 0, 0
	var skips, doubts []string
	for _, o := range outcomes {
		res.Cases += o.counted.Checks
		res.Cuts.Made += o.counted.Cuts.Made
		res.Cuts.Confirmed += o.counted.Cuts.Confirmed
		res.DurationMS += float64(o.elapsed.Microseconds()) / 1000
		res.Observed = joined(res.Observed, o.counted.Observed...)
		leftOut += o.counted.LeftOut
		switch {
		case o.found == nil:
			shown++
		case o.found.Fact():
			v.blame(&res, r, o)
		case o.found.Is(finding.NotShown):
			skips = append(skips, o.found.Problem)
		default:
			doubts = append(doubts, v.doubt(&res, r, o))
		}
	}
	switch {
	case broken(res):
	case len(doubts) > 0:
		res.Verdict, res.Reason = report.Inconclusive, doubts[0]
	case shown == 0 && len(skips) > 0:
		res.Verdict, res.Reason = report.Skip, skips[0]
	case shown == 0:
		res.Verdict, res.Reason = report.Skip, "no case shows it in this dialect"
	case v.unconfirmed(r, res.Cuts):
		res.Verdict = report.Inconclusive
		res.Reason = fmt.Sprintf("%d of the %d cuts were not confirmed to be separate reads: the server had not read what came before them in time", res.Cuts.Made-res.Cuts.Confirmed, res.Cuts.Made)
	case len(skips) > 0:
		res.Observed = joined(res.Observed, "in part: "+skips[0])
	}
	if !broken(res) && res.Verdict != report.Inconclusive {
		res.Failure = nil
	}
	if leftOut > 0 && res.Verdict == report.Pass {
		res.Observed = joined(res.Observed, fmt.Sprintf("in part: the server is slow or far; deliveries left out, or cut less often: %d", leftOut))
	}
	return res
}

func broken(res report.Result) bool {
	return res.Verdict == report.Fail || res.Verdict == report.Warn
}

// unconfirmed reports whether most of the cuts by which a requirement is shown were no separate reads, where that can be seen.
func (v verdicts) unconfirmed(r contract.Requirement, cuts report.Cuts) bool {
	return v.sees && r.ByCuts && cuts.Confirmed*2 < cuts.Made
}

// blame records the failure of a requirement that counts most, and of those the one that costs least; of two that cost as much, the first.
func (v verdicts) blame(res *report.Result, r contract.Requirement, o outcome) {
	verdict := counts(r.Level, o.found.Grade)
	switch {
	case verdict == report.Info:
		res.Observed = joined(res.Observed, o.found.Problem)
		return
	case res.Verdict == report.Fail && verdict == report.Warn:
		return
	case res.Verdict == verdict && res.Failure.Cost <= o.found.Evidence.Cost:
		return
	}
	res.Verdict, res.Reason = verdict, o.found.Problem
	res.Failure = v.complete(*o.found.Evidence, r, o.c, res.Reason)
}

// counts is the verdict on a requirement of a level whose failure has a grade.
func counts(l report.Level, g finding.Grade) report.Verdict {
	switch {
	case g == finding.Fails, g == finding.ByLevel && l == report.Must:
		return report.Fail
	case g == finding.Warns, l == report.Should:
		return report.Warn
	}
	return report.Info
}

// doubt records why a case could not be judged, and returns the reason.
func (v verdicts) doubt(res *report.Result, r contract.Requirement, o outcome) string {
	reason := o.found.Problem
	if o.found.Is(finding.Late) {
		reason = fmt.Sprintf("%s was not done within %s", o.c.ID, patience.Text(o.bound))
	}
	if o.found.Evidence != nil && res.Failure == nil {
		res.Failure = v.complete(*o.found.Evidence, r, o.c, reason)
		if errors.Is(o.found.Cause, finding.ErrUnfinished) {
			res.Failure.Causes = nil // which are of what is wrong
		}
	}
	return reason
}

// complete fills in the texts that a failure takes from the catalogue.
func (v verdicts) complete(f report.Failure, r contract.Requirement, c rules.Case, problem string) *report.Failure {
	f.Case, f.Requirement, f.Problem, f.Causes = c.ID, r.Sentence, problem, r.Causes
	f.Again = v.again(r.ID)
	if p, err := plan.Parse([]byte(f.Plan)); err == nil {
		p.Requirement = r.ID
		if v.target != "" {
			p.Target = v.target
		}
		f.Plan = p.String()
	}
	return &f
}

// joined appends remarks that are not there yet.
func joined(text string, remarks ...string) string {
	parts := strings.Split(text, "; ")
	if text == "" {
		parts = nil
	}
	for _, r := range remarks {
		if !slices.Contains(parts, r) {
			parts = append(parts, r)
		}
	}
	return strings.Join(parts, "; ")
}
