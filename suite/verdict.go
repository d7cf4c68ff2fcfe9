package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Broken says that a requirement does not hold, with the evidence.
type Broken struct {
	gone    bool           // no connection was had at all
	amiss   bool           // the delivery that shows it was not as planned: see trial.amiss
	asked   bool           // of an exchange file: it is the answer to a message that is not right
	Problem string         // what went wrong, in one sentence without a full stop
	Failure report.Failure // the evidence; Problem and the requirement's texts are filled in by the verdict
}

// Error returns the problem.
func (b *Broken) Error() string { return b.Problem }

// broken makes a *Broken without an exchange as evidence.
func broken(format string, args ...any) *Broken {
	return &Broken{Problem: fmt.Sprintf(format, args...), Failure: report.Failure{FirstDifference: -1, Failed: 1, Runs: 1}}
}

// Undecided says that the suite could not judge: the verdict is inconclusive.
type Undecided struct {
	Reason  string
	Failure *report.Failure // what was seen, when something was
}

// Error returns the reason.
func (u *Undecided) Error() string { return u.Reason }

func undecided(format string, args ...any) *Undecided {
	return &Undecided{Reason: fmt.Sprintf(format, args...)}
}

// NotShown says that the target has not what the case needs: the verdict is skip.
type NotShown struct{ Reason string }

// Error returns the reason.
func (n *NotShown) Error() string { return n.Reason }

// outcome is what one case came to.
type outcome struct {
	c        Case
	err      error
	observed []string
	checks   int
	cuts     report.Cuts
	elapsed  time.Duration
	// disturbed says of an outcome that is no pass that the server had to be started again meanwhile, which may be for what
	// another case did to it.
	disturbed bool
}

// verdict turns the outcomes of a requirement's cases into its result.
func (s *Suite) verdict(r Requirement, outcomes []outcome) report.Result {
	res := report.Result{ID: r.ID, Family: r.Family(), Level: r.Level, Title: r.Title, Verdict: report.Pass}
	if r.Level == report.May {
		res.Verdict = report.Info
	}
	shown := 0
	var skips, doubts []string
	for _, o := range outcomes {
		res.Cases += o.checks
		res.Cuts.Made += o.cuts.Made
		res.Cuts.Confirmed += o.cuts.Confirmed
		res.DurationMS += float64(o.elapsed.Microseconds()) / 1000
		res.Observed = joined(res.Observed, o.observed...)
		var b *Broken
		var n *NotShown
		switch {
		case o.err == nil:
			shown++
		case errors.As(o.err, &b):
			s.blame(&res, r, o.c, b)
		case errors.As(o.err, &n):
			skips = append(skips, n.Reason)
		default:
			doubts = append(doubts, s.doubt(&res, r, o.c, o.err))
		}
	}
	switch {
	case res.Verdict == report.Fail || res.Verdict == report.Warn:
	case len(doubts) > 0:
		res.Verdict, res.Reason = report.Inconclusive, doubts[0]
	case shown == 0:
		res.Verdict, res.Reason = report.Skip, firstOr(skips, "no case shows it in this dialect")
	case s.unconfirmed(r.ID, res.Cuts):
		res.Verdict = report.Inconclusive
		res.Reason = fmt.Sprintf("%d of the %d cuts were not confirmed to be separate reads: the server had not read what came before them in time", res.Cuts.Made-res.Cuts.Confirmed, res.Cuts.Made)
	case len(skips) > 0:
		res.Observed = joined(res.Observed, "in part: "+skips[0])
	}
	if res.Verdict != report.Fail && res.Verdict != report.Warn && res.Verdict != report.Inconclusive {
		res.Failure = nil
	}
	return res
}

// cutting are the requirements that cuts show: without cuts that are real nothing is shown.
var cutting = []string{"FRAM-2", "FRAM-3", "FRAM-5", "FRAM-6", "FRAM-7"}

// unconfirmed reports whether most of the cuts by which a requirement is shown were no separate reads, where that can be seen.
func (s *Suite) unconfirmed(requirement string, cuts report.Cuts) bool {
	return s.local() && slices.Contains(cutting, requirement) && cuts.Confirmed*2 < cuts.Made
}

// blame records the failure of a requirement that costs least.
func (s *Suite) blame(res *report.Result, r Requirement, c Case, b *Broken) {
	if broken := res.Verdict == report.Fail || res.Verdict == report.Warn; broken && res.Failure.Cost <= b.Failure.Cost {
		return
	}
	switch r.Level {
	case report.Must:
		res.Verdict = report.Fail
	case report.Should:
		res.Verdict = report.Warn
	default:
		res.Observed = joined(res.Observed, b.Problem)
		return
	}
	res.Reason = b.Problem
	f := b.Failure
	s.complete(&f, r, c, b.Problem)
	res.Failure = &f
}

// doubt records why a case could not be judged, and returns the reason.
func (s *Suite) doubt(res *report.Result, r Requirement, c Case, err error) string {
	reason := err.Error()
	var u *Undecided
	if errors.As(err, &u) {
		if u.Failure != nil && res.Failure == nil {
			f := *u.Failure
			s.complete(&f, r, c, reason)
			res.Failure = &f
		}
	} else if errors.Is(err, context.DeadlineExceeded) {
		reason = fmt.Sprintf("%s was not done within %s", c.ID, c.Timeout)
	} else if errors.Is(err, context.Canceled) {
		reason = "interrupted"
	}
	return reason
}

// complete fills in the texts that a failure takes from the catalogue.
func (s *Suite) complete(f *report.Failure, r Requirement, c Case, problem string) {
	f.Case, f.Requirement, f.Problem = c.ID, r.Sentence, problem
	f.Causes = r.Causes
	f.Again = s.cfg.Again(r.ID)
	if p, err := plan.Parse([]byte(f.Plan)); err == nil {
		p.Requirement = r.ID
		if s.target.Kind == target.KindAddress {
			p.Target = s.target.Current()
		}
		f.Plan = p.String()
	}
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

func firstOr(list []string, other string) string {
	if len(list) > 0 {
		return list[0]
	}
	return other
}
