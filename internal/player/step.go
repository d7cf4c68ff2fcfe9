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

// InStep sends messages one after another on one connection, each when the one before was answered: the first in these segments, the
// others whole. It is about the answers to those. Where the first is answered wrongly itself, or where the others are also when it
// comes whole, nothing is shown.
func (p *Player) InStep(ctx context.Context, turns []dialect.Turn, first delivery.Segments) *finding.Finding {
	if p.LeavesOut() {
		return finding.Ended(ctx)
	}
	f := p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		return p.follow(ctx, turns, first, wait)
	})
	if !f.Fact() {
		return f
	}
	if whole := p.inTurn(ctx, turns, delivery.Whole(), p.Wait()); whole.finding.Fact() && !whole.finding.Is(finding.Gone) && !whole.finding.Void() {
		return finding.NewNotShown("the same messages are answered wrongly when each of them comes whole: %s", whole.finding.Problem)
	}
	return f
}

// TryTurns sends messages as InStep does, each of them whole, once, and says which is not answered rightly.
func (p *Player) TryTurns(ctx context.Context, turns []dialect.Turn, wait time.Duration) *finding.Finding {
	return p.inTurn(ctx, turns, delivery.Whole(), wait).finding
}

// follow is one attempt at InStep. It is made once more where a cut was no separate read.
func (p *Player) follow(ctx context.Context, turns []dialect.Turn, first delivery.Segments, wait time.Duration) *finding.Finding {
	taken := p.inTurn(ctx, turns, first, wait)
	if taken.finding == nil && taken.cuts.Confirmed < taken.cuts.Made && p.Sees && p.MorePatience() {
		again := p.inTurn(ctx, turns, first, wait)
		p.Replaces(Attempt{Cuts: taken.cuts}, Attempt{}, again.cuts.Confirmed < again.cuts.Made)
		taken = again
	}
	f := taken.finding
	if f.Failed() && !f.Void() && taken.turn == 0 && (f.Fact() || wait >= p.LongWait()) {
		return finding.NewNotShown("the message that was cut is answered wrongly itself (FRAM-2, FRAM-3): %s", f.Problem)
	}
	return f
}

// taken is how far a client came that took turns.
type taken struct {
	turn    int // at which it ended
	cuts    delivery.CutCount
	finding *finding.Finding
}

// inTurn takes the turns on a connection of their own, up to the first that is not answered rightly.
func (p *Player) inTurn(ctx context.Context, turns []dialect.Turn, first delivery.Segments, wait time.Duration) taken {
	c, f := p.Enter(ctx, delivery.Options{}, wait)
	if f != nil {
		return taken{turn: len(turns), finding: p.killed(f)}
	}
	defer c.Close()
	segments := first
	for i, t := range turns {
		if f := c.Turn(ctx, t, segments, wait); f != nil {
			if f.Failed() && f.Evidence != nil && i > 0 {
				p.inOrder(f, turns[:i+1], first)
			}
			return taken{i, c.Conn.Cuts(), f}
		}
		segments = delivery.Whole()
	}
	return taken{len(turns), c.Conn.Cuts(), nil}
}

// inOrder makes a finding that of all messages up to the one that it is about.
func (p *Player) inOrder(f *finding.Finding, turns []dialect.Turn, first delivery.Segments) {
	n := len(turns[0].Request)
	f.During(fmt.Sprintf("behind a message that was %s, message %d of the same connection: ", first.Describe(n), len(turns)))
	client := plan.Client{Cuts: first.Cuts, End: delivery.HalfClose}
	var request []byte
	for i, t := range turns {
		if i > 0 {
			client.Awaits = append(client.Awaits, len(request))
		}
		request = append(request, t.Request...)
	}
	f.Evidence.Request = report.Excerpt(request, 0)
	f.Evidence.Delivery = fmt.Sprintf("the first message %s, and each of the next whole, when the one before was answered", first.Describe(n))
	for _, c := range first.Cuts[:min(len(first.Cuts), mostListed)] {
		f.Evidence.Cuts = append(f.Evidence.Cuts, c.At)
	}
	if _, learns := p.Dialect.(dialect.Learner); learns {
		for _, t := range turns {
			client.Requests = append(client.Requests, plan.Request{Exchange: t.Exchange})
		}
	} else {
		client.Requests = []plan.Request{{Pieces: []plan.Piece{{Text: request}}}}
	}
	pl := plan.Plan{Dialect: p.Dialect.Name(), Clients: []plan.Client{client}}
	if _, err := p.Due(pl); err == nil { // some exchanges cannot be named together
		f.Evidence.Plan = pl.String()
	}
}
