package delivery

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// Play sends the request in the segments: it writes each segment, waits at each cut until the server has read everything
// ([Conn.Cut]) and for the cut's pause, and then ends the stream. A cut that stays unconfirmed does not stop the play.
//
// It returns a [*PlayError] when the segments do not fit the request, when the server ended its stream or the connection before
// the whole request was sent, when it stalled, or when the context ended. A server that ends its stream after the whole
// request was sent is no error. It takes at most twice the pauses, the options' cap for each cut, and their stall for
// each segment, counted anew while the server takes bytes.
func (c *Conn) Play(ctx context.Context, request []byte, p Segments) error {
	return c.play(ctx, request, p, nil)
}

// play is Play; it reports every sign of progress to pr.
func (c *Conn) play(ctx context.Context, request []byte, p Segments, pr *progress) error {
	if err := p.Validate(len(request)); err != nil {
		return &PlayError{Err: err}
	}
	c.caps.unconfirmed = 0
	release := c.guard(ctx, c.socket.SetWriteDeadline)
	defer release()

	from := 0
	for _, cut := range p.Cuts {
		n, err := c.write(ctx, request[from:cut.At], false, pr)
		from += n
		if err != nil {
			return &PlayError{Sent: from, Err: err}
		}
		pr.touch(cut.Pause)
		rest, begun := cut.Pause, time.Now()
		if c.CutWithin(ctx, cut.Pause) == Unconfirmed { // the server has had what has passed of the pause
			rest = max(rest-time.Since(begun), 0)
		}
		pr.touch(rest)
		c.heed(ctx)
		if err := c.pause(ctx, rest); err != nil {
			return &PlayError{Sent: from, Err: err}
		}
	}
	n, err := c.write(ctx, request[from:], p.End == HalfCloseWithData, pr)
	from += n
	if err == nil {
		err = c.end(ctx, p.End, len(request) > 0)
	}
	if err != nil {
		return &PlayError{Sent: from, Err: err}
	}
	return nil
}

// end ends the stream after the last segment; sent says whether there was one.
func (c *Conn) end(ctx context.Context, e ClientEnd, sent bool) error {
	switch e {
	case HalfClose:
		if sent {
			w := waiting{}
			if c.caps.unconfirmed == 0 {
				w.free = endPatience
			}
			how := c.settle(ctx, w)
			c.log.Add(timeline.KindCut, nil, 0, how, "after the last segment, before the end of the stream")
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
		return c.HalfClose()
	case HalfCloseWithData:
		return c.HalfClose()
	case Reset:
		c.acknowledged(ctx, c.caps.limit(c.options.ConfirmCap))
		return c.Reset()
	}
	return nil
}

// Send sends b as one segment, as far as TCP lets one write be one, and confirms nothing. It returns a [*PlayError] as
// [Conn.Play] does, with the number of b's bytes that were handed to the system. An empty b sends nothing.
func (c *Conn) Send(ctx context.Context, b []byte) error {
	release := c.guard(ctx, c.socket.SetWriteDeadline)
	defer release()
	if n, err := c.write(ctx, b, false, nil); err != nil {
		return &PlayError{Sent: n, Err: err}
	}
	return nil
}

// write hands b to the system, and returns how many of its bytes the system took and why it did not take all. With more set
// the last segment is held back for the FIN that follows. The write deadline must be guarded by ctx.
func (c *Conn) write(ctx context.Context, b []byte, more bool, pr *progress) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if c.finSent.Load() {
		return 0, ErrEnded
	}
	c.delay.resumes(c.options.Between)
	switch c.arrivals() {
	case FIN:
		return 0, ErrClosedEarly
	case RST:
		return 0, syscall.ECONNRESET
	}
	c.log.Add(timeline.KindSend, b, len(b), Unconfirmed, "")
	most := mostAsleep
	if c.roomy() {
		most = 0
	}
	done := 0
	read, looked := int64(0), false // what the server had read half a stall ago
	for until := time.Now().Add(c.options.Stall / 2); done < len(b); most = mostAsleep {
		if err := c.socket.SetWriteDeadline(earlier(until, time.Now().Add(mostAsleep))); err != nil {
			return done, err
		}
		if ctx.Err() != nil { // after the deadline was set, so that a later end of the context moves it
			return done, context.Cause(ctx)
		}
		c.delay.waits(sending, most)
		n, err := c.socket.WriteMore(b[done:], more)
		c.delay.waited(sending)
		c.said.sent(b[done : done+n])
		done += n
		c.sent.Add(uint64(n))
		if n > 0 {
			until = time.Now().Add(c.options.Stall / 2)
		}
		switch {
		case err == nil:
			pr.touch(0)
			looked = false
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil && time.Now().Before(until):
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
			// A kernel makes room again only when much of its buffer was read: a server that reads a byte at a time is not stuck.
			before := read
			if read, _ = c.Taken(); looked && read <= before {
				return done, ErrStalled
			}
			looked, until = true, time.Now().Add(c.options.Stall/2)
		default:
			return done, c.writeError(ctx, err)
		}
	}
	return done, nil
}

// roomy says whether so little is on its way that the system takes some more at once: a write that takes time all the same is one in
// which this process was kept from running.
func (c *Conn) roomy() bool {
	if c.sent.Load()-c.taken.Load() <= mostUnblocked {
		return true
	}
	n := c.socket.Unacknowledged()
	return n >= 0 && n <= mostUnblocked
}

// writeError names the cause of a failed write.
func (c *Conn) writeError(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.Cause(ctx) // which moved the deadline
	case isReset(err):
		c.log.Add(timeline.KindReceivedReset, nil, 0, Unconfirmed, "on sending")
		if c.PeerClosed() == FIN {
			return ErrClosedEarly
		}
		return syscall.ECONNRESET
	}
	return err
}

// pause waits for d, or until the context ends; it returns the context's cause then, else nil.
func (c *Conn) pause(ctx context.Context, d time.Duration) error {
	if d > 0 {
		c.log.Add(timeline.KindPause, nil, 0, Unconfirmed, d.String())
		c.said.pause(d)
		c.rest(ctx, sending, d)
	}
	return context.Cause(ctx)
}

// wait returns after d, or when the context ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// EndedAlone returns whether the server was seen to have read everything when the client ended its stream: its FIN came by
// itself then. It must not be called while the stream is being ended.
func (c *Conn) EndedAlone() bool { return c.finSent.Load() && c.finAlone }

// HalfClose ends the client's stream with a FIN; the server can still answer. It returns nil when the stream was ended
// before, syscall.ECONNRESET when the server aborted the connection, net.ErrClosed after a close, or the system's error.
func (c *Conn) HalfClose() error {
	if c.finSent.Load() {
		return nil
	}
	c.finAlone = c.drained()
	c.arrivals()
	c.log.Add(timeline.KindFIN, nil, 0, Unconfirmed, "")
	if c.said.end(HalfClose); !c.finAlone && c.Sees() {
		c.said.end(HalfCloseWithData)
	}
	if err := c.socket.CloseWrite(); err != nil {
		if c.PeerClosed() == RST {
			return syscall.ECONNRESET
		}
		return err
	}
	c.finSent.Store(true)
	return nil
}

// guard makes the deadline that set moves pass as soon as the context ends. The caller sets the deadline, looks at the
// context, and waits, in this order. The function that is returned ends the guard; no deadline is moved after it.
func (c *Conn) guard(ctx context.Context, set func(time.Time) error) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	moved := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(moved)
		_ = set(time.Unix(1, 0)) // fails on a closed connection alone, on which nothing waits
	})
	return func() {
		if !stop() {
			<-moved
		}
	}
}
