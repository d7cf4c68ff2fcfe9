package inmemory

import (
	"context"
	"math"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// mostWaiting is how many connections wait to be accepted, as Linux has it. Who asks for one more is not heard, and asks again a
// second later.
const mostWaiting = 4096

// leastTrip is how long connecting takes at the least. Were it no time, a client could come and go any number of times before a
// server that is as quick has looked: nothing says which goroutine is the first to go on while the clock stands still.
const leastTrip = 10 * time.Microsecond

// A TCPListener is where a server listens, and clients connect to.
type TCPListener struct {
	flight    time.Duration
	elsewhere bool
	unturned  bool
	waiting   chan *TCP
	closed    chan struct{}

	mu   sync.Mutex
	over bool
	made int
}

// ListenTCP returns a listener from which a segment is on its way for so long.
func ListenTCP(flight time.Duration) *TCPListener {
	return &TCPListener{flight: flight, waiting: make(chan *TCP, mostWaiting), closed: make(chan struct{})}
}

// Elsewhere makes the server's ends of its connections be on another machine, where no client sees them; it returns l.
func (l *TCPListener) Elsewhere() *TCPListener {
	l.elsewhere = true
	return l
}

// Unturned says that its clock is not turned, as that of a bubble of testing/synctest is: clients let the server go on instead of waiting for
// the clock. It returns l.
func (l *TCPListener) Unturned() *TCPListener {
	l.unturned = true
	return l
}

// Connect makes a connection, which takes the way there and back. receiveBuffer is how much may arrive that the client has not read;
// 0 is what a TCP has.
func (l *TCPListener) Connect(ctx context.Context, receiveBuffer int) (*TCP, error) {
	c := NewTCP()
	c.Flight, c.Trip = l.flight, 2*l.flight
	c.unturned = l.unturned
	c.Grain = l.flight / 50 // far more looks would be made for nothing
	c.Request.InLumps, c.Answer.InLumps = true, true
	if receiveBuffer > 0 {
		c.Answer.ReceiveBuffer = receiveBuffer
	}
	if l.elsewhere {
		c.Hidden = math.MaxInt
	}
	for wait := max(c.Trip, leastTrip); ; wait = c.Trip + time.Second {
		if err := l.travel(ctx, wait); err != nil {
			return nil, err
		}
		switch took, err := l.take(c); {
		case err != nil:
			return nil, err
		case took:
			return c, nil
		}
	}
}

// take has a connection wait to be accepted, where there is room for it.
func (l *TCPListener) take(c *TCP) (took bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false, l.failed(syscall.ECONNREFUSED)
	}
	c.local = &net.TCPAddr{Port: 1024 + l.made + 1} // before the server may ask for it
	select {
	case l.waiting <- c:
		l.made++
		return true, nil
	default:
		return false, nil
	}
}

// travel returns after d, or with an error when the context has ended.
func (l *TCPListener) travel(ctx context.Context, d time.Duration) error {
	if l.unturned && d <= leastTrip {
		runtime.Gosched()
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return l.failed(os.ErrDeadlineExceeded)
	}
}

func (l *TCPListener) failed(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: l.Addr(), Err: err}
}

// Accept returns the server's end of a connection, and net.ErrClosed after Close.
func (l *TCPListener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.waiting:
		return c.Server(), nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept, refuses who connects from now on, and resets who waits to be accepted.
func (l *TCPListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return net.ErrClosed
	}
	l.over = true
	close(l.closed)
	for {
		select {
		case c := <-l.waiting:
			c.Server().Abort()
		default:
			return nil
		}
	}
}

// Addr returns an address that stands for none.
func (l *TCPListener) Addr() net.Addr { return &net.TCPAddr{Port: 2} }
