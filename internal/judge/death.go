package judge

import (
	"context"
	"fmt"
	"sort"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Who is to blame for the end of a server: the case that ends it again, when it is played by itself to one that was just started.

// died says whether the server ended of the case, or behind it.
func (o outcome) died() bool { return o.after.End != nil || o.found.Died() }

// settled is what a case comes to behind which the server had ended. It is run again: where the server ends again, the case has shown
// that, and carries what does it as a plan; where it does not, it may have ended of something else, and the case is not blamed: it is left
// open where the server ended in the middle of what it delivered.
func (r *Run) settled(ctx context.Context, o outcome) outcome {
	switch {
	case !o.died(), o.found.Is(finding.NotShown): // which says itself whose matter that is
		return o
	case !o.after.Serves || ctx.Err() != nil:
		return r.unsettled(o)
	}
	again := r.run(ctx, o.c)
	again.elapsed += o.elapsed
	switch {
	case ctx.Err() != nil:
		return r.unsettled(o)
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
	r.reproduce(ctx, o.c, f.Evidence, again.doings)
	again.found = f
	return again
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
		r.plays(o.found.Evidence, r.planOf(o.doings[max(0, len(o.doings)-mostUnproven):]))
	}
	return o
}

// costOfCase is what it costs to follow a failure that the whole of its case shows, and nothing that is shorter.
const costOfCase = 1 << 20

// mostCuts is how many cuts a failure lists.
const mostCuts = 64

// mostUnproven is how many clients the plan of a server's end has where it cannot be seen whether fewer are enough.
const mostUnproven = 8

// reproduce gives a failure that ended the server the shortest plan that ends it again: the exchange that it shows, or what the case's
// clients did last, the last of them, the last two, and so on. Where none does, it has none.
func (r *Run) reproduce(ctx context.Context, c rules.Case, f *report.Failure, doings []plan.Client) {
	ctx, cancel := context.WithTimeout(ctx, patience.Minimise+3*r.Server.Target.StartTime())
	defer cancel()
	kills := func(p plan.Plan) bool {
		if p.Validate() != nil || ctx.Err() != nil || r.stopped.Load() != nil {
			return false
		}
		end, serves := r.Server.Kills(ctx, p)
		if !serves {
			r.stopped.CompareAndSwap(nil, &c.Requirement)
		}
		return end != nil
	}
	if p, err := plan.Parse([]byte(f.Plan)); err == nil && kills(p) {
		return
	}
	f.Plan = ""
	if f.Delivery == "" {
		f.Cost = costOfCase
	}
	for n := 1; n < 2*len(doings); n *= 2 {
		all := doings[max(0, len(doings)-n):]
		if !kills(r.planOf(all)) {
			continue
		}
		least := 1 + sort.Search(len(all)-1, func(i int) bool { return kills(r.planOf(all[:i+1])) }) // those that came later met nobody
		p := r.planOf(all[:least])
		if least > 1 && kills(r.planOf(all[least-1:least])) { // and those before it may have nothing to do with it
			p = r.planOf(all[least-1 : least])
		}
		r.plays(f, p)
		return
	}
}

// planOf is what clients did as a plan that the dialect can play.
func (r *Run) planOf(clients []plan.Client) plan.Plan {
	p := plan.Plan{Dialect: r.Server.Dialect.Name(), Clients: clients}.Clone()
	p.Clients[0].Then = false
	for i, c := range p.Clients {
		c.Then = false
		due, err := r.Server.Due(plan.Plan{Dialect: p.Dialect, Clients: []plan.Client{c}})
		if err != nil || c.End == delivery.Open && due[0].Session.End == dialect.ByFailure {
			p.Clients[i].End = delivery.Reset // it left before it could be told what was right
		}
	}
	return p
}

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
	by := r.stopped.Load()
	for _, res := range rep.Results {
		if f := res.Failure; f != nil && f.Ended != nil || by != nil && res.ID == *by && broken(res) {
			return ""
		}
	}
	_, text := player.EndedBy(end)
	switch {
	case text == "" && by == nil:
		return ""
	case text == "":
		return fmt.Sprintf("the server stopped serving while %s was judged, and could not be started again: what was left was not judged", *by)
	case by != nil:
		return fmt.Sprintf("%s, while %s was judged, and it could not be started again: what was left was not judged", text, *by)
	}
	return text + "; no requirement that was judged tells of what"
}

// plays gives a failure a plan, and where it shows no exchange, what the last client in it that sent anything did.
func (r *Run) plays(f *report.Failure, p plan.Plan) {
	f.Plan = p.String()
	if f.Request.Total > 0 || f.Delivery != "" {
		return
	}
	f.Cost = player.CostOfPause + int64(p.Len()) + player.CostOfCut*int64(p.Cuts()) + player.CostOfClient*int64(len(p.Clients)-1)
	for _, c := range p.Clients {
		request := c.Bytes()
		f.Request, f.Delivery = report.Excerpt(request, 0), c.Delivery().Describe(len(request))
		if n := len(p.Clients); n > 1 {
			f.Delivery = fmt.Sprintf("%d clients, one after another or side by side; the last: %s", n, f.Delivery)
		}
		f.Cuts = nil
		for _, cut := range c.Cuts[:min(len(c.Cuts), mostCuts)] {
			f.Cuts = append(f.Cuts, cut.At)
		}
	}
}
