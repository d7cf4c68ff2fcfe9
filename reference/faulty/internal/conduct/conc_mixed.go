package conduct

import (
	"io"
	"net"
	"sync/atomic"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantRequestLock(changes *plant.Changes) {
	lock := make(chan struct{}, 1)
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &locking{Conn: conn, lock: lock, stopped: changes.Stopped()}
	}
}

// locking holds the server's lock from the first byte of a line until its LF.
type locking struct {
	plant.Conn
	lock    chan struct{} // full while it is held
	stopped <-chan struct{}
	holds   atomic.Bool
	done    atomic.Bool // the handler is, and what comes is no line
}

func (c *locking) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.done.Load() {
		c.acquire()
	}
	if n > 0 && p[n-1] == '\n' || err == io.EOF {
		c.release()
	}
	return n, err
}

// acquire waits until no other client is in the middle of a line, or the server stops.
func (c *locking) acquire() {
	if c.holds.Load() {
		return
	}
	select {
	case c.lock <- struct{}{}:
		c.holds.Store(true)
	case <-c.stopped:
	}
}

func (c *locking) release() {
	if c.holds.CompareAndSwap(true, false) {
		<-c.lock
	}
}

func (c *locking) CloseWrite() error {
	c.done.Store(true)
	c.release()
	return c.Conn.CloseWrite()
}

func (c *locking) Close() error {
	c.done.Store(true)
	c.release()
	return c.Conn.Close()
}

func plantAnswerToOther(changes *plant.Changes) {
	var last atomic.Pointer[diverting]
	changes.Conn = func(conn plant.Conn) net.Conn {
		c := &diverting{conn, &last}
		last.Store(c)
		return c
	}
}

// diverting writes to the connection that came last, while that is open.
type diverting struct {
	plant.Conn
	last *atomic.Pointer[diverting]
}

func (c *diverting) Write(p []byte) (int, error) {
	if last := c.last.Load(); last != nil {
		return last.Conn.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *diverting) CloseWrite() error {
	c.last.CompareAndSwap(c, nil)
	return c.Conn.CloseWrite()
}

func (c *diverting) Close() error {
	c.last.CompareAndSwap(c, nil)
	return c.Conn.Close()
}
