package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-12: messages whose length grows over every border where the field of a length, or a buffer, changes.

// framGrows delivers a message that is as long as each border, and a byte shorter, whole, and cut around the border, behind its first
// bytes, where its length stands, and before its last.
func framGrows(ctx context.Context, b *bench.Bench) *finding.Finding {
	g := b.Dialect.(dialect.Grower)
	least, most, ok := g.Grows()
	if !ok {
		return nothingGrows()
	}
	began, shown := time.Now(), 0
	for _, n := range bench.Borders(least, most) {
		s, ok := g.Grown(n)
		if !ok {
			continue
		}
		if b.Patience.Slow() && time.Since(began) > b.Patience.Large() {
			return b.InPart(bench.TooSlow(fmt.Sprintf("what is longer than %d bytes", n-1), b.Patience.Large()), shown > 0)
		}
		for _, at := range bench.AroundBorder(n, len(s.Request)) {
			if f := b.Deliver(ctx, s, player.Delivery{Segments: bench.CutAt(len(s.Request), at)}); f != nil {
				if slow := b.SlowOver(ctx, n, f); slow != nil {
					return b.InPart(slow, shown > 0)
				}
				return f.During(fmt.Sprintf("of a message with a part of %d bytes, ", n))
			}
		}
		shown = n
	}
	if shown == 0 {
		return finding.NewNotShown("the part whose length is free may have %d to %d bytes: no border of a length or a buffer is among them", least, most)
	}
	b.Observe("up to %d bytes", shown)
	return nil
}

func nothingGrows() *finding.Finding {
	return finding.NewNotShown("no message of the dialect has a part whose length is free")
}
