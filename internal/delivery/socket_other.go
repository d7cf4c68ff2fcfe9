//go:build !linux

package delivery

import (
	"errors"
	"io"
	"time"
)

// readSome reads what is there, waiting for the first byte up to the read deadline. It returns io.EOF after the server's FIN.
func (c *Conn) readSome(b []byte) (int, error) {
	n, err := c.tcp.Read(b)
	switch {
	case errors.Is(err, io.EOF):
		c.fin.Store(true)
	case isReset(err):
		c.reset.Store(true)
	}
	return n, err
}

// readNow reads what is there, whatever the read deadline is, and returns os.ErrDeadlineExceeded where there is nothing: it waits no
// longer than a read that the system answers at once may take. Its other errors are those of readSome.
func (c *Conn) readNow(b []byte) (int, error) {
	if err := c.tcp.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		return 0, err
	}
	return c.readSome(b)
}

// writeSome hands b to the system, waiting up to the write deadline.
func (c *Conn) writeSome(b []byte, _ bool) (int, error) {
	n, err := c.tcp.Write(b)
	if isReset(err) && !c.fin.Load() {
		c.reset.Store(true)
	}
	return n, err
}

// peerClosed returns what was read: this system does not tell more.
func (c *Conn) peerClosed() Ending { return c.known() }

// Arrived is not ok: this system does not tell.
func (c *Conn) Arrived() (bytes uint64, segments uint32, ok bool) { return 0, 0, false }

// unacknowledged returns -1: this system does not tell.
func (c *Conn) unacknowledged() int { return -1 }

// roundTrip returns 0: this system does not tell.
func (c *Conn) roundTrip() time.Duration { return 0 }
