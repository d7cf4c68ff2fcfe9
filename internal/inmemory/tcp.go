package inmemory

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A TCP is a connection as the kernels of both its ends have it, with their buffers, and the wire between them. Its methods are
// those of the client's end, of the look at the server's, and of the client's clock; Server has the other end. The exported fields
// are set before the connection is used, or within Set.
type TCP struct {
	Flight time.Duration // how long a segment is on its way, and its acknowledgement as well
	Trip   time.Duration // what the client's kernel says of the round trip
	Grain  time.Duration // how long the client's clock sleeps at the least
	Untold bool          // the client's kernel does not tell what is unacknowledged
	Hidden int           // so many looks do not find the server's end
	Torn   func()        // what happens in a look between the reading of the queue and of the count
	Held   time.Time     // until when the client's process is kept from running

	unturned bool // see TCPListener.Unturned

	Request, Answer Stream // the client's, and the server's

	mu             sync.Mutex
	changed        chan struct{} // closed, and made anew, whenever something changes
	over           chan struct{} // closed when the client has closed
	flying         []arrival
	client, server end
	local, remote  net.Addr
}

// end is what a process, and its kernel, have of their end of a connection.
type end struct {
	in, out         *Stream
	readBy, writeBy time.Time
	closed          bool // by its process
	abrupt          bool // a close is a RST
	gone            bool // it is no more
	reset           bool // the other's RST has arrived, and no FIN before it
	broken          bool // the other's RST has arrived
}

// arrival is what happens when something has arrived.
type arrival struct {
	at time.Time
	do func()
}

// NewTCP returns a connection that takes no time, whose server was not asked yet.
func NewTCP() *TCP {
	c := &TCP{changed: make(chan struct{}), over: make(chan struct{}), local: &net.TCPAddr{Port: 1}, remote: &net.TCPAddr{Port: 2}}
	c.Request, c.Answer = newStream(&c.client, &c.server), newStream(&c.server, &c.client)
	c.client.in, c.client.out = &c.Answer, &c.Request
	c.server.in, c.server.out = &c.Request, &c.Answer
	return c
}

// Server returns the server's end.
func (c *TCP) Server() *Server { return &Server{c} }

// Set changes the connection while it is in use.
func (c *TCP) Set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	c.change()
}

// Vanish takes the server's end away, and says nothing of it.
func (c *TCP) Vanish() { c.Set(func() { c.server.gone = true }) }

// Sever has a RST come to the client, wherever it is from.
func (c *TCP) Sever() { c.Set(func() { c.client.hit() }) }

// change wakes all that wait. The caller holds mu, as that of everything below.
func (c *TCP) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait returns when something changes, or at an instant that is not zero; mu is let go meanwhile.
func (c *TCP) wait(by time.Time) {
	changed := c.changed
	c.mu.Unlock()
	defer c.mu.Lock()
	if by.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(by))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// after calls do when what leaves now has arrived, behind all that has left before.
func (c *TCP) after(do func()) {
	if c.Flight == 0 && len(c.flying) == 0 {
		do()
		c.change()
		return
	}
	c.flying = append(c.flying, arrival{time.Now().Add(c.Flight), do})
	time.AfterFunc(c.Flight, c.arrive)
}

// arrive does what is due.
func (c *TCP) arrive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for now := time.Now(); len(c.flying) > 0 && !c.flying[0].at.After(now); {
		do := c.flying[0].do
		c.flying = c.flying[1:]
		do()
	}
	c.change()
}

// push sends what can leave of the stream, as one segment.
func (c *TCP) push(s *Stream) {
	n, fin := s.next()
	if n == 0 && !fin {
		return
	}
	s.sent += n
	s.finSent = s.finSent || fin
	if s.Lost {
		return
	}
	c.after(func() {
		if s.to.gone { // nobody takes it
			c.refuse(s.to)
			return
		}
		s.Arrived += n
		s.finArrived = s.finArrived || fin
		if n > 0 {
			s.segments++
		}
		c.after(func() {
			s.Acknowledged += n
			s.finAcknowledged = s.finAcknowledged || fin
		})
	})
}

// refuse sends a RST from an end.
func (c *TCP) refuse(from *end) {
	from.out.cut = true
	to := from.out.to
	c.after(to.hit)
}

// hit is what a RST does to an end that it comes to.
func (e *end) hit() {
	e.reset = !e.in.finArrived
	e.broken, e.out.cut = true, true
}

// take reads what there is; it is not ok where there is nothing.
func (c *TCP) take(e *end, b []byte) (n int, err error, ok bool) {
	if e.closed {
		return 0, net.ErrClosed, true
	}
	if len(b) == 0 {
		return 0, nil, true
	}
	if n, err, ok = e.in.get(b); ok {
		s := e.in
		if freed := s.tell(); freed > 0 {
			c.after(func() {
				s.told += freed
				c.push(s)
			})
		}
		return n, err, true
	}
	return 0, syscall.ECONNRESET, e.reset || e.gone
}

// give writes what there is room for of b; with more set, it holds back all of it for the FIN.
func (c *TCP) give(e *end, b []byte, more bool) (n int, err error) {
	switch {
	case e.closed:
		return 0, net.ErrClosed
	case late(e.writeBy):
		return 0, os.ErrDeadlineExceeded
	case e.reset:
		return 0, syscall.ECONNRESET
	case e.broken, e.gone, e.out.finWritten:
		return 0, syscall.EPIPE
	}
	if n = e.out.put(b); n == 0 {
		return 0, nil
	}
	if more && n == len(b) {
		e.out.corked = n
	}
	c.push(e.out)
	return n, nil
}

// finish sends a FIN.
func (c *TCP) finish(e *end) {
	if e.out.finWritten {
		return
	}
	e.out.finWritten, e.out.corked = true, 0
	c.push(e.out)
	c.change()
}

// halfClose sends a FIN, where that can be.
func (c *TCP) halfClose(e *end) error {
	switch {
	case e.closed:
		return net.ErrClosed
	case e.reset:
		return syscall.ENOTCONN
	}
	c.finish(e)
	return nil
}

// close closes an end: with a RST where bytes were not read, as kernels do, or where that is asked for, else with a FIN.
func (c *TCP) close(e *end) error {
	if e.closed {
		return net.ErrClosed
	}
	e.closed = true
	if e.abrupt || e.in.Arrived > e.in.read {
		c.leave(e)
	} else {
		c.finish(e)
		e.gone = true
	}
	c.change()
	return nil
}

// leave sends a RST.
func (c *TCP) leave(e *end) {
	e.gone = true
	c.refuse(e)
}

// late says whether a deadline is past.
func late(by time.Time) bool { return !by.IsZero() && !time.Now().Before(by) }
