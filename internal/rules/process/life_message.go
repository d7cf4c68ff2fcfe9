package process

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// LIFE-7 of exchange files: the answer to a message that the server has read when it is asked to stop.

// FinishesMessage asks a server to stop when it has read the message whose answer it takes longest for, but not too long to be
// given before it stops. A quick server's answer has come by then: nothing is in progress.
func FinishesMessage(ctx context.Context, b *bench.Bench) *finding.Finding {
	const tries, twice = 4, 2
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	var slowest dialect.Session
	var longest time.Duration
	for _, s := range own.Dialect.Cuttable() {
		took, f := own.AnswerTime(ctx, s)
		if again, g := own.AnswerTime(ctx, s); f == nil && g == nil {
			took = min(took, again) // a busy machine is slow now and then
		}
		if ctx.Err() != nil {
			return finding.Ended(ctx)
		}
		if f == nil && took > longest && took < patience.Finish {
			slowest, longest = s, took
		}
	}
	if longest < patience.InProgress {
		return finding.NewNotShown("no answer takes longer than %s and comes within %s: none is in progress for so long that a stop could cut it off", patience.InProgress, patience.Finish)
	}
	failed, unshown := 0, (*finding.Finding)(nil)
	for range tries {
		switch f = own.StopBehind(ctx, slowest); {
		case f.Is(finding.NotShown):
			unshown = f
		case !f.Fact():
			return f
		default:
			if failed++; failed == twice {
				f.Evidence.Runs, f.Evidence.Failed = twice, twice
				return f
			}
		}
		if own, f = b.Instance(ctx); f != nil {
			return f
		}
	}
	if failed == 0 {
		return unshown
	}
	return finding.NewUndecided("asked to stop when it had read a message, the server was seen to cut off its answer once, and not again")
}

// FinishesLong asks a server to stop in the middle of its longest answer, which its client is slow to take.
func FinishesLong(ctx context.Context, b *bench.Bench) *finding.Finding {
	const long, tries = 1 << 20, 2
	all := b.Dialect.(dialect.Amasser).Lengthy(long)
	if len(all) == 0 {
		return finding.NewNotShown("no answer has %d bytes: the kernels take it all", long)
	}
	for try := 1; ; try++ {
		own, f := b.Instance(ctx)
		if f != nil {
			return f
		}
		how, f := own.StopAmid(ctx, all[0], true)
		switch {
		case how == bench.TooLarge:
			return f.Because(finding.Undecided, "%s: the answer came too slowly to be judged", f.Problem)
		case !f.Fact():
			return f
		case try == tries:
			f.Evidence.Runs, f.Evidence.Failed = tries, tries
			return f
		}
	}
}
