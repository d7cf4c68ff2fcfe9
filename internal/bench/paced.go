package bench

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// A portion is how many bytes of requests are sent at once where answers may be a thousand times as long: few at first, and more as long
// as they do not make much.
type portion int

const (
	firstPortion   portion = 4 << 10
	largestPortion portion = 1 << 20
	muchMade               = 4 << 20
)

// next is the portion after one that made so many bytes.
func (p portion) next(made uint64) portion {
	if made < muchMade {
		return min(2*p, largestPortion)
	}
	return p
}

// of is as much of b as the portion has.
func (p portion) of(b []byte) []byte { return b[:min(int(p), len(b))] }

// Paced sends n bytes of requests at the most, on one connection, and sends no more until the answers have stopped to come: nothing waits
// for the client. It ends when so many bytes of answers have come.
func (b *Bench) Paced(ctx context.Context, n int, answers uint64) *finding.Finding {
	n = b.pouring(n)
	return b.pour(ctx, n, func(c *player.Client, send func([]byte) bool) {
		size, left, had, worked := firstPortion, n, uint64(0), b.Worked()
		b.requests(n, func(all []byte) bool {
			for all = all[:min(len(all), left)]; len(all) > 0; {
				part := size.of(all)
				if !send(part) {
					return false
				}
				all, left = all[len(part):], left-len(part)
				arrived := b.settle(ctx, c, worked, func() uint64 { n, _, _ := c.Arrived(); return n })
				size, had = size.next(arrived-had), arrived
				if arrived >= answers {
					return false
				}
			}
			return left > 0
		})
	})
}

// settle waits until the server has read what it was sent on this connection, and what made tells has stopped to grow. One that does not
// read on is waited for as long as it is at work, or waits for a processor, and has a little longer than that.
func (b *Bench) settle(ctx context.Context, c *player.Client, worked func() time.Duration, made func() uint64) uint64 {
	before := made()
	for last, looked := time.Now(), time.Now(); ctx.Err() == nil; {
		player.Sleep(ctx, patience.LookAtProcess)
		if now := made(); now != before {
			before, last = now, time.Now()
			continue
		}
		if _, unread := c.Taken(); unread == 0 || time.Since(last) > b.LongWait() {
			break
		}
		if window := time.Since(looked); window > patience.StuckBeside {
			if looked = time.Now(); worked == nil || worked() < window/4 {
				break
			}
		}
	}
	return before
}
