package judge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/lives"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Who is to blame for the end of a server, or for one that serves nobody any more: the case that does it again, when it is played by itself
// to one that has just served.

// died says whether the server ended of the case, or behind it.
func (o outcome) died() bool { return o.after.End != nil || o.found.Died() }

// settled is what a case comes to behind which the server had ended, or served nobody. It is run again, by itself. Where the server ends
// again, the case has shown that, and carries what does it as a plan; where it does not, it may have ended of something else, and the case
// is not blamed: it is left open where the server ended in the middle of what it delivered. Where the server did not end, what the case comes
// to then is what counts, unless it was by itself already.
func (r *Run) settled(ctx context.Context, o outcome, itself bool) outcome {
	switch {
	case o.found.Is(finding.NotShown), !o.died() && !o.broke(): // which says itself whose matter that is
		return o
	case !o.after.Serves || ctx.Err() != nil:
		return r.unsettled(o)
	case r.itself(ctx, o), !o.died() && o.after.Lives && r.givenUp(o):
		return r.anew(ctx, o)
	case !o.died() && (itself || o.after.Lives && r.shattered.Has(o.c.Requirement)):
		return r.shatters(o)
	}
	again := r.run(ctx, o.c)
	again.elapsed += o.elapsed
	switch {
	case ctx.Err() != nil:
		return r.unsettled(o)
	case r.itself(ctx, again):
		return r.anew(ctx, again)
	case !o.died() && !again.died():
		return r.shatters(again)
	case !again.died() && again.found == nil && o.found.Failed() && o.found.Evidence.Request.Total > 0:
		again.found = once(o)
		return again
	case !again.died(), again.found.Is(finding.NotShown):
		return again
	}
	f := again.found
	if !f.Failed() {
		if f = o.found; !f.Failed() {
			f = player.NewGone(again.after.End)
			f.Kind, f.Certain = finding.Broken, false
		}
	}
	f = player.Died(f, again.after.End)
	f.Evidence.Runs, f.Evidence.Failed = 2, 2
	r.lives.Reproduce(ctx, f.Evidence, again.c.Requirement, again.doings, again.poured)
	again.found = f
	return again
}

// itself says whether the life of the server that was over behind a case was over whatever was sent.
func (r *Run) itself(ctx context.Context, o outcome) bool {
	return !o.after.ServedOn && r.ofItself(ctx, o.after.Life)
}

// anew is what a case comes to that is run again where it is known how the server's lives end, whatever is sent: it is not run where it
// would see nothing else.
func (r *Run) anew(ctx context.Context, o outcome) outcome {
	again := r.runWithin(ctx, o.c)
	again.elapsed += o.elapsed
	return again
}

// shatters notes that a requirement is told to be broken by a server that serves nobody behind it, where it is, and returns the outcome.
func (r *Run) shatters(o outcome) outcome {
	if o.broke() && o.found.Failed() {
		r.explained.Store(true)
		if o.after.Lives {
			r.shattered.Tell(o.c.Requirement)
		}
	}
	return o
}

// ready has the server serve right before a requirement is judged again, as far as it can be had.
func (r *Run) ready(ctx context.Context, requirement string) {
	if r.Server.Worn() > 0 { // it is started again where there is no room for more clients
		return
	}
	switch after := r.Server.Look(ctx, false); {
	case !after.Serves:
		r.stop(requirement)
	case !after.ServedOn && after.End == nil:
		r.brokeBy.CompareAndSwap(nil, &requirement)
	}
}

// once is what a case comes to in which the server ended, and did not when the case was run again.
func once(o outcome) *finding.Finding {
	f := o.found.Because(finding.Undecided, "%s; it did not when the same was played again: of what it ended is not known", o.found.Problem)
	f.Evidence.Runs, f.Evidence.Failed = 2, 1
	return f
}

// unsettled is what a case comes to behind which the server had ended, where it cannot be run again.
func (r *Run) unsettled(o outcome) outcome {
	if o.found.Failed() && o.found.Evidence.Plan == "" && len(o.doings) > 0 {
		lives.Plays(o.found.Evidence, r.lives.PlanOf(o.doings[max(0, len(o.doings)-mostUnproven):]))
	}
	return o
}

// mostUnproven is how many clients the plan of a server's end has where it cannot be seen whether fewer are enough.
const mostUnproven = 8

// aloof is what is said of a run in which the server ended, and no requirement is told to be broken by that; "" where there is nothing
// to say.
func (r *Run) aloof(ctx context.Context, rep *report.Report) string {
	t := r.Server.Target
	if t.Kind == target.KindExec || t.PID() != 0 {
		player.Sleep(ctx, patience.Dying) // it may end of what was sent last
	}
	end := t.Alive()
	if last := r.ended.Load(); end == nil && last != nil {
		end = *last
	}
	by, whatever := r.stoppedBy.Load(), cmp.Or(r.lives.Expires(), r.lives.Wears())
	for _, res := range rep.Results {
		tells := res.Failure != nil && res.Failure.Ended != nil
		if by != nil { // a warning alone is no verdict of a server by which little else was judged
			tells = (tells || res.ID == *by) && res.Verdict == report.Fail
		}
		if tells || whatever != nil && (res.ID == living || res.ID == turning) && res.Verdict == report.Fail {
			return ""
		}
	}
	if whatever != nil {
		return whatever.Problem
	}
	if why := r.gaveUp.Load(); why != nil {
		return *why
	}
	_, text := player.EndedBy(end)
	broke := r.brokeBy.Load()
	switch {
	case text == "" && by == nil && broke != nil && !r.explained.Load():
		return fmt.Sprintf("the server served nobody any more while %s was judged, and was started again; it served on when that was judged again by itself: of what it stopped is not known", *broke)
	case text == "" && by == nil:
		return ""
	case text == "":
		return fmt.Sprintf("the server stopped serving while %s was judged, and could not be started again: what was left was not judged", *by)
	case by != nil:
		return fmt.Sprintf("%s, while %s was judged, and it could not be started again: what was left was not judged", text, *by)
	}
	return text + "; no requirement that was judged tells of what"
}

// oneOf is what is said of a server that stopped serving, and could not be started again, while several requirements were judged of which
// one is told to be broken by that; "" where it was judged by itself.
func (r *Run) oneOf(rep *report.Report) string {
	by, beside := r.stoppedBy.Load(), r.beside.Load()
	if by == nil || beside == nil || len(*beside) == 0 || !slices.ContainsFunc(rep.Results, func(res report.Result) bool { return res.ID == *by && broken(res) }) {
		return ""
	}
	others := slices.Clone(*beside)
	slices.SortFunc(others, func(a, b string) int { return r.place(a) - r.place(b) })
	return fmt.Sprintf("the server stopped serving while %s was judged beside %s, and could not be started again: what of these did that is not known, and what was left was not judged",
		*by, strings.Join(others, ", "))
}

// place is where a requirement stands in the contract, of those that are judged.
func (r *Run) place(id string) int {
	return slices.IndexFunc(r.requirements, func(q contract.Requirement) bool { return q.ID == id })
}
