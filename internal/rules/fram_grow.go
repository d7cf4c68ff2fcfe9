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

// framGrows delivers each message with a part whose length is free: it is as long as each border, and a byte shorter, whole, and cut around
// the border, behind its first bytes, where its length stands, and before its last. What comes behind it must be answered rightly too:
// where not all of it was read, its rest is taken for that.
func framGrows(ctx context.Context, b *bench.Bench) *finding.Finding {
	all := dialect.GrowersOf(b.Dialect)
	if len(all) == 0 {
		return nothingGrows()
	}
	var none *finding.Finding
	began, shown := time.Now(), 0
	for _, g := range all {
		said, f := growOver(ctx, b, g, began)
		switch {
		case f.Is(finding.NotShown):
			none = f
			continue
		case f != nil:
			return f
		}
		words := fmt.Sprintf("up to %d bytes", said.most)
		if said.refused > 0 {
			words += fmt.Sprintf(", of %d it is refused", said.refused)
		}
		if shown++; len(all) > 1 {
			words = said.name + " " + words
		}
		b.Observe("%s", words)
	}
	if none == nil {
		return nil
	}
	return b.InPart(none, shown > 0)
}

// behindGrown says what is not answered rightly behind a message with a part of n bytes, where something can come there.
func behindGrown(ctx context.Context, b *bench.Bench, g dialect.Grower, n int) *finding.Finding {
	turns := dialect.GrownTurnsOf(g, n)
	if turns == nil {
		return nil
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding { return b.TryTurns(ctx, turns, wait) })
}

// A grownTo is how long a message was.
type grownTo struct {
	name    string
	most    int
	refused int // how long one was that the server refused, which may be as long for the file; 0 where it took all
}

// growOver is framGrows of one message.
func growOver(ctx context.Context, b *bench.Bench, g dialect.Grower, began time.Time) (to grownTo, _ *finding.Finding) {
	least, most, ok := g.Grows()
	if !ok {
		return to, nothingGrows()
	}
	shown := 0
	for _, n := range bench.Borders(least, most) {
		s, ok := g.Grown(n)
		if !ok {
			continue
		}
		if b.Patience.Slow() && time.Since(began) > b.Patience.Large() {
			return to, b.InPart(bench.TooSlow(fmt.Sprintf("what is longer than %d bytes", n-1), b.Patience.Large()), shown > 0)
		}
		for _, at := range bench.AroundBorder(n, len(s.Request)) {
			if f := b.Deliver(ctx, s, player.Delivery{Segments: bench.CutAt(len(s.Request), at)}); f != nil {
				if at == 0 && player.Refuses(s, f) {
					to.refused = n
					return to, refusedAll(to)
				}
				if other := answeredOtherwise(ctx, b, g, least, f); other != nil {
					return to, other
				}
				if slow := b.SlowOver(ctx, n, f); slow != nil {
					return to, b.InPart(slow, shown > 0)
				}
				return to, f.During(fmt.Sprintf("of a message with a part of %d bytes, ", n))
			}
		}
		if f := behindGrown(ctx, b, g, n); f != nil {
			return to, f.During(fmt.Sprintf("with a part of %d bytes, ", n))
		}
		shown, to = n, grownTo{name: s.Name, most: n}
	}
	if shown == 0 {
		return to, finding.NewNotShown("the part whose length is free may have %d to %d bytes: no border of a length or a buffer is among them", least, most)
	}
	return to, nil
}

// answeredOtherwise says of a message that was answered wrongly, f, whose right answer is not known but of the shortest, whether a server that
// answers each length in its own way may be right: it answers the next length otherwise already.
func answeredOtherwise(ctx context.Context, b *bench.Bench, g dialect.Grower, least int, f *finding.Finding) *finding.Finding {
	if !f.Is(finding.Broken) || f.Died() || !dialect.Guesses(g) {
		return nil
	}
	next, ok := g.Grown(least + 1)
	if !ok || !b.Deliver(ctx, next, player.Delivery{}).Is(finding.Broken) {
		return nil
	}
	return finding.NewNotShown("the answer to a message with a part of %d bytes is another than to one of %d: say by expect what must be answered, with {grown: true} where the part stands in it", least+1, least)
}

// refusedAll is that nothing was shown where the server has refused the shortest message already.
func refusedAll(to grownTo) *finding.Finding {
	if to.most > 0 {
		return nil
	}
	return finding.NewNotShown("the server refuses a message with a part of %d bytes", to.refused)
}

// nothingGrows is what there is to find out of messages of any length where there are none.
func nothingGrows() *finding.Finding {
	return finding.NewNotShown("no message of the dialect has a part whose length is free")
}
