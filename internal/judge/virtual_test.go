package judge

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/target"
)

// Runs in bubbles of testing/synctest, in which time is virtual: the server and its clients wait for one another and for the clock
// alone, so that no wait takes time, and none hangs on how fast the machine is. They meet in memory, and the system knows nothing
// of that: there is no process to look at, nor a queue of connections.

// virtually runs the test in a bubble, beside others of its parent. What else the machine does makes no difference to it; but the
// parent is not parallel, so that the machine's time is not taken from tests that wait in it.
func virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// near returns a listener that is reached in no time.
func near() *inmemory.TCPListener { return inmemory.ListenTCP(0) }

// meeting is a config for the server of that name that listens at l.
func meeting(l *inmemory.TCPListener, name, dialect string) Config {
	const nowhere = "in memory" // no host:port, so that the system is not asked for it
	return Config{Target: target.InProcess(name, nowhere, nil, nil, 0), Connect: delivery.DialOver(l.Connect), Dialect: dialect}
}

// inMemory is a config for the reference server at l, whose connections are wrapped unless wrap is nil. It ends with the test.
func inMemory(t testing.TB, l *inmemory.TCPListener, dialect string, cfg reference.Config, wrap func(conn) net.Conn) Config {
	t.Helper()
	if cfg.Handler == nil {
		cfg.Handler = handler(t, dialect)
	}
	s := reference.NewTCPServer(cfg)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(wrapping{l, wrap}) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	c := meeting(l, "right", dialect)
	c.Reader = func(rw io.ReadWriter) bench.Reader { return reference.NewStreamHandler(rw, reference.Config{}) }
	return c
}

// handler is the reference server's.
func handler(t testing.TB, dialect string) reference.Handler {
	t.Helper()
	h, ok := reference.HandlerFor(dialect)
	if !ok {
		t.Fatalf("no dialect is named %s", dialect)
	}
	return h
}

// wrapping accepts connections that are wrapped.
type wrapping struct {
	net.Listener
	wrap func(conn) net.Conn
}

func (l wrapping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || l.wrap == nil {
		return c, err
	}
	return l.wrap(c.(conn)), nil
}

// serving is a config for a server in memory whose connections are given to serve, with their numbers.
func serving(t testing.TB, dialect string, serve func(c conn, number int)) Config {
	l := near()
	var number atomic.Int64
	on(t, l, func(c conn) { serve(c, int(number.Add(1))) })
	return meeting(l, "handmade", dialect)
}

// drips writes a byte at a time, so far apart.
type drips struct {
	conn
	apart time.Duration
}

func (c drips) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := c.conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		time.Sleep(c.apart)
	}
	return len(p), nil
}

// faultyInMemory is inMemory of a server with a fault, where that needs no descriptor.
func faultyInMemory(t testing.TB, fault, dialect string) Config {
	t.Helper()
	s, err := newServer(fault, dialect, reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := near()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.(interface{ Serve(net.Listener) error }).Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	return meeting(l, fault, dialect)
}
