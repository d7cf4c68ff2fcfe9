package inmemory

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// A Raw is what a server asks of its connection below its reads and writes. There is no descriptor: what a kernel would be asked by that, Raw
// tells itself.
type Raw struct{ c *TCP }

var _ syscall.RawConn = Raw{}

// Control returns an error: there is no descriptor.
func (Raw) Control(func(uintptr)) error { return errors.ErrUnsupported }

// Read returns the error of Control.
func (Raw) Read(func(uintptr) bool) error { return errors.ErrUnsupported }

// Write returns the error of Control.
func (Raw) Write(func(uintptr) bool) error { return errors.ErrUnsupported }

// HungUp waits until there is something to read, or Read would fail, and says whether the client's end of the stream has come by then.
func (r Raw) HungUp() bool {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	e := &r.c.server
	for e.in.queue() == 0 && !e.in.fin && !e.closed && !e.reset && !e.gone {
		if late(e.readBy) {
			return false
		}
		r.c.wait(e.readBy)
	}
	return e.in.finArrived && !e.closed
}

// Next says what the next Read finds, without waiting: how many bytes have come that were not read, and os.ErrDeadlineExceeded where nothing has,
// or the error of Read. Nothing, and no error, is the end of the client's stream.
func (r Raw) Next() (bytes int, err error) {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	e := &r.c.server
	switch n := e.in.Arrived - e.in.read; {
	case e.closed:
		return 0, net.ErrClosed
	case n > 0 || e.in.finArrived:
		return n, nil
	case e.reset || e.gone:
		return 0, syscall.ECONNRESET
	}
	return 0, os.ErrDeadlineExceeded
}

// Unsent says how many bytes have left, or wait to, of which it is not known that they have come to the client.
func (r Raw) Unsent() int {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.c.server.out.unacknowledged()
}
