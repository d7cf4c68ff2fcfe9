package rules

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/dialect"
)

// framGrows delivers each message with a part whose length is free as long as every border where the field of a length, or a buffer,
// changes, and a byte shorter: whole, and cut around the border, behind its first bytes, where its length stands, and before its last.
func framGrows(ctx context.Context, b *bench.Bench) *finding.Finding {
	all := dialect.GrowersOf(b.Dialect)
	if len(all) == 0 {
		return finding.NewNotShown("no message of the dialect has a part whose length is free")
	}
	var none *finding.Finding
	began, shown := time.Now(), false
	for _, g := range all {
		f := b.Grow(ctx, g, len(all) > 1, began)
		switch {
		case f == nil:
			shown = true
		case f.Is(finding.NotShown):
			none = f
		default:
			return f
		}
	}
	if none == nil {
		return nil
	}
	return b.InPart(none, shown)
}
