package inmemory

import (
	"net"
	"os"
	"runtime"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// The client's socket.

// SetReadDeadline sets until when Read waits.
func (c *TCP) SetReadDeadline(t time.Time) error {
	return c.setDeadline(&c.client, &c.client.readBy, t)
}

// SetWriteDeadline sets until when WriteMore waits.
func (c *TCP) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(&c.client, &c.client.writeBy, t)
}

func (c *TCP) setDeadline(e *end, by *time.Time, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*by = t
	c.change()
	if e.closed {
		return net.ErrClosed
	}
	return nil
}

// Read waits for bytes, and returns io.EOF at the end of the server's stream.
func (c *TCP) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; ; c.rouse() {
		if late(c.client.readBy) { // as the runtime does, also where bytes are there
			return 0, os.ErrDeadlineExceeded
		}
		if n, err, ok := c.take(&c.client, b); ok {
			return n, err
		}
		c.wait(c.client.readBy)
	}
}

// ReadNow is Read that waits for nothing.
func (c *TCP) ReadNow(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, err, ok := c.take(&c.client, b); ok {
		return n, err
	}
	return 0, os.ErrDeadlineExceeded
}

// WriteMore waits for room, and writes as much of b as there is room for; with more set, all of it that waits for nothing is held
// back for the FIN.
func (c *TCP) WriteMore(b []byte, more bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; ; c.rouse() {
		if n, err := c.give(&c.client, b, more); n > 0 || err != nil || len(b) == 0 {
			return n, err
		}
		c.wait(c.client.writeBy)
	}
}

// CloseWrite sends a FIN.
func (c *TCP) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halfClose(&c.client)
}

// Close closes the client's end.
func (c *TCP) Close() error { return c.end(false) }

// Abort closes it with a RST.
func (c *TCP) Abort() error { return c.end(true) }

func (c *TCP) end(abrupt bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.client.closed {
		c.client.abrupt = abrupt
		close(c.over)
	}
	return c.close(&c.client)
}

// Closed is closed when the client has closed its end.
func (c *TCP) Closed() <-chan struct{} { return c.over }

// Ended says how the server has ended its stream: the first counts.
func (c *TCP) Ended() (fin, reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Answer.finArrived, c.client.reset && !c.Answer.finArrived
}

// Arrived returns how many bytes have come to the client, and how many segments that brought some; nothing after a close.
func (c *TCP) Arrived() (bytes uint64, segments uint32, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uint64(c.Answer.Arrived), c.Answer.segments, !c.client.closed
}

// Unacknowledged returns how much the server's kernel has not acknowledged, the FIN as a byte; -1 where that is not told.
func (c *TCP) Unacknowledged() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client.closed || c.Untold {
		return -1
	}
	return c.Request.unacknowledged()
}

// RoundTrip returns Trip.
func (c *TCP) RoundTrip() time.Duration { return c.Trip }

// LocalAddr returns the client's address.
func (c *TCP) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the server's address.
func (c *TCP) RemoteAddr() net.Addr { return c.remote }

// Look is the view of the server's end.
func (c *TCP) Look() (kernel.Endpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Hidden > 0 {
		c.Hidden--
		return kernel.Endpoint{}, kernel.ErrNoEndpoint
	}
	if c.server.gone {
		return kernel.Endpoint{}, kernel.ErrNoEndpoint
	}
	e := kernel.Endpoint{Queue: uint32(c.Request.queue())}
	if c.Torn != nil {
		c.Torn()
		c.change()
	}
	e.Received = uint64(count(c.Request.Arrived, c.Request.finArrived))
	e.Unsent = uint32(c.Answer.unacknowledged())
	return e, nil
}

// The client's clock.

// Nap sleeps for d, or for Grain.
func (c *TCP) Nap(d time.Duration) {
	time.Sleep(max(d, c.Grain))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rouse()
}

// Yield does nothing where the clock is turned: what others do at once shows at the next nap, and always there.
func (c *TCP) Yield() {
	if c.unturned {
		runtime.Gosched()
	}
}

// rouse keeps the client's process from going on as long as it is held. The caller holds mu.
func (c *TCP) rouse() {
	for d := time.Until(c.Held); d > 0; d = time.Until(c.Held) {
		c.mu.Unlock()
		time.Sleep(d)
		c.mu.Lock()
	}
}
