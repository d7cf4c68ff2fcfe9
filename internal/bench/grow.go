package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Grow delivers one message with a part whose length is free, as long as each border and a byte shorter, and says how long it was, with its name
// where that is asked for. A slow server has its time for that since began.
func (b *Bench) Grow(ctx context.Context, g dialect.Grower, named bool, began time.Time) *finding.Finding {
	least, most, ok := g.Grows()
	if !ok {
		return finding.NewNotShown("no message of the dialect has a part whose length is free")
	}
	shown, name := 0, ""
	defer func() {
		if named && shown > 0 {
			b.Observe("%s up to %d bytes", name, shown)
		} else if shown > 0 {
			b.Observe("up to %d bytes", shown)
		}
	}()
	for _, n := range Borders(least, most) {
		s, ok := g.Grown(n)
		if !ok {
			continue
		}
		if b.Patience.Slow() && time.Since(began) > patience.Large {
			return b.InPart(TooSlow(fmt.Sprintf("what is longer than %d bytes", n-1), patience.Large), shown > 0)
		}
		for _, at := range AroundBorder(n, len(s.Request)) {
			if f := b.Deliver(ctx, s, player.Delivery{Segments: CutAt(len(s.Request), at)}); f != nil {
				return f.During(fmt.Sprintf("of a message with a part of %d bytes, ", n))
			}
		}
		shown, name = n, s.Name
	}
	if shown == 0 {
		return finding.NewNotShown("the part whose length is free may have %d to %d bytes: no border of a length or a buffer is among them", least, most)
	}
	return nil
}
