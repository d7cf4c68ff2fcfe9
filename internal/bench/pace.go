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
	need, _ := b.expect(ctx, n, enough, session)
	return need
}

// expect is Expect that tells what is not right with the session of the sample.
func (b *Bench) expect(ctx context.Context, n int, enough time.Duration, session func(n int) dialect.Session) (time.Duration, *finding.Finding) {
	const samples = 3
	sample := Sample
	if len(session(sample/4).Request) > 0 && b.Patience.Exchange >= time.Second { // it takes its time for each part of so much
		sample /= 4
	}
	var least time.Duration
	first := time.Now()
	for i := range samples {
		began := time.Now()
		if _, f := b.Try(ctx, session(sample), player.Delivery{}, b.Wait()); f != nil {
			return 0, f
		}
		if took := time.Since(began) * time.Duration(n/sample); i == 0 || took < least {
			least = took
		}
		if least <= enough || b.Patience.Slow() && (least > 3*enough || time.Since(first) > enough/4) {
			break
		}
	}
	return least, nil
}

// PerTurn is how long each of several requests together takes beyond the first, as far as they are answered rightly: a server that is
// far takes no longer for many than for one.
func (b *Bench) PerTurn(ctx context.Context) time.Duration {
	const few, more = 1, 3
	turns, f := b.Turns(more)
	if f != nil {
		return 0
	}
	var took [2]time.Duration
	for i, n := range []int{few, more} {
		began := time.Now()
		if _, f := b.Try(ctx, b.Dialect.Joined(turns[:n]), player.Delivery{}, b.Wait()); f != nil {
			return 0
		}
		took[i] = time.Since(began)
	}
	return max((took[1]-took[0])/(more-few), 0)
}

// Afford returns NotShown where the server is too slow for a session of n bytes, made by the function. Up to 1 MiB it is not asked,
// unless it is known to be slow: where one that is answers a shorter session of a sample wrongly, that is what Afford returns. The longer one
// would show no more, and take the server minutes.
func (b *Bench) Afford(ctx context.Context, n int, session func(n int) dialect.Session) *finding.Finding {
	if n <= 1<<20 && !b.Patience.Slow() {
		return nil
	}
	need, f := b.expect(ctx, n, b.Patience.Large(), session)
	switch {
	case need > b.Patience.Large():
		return TooSlow(fmt.Sprintf("%d MiB", n>>20), need)
	case b.Patience.Slow() && f.Is(finding.Broken):
		return f
	}
	return nil
}

// AffordFlow is Afford of what is about how an answer flows: that of a sample, which was read as it came, is another's matter.
func (b *Bench) AffordFlow(ctx context.Context, n int, session func(n int) dialect.Session) *finding.Finding {
	f := b.Afford(ctx, n, session)
	if f.Is(finding.Broken) {
		return f.Because(finding.NotShown, "a shorter session, whose answer is read as it comes, is answered wrongly already: %s", f.Problem)
	}
	return f
}

// TooSlow says that the server would need so long for something that it is left out.
func TooSlow(what string, need time.Duration) *finding.Finding {
	f := finding.NewNotShown("the server is slow, and %s would take about %s: left out", what, patience.Text(need.Round(time.Second)))
	f.Cause = finding.ErrSlow
	return f
}

// Fewer are so few of these offsets, evenly spread, that as many answers of so many bytes are no more than 64 MiB, but some; where that is
// not all of them, it is noted.
func (b *Bench) Fewer(offsets []int, answer int) []int {
	const least, enough = 4, Endless
	n := max(enough/max(answer, 1), least)
	if n >= len(offsets) {
		return offsets
	}
	b.Observe("in part: the answers are long: %d of %d offsets", n, len(offsets))
	some := make([]int, n)
	for i := range some {
		some[i] = offsets[i*(len(offsets)-1)/(n-1)]
	}
	return some
}

// InPart notes what was left out where something was shown, and else returns it.
func (b *Bench) InPart(left *finding.Finding, shown bool) *finding.Finding {
	if !shown {
		return left
	}
	b.Observe("in part: %s", left.Problem)
	return nil
}

// Crowded returns what tells, of the clients that come one after another, n of them, whether there are enough when some have come: what a
// server does not take in or serve within [patience.TakeIn] is left out, and said to be. One that spins for every idle client, or looks at
// all of them for each, takes longer with every one. A server that is slow or far has its own bound.
func (b *Bench) Crowded(n int) func(came int) bool {
	var once sync.Once
	began := time.Now()
	return func(came int) bool {
		if b.Patience.Slow() || came == 0 || time.Since(began) < patience.TakeIn {
			return false
		}
		once.Do(func() {
			b.Observe("in part: the server took or served %d of %d clients, one after another, in %s: the others were left out", came, n, patience.TakeIn)
		})
		return true
	}
}

// Repeat does something n times, one after another, up to the first finding; with a server that is slow or far some of them beside one
// another, since each takes as long there.
func (b *Bench) Repeat(n int, do func(i int) *finding.Finding) *finding.Finding {
	atOnce := 1
	if !b.Facts.OneAtATime() {
		more, done := b.Spare(min(n, b.Clients(b.Patience.AtOnce())) - 1)
		defer done()
		atOnce += more
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
	return finding.Worst(found)
}
