package bench

import (
	"context"
	"math"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Accepted waits until the server has accepted every connection that waits for it: as long as it goes on accepting, [patience.Accept] at
// most. It returns b, which waits as long for its next answer where the kernel does not tell, as of a server on another machine: whoever
// comes next comes behind all of them.
func (b *Bench) Accepted(ctx context.Context) *Bench {
	least, last := math.MaxInt, time.Now()
	for begin := last; time.Since(begin) < patience.Accept && time.Since(last) < b.LongWait() && ctx.Err() == nil; player.Sleep(ctx, patience.LookAtQueue) {
		waiting, _, err := kernel.Queue(b.Address())
		switch {
		case err != nil:
			return b.Waiting(max(b.Wait(), patience.Accept))
		case waiting == 0:
			return b
		case waiting < least:
			least, last = waiting, time.Now()
		}
	}
	return b
}

// A Room knows how much room the server's queue of waiting connections has. A full queue drops connection requests, whose
// second try comes a second later, and that is LIFE-12's matter.
type Room struct {
	// Empty has the queue be empty again before more come, while the server accepts: what they make of it shows as they come. One that
	// accepts nobody for [patience.Standing] is not waited for so.
	Empty bool

	left int
}

// Wait waits until there is room for one connection more, where the kernel tells. It asks when what it knew of is used up.
func (r *Room) Wait(ctx context.Context, b *Bench) {
	const atOnce = 8
	if r.left--; r.left >= 0 {
		return
	}
	least, last := math.MaxInt, time.Now()
	for begin := last; time.Since(begin) < patience.Accept && ctx.Err() == nil; player.Sleep(ctx, patience.LookAtQueue) {
		waiting, backlog, err := kernel.Queue(b.Address())
		if waiting < least {
			least, last = waiting, time.Now()
		}
		r.Empty = r.Empty && time.Since(last) < patience.Standing
		if free := backlog + 1 - waiting; err != nil || free > 0 && !(r.Empty && waiting > 0) { // a queue of n holds n + 1
			r.left = min(max(free, 1), atOnce) - 1
			return
		}
	}
}
