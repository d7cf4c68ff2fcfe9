package bench

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Slow, and growing slow: a server that takes its time for each byte takes four times as long for four times as many. One that goes over
// all that has come with each part that comes, as by adding to a string or by looking for the end from the beginning, takes sixteen times
// as long.

// SlowMessages says whether the server gets ever slower the longer a message is: up to most bytes of the part that grows.
func (b *Bench) SlowMessages(ctx context.Context, most int) *finding.Finding {
	g := b.Dialect.(dialect.Grower)
	least, _, _ := g.Grows()
	refused := 0
	took, f := b.slowing(ctx, max(least, firstPiece), most, func(ctx context.Context, n int, _ func()) *finding.Finding {
		s, _ := g.Grown(n)
		_, f := b.answerTime(ctx, s, b.Patience.Large())
		if player.Refuses(s, f) {
			refused = n
		}
		return f
	})
	switch {
	case refused > max(least, firstPiece): // it is judged by those that are taken
		return b.SlowMessages(ctx, refused/2)
	case refused > 0:
		return finding.NewNotShown("the server refuses a message with a part of %d bytes", refused)
	case f.Is(finding.Broken) && took == 0:
		return finding.NewNotShown("a long message is not answered rightly (FRAM-12): %s", f.Problem)
	}
	if f == nil {
		b.Observe("a message with a part of %d bytes takes %s", most, patience.Text(took))
	}
	return f
}

// SlowOver says of the answer to a message with a part of n bytes that did not come in time, f, that the server gets ever slower the longer
// a message is, which is ROBU-2's matter; it is nil where that is not so.
func (b *Bench) SlowOver(ctx context.Context, n int, f *finding.Finding) *finding.Finding {
	if !f.Failed() || f.Evidence.Actual.Total > 0 || f.Evidence.Ending != string(delivery.StillOpen) {
		return nil
	}
	if slow := b.SlowMessages(ctx, n); slow.Is(finding.Broken) {
		return finding.NewNotShown("%s (ROBU-2)", slow.Problem)
	}
	return nil
}

// SlowFlood is SlowMessages for what has no end, of which the server reads n bytes too slowly.
func (b *Bench) SlowFlood(ctx context.Context, n int) *finding.Finding {
	_, f := b.slowing(ctx, firstPiece, n, func(ctx context.Context, n int, done func()) *finding.Finding {
		f := b.pour(ctx, 1, func(c *player.Client, send func([]byte) bool) { // however slow it is: that is what is asked
			b.flooding(n)(c, send)
			for began := time.Now(); time.Since(began) < patience.Pour && ctx.Err() == nil; player.Sleep(ctx, patience.LookAtProcess) {
				if _, left := c.Taken(); left == 0 || c.PeerClosed() != delivery.StillOpen {
					break
				}
			}
			done() // it is about what is read, and not about the answer
		})
		if f == nil {
			f = finding.Ended(ctx)
		}
		return f
	})
	return f
}

// firstPiece is how much is sent first; what is sent next is twice as much, up to what takes long enough to be compared with less.
const firstPiece = 4 << 10

// slowing does something with n bytes, which grow from least up to most, until that takes [patience.Growing]. Then it compares this with
// what a quarter takes, and a sixteenth, each of several times, and by the longest of these: a machine that is busy now and then makes
// nothing of the kind each time. It returns how long the most took that was done.
func (b *Bench) slowing(ctx context.Context, least, most int, do func(ctx context.Context, n int, done func()) *finding.Finding) (took time.Duration, f *finding.Finding) {
	n, enough := min(least, most), patience.Growing
	if b.worksAlone() {
		enough = patience.Working
	}
	for {
		if took, f = b.effort(ctx, n, do); f != nil {
			return 0, f
		}
		if took >= enough || n == most {
			break
		}
		n = min(2*n, most)
	}
	if took < enough || n/16 < least {
		return took, nil
	}
	const tries = 3
	var shortest, longest [3]time.Duration // of all, a quarter, and a sixteenth
	for try := range tries {
		for i, size := range []int{n, n / 4, n / 16} {
			one, f := b.effort(ctx, size, do)
			if f != nil {
				return 0, f
			}
			if try == 0 || one < shortest[i] {
				shortest[i] = one
			}
			longest[i] = max(longest[i], one)
		}
		if !ever(shortest, longest, b.worksAlone()) {
			if n < most {
				return took, TooSlow(amount(most), took*time.Duration(most/n))
			}
			return took, nil
		}
	}
	f = finding.NewBroken("the server gets ever slower the more comes: %d bytes took it %s, a quarter of them %s, and a sixteenth %s: it goes over all that has come with each part that comes",
		n, rounded(shortest[0]), rounded(longest[1]), rounded(longest[2])).Costing(int64(n) + player.CostOfPause)
	f.Evidence.Runs, f.Evidence.Failed = tries, tries
	return took, f
}

// ever says whether four times as much takes far more than four times as long, and a quarter of it takes more than its quarter: sixteen
// times where all is gone over with each part. A server that lets its client have so much at once, and is slow for what is more, or that
// waits before it says something, takes no longer for the one small part than for the other; it does not work meanwhile.
func ever(shortest, longest [3]time.Duration, worked bool) bool {
	const far, further = 8, 4
	return shortest[0] >= far*longest[1] && (worked || shortest[1] > further*longest[2] && shortest[2] >= patience.Told)
}

func rounded(d time.Duration) string { return patience.Text(d.Round(time.Millisecond / 10)) }

// effort is how long something takes the server, until it is done: its processor time, where that is known, which does not hang on what else
// the machine does.
func (b *Bench) effort(ctx context.Context, n int, do func(ctx context.Context, n int, done func()) *finding.Finding) (took time.Duration, f *finding.Finding) {
	worked := b.worksAlone()
	var before time.Duration
	if worked {
		if before, f = b.processorTime(); f != nil {
			return 0, f
		}
	}
	began := time.Now()
	var failed *finding.Finding
	over := sync.OnceFunc(func() {
		if took = time.Since(began); worked {
			var after time.Duration
			after, failed = b.processorTime()
			took = min(took, after-before)
		}
	})
	f = do(ctx, n, over)
	over()
	switch {
	case f.Is(finding.Missing):
		return 0, TooSlow(amount(n), time.Since(began))
	case f != nil:
		return 0, f
	}
	return took, failed
}

// worksAlone says whether the server's processor time is known, and no other's than its own.
func (b *Bench) worksAlone() bool { return b.PID() != 0 && b.PID() != os.Getpid() }

func (b *Bench) processorTime() (time.Duration, *finding.Finding) {
	figures, err := kernel.Observe(b.PID())
	if err != nil {
		return 0, b.notObserved(err)
	}
	return figures.CPU, nil
}
