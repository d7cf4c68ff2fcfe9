package judgetest

import (
	"context"
	"net"
	"time"

	"github.com/streamspec/streamspec/internal/player"
)

// Late answers so much later, while the test is not over.
type Late struct {
	Conn
	By   time.Duration
	Over <-chan struct{} // of the test, where its server does not wait for its handlers
}

func (c Late) Write(p []byte) (int, error) {
	select {
	case <-time.After(c.By):
		return c.Conn.Write(p)
	case <-c.Over:
		return 0, net.ErrClosed
	}
}

// Paced waits as long as n bytes take at so many a second.
func Paced(n, rate int) { time.Sleep(time.Duration(n) * time.Second / time.Duration(rate)) }

// SlowReads reads little at a time, so slowly.
type SlowReads struct {
	Conn
	Rate int // bytes a second
}

func (c SlowReads) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), 4<<10)])
	Paced(n, c.Rate)
	return n, err
}

// StoppedWrites writes slowly once the server was asked to stop, and closes where it has written most of an answer since, or writes
// nothing more. What it writes is counted, and not how long that takes, so that a busy machine changes nothing.
type StoppedWrites struct {
	Conn
	Ctx  context.Context // done when it is asked to stop
	Over context.Context // done when its process has ended
	Rate int             // bytes a second
	Most int             // bytes that are written since; counts down
}

func (c *StoppedWrites) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := c.Conn.Write(p[written:min(len(p), written+64<<10)])
		if written += n; err != nil {
			return written, err
		}
		if c.Ctx.Err() == nil {
			continue
		}
		if c.Rate == 0 {
			player.Sleep(c.Over, time.Minute) // its process ends before
		}
		if c.Most -= n; c.Most <= 0 {
			_ = c.Close()
			return written, net.ErrClosed
		}
		Paced(n, c.Rate)
	}
	return written, nil
}
