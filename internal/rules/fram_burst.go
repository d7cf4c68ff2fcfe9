package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
)

// FRAM-11: bursts of whole messages that are as large as buffers are, and a little larger.

// burstSizes are the sizes, the smallest first. Many a server reads 1 or 2 KiB at once: its failure is shortest there.
var burstSizes = []int{512, 1 << 10, 2 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10}

// framBursts sends messages that fill each size, and others that have a byte more.
func framBursts(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Bursts(ctx, burstSizes)
}
