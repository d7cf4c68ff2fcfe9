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
	if most := b.ClosesBehind(ctx, len(burst.Starts), f); most > 0 {
		return LeftOut(most)
	}
	return f
}

// LeftOut says that a server has a limit of how many messages a connection may bring, and that more were left out.
func LeftOut(most int) *finding.Finding {
	return finding.NewNotShown("the server closes a connection behind %d messages, also where each comes by itself: more together were left out", most)
}

// ClosesBehind is behind how many messages the server closes a connection, where each of them waits for the answer to the one before and
// there are no more than n: of that may a finding come that was made on n messages together. It is 0 where it cannot, or where the
// server closes no such connection.
func (b *Bench) ClosesBehind(ctx context.Context, n int, f *finding.Finding) int {
	if !f.Fact() || f.Is(finding.Gone) || f.Evidence.Ending == string(delivery.StillOpen) && !otherwise(f) {
		return 0
	}
	turns, none := b.Turns(2)
	if none != nil {
		return 0
	}
	most, said := b.lasts(ctx, turns[0], b.answersFew(ctx, n))
	if said { // which might be a mistake that comes by chance
		if again, _ := b.lasts(ctx, turns[0], most); again != most {
			return 0
		}
	}
	return most
}

// otherwise says whether what came was not the beginning of the answer.
func otherwise(f *finding.Finding) bool {
	at := f.Evidence.FirstDifference
	return at >= 0 && at < f.Evidence.Actual.Total
}

// answersFew is how many of n messages to look at one by one: none where the server answers all of them when a few come at a time,
// which is quicker, else as many as the few have that it closed the connection at, and those before.
func (b *Bench) answersFew(ctx context.Context, n int) int {
	const bytes = 1 << 10
	filler, ok := b.Dialect.(dialect.Filler)
	if !ok {
		return n
	}
	few := filler.Fill(b.ID(), bytes, 1)
	if len(few.Starts) == 0 {
		return n
	}
	c, f := b.Enter(ctx, delivery.Options{}, b.Wait())
	if f != nil {
		return n
	}
	defer c.Close()
	for answered := 0; answered <= n; answered += len(few.Starts) {
		if f := c.Turn(ctx, few.Session.Turn(), delivery.Whole(), b.Wait()); f != nil {
			return min(n, answered+len(few.Starts))
		}
	}
	return 0
}

// lasts is behind how many messages the server closes a connection on which each waits for the answer to the one before; 0 where that
// is not behind so many and one more. With said it has answered the next one otherwise, as by Connection: close, and closed it then.
func (b *Bench) lasts(ctx context.Context, t dialect.Turn, n int) (messages int, said bool) {
	if n == 0 {
		return 0, false
	}
	c, f := b.Enter(ctx, delivery.Options{}, b.Wait())
	if f != nil {
		return 0, false
	}
	defer c.Close()
	for i := range n + 1 {
		switch f := c.Turn(ctx, t, delivery.Whole(), b.Wait()); {
		case f == nil:
		case f.Fact() && f.Evidence.Actual.Total == 0 && f.Evidence.Ending != string(delivery.StillOpen):
			return i, false
		case f.Fact() && otherwise(f) && c.Receive(ctx, delivery.Want{Idle: b.Wait()}).Ending == delivery.FIN:
			return i, true
		default:
			return 0, false
		}
	}
	return 0, false
}
