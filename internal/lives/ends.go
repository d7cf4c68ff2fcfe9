package lives

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// What a server ends of, as a plan that ends it again.

// costOfCase is what it costs to follow a failure that the whole of its case shows, and nothing that is shorter.
const costOfCase = 1 << 20

// mostCuts is how many cuts a failure lists.
const mostCuts = 64

// Reproduce gives a failure that ended the server the shortest plan that ends it again: the exchange that it shows, or what the case's
// clients did last, the last of them, the last two, and so on, or one that sends as much as is not remembered of them. Where none does, it
// has none.
func (w *Watch) Reproduce(ctx context.Context, f *report.Failure, requirement string, doings []plan.Client, poured bool) {
	ctx, cancel := context.WithTimeout(ctx, patience.Minimise+3*w.Server.Target.StartTime())
	defer cancel()
	kills := func(p plan.Plan) bool {
		if p.Validate() != nil || ctx.Err() != nil || w.Over() {
			return false
		}
		end, serves := w.Server.Kills(ctx, p)
		if !serves {
			w.Lost(requirement)
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
	if slices.ContainsFunc(doings, func(c plan.Client) bool { return c.End == delivery.Reset }) {
		for _, c := range w.leavings() {
			if p := w.PlanOf([]plan.Client{c}); kills(p) {
				Plays(f, p)
				return
			}
		}
	}
	for n := 1; n < 2*len(doings); n *= 2 {
		all := doings[max(0, len(doings)-n):]
		if !kills(w.PlanOf(all)) {
			continue
		}
		least := 1 + sort.Search(len(all)-1, func(i int) bool { return kills(w.PlanOf(all[:i+1])) }) // those that came later met nobody
		p := w.PlanOf(all[:least])
		if least > 1 && kills(w.PlanOf(all[least-1:least])) { // and those before it may have nothing to do with it
			p = w.PlanOf(all[least-1 : least])
		}
		Plays(f, p)
		return
	}
	if poured {
		w.pour(f, kills)
	}
}

// leavings are the simplest clients that reset their connections: of whatever resets a server ends, it may end of these, and is told to by
// the same plan each time.
func (w *Watch) leavings() []plan.Client {
	p := w.Server.Player("diagnosis")
	defer p.Done()
	whole := plan.Request{Pieces: []plan.Piece{{Text: p.Plain()}}}
	return []plan.Client{{End: delivery.Reset}, {Requests: []plan.Request{whole}, End: delivery.Reset}}
}

// mostPoured is how much the plan of a failure sends, where it is found by sending more and more.
const mostPoured = 2 << 20

// pour gives a failure the plan of a client that sends so many copies of a burst that the server ends, where some do. It ends its stream, where
// that does it: a reset may come before the server has read what was sent, which is lost then.
func (w *Watch) pour(f *report.Failure, kills func(plan.Plan) bool) {
	p := w.Server.Player("diagnosis")
	defer p.Done()
	burst, _ := p.Burst(w.Seed)
	copies := func(n int, end delivery.ClientEnd) plan.Plan {
		all := plan.Request{Pieces: []plan.Piece{{Text: bytes.Repeat(burst, n)}}}
		return plan.Plan{Dialect: w.Server.Dialect.Name(), Clients: []plan.Client{{Requests: []plan.Request{all}, End: end}}}
	}
	if len(burst) == 0 {
		return
	}
	for n := 1; n*len(burst) <= mostPoured; n *= 2 {
		for _, end := range []delivery.ClientEnd{delivery.HalfClose, delivery.Reset} {
			if kills(copies(n, end)) {
				least := n/2 + 1 + sort.Search(n-n/2-1, func(i int) bool { return kills(copies(n/2+1+i, end)) })
				Plays(f, copies(least, end))
				return
			}
		}
	}
}

// PlanOf is what clients did as a plan that the dialect can play.
func (w *Watch) PlanOf(clients []plan.Client) plan.Plan {
	p := plan.Plan{Dialect: w.Server.Dialect.Name(), Clients: clients}.Clone()
	p.Clients[0].Then = false
	for i, c := range p.Clients {
		c.Then = false
		due, err := w.Server.Due(plan.Plan{Dialect: p.Dialect, Clients: []plan.Client{c}})
		if err != nil || c.End == delivery.Open && due[0].Session.End == dialect.ByFailure {
			p.Clients[i].End = delivery.Reset // it left before it could be told what was right
		}
	}
	return p
}

// Plays gives a failure a plan, and where it shows no exchange, what the last client in it that sent anything did.
func Plays(f *report.Failure, p plan.Plan) {
	f.Plan = p.String()
	f.Cost = player.CostOfPause + int64(p.Len()) + player.CostOfCut*int64(p.Cuts()) + player.CostOfClient*int64(len(p.Clients)-1)
	if f.Request.Total > 0 || f.Delivery != "" {
		return
	}
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
