package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
)

// FRAM-12: messages whose length grows over every border where the field of a length, or a buffer, changes.

func framGrows(ctx context.Context, b *bench.Bench) *finding.Finding { return b.GrowOver(ctx) }
