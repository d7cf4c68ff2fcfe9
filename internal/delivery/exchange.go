package delivery

import (
	"context"
	"syscall"
)

// concurrentSize is the size in bytes of a request or an answer beyond which an exchange plays and receives at once, lest
// each side waits for the other to read.
const concurrentSize = 16 << 10

// Exchange plays the request and receives the answer, and returns the answer beside the error of [Conn.Play]. It does one
// after the other, which is steadier in time, when the request and the right answers are at most 16 KiB long; else both at
// once. An answer that is wrong or does not come in time ends the play then, with [ErrDecided].
// When the segments do not fit the request nothing is sent or received. The answer to a request that ends in [Reset] cannot be
// received unless it came before.
func (c *Conn) Exchange(ctx context.Context, request []byte, p Segments, w Want) (Answer, error) {
	if err := p.Validate(len(request)); err != nil {
		return newComparison(w).answer(w.Prefix), &PlayError{Err: err}
	}
	largest := len(request)
	for _, right := range w.Any {
		largest = max(largest, len(right))
	}
	if largest <= concurrentSize {
		err := c.Play(ctx, request, p)
		return c.Receive(ctx, w), err
	}

	playCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	playing := newProgress()
	played := make(chan error, 1)
	go func() {
		err := c.play(playCtx, request, p, playing)
		playing.finish()
		played <- err
	}()
	a := c.receive(ctx, w, playing)
	if cause := a.endsPlay(); cause != nil {
		cancel(cause)
	}
	return a, <-played
}

// endsPlay returns why a play beside this answer need not go on; nil when it must, or when it will find out by itself.
func (a *Answer) endsPlay() error {
	switch {
	case a.Ending == FIN && a.State != Right:
		return ErrClosedEarly
	case a.Ending == RST:
		return syscall.ECONNRESET
	case a.Err != nil:
		return a.Err
	case a.State == Wrong, a.TimedOut:
		return ErrDecided
	}
	return nil
}
