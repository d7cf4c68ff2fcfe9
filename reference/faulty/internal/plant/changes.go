// Package plant changes the right server, by wrappers around its parts: what a
// fault or an odd right server may change, and the server with its changes.
package plant

import (
	"context"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/streamspec/streamspec/reference"
)

// Changes are what a fault changes of the right server. What it leaves nil stays
// right.
type Changes struct {
	Dialect string // the name of the dialect that is served

	// Config is the server's configuration.
	Config reference.Config
	// Bind listens in the place of net.Listen.
	Bind func(addr string) (*net.TCPListener, error)
	// Accept wraps the listener, around the wrapping of its connections.
	Accept func(net.Listener) net.Listener
	// Conn wraps every accepted connection.
	Conn func(Conn) net.Conn
	// Stream wraps the operations that the dialect uses.
	Stream func(reference.Stream) reference.Stream
	// Session wraps, or replaces, the dialect.
	Session func(reference.Dialect) reference.Dialect

	// Serve and Shutdown wrap the server's operations of those names.
	Serve    func(right func() error) error
	Shutdown func(ctx context.Context, right func(context.Context) error) error

	stopped chan struct{} // closed when the server is to stop
	kill    func()

	mutex sync.Mutex
	kept  []io.Closer // until then
}

// New returns what plant changes of a server of the dialect.
func New(plant func(*Changes), dialect string, cfg reference.Config) *Changes {
	c := &Changes{Dialect: dialect, Config: cfg, stopped: make(chan struct{})}
	plant(c)
	return c
}

// Stopped is closed when the server is to stop: a fault that waits or spins ends
// then.
func (c *Changes) Stopped() <-chan struct{} {
	return c.stopped
}

// IsStopped says whether the server is to stop.
func (c *Changes) IsStopped() bool {
	select {
	case <-c.stopped:
		return true
	default:
		return false
	}
}

// Kill ends the server at once.
func (c *Changes) Kill() {
	c.kill()
}

// Keep closes held when the server stops, and not before.
func (c *Changes) Keep(held io.Closer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.IsStopped() {
		_ = held.Close()
		return
	}
	c.kept = append(c.kept, held)
}

// stop closes stopped, and what was kept until then.
func (c *Changes) stop() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.IsStopped() {
		return
	}
	close(c.stopped)
	for _, held := range c.kept {
		_ = held.Close()
	}
}

// handler returns the dialect with the changes.
func (c *Changes) handler(right reference.Dialect) reference.Handler {
	d := right
	if c.Session != nil {
		d = c.Session(d)
	}
	if c.Stream == nil {
		return d
	}
	return reference.Dialect(func(s reference.Stream) error { return d(c.Stream(s)) })
}

// Listen listens as the right server does, and wraps what it accepts.
func (c *Changes) Listen(addr string) (net.Listener, error) {
	bind := c.Bind
	if bind == nil {
		bind = BindRight
	}
	tcp, err := bind(addr)
	if err != nil {
		return nil, err
	}
	return c.wrapped(tcp), nil
}

// wrapped is a listener, with what the fault changes of it.
func (c *Changes) wrapped(l net.Listener) net.Listener {
	if c.Conn != nil {
		l = &listener{Listener: l, wrap: c.Conn}
	}
	if c.Accept != nil {
		l = c.Accept(l)
	}
	return l
}

// BindRight listens as the right server does.
func BindRight(addr string) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// A listener wraps the connections that it accepts.
type listener struct {
	net.Listener
	wrap func(Conn) net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(conn.(Conn)), nil
}

// A Conn is a connection as it is accepted: a *net.TCPConn, or one that is like it, in tests that have no system below them. That
// has no descriptor: a fault that needs one does not show there.
type Conn interface {
	net.Conn
	syscall.Conn
	CloseWrite() error
	SetLinger(sec int) error
	SetNoDelay(noDelay bool) error
}

var _ Conn = (*net.TCPConn)(nil)
