package process

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// LIFE-7: the answer in progress is finished before the server stops.

// Finishes asks a server to stop while a client is slow to take its answer, which is smaller for a slow server. Where it is cut
// off after [patience.Finish] while it is still coming, a smaller one is asked for: it is slow, by its buffers or by a busy
// machine, and not cut off at once. Where the kernels take all of it, a larger one is.
func Finishes(ctx context.Context, b *bench.Bench) *finding.Finding {
	// A kernel takes 4 MiB at the most of its own accord: most is more than that.
	const smallest, usual, most, tries = 512 << 10, 2 << 20, 8 << 20, 8
	size := usual
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	answer := func(n int) dialect.Session {
		s, _ := b.Dialect.(dialect.Answerer).LongAnswer(n, b.Seed)
		return s
	}
	for need := own.Expect(ctx, size, 2*patience.Finish, answer); need > 2*patience.Finish && size > smallest; need /= 4 {
		size /= 4
	}
	swallows, lasts := 0, 2*most // a size that is too small, and one that is too large
	for try := 1; ; try++ {
		s, atOnce := own.Dialect.(dialect.Answerer).LongAnswer(size, own.Seed)
		how, f := own.StopAmid(ctx, s, atOnce)
		switch {
		case how == bench.TooSmall && size < most && try < tries:
			swallows = size
			size = min((swallows+lasts)/2, 2*size)
		case how != bench.TooLarge:
			return f
		case size <= smallest || try == tries:
			return f.Because(finding.Undecided, "%s: the answer came too slowly to be judged", f.Problem)
		default:
			b.Observe("%s: asked for a smaller answer", f.Problem)
			lasts = size
			size = max((swallows+lasts)/2, size/4)
		}
		if own, f = b.Instance(ctx); f != nil {
			return f
		}
	}
}
