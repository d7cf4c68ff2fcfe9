package rules

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
)

// conc shows the family CONC.
var conc = []Case{
	{Requirement: "CONC-1", ID: "side-by-side", Needs: Together | Turns | Alone, Run: concInterleaved},
	{Requirement: "CONC-1", ID: "all-at-once", Needs: Together, Run: concParallel},
	{Requirement: "CONC-1", ID: "one-after-another", Needs: Alone, Run: concLeftovers},
	{Requirement: "CONC-2", ID: "silent-client", Run: concSilent},
	{Requirement: "CONC-3", ID: "ramp", Needs: Together | Alone | Turns, Akin: akinCrowd, Run: concRamp},
}

// concInterleaved has twelve sessions open, and sends the halves of their requests in turn.
func concInterleaved(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Facts.Mixes {
		if f := b.Mixing(ctx); f != nil {
			return f
		}
	}
	clients, rounds := b.Clients(12), 4
	if b.Patience.Slow() {
		b.LeaveOut(clients * (rounds - 2))
		rounds = 2
	}
	shown, f := b.Halves(ctx)
	if f != nil {
		return f
	}
	f = b.Interleaved(ctx, clients, rounds)
	if f.Fact() && !f.Is(finding.Gone) && !errors.Is(f.Cause, bench.ErrForeign) && b.Interleave(ctx, 1, rounds, b.Wait()).Fact() {
		return finding.NewNotShown("requests in halves, one after another, are answered wrongly on a connection of their own already (FRAM-10)")
	}
	for f.Fact() && !f.Died() && !f.Is(finding.Gone) && !errors.Is(f.Cause, bench.ErrForeign) && clients > 2 {
		// What is answered otherwise beside many is no other client's: a server may refuse more than it takes.
		fewer := max(clients/2, 2)
		less := b.Interleaved(ctx, fewer, rounds)
		if ctx.Err() != nil { // there was no time for fewer
			break
		}
		if less == nil {
			b.Observe("%d clients at once; with %d, %s", fewer, clients, f.Problem)
			return nil
		}
		f, clients = less, fewer
	}
	if f.Fact() && !f.Is(finding.Gone) && !shown {
		return finding.NewUndecided("%s; but that a request in halves is answered rightly on a connection of its own could not be shown", f.Problem)
	}
	return bench.Fewest(ctx, clients, f, func(n int) *finding.Finding { return b.Interleaved(ctx, n, rounds) })
}

// concParallel runs sessions from eight goroutines, or from as few as show what is wrong. What is not answered is not mixed with anything, and
// what is answered wrongly on a connection by itself, with nobody beside it, is no other client's.
func concParallel(ctx context.Context, b *bench.Bench) *finding.Finding {
	clients := b.Clients(8)
	f := concAtOnce(ctx, b, clients)
	if f.Fact() && !f.Died() && !errors.Is(f.Cause, bench.ErrForeign) {
		if !f.Answered() {
			return finding.NewNotShown("beside one another, not all sessions were answered: %s", f.Problem)
		}
		if alone := concAtOnce(ctx, b, 1); alone.Fact() && !alone.Died() && !errors.Is(alone.Cause, bench.ErrForeign) {
			return finding.NewNotShown("a session with nobody beside it is not answered rightly either: %s", alone.Problem)
		}
	}
	return bench.Fewest(ctx, clients, f, func(n int) *finding.Finding { return concAtOnce(ctx, b, n) })
}

// concAtOnce runs sessions from so many goroutines.
func concAtOnce(ctx context.Context, b *bench.Bench, clients int) *finding.Finding {
	const each = 6
	return finding.AtOnce(clients, func(int) *finding.Finding {
		for range each {
			if f := b.Deliver(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}); f != nil {
				return f
			}
		}
		return nil
	})
}

// concLeftovers leaves in mid-request, and looks for what was left in the next session.
func concLeftovers(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Facts.Mixes {
		if f := b.Mixing(ctx); f != nil {
			return f
		}
	}
	const times = 5
	some := times // of each way to leave
	if b.Patience.Slow() {
		some = len(b.Leavings())
		b.LeaveOut(2 * (times - some))
	}
	for i := range 2 * times {
		reset := i >= times
		if i%times >= some {
			continue
		}
		if f := b.LeaveBehind(ctx, i, reset); f != nil {
			return f
		}
		f := b.DeliverAnyway(ctx, b.Dialect.Plain(b.ID()), player.Delivery{})
		if f.Fact() && !f.Answered() {
			if reset && b.StartAgain(ctx) {
				return nil // it dies of resets, now or the next time: nothing was left by the others
			}
			return finding.NewNotShown("after a client that left in the middle of its request, the next one was not served (LIFE-5)")
		}
		if f != nil {
			return f.During("after a client that left in the middle of its request, ")
		}
	}
	return nil
}

// concSilent has a client served beside one that is silent.
func concSilent(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Allowed(2) < 2 {
		return finding.NewNotShown("the server takes one client at a time (limits: {clients: 1}, or --clients 1)")
	}
	return b.HeldUp(ctx)
}

// concRamp opens 200 sessions one after another, each with a first answer, and
// then has a second answer from each. With a slow server some of them go on at once.
func concRamp(ctx context.Context, b *bench.Bench) *finding.Finding {
	clients := b.Allowed(200)
	held, need, f := b.Ramp(ctx, clients)
	defer held.Leave()
	if f != nil {
		b.Observe("held %d", held.Clients())
		return f.During(fmt.Sprintf("with %d clients held, the next was not served: ", held.Clients()))
	}
	if f := held.Again(ctx); f != nil {
		return f.During(fmt.Sprintf("with %d clients held, one of them was not served any more: ", held.Clients()))
	}
	b.Observe("held %d", held.Clients())
	if need > 0 {
		return bench.TooSlow(fmt.Sprintf("more than %d clients", held.Clients()), need)
	}
	return nil
}
