package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-8: every byte value, and requests larger than any buffer.

func framValues(ctx context.Context, b *bench.Bench) *finding.Finding {
	s := b.Dialect.(dialect.Generator).Values()
	plans := []delivery.Segments{delivery.Whole(), delivery.EveryByte(len(s.Request))}
	for range 5 {
		plans = append(plans, delivery.Random(b.Rand, len(s.Request), 20))
	}
	return b.DeliverAll(ctx, s, plans...)
}

// framSizes delivers sessions that are a little longer than each size that a
// buffer may have, whole and cut once, so that the failure of a border is as small as it can be.
// Once two sizes in a row have shown that the server is too slow for the larger ones, these are left out.
func framSizes(ctx context.Context, b *bench.Bench) *finding.Finding {
	const largest = 1 << 20
	slow, started := 0, time.Now()
	for size := 512; size <= largest; size *= 2 {
		began := time.Now()
		s := b.Dialect.(dialect.Generator).Unbroken(size+2, b.Seed)
		for _, plan := range []delivery.Segments{delivery.Whole(), delivery.CutAt(size/2 + size/4)} {
			if f := b.DeliverAnyway(ctx, s, player.Delivery{Segments: plan}); f != nil {
				return f
			}
		}
		rest := time.Since(began) * time.Duration(2*largest/size-2) // twice as long for each size
		if slow++; size < 64<<10 || rest <= b.Patience.Large() {
			slow = 0
		}
		if slow > 1 || b.Patience.Slow() && time.Since(started) > b.Patience.Large() {
			return bench.TooSlow(fmt.Sprintf("what is larger than %d KiB", size>>10), rest)
		}
	}
	return nil
}

// framBulk delivers a long session, with random cuts where there are any.
func framBulk(size, cuts int) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		if f := b.Afford(ctx, size, b.Bulk); f != nil {
			return f
		}
		s := b.Bulk(size)
		return b.Deliver(ctx, s, player.Delivery{Segments: delivery.Random(b.Rand, len(s.Request), cuts)})
	}
}
