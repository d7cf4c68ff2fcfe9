package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// flow shows the family FLOW.
var flow = []Case{
	{Requirement: "FLOW-1", ID: "slow-reader", Takes: generates, Waits: true, Bytes: 8 << 20, Run: flowSlow},
	{Requirement: "FLOW-2", ID: "stuck-reader", Takes: generates, Needs: Together | Alone, Run: flowOthers},
	{Requirement: "FLOW-3", ID: "ping-pong", Takes: streams, Run: flowPingPong},
	{Requirement: "FLOW-3", ID: "both-ways", Takes: streamsLong, Needs: Big, Bytes: 16 << 20, Run: flowBoth},
}

func flowSlow(ctx context.Context, b *bench.Bench) *finding.Finding {
	s := b.Dialect.(dialect.Generator).Bulk(4<<20, b.Rand.Uint64())
	// Busy at first, and slow then: a time limit for a write, and one for the whole answer, are both reached.
	return b.Deliver(ctx, s, player.Delivery{Options: delivery.Options{ReceiveBuffer: 16 << 10}, Chunk: 64 << 10, Pause: patience.SlowRead, Delay: patience.LateRead})
}

// flowOthers has one client ask for more than the buffers hold and not read, until
// the server stops reading too, or has read it all. Others get their answers beside it.
func flowOthers(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		stuck, f := b.StuckClient(ctx, patience.StuckBeside, func() *finding.Finding {
			for range 5 {
				if _, f := b.Beside().Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, wait); f != nil {
					return f.During("while one client did not read its answer, another was not served: ")
				}
			}
			return nil
		})
		if f != nil {
			return f
		}
		stuck.Close()
		return nil
	})
}

// flowPingPong waits for the answer of each piece before it sends the next.
func flowPingPong(ctx context.Context, b *bench.Bench) *finding.Finding {
	var pieces [][]byte
	for _, size := range []int{1, 10, 1000, 4096, 65536, 100000, 3} {
		pieces = append(pieces, []byte(dialect.Numbered(size)))
	}
	turns := b.Dialect.(dialect.Streamer).Stream(pieces...)
	if len(turns) == 0 {
		return finding.NewNotShown("the dialect has no turns for bytes of any kind")
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		for _, t := range turns {
			if f := c.Turn(ctx, t, delivery.Whole(), wait); f != nil {
				return f.During("with the client's side still open, ")
			}
		}
		return nil
	})
}

func flowBoth(ctx context.Context, b *bench.Bench) *finding.Finding {
	const size = 8 << 20
	if f := b.Afford(ctx, size, b.Bulk); f != nil {
		return f
	}
	s := b.Dialect.(dialect.Generator).Bulk(size, b.Rand.Uint64())
	f := b.Deliver(ctx, s, player.Delivery{Segments: delivery.Random(b.Rand, len(s.Request), 20)})
	return f.During(fmt.Sprintf("with %d bytes on the way in both directions, ", len(s.Request)))
}
