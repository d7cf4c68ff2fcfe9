package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-10: behind a message that was cut, the next ones are answered rightly.

// framStep cuts a message at every byte, and byte by byte, and sends others behind it, each when the one before was answered.
func framStep(ctx context.Context, b *bench.Bench) *finding.Finding {
	const behind = 2
	var all [][]dialect.Turn
	if x, ok := b.Dialect.(dialect.Follower); ok {
		all = x.Followed(behind)
	} else if turns := b.Dialect.Turns(b.ID(), 1+behind); len(turns) > behind {
		all = [][]dialect.Turn{turns}
	}
	if len(all) == 0 {
		return finding.NewNotShown("no exchange of the dialect can come again on its connection")
	}
	return bench.CutAll(all, func(turns []dialect.Turn) *finding.Finding {
		n := len(turns[0].Request)
		for _, at := range b.SomeOffsets(turns[0].Request) {
			if f := b.InStep(ctx, turns, delivery.CutAt(at)); f != nil {
				return f
			}
		}
		if n < 2 || n > mostByteByByte {
			return nil
		}
		return b.InStep(ctx, turns, delivery.EveryByte(n))
	})
}

// mostByteByByte is up to how many bytes a message comes byte by byte with others behind it. Longer ones do so alone, for FRAM-3.
const mostByteByByte = 4096
