package bench

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Flood sends n bytes without a line end, or of the part of a message that grows, and drains what comes back. That the
// server closes, or stops reading, is its right.
func (b *Bench) Flood(ctx context.Context, n int) *finding.Finding {
	if slow := b.SlowFlooded(); slow != "" { // it was too slow for another case already
		f := finding.NewNotShown("%s", slow)
		f.Cause = finding.ErrSlow
		return f
	}
	return b.flood(ctx, n, func(int) {})
}

// flood is Flood, and tells how many bytes it has sent.
func (b *Bench) flood(ctx context.Context, n int, told func(sent int)) *finding.Finding {
	f := b.pour(ctx, n, b.flooding(n, told))
	if f.Is(finding.NotShown) {
		b.FloodedSlowly(f.Problem)
	}
	return f
}

// flooding sends what Flood sends, and tells how much it has.
func (b *Bench) flooding(n int, told func(sent int)) func(c *player.Client, send func([]byte) bool) {
	return func(c *player.Client, send func([]byte) bool) {
		first, block := []byte(nil), []byte(dialect.Numbered(256<<10))
		switch d := b.Dialect.(type) {
		case dialect.Scripter:
			first = d.EndlessLine()
		case dialect.Unending:
			if head, more := d.Endless(c.Name()); more != nil {
				first, block = head, more
			}
		}
		if b.Patience.Slow() { // so that it is known soon how long all of it would take
			block = block[:min(len(block), 4<<10)]
		}
		ok := len(first) == 0 || send(first)
		for sent := 0; ok && sent < n; sent += len(block) {
			ok = send(block[:min(len(block), n-sent)])
			told(sent + len(block))
		}
	}
}

// Ordinary sends about n bytes of long lines, as many as Flood without their line ends.
func (b *Bench) Ordinary(ctx context.Context, n int) *finding.Finding {
	return b.pour(ctx, b.pouring(n), func(_ *player.Client, send func([]byte) bool) { b.requests(n, send) })
}

// pour sends what f sends on one connection, n bytes, half-closes, and drains what comes back; f may cut it. It is NotShown where the
// server is too slow for as many.
func (b *Bench) pour(ctx context.Context, n int, f func(c *player.Client, send func([]byte) bool)) *finding.Finding {
	c, found := b.Enter(ctx, delivery.Options{Stall: b.Wait()}, b.Wait())
	if found != nil {
		return found
	}
	defer c.Close()
	draining, giveUp := context.WithCancel(ctx)
	defer giveUp()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		c.Receive(draining, delivery.Want{Idle: b.LongWait(), Total: 2 * patience.Pour, Limit: 4 * Endless})
	}()
	began, sent, known, most := time.Now(), 0, patience.Pour/4, patience.Pour
	if b.Patience.Slow() {
		known, most = patience.Pour/10, b.Patience.Large()
	}
	var slow *finding.Finding
	f(c, func(part []byte) bool {
		if ctx.Err() != nil || c.Send(ctx, part) != nil {
			return false
		}
		sent += len(part)
		took := time.Since(began)
		if need := time.Duration(float64(took) * float64(n) / float64(sent)); took > known && need > most {
			slow = TooSlow(amount(n)+" on one connection", need)
		}
		return slow == nil
	})
	if slow != nil { // what it has not read yet would keep it at work beside others
		giveUp()
		<-drained
		c.Abort()
		return cmp.Or(finding.Ended(ctx), slow)
	}
	c.Cut(ctx)
	_ = c.HalfClose()      // the server may have closed before
	if b.Patience.Slow() { // it has taken all: how long it answers what it took is its own affair
		time.AfterFunc(b.Wait()/2, giveUp)
	}
	<-drained
	return cmp.Or(finding.Ended(ctx), slow)
}

// amount is n bytes in words, large amounts in MiB.
func amount(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
