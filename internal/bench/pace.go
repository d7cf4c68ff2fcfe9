package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// What is asked of a server that is slow: a call of the system for each byte is right, and makes megabytes take minutes.

// Sample is of how many bytes the session is by which [Bench.Expect] tells how long more will take.
const Sample = 256 << 10

// Expect returns how long the server may be expected to need for a session of n bytes, made by the function, alone: by the
// quickest of up to three of 256 KiB, since a busy machine is slow now and then. It asks no more once that is enough, nor where it is
// by far too much of a server that is slow anyway. It is 0 where such a session is not answered rightly, which is the cases' matter.
func (b *Bench) Expect(ctx context.Context, n int, enough time.Duration, session func(n int) dialect.Session) time.Duration {
	const samples = 3
	var least time.Duration
	for i := range samples {
		began := time.Now()
		if _, f := b.Try(ctx, session(Sample), player.Delivery{}, b.Wait()); f != nil {
			return 0
		}
		if took := time.Since(began) * time.Duration(n/Sample); i == 0 || took < least {
			least = took
		}
		if least <= enough || b.Patience.Slow() && least > 3*enough {
			break
		}
	}
	return least
}

// Afford returns NotShown where the server is too slow for a session of n bytes, made by the function. Up to 1 MiB it is not asked,
// unless it is known to be slow.
func (b *Bench) Afford(ctx context.Context, n int, session func(n int) dialect.Session) *finding.Finding {
	if n <= 1<<20 && !b.Patience.Slow() {
		return nil
	}
	if need := b.Expect(ctx, n, patience.Large, session); need > patience.Large {
		return TooSlow(fmt.Sprintf("%d MiB", n>>20), need)
	}
	return nil
}

// TooSlow says that the server would need so long for something that it is left out.
func TooSlow(what string, need time.Duration) *finding.Finding {
	return finding.NewNotShown("the server is slow, and %s would take about %s: left out", what, need.Round(time.Second))
}

// InPart notes what was left out where something was shown, and else returns it.
func (b *Bench) InPart(left *finding.Finding, shown bool) *finding.Finding {
	if !shown {
		return left
	}
	b.Observe("in part: %s", left.Problem)
	return nil
}

// Repeat does something n times, one after another, up to the first finding; with a server that is slow or far some of them beside one
// another, since each takes as long there.
func (b *Bench) Repeat(n int, do func(i int) *finding.Finding) *finding.Finding {
	atOnce := 1
	if b.Patience.Slow() && !b.Facts.OneAtATime() {
		atOnce = 20
	}
	found := make([]*finding.Finding, atOnce)
	var beside sync.WaitGroup
	for k := range atOnce {
		one := func() {
			for i := k; i < n && found[k] == nil; i += atOnce {
				found[k] = do(i)
			}
		}
		if atOnce == 1 {
			one()
		} else {
			beside.Go(one)
		}
	}
	beside.Wait()
	return Worst(found)
}

// Worst returns the first fact, else the first finding.
func Worst(found []*finding.Finding) *finding.Finding {
	var first *finding.Finding
	for _, f := range found {
		if f.Fact() {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}
