package player

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Await delivers the first bytes of a session, and the rest when what is due to those has come, by the rule of retries. due says
// whether anything is due to them: where nothing is, nothing is delivered. Where the answer to the whole request is wrong too,
// nothing is blamed on when it is due.
func (p *Player) Await(ctx context.Context, s dialect.Session, at int) (f *finding.Finding, due bool) {
	c := plan.Client{Awaits: []int{at}}
	for _, name := range s.Exchanges {
		c.Requests = append(c.Requests, plan.Request{Exchange: name})
	}
	if !c.Exchanges() {
		c.Requests = []plan.Request{{Pieces: []plan.Piece{{Text: s.Request}}}}
	}
	if s.End == dialect.ByClient {
		c.End = delivery.HalfClose
	}
	pl := plan.Plan{Dialect: p.Dialect.Name(), Clients: []plan.Client{c}}
	all, err := p.Due(pl)
	if err != nil || len(all[0].Rounds) == 0 { // right servers differ in what they have answered by then
		return nil, false
	}
	if p.LeavesOut() {
		return finding.Ended(ctx), true
	}
	f = p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		_, f := p.PlayDue(ctx, pl, all, wait)
		if f.Failed() && f.Evidence != nil {
			n := len(s.Request)
			f.Evidence.Request, f.Evidence.Plan = report.Excerpt(s.Request, 0), pl.String()
			f.Evidence.Delivery = fmt.Sprintf("the first %d bytes of %d, and the rest when what is due to them had to have come", at, n)
			f.Evidence.Cost = max(f.Evidence.Cost, int64(n)+CostOfCut)
		}
		return f
	})
	if !f.Fact() {
		return f, true
	}
	if _, whole := p.Try(ctx, s, Delivery{}, p.Wait()); whole.Fact() && !whole.Is(finding.Gone) {
		return finding.NewNotShown("the same request is answered wrongly when it comes whole: %s", whole.Problem), true
	}
	return f, true
}
