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
		b.Observe("a message with a part of %d bytes takes %s", most, inWords(took, b.worksAlone()))
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

// OfTheWork looks into a session whose answers a slow client has not had in time, f, though nothing was wrong with what came: it is NotShown where
// a client that reads at once does not have them in time either, since the server is at work for as long. One that has as many bytes, and then no
// more, has met a server that ends its answers there, however they are read: that is f, as is all else.
func (b *Bench) OfTheWork(ctx context.Context, s dialect.Session, f *finding.Finding) *finding.Finding {
	if !f.Failed() || f.Died() || f.Evidence.Ending != string(delivery.StillOpen) || f.Evidence.FirstDifference != f.Evidence.Actual.Total {
		return f
	}
	quick := b.DeliverAnyway(ctx, s, player.Delivery{})
	if had := f.Evidence.Actual.Total; quick.Fact() && (had == 0 || quick.Evidence.Actual.Total != had) {
		return finding.NewNotShown("the server does not answer as many messages together in time where their answers are read at once either: %s", quick.Problem)
	}
	return f
}

// FloodWatched is Flood, and says whether that took the server far longer for all of it than for its first quarter: it may get ever slower
// then, however long that took. It is told by the server's own processor time, where that is known, so that it does not hang on what else
// the machine does.
func (b *Bench) FloodWatched(ctx context.Context, n int) (slowing bool, f *finding.Finding) {
	const far, least = 8, 4 // times as long as a quarter; of what a processor's time is counted in
	spent, enough := b.spending()
	var quarter, whole time.Duration
	var first int
	f = b.flood(ctx, n, func(sent int) {
		switch {
		case first == 0 && sent >= n/4:
			first, quarter = sent, spent()
		case sent >= n:
			whole = spent()
		}
	})
	return whole >= enough && whole >= far*max(quarter, least*kernel.Step), f
}

// spending returns what tells for how long the server has been at work since, and how long that must be until it is asked whether it gets
// slower: its processor time, else by the clock.
func (b *Bench) spending() (spent func() time.Duration, enough time.Duration) {
	began := time.Now()
	if before, err := b.Figures(b.PID()); b.worksAlone() && err == nil {
		return func() time.Duration {
			after, _ := b.Figures(b.PID()) // that it has ended is said elsewhere
			return after.CPU - before.CPU
		}, patience.Working
	}
	return func() time.Duration { return time.Since(began) }, patience.Growing
}

// SlowFlood is SlowMessages for what has no end, of which the server may read n bytes ever slower.
func (b *Bench) SlowFlood(ctx context.Context, n int) *finding.Finding {
	_, f := b.slowing(ctx, firstPiece, n, func(ctx context.Context, n int, done func()) *finding.Finding {
		f := b.pour(ctx, 1, func(c *player.Client, send func([]byte) bool) { // however slow it is: that is what is asked
			b.flooding(n, func(int) {})(c, send)
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
		e, f := b.effort(ctx, n, do)
		if f != nil {
			return 0, f
		}
		if took = e.took; took >= enough || n == most {
			break
		}
		if e.waits() { // however much more comes, it is no more work
			return took, TooSlow(amount(most), e.wall*time.Duration(most/n))
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
			e, f := b.effort(ctx, size, do)
			if f != nil {
				return 0, f
			}
			one := e.took
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
	said := func(d time.Duration) string { return inWords(d, b.worksAlone()) }
	f = finding.NewBroken("the server gets ever slower the more comes: %s took it %s, a quarter of that %s, and a sixteenth %s: it goes over all that has come with each part that comes",
		amount(n), said(shortest[0]), said(longest[1]), said(longest[2])).Costing(int64(n) + player.CostOfPause)
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

// inWords is how long something took, as people read it. Processor time is counted in steps: what took less than one of them, took some.
func inWords(d time.Duration, worked bool) string {
	if worked && d < kernel.Step {
		return "less than " + patience.Text(kernel.Step)
	}
	return patience.Text(d.Round(time.Millisecond / 10))
}

// An effort is how long something takes the server: by the clock, and its processor time, where that is known, which does not hang on what
// else the machine does.
type effort struct {
	took   time.Duration // its processor time, else wall
	wall   time.Duration
	ready  time.Duration // in which it ran, or waited for a processor
	worked bool          // its processor time is known
}

// waits says that it takes long, and that the server does not work for most of that.
func (e effort) waits() bool {
	return e.worked && e.wall >= patience.Growing && e.ready < e.wall/4
}

// effort measures what is done, until that calls done, or returns.
func (b *Bench) effort(ctx context.Context, n int, do func(ctx context.Context, n int, done func()) *finding.Finding) (e effort, f *finding.Finding) {
	e.worked = b.worksAlone()
	var before kernel.Figures
	if e.worked {
		if before, f = b.figures(); f != nil {
			return e, f
		}
	}
	began := time.Now()
	var failed *finding.Finding
	over := sync.OnceFunc(func() {
		e.wall = time.Since(began)
		if e.took = e.wall; e.worked {
			var after kernel.Figures
			after, failed = b.figures()
			e.took = min(e.wall, after.CPU-before.CPU)
			e.ready = max(after.Ready-before.Ready, after.CPU-before.CPU) // what a process that has ended was ready is not known any more
		}
	})
	f = do(ctx, n, over)
	over()
	switch {
	case f.Is(finding.Missing):
		return e, TooSlow(amount(n), time.Since(began))
	case f != nil:
		return e, f
	}
	return e, failed
}

// worksAlone says whether the server's processor time is known, and no other's than its own.
func (b *Bench) worksAlone() bool { return b.PID() != 0 && b.PID() != os.Getpid() }

func (b *Bench) figures() (kernel.Figures, *finding.Finding) {
	figures, err := b.Figures(b.PID())
	if err != nil {
		return kernel.Figures{}, b.NotObserved(err)
	}
	return figures, nil
}
