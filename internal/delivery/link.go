package delivery

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// A Link is a connection to a server from where a client is: the client's end, a look at the server's end, and the clock by which
// the client waits. What [Dial] makes stands on the system's; tests have links in memory, whose time is virtual.
type Link interface {
	Socket
	Clock
	// Look returns how far the server's end got. It reads the queue before the count, as the kernel does. Its error is
	// kernel.ErrNoEndpoint where there is no such end, now.
	Look() (kernel.Endpoint, error)
}

// A Dialer makes connections, as [Dial] does.
type Dialer func(ctx context.Context, addr string, o Options) (*Conn, error)

// DialOver returns a dialer over the links that connect makes, whatever the address is. connect has the options' timeout, and their
// receive buffer.
func DialOver[L Link](connect func(ctx context.Context, receiveBuffer int) (L, error)) Dialer {
	return func(ctx context.Context, _ string, o Options) (*Conn, error) {
		start := time.Now()
		bounded, done := context.WithTimeout(ctx, o.withDefaults().Timeout)
		defer done()
		l, err := connect(bounded, o.ReceiveBuffer)
		if err != nil {
			return nil, err
		}
		return Over(l, o, start), nil
	}
}

// Over returns the connection that plays over a link; start is when the connecting began.
func Over(l Link, o Options, start time.Time) *Conn {
	o = o.withDefaults()
	c := newConnOver(l, l, o, start)
	if o.Confirm == Never {
		c.view.decide(unwanted)
		return c
	}
	c.view.open(func() (kernel.Endpoint, error) { return kernel.Endpoint{}, nil }, l.Look) // its own end is there to be seen
	return c
}
