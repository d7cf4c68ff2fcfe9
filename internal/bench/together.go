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
// open.
func (b *Bench) Together(ctx context.Context, burst dialect.Batch) *finding.Finding {
	next, f := b.Turns(2)
	if f != nil {
		return f
	}
	all := burst.Session.Turn()
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
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
}
