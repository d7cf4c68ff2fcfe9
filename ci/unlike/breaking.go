package main

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
)

// breaks says how a server breaks for good: not at all, where it is zero.
type breaks struct {
	after int    // after how many clients
	then  string // hang: they are accepted and never read; reset; refuse: nobody listens any more, and the process lives on
	spin  bool   // a core is busy for each client that the server waits for
}

func (b breaks) check() error {
	switch b.then {
	case "hang", "reset", "refuse":
		if b.after < 1 {
			return fmt.Errorf("say by --after, 1 or more, after how many clients it breaks")
		}
		return nil
	case "":
		if b.after != 0 {
			return fmt.Errorf("say by --then what becomes of later clients: hang, reset or refuse")
		}
		return nil
	}
	return fmt.Errorf("--then is %q: use hang, reset or refuse", b.then)
}

// breaking accepts connections until it breaks. One goroutine accepts.
type breaking struct {
	*net.TCPListener
	breaks
	accepted int
	hanging  []net.Conn // held, so that no finalizer closes them
	once     sync.Once
	closed   chan struct{}
}

func newBreaking(l *net.TCPListener, b breaks) *breaking {
	return &breaking{TCPListener: l, breaks: b, closed: make(chan struct{})}
}

func (l *breaking) Accept() (net.Conn, error) {
	for {
		broken := l.then != "" && l.accepted >= l.after
		if broken && l.then == "refuse" {
			_ = l.TCPListener.Close()
			<-l.closed
			return nil, net.ErrClosed
		}
		c, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		l.accepted++
		switch {
		case !broken && l.spin:
			return spinning{c}, nil
		case !broken:
			return c, nil
		case l.then == "hang":
			l.hanging = append(l.hanging, c)
		default:
			_ = c.SetLinger(0)
			_ = c.Close()
		}
	}
}

// Close ends Accept, also where it has broken.
func (l *breaking) Close() error {
	l.once.Do(func() { close(l.closed) })
	if err := l.TCPListener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// spinning is a connection that keeps a core busy while it waits for bytes.
type spinning struct{ *net.TCPConn }

func (c spinning) Read(p []byte) (int, error) {
	var came atomic.Bool
	defer came.Store(true)
	go func() {
		for !came.Load() {
		}
	}()
	return c.TCPConn.Read(p)
}
