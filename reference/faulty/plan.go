package faulty

import (
	"context"
	"net"
	"sync"

	"github.com/streamspec/streamspec/reference"
)

// A plan is what a fault changes of the right server. What it leaves nil stays
// right.
type plan struct {
	dialect string // the name of the dialect that is served

	// cfg is the server's configuration.
	cfg reference.Config
	// bind listens in the place of net.Listen.
	bind func(addr string) (*net.TCPListener, error)
	// accept wraps the listener, around the wrapping of its connections.
	accept func(net.Listener) net.Listener
	// conn wraps every accepted connection.
	conn func(*net.TCPConn) net.Conn
	// stream wraps the operations that the dialect uses.
	stream func(reference.Stream) reference.Stream
	// session wraps, or replaces, the dialect.
	session func(reference.Dialect) reference.Dialect

	// serve and shutdown wrap the server's operations of those names.
	serve    func(right func() error) error
	shutdown func(ctx context.Context, right func(context.Context) error) error

	// stopped is closed when the server is to stop: a fault that waits or spins
	// ends then.
	stopped chan struct{}
	once    sync.Once
	// kill ends the server at once.
	kill func()
}

// stop closes stopped.
func (p *plan) stop() {
	p.once.Do(func() { close(p.stopped) })
}

// isStopped says whether the server is to stop.
func (p *plan) isStopped() bool {
	select {
	case <-p.stopped:
		return true
	default:
		return false
	}
}

// handler returns the dialect with the plan's changes.
func (p *plan) handler(right reference.Dialect) reference.Handler {
	d := right
	if p.session != nil {
		d = p.session(d)
	}
	if p.stream == nil {
		return d
	}
	return reference.Dialect(func(s reference.Stream) error { return d(p.stream(s)) })
}

// listen listens as the right server does, and wraps what it accepts.
func (p *plan) listen(addr string) (net.Listener, error) {
	bind := p.bind
	if bind == nil {
		bind = bindRight
	}
	tcp, err := bind(addr)
	if err != nil {
		return nil, err
	}
	var l net.Listener = tcp
	if p.conn != nil {
		l = &listener{TCPListener: tcp, wrap: p.conn}
	}
	if p.accept != nil {
		l = p.accept(l)
	}
	return l, nil
}

// bindRight listens as the right server does.
func bindRight(addr string) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// A listener wraps the connections that it accepts.
type listener struct {
	*net.TCPListener
	wrap func(*net.TCPConn) net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return l.wrap(conn), nil
}
