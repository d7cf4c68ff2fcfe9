package rules

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// conc shows the family CONC.
var conc = []Case{
	{Requirement: "CONC-1", ID: "side-by-side", Needs: Together | Turns, Run: concInterleaved},
	{Requirement: "CONC-1", ID: "all-at-once", Needs: Together, Run: concParallel},
	{Requirement: "CONC-1", ID: "one-after-another", Needs: Alone, Run: concLeftovers},
	{Requirement: "CONC-2", ID: "silent-client", Run: concSilent},
	{Requirement: "CONC-3", ID: "ramp", Needs: Together | Alone | Turns, Run: concRamp},
}

// concInterleaved has twelve sessions open, and sends the halves of their requests in turn.
func concInterleaved(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Facts.Mixes {
		if f := b.Mixing(ctx); f != nil {
			return f
		}
	}
	clients, rounds := b.Clients(12), 4
	if b.Patience.Slow() { // each round takes an answer for each client at the most
		rounds = 2
		clients = min(clients, max(2, int(patience.Large/(2*b.Patience.Exchange))))
	}
	shown, f := b.Halves(ctx)
	if f != nil {
		return f
	}
	for f = b.Interleaved(ctx, clients, rounds); f.Fact() && !f.Died() && !f.Is(finding.Gone) && !errors.Is(f.Cause, bench.ErrForeign) && clients > 2; {
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
	if f.Fact() && !f.Is(finding.Gone) && !errors.Is(f.Cause, bench.ErrForeign) && b.Interleave(ctx, 1, rounds, b.Wait()).Fact() {
		return finding.NewNotShown("requests in halves, one after another, are answered wrongly on a connection of their own already (FRAM-10)")
	}
	if f.Fact() && !f.Is(finding.Gone) && !shown {
		return finding.NewUndecided("%s; but that a request in halves is answered rightly on a connection of its own could not be shown", f.Problem)
	}
	return f
}

// concParallel runs sessions from eight goroutines.
func concParallel(ctx context.Context, b *bench.Bench) *finding.Finding {
	const each = 6
	found := make([]*finding.Finding, b.Clients(8))
	var clients sync.WaitGroup
	for i := range found {
		clients.Go(func() {
			for range each {
				if found[i] = b.Deliver(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}); found[i] != nil {
					return
				}
			}
		})
	}
	clients.Wait()
	return bench.Worst(found)
}

// concLeftovers leaves in mid-request, and looks for what was left in the next session.
func concLeftovers(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Facts.Mixes {
		if f := b.Mixing(ctx); f != nil {
			return f
		}
	}
	const times = 5
	for i := range 2 * times {
		reset := i >= times
		if f := b.LeaveBehind(ctx, i, reset); f != nil {
			return f
		}
		f := b.Deliver(ctx, b.Dialect.Plain(b.ID()), player.Delivery{})
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
// then has a second answer from each.
func concRamp(ctx context.Context, b *bench.Bench) *finding.Finding {
	clients := b.Allowed(200)
	var need time.Duration // of a server that is too slow for all of them
	if b.Patience.Slow() {
		if most := int(patience.Large / (2 * b.Patience.Exchange)); most < clients {
			need, clients = 2*time.Duration(clients)*b.Patience.Exchange, max(most, 2)
		}
	}
	held := make([]*player.Client, 0, clients)
	turns := make([][]dialect.Turn, 0, clients)
	for len(held) < clients {
		t, f := b.Turns(2)
		if f != nil {
			return f
		}
		c, f := b.Enter(ctx, delivery.Options{Number: len(held)}, b.Wait())
		if f == nil {
			defer c.Close()
			f = c.Turn(ctx, t[0], delivery.Whole(), b.Wait())
		}
		if f != nil {
			b.Observe("held %d", len(held))
			return f.During(fmt.Sprintf("with %d clients held, the next was not served: ", len(held)))
		}
		held, turns = append(held, c), append(turns, t)
	}
	for i, c := range held {
		if f := c.Turn(ctx, turns[i][1], delivery.Whole(), b.LongWait()); f != nil {
			return f.During(fmt.Sprintf("with %d clients held, one of them was not served any more: ", clients))
		}
	}
	b.Observe("held %d", clients)
	if need > 0 {
		return bench.TooSlow(fmt.Sprintf("more than %d clients", clients), need)
	}
	return nil
}
