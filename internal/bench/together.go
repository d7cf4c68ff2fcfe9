package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Together sends requests together, takes their answers meanwhile, and sends another request behind them, on a connection that stays
// open. A server that closes its connections behind a number of messages, however they come, does not break it.
func (b *Bench) Together(ctx context.Context, burst dialect.Batch) *finding.Finding {
	next, f := b.Turns(2)
	if f != nil {
		return f
	}
	all := burst.Session.Turn()
	f = b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Enter(ctx, delivery.Options{}, wait)
		if f != nil {
			return f
		}
		defer c.Close()
		n, size := len(burst.Starts), len(all.Request)
		if f = c.Turn(ctx, all, delivery.Whole(), wait); f != nil {
			f.During(fmt.Sprintf("of %d messages, %d bytes together: ", n, size))
		} else {
			f = c.Turn(ctx, next[1], delivery.Whole(), wait).During(fmt.Sprintf("behind %d messages, %d bytes together: ", n, size))
		}
		if f.Failed() && f.Evidence != nil {
			f.Evidence.Cost += int64(n) * player.CostOfCut // what is long is simpler by itself
		}
		return f
	})
	if f.Fact() && !f.Is(finding.Gone) && f.Evidence.Ending != string(delivery.StillOpen) {
		if most := b.lasts(ctx, next[0], len(burst.Starts)); most > 0 {
			return finding.NewNotShown("the server closes a connection behind %d messages, also where each comes by itself: more together were left out", most)
		}
	}
	return f
}

// lasts is behind how many messages the server closes a connection on which each waits for the answer to the one before; 0 where that
// is not behind so many and one more.
func (b *Bench) lasts(ctx context.Context, t dialect.Turn, n int) int {
	c, f := b.Enter(ctx, delivery.Options{}, b.Wait())
	if f != nil {
		return 0
	}
	defer c.Close()
	for i := range n + 1 {
		switch f := c.Turn(ctx, t, delivery.Whole(), b.Wait()); {
		case f == nil:
		case f.Fact() && f.Evidence.Actual.Total == 0 && f.Evidence.Ending != string(delivery.StillOpen):
			return i
		default:
			return 0
		}
	}
	return 0
}
