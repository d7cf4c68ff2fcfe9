package bench

import (
	"context"
	"errors"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Unread has a client send requests, n bytes of them at the most, and read no answer, until the server takes no more, or its memory
// has grown by bound. It returns by how much that has grown at the most, and what was sent. The requests come in small portions at
// first, and in larger ones as long as the memory does not grow by much: answers may be a thousand times as long.
func (b *Bench) Unread(ctx context.Context, n int, bound uint64) (grown uint64, sent int, f *finding.Finding) {
	c, f := b.Enter(ctx, delivery.Options{ReceiveBuffer: 8 << 10, Stall: patience.StuckBeside}, b.Wait())
	if f != nil {
		return 0, 0, f
	}
	defer c.Close()
	w := &unread{client: c, watch: kernel.WatchMemory(b.PID()), worked: b.Worked()}
	if w.before, f = w.look(b); f != nil {
		return 0, 0, f
	}
	size, began := firstPortion, time.Now()
	b.requests(n, func(all []byte) bool {
		for len(all) > 0 {
			part := size.of(all)
			took, err := w.send(ctx, part)
			all, sent = all[took:], sent+took
			had := w.grown
			b.settle(ctx, c, w.worked, func() uint64 {
				if f = w.note(b); f != nil || w.grown >= bound {
					return had // enough
				}
				return w.grown
			})
			if f != nil || w.grown >= bound || err != nil {
				return false
			}
			size = size.next(w.grown - had)
			if time.Since(began) > patience.Pour {
				f = TooSlow("to fill the buffers of a client that does not read", patience.Pour)
				return false
			}
		}
		return true
	})
	if ctx.Err() != nil {
		f = finding.Ended(ctx)
	}
	return w.grown, sent, f
}

// unread is a client that does not read, and the memory of its server.
type unread struct {
	client *player.Client
	watch  *kernel.MemoryWatch
	worked func() time.Duration // for how long the server has worked since this was last asked; nil where that is not seen
	before uint64               // the memory before it
	grown  uint64               // by how much it has grown at the most
	read   int64                // how much the server had read at the last look
}

// send sends a part, and returns how much of it the server's kernel took: less than all where the server is stuck, or has left. One that
// is at work, or waits for a processor, is not stuck yet.
func (w *unread) send(ctx context.Context, part []byte) (took int, err error) {
	const most = 16 // stalls of a server that works, and reads nothing
	for stalls := 0; took < len(part); {
		began := time.Now()
		err := w.client.Send(ctx, part[took:])
		if err == nil {
			return len(part), nil
		}
		if failed := (*delivery.PlayError)(nil); errors.As(err, &failed) {
			took += failed.Sent
		}
		if !errors.Is(err, delivery.ErrStalled) {
			return took, err
		}
		if stalls++; w.reads() {
			stalls = 0
		}
		works := w.worked != nil && w.worked() > time.Since(began)/4
		if stalls >= most || stalls > 0 && !works {
			return took, err
		}
	}
	return took, nil
}

// reads says whether the server has read on since this was last asked.
func (w *unread) reads() bool {
	before := w.read
	w.read, _ = w.client.Taken()
	return w.read > before
}

// note looks at the memory.
func (w *unread) note(b *Bench) *finding.Finding {
	now, f := w.look(b)
	if now > w.before {
		w.grown = max(w.grown, now-w.before)
	}
	return f
}

func (w *unread) look(b *Bench) (uint64, *finding.Finding) {
	memory, err := w.watch.Look()
	if ended := b.Alive(); ended != nil {
		return 0, finding.NewBroken("the server did not survive a client that sends and does not read: %v", ended)
	}
	if err != nil {
		return 0, b.NotObserved(err)
	}
	return memory, nil
}

// WarmUp has the server take what memory it takes once: for some MiB of requests, or of answers.
func (b *Bench) WarmUp(ctx context.Context) *finding.Finding {
	return b.Paced(ctx, Endless/16, Endless/16)
}

// UsualGrowth is by how much the memory of a server of its own grows during so many bytes of requests whose answers are read.
func (b *Bench) UsualGrowth(ctx context.Context, n int) (uint64, *finding.Finding) {
	own, f := b.Instance(ctx)
	if f != nil {
		return 0, f
	}
	before, f := own.Peak(ctx, func() *finding.Finding { return own.WarmUp(ctx) })
	if f != nil {
		return 0, f
	}
	most, f := own.Peak(ctx, func() *finding.Finding { return own.Paced(ctx, n, 4*Endless) })
	return most - min(before, most), f
}
