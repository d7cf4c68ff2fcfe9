package rules

import (
	"context"
	"fmt"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// robuMessages looks at the memory that messages with a part whose length is free make a server take: what it keeps of each, where its file says
// that it keeps nothing, and what grows with the square of their length, as where each of their beginnings is kept that has come so far.
func robuMessages(ctx context.Context, b *bench.Bench) *finding.Finding {
	const least, longest, pieces, bound, times, tries = 64 << 10, 512 << 10, 1024, 96 << 20, 8, 2
	n, f := b.LongestTaken(ctx, least, longest)
	var grown [2]uint64
	for try := 0; f == nil && try < tries; try++ {
		var own *bench.Bench
		var usual uint64
		if own, f = b.Instance(ctx); f != nil {
			break
		}
		if dialect.Forgets(b.Dialect) {
			usual, f = usualMemory(ctx, own, fmt.Sprintf("messages with a part of %d bytes", n), func() *finding.Finding { return own.GrownOften(ctx, n, bench.Endless) })
		} else { // it may be meant to keep them all, and would
			usual, f = own.Peak(ctx, func() *finding.Finding { return own.Grown(ctx, n, 1) })
		}
		for i := 0; f == nil && i < len(grown); i++ {
			grown[i], f = own.Peak(ctx, func() *finding.Finding { return own.Grown(ctx, n>>(2-2*i), pieces>>(2-2*i)) })
			grown[i] = max(grown[i], usual) - usual
		}
		if f == nil && (grown[1] < bound || grown[1] < times*grown[0]) {
			b.Observe("memory grew by %d MiB during a message with a part of %d bytes in small pieces", grown[1]>>20, n)
			return own.Pulse(ctx)
		}
	}
	if f != nil {
		return f
	}
	return finding.NewBroken("the server's memory grew by %d MiB during a message with a part of %d bytes in small pieces, and by %d MiB during one of a quarter: each of its beginnings is kept that has come so far",
		grown[1]>>20, n, grown[0]>>20).Costing(int64(n) + player.CostOfPause)
}
