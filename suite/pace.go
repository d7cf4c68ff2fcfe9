package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/suite/dialect"
)

// What is asked of a server that is slow: a call of the system for each byte is right, and makes megabytes take minutes.

const (
	// patienceForLarge is how long a server may be expected to need for what a case sends, or for a part of that. What it would
	// need longer for is left out, and said to be.
	patienceForLarge = 30 * time.Second
	// largeTimeout bounds a case of large requests, which other cases beside it make slower than was expected.
	largeTimeout = 4 * time.Minute
	// slowest is how many bytes a second a right server reads and answers at the slowest: one that calls the system for each
	// byte, on a machine that is busy four times over, was seen to take 35 KB.
	slowest = 16 << 10
)

// patienceFor is how long n bytes, of a request and its answer, may take altogether, however steadily they come: half of what
// bounds a case of large requests, at the longest.
func patienceFor(n int) time.Duration {
	return min(time.Duration(n)*time.Second/slowest, largeTimeout/2)
}

// thinking is how much longer a server may be silent over a request of n bytes than over a short one: it may have to work on all
// of it before the first byte of its answer. That is a quarter of a second for each whole MiB.
func thinking(n int) time.Duration { return time.Duration(n>>20) * (time.Second / 4) }

// expect returns how long the server may be expected to need for a session of n bytes, made by the function, alone: by the
// quickest of up to three of 256 KiB, since a busy machine is slow now and then. It asks no more once that is enough. It is 0
// where such a session is not answered rightly, which is the cases' matter.
func (e *Env) expect(ctx context.Context, n int, enough time.Duration, session func(n int) dialect.Session) time.Duration {
	const sample, samples = 256 << 10, 3
	var least time.Duration
	for i := range samples {
		began := time.Now()
		if _, err := e.try(ctx, session(sample), Delivery{}, e.Wait()); err != nil {
			return 0
		}
		if took := time.Since(began) * time.Duration(n/sample); i == 0 || took < least {
			least = took
		}
		if least <= enough {
			break
		}
	}
	return least
}

// afford returns *NotShown where the server is too slow for a session of n bytes, made by the function. Up to 1 MiB it is not asked.
func (e *Env) afford(ctx context.Context, n int, session func(n int) dialect.Session) error {
	if n <= 1<<20 {
		return nil
	}
	if need := e.expect(ctx, n, patienceForLarge, session); need > patienceForLarge {
		return tooSlow(fmt.Sprintf("%d MiB", n>>20), need)
	}
	return nil
}

// tooSlow says that the server would need so long for something that it is left out.
func tooSlow(what string, need time.Duration) *NotShown {
	return &NotShown{fmt.Sprintf("the server is slow, and %s would take about %s: left out", what, need.Round(time.Second))}
}

// bulk makes a long session of n bytes.
func (e *Env) bulk(n int) dialect.Session { return e.model().Bulk(n, e.suite.cfg.Seed) }
