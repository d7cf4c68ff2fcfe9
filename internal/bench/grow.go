package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// GrowOver delivers each message with a part whose length is free: it is as long as each border, and a byte shorter, whole, and cut around
// the border, behind its first bytes, where its length stands, and before its last.
func (b *Bench) GrowOver(ctx context.Context) *finding.Finding {
	all := dialect.GrowersOf(b.Dialect)
	if len(all) == 0 {
		return NothingGrows()
	}
	var none *finding.Finding
	began, shown := time.Now(), 0
	for _, g := range all {
		said, f := b.growOver(ctx, g, began)
		switch {
		case f.Is(finding.NotShown):
			none = f
			continue
		case f != nil:
			return f
		}
		if shown++; len(all) > 1 {
			b.Observe("%s up to %d bytes", said.name, said.most)
		} else {
			b.Observe("up to %d bytes", said.most)
		}
	}
	if none == nil {
		return nil
	}
	return b.InPart(none, shown > 0)
}

// A grownTo is how long a message was.
type grownTo struct {
	name string
	most int
}

// growOver is GrowOver of one message.
func (b *Bench) growOver(ctx context.Context, g dialect.Grower, began time.Time) (to grownTo, _ *finding.Finding) {
	least, most, ok := g.Grows()
	if !ok {
		return to, NothingGrows()
	}
	shown := 0
	for _, n := range Borders(least, most) {
		s, ok := g.Grown(n)
		if !ok {
			continue
		}
		if b.Patience.Slow() && time.Since(began) > b.Patience.Large() {
			return to, b.InPart(TooSlow(fmt.Sprintf("what is longer than %d bytes", n-1), b.Patience.Large()), shown > 0)
		}
		for _, at := range AroundBorder(n, len(s.Request)) {
			if f := b.Deliver(ctx, s, player.Delivery{Segments: CutAt(len(s.Request), at)}); f != nil {
				if slow := b.SlowOver(ctx, n, f); slow != nil {
					return to, b.InPart(slow, shown > 0)
				}
				return to, f.During(fmt.Sprintf("of a message with a part of %d bytes, ", n))
			}
		}
		shown, to = n, grownTo{s.Name, n}
	}
	if shown == 0 {
		return to, finding.NewNotShown("the part whose length is free may have %d to %d bytes: no border of a length or a buffer is among them", least, most)
	}
	return to, nil
}

// NothingGrows is what there is to find out of messages of any length where there are none.
func NothingGrows() *finding.Finding {
	return finding.NewNotShown("no message of the dialect has a part whose length is free")
}
