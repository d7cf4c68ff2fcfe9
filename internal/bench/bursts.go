package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// usualBurst is how many messages a burst has where they can be of any length.
const usualBurst = 32

// fill makes a burst of n bytes, of so many messages, or as many as it takes.
func (b *Bench) fill(n, messages int) dialect.Batch {
	const longest = dialect.LineLimit / 2
	return b.Dialect.(dialect.Filler).Fill(b.ID(), n, max(messages, 1+n/longest))
}

// Bursts sends messages that fill each of the sizes, the smallest first, and others that have a byte more. Sizes that would take the
// server too long are left out.
func (b *Bench) Bursts(ctx context.Context, sizes []int) *finding.Finding {
	if b.Patience.Slow() {
		return b.slowBursts(ctx, sizes)
	}
	var need time.Duration
	for i, size := range sizes {
		began := time.Now()
		for _, n := range []int{size, size + 1} {
			burst := b.fill(n, usualBurst)
			f := b.unfilled(burst, sizes, i)
			if f == nil && need > b.Patience.Large() {
				f = TooSlow(fmt.Sprintf("%d messages together", len(burst.Starts)), need)
			}
			if f == nil {
				f = b.Together(ctx, burst)
			}
			if f.Is(finding.NotShown) {
				return b.InPart(f, i > 0)
			}
			if f != nil {
				return f
			}
		}
		if i+1 < len(sizes) { // the next size is no more than so many times as long
			need = time.Since(began) * time.Duration(sizes[i+1]/size)
		}
	}
	return nil
}

// unfilled says why there is no burst of the i-th size, or nil.
func (b *Bench) unfilled(burst dialect.Batch, sizes []int, i int) *finding.Finding {
	switch {
	case len(burst.Starts) > 0:
		return nil
	case i == 0 && b.CannotBeStuck() == nil:
		return finding.NewNotShown("%d bytes of messages have too many bytes of answers", sizes[0])
	case i == 0:
		return finding.NewNotShown("no message of the dialect pipelines, or can come again on its connection")
	}
	return finding.NewNotShown("more than %d bytes of messages have too many answers that vary, or too many bytes of answers: left out", sizes[i-1])
}

// slowBursts has the sizes come beside one another, as far as a server that is slow or far can be taken to answer all of their messages,
// and read them, while an answer is waited for. Where it cannot even the smallest, a smaller burst takes its place.
func (b *Bench) slowBursts(ctx context.Context, sizes []int) *finding.Finding {
	began, per, most := time.Now(), b.PerTurn(ctx), min(b.Patience.Large(), b.Wait())
	messages := patience.Together(usualBurst, 3*per, most)
	if messages < usualBurst {
		b.LeaveOut(1) // more of them at once
	}
	left := make([]*finding.Finding, len(sizes))
	f := b.Repeat(len(sizes), func(i int) *finding.Finding {
		for _, n := range []int{sizes[i], sizes[i] + 1} {
			burst := b.fill(n, messages)
			left[i] = b.unfilled(burst, sizes, i)
			if need := per * time.Duration(len(burst.Starts)); need > most || time.Since(began) > b.Patience.Large() {
				left[i] = TooSlow(fmt.Sprintf("%d messages together", len(burst.Starts)), max(need, b.Patience.Large()))
			}
			if left[i] != nil {
				return nil
			}
			if f := b.Together(ctx, burst); f.Is(finding.NotShown) {
				left[i] = f
				return nil
			} else if f != nil {
				return f
			}
		}
		return nil
	})
	if f = cmp.Or(f, finding.Ended(ctx)); f != nil {
		return f
	}
	shown, unshown := false, (*finding.Finding)(nil)
	for _, f := range slices.Backward(left) {
		if f == nil {
			shown = true
		} else {
			unshown = f
		}
	}
	if n := len(b.fill(sizes[0], messages).Starts); !shown && unshown.Cause == finding.ErrSlow && n > 0 && per > 0 {
		smaller := b.fill(sizes[0]*patience.Together(n, 2*per, most)/n, messages)
		if b.unfilled(smaller, sizes, 0) == nil {
			if f := b.Together(ctx, smaller); f != nil {
				return f
			}
			shown = true
		}
	}
	if unshown == nil {
		return nil
	}
	return b.InPart(unshown, shown)
}
