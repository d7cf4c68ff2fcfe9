package judge

import (
	"context"
	"fmt"
	"math/bits"
	"sort"

	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// border finds up to how many bytes messages are answered rightly, where those that are longer are not: one a byte longer, and one twice as
// long. It is 0 where there is no such border, or it is not found in its time. Of a message with a part whose length is free, it counts
// that part.
func (r *Run) border(ctx context.Context) int {
	if r.tooSlowToMap() {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, patience.Map)
	defer cancel()
	for _, l := range r.lengths() {
		if n := r.borderOf(ctx, l); n > 0 {
			return n
		}
	}
	return 0
}

// borderOf is border of messages of one kind.
func (r *Run) borderOf(ctx context.Context, l lengths) int {
	least, most, message := l.least, l.most, l.message
	right := func(n int) bool {
		s, ok := message(n)
		if !ok || ctx.Err() != nil {
			return ok
		}
		b := r.bench("diagnosis", "diagnosis")
		defer b.Done()
		wait := min(b.Wait(), patience.MapAnswer)
		if _, f := b.Try(ctx, s, player.Delivery{}, wait); f != nil {
			return false
		}
		behind := l.turns(n)
		return behind == nil || b.TryTurns(ctx, behind, wait) == nil
	}
	if !right(least) {
		return 0
	}
	good, bad := least, 0
	for n := least; n < most && bad == 0; {
		if n = min(2*n, most); right(n) {
			good = n
		} else {
			bad = n
		}
	}
	if bad == 0 {
		return 0
	}
	good += sort.Search(bad-good-1, func(i int) bool { return !right(good + i + 1) })
	if right(good+1) || right(min(2*(good+1), most)) || !right(good) || ctx.Err() != nil {
		return 0
	}
	return good
}

// A lengths is the shortest and the longest of messages of any length in between, and how they are made.
type lengths struct {
	least, most int
	message     func(n int) (dialect.Session, bool)
	turns       func(n int) []dialect.Turn // the message and another; none where none can come behind it
}

// lengths are the kinds of such messages that the dialect has.
func (r *Run) lengths() (all []lengths) {
	for _, g := range dialect.GrowersOf(r.Dialect()) {
		if least, most, ok := g.Grows(); ok {
			all = append(all, lengths{max(least, 1), most, g.Grown, func(n int) []dialect.Turn { return dialect.GrownTurnsOf(g, n) }})
		}
	}
	if g, ok := r.Dialect().(dialect.Generator); ok && len(all) == 0 {
		all = append(all, lengths{32, 1 << 20, func(n int) (dialect.Session, bool) { return g.Bulk(n, r.cfg.Seed), true }, func(int) []dialect.Turn { return nil }})
	}
	return all
}

// beyond says what is usual of a border behind n bytes; "" where there is none.
func beyond(n int) string {
	if n == 0 {
		return ""
	}
	const header = 64 // what may stand beside the bytes that are counted
	size := 1 << bits.Len(uint(n))
	if n&(n-1) == 0 {
		size = n
	}
	usual := "a buffer or a limit of about that size is taken for more than it is"
	switch {
	case n == 127:
		usual = "a length that is kept in seven bits, or in a byte with a sign"
	case n == 255:
		usual = "a length that is kept in one byte"
	case n == 16383:
		usual = "a length in bytes of seven bits of which more than two are not read"
	case n == 32767:
		usual = "a length that is kept in two bytes with a sign"
	case n == 65535:
		usual = "a length that is kept in two bytes"
	case size-n <= min(header, n/8):
		usual = fmt.Sprintf("a buffer of %d bytes is taken to hold any message, or a read of so many to return all of it", size)
	}
	return fmt.Sprintf("what is longer than %d bytes is answered wrongly, and what is not rightly: %s. Read on until all of a message is there", n, usual)
}
