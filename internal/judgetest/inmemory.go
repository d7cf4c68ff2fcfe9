package judgetest

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
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/target"
)

// Runs in bubbles of testing/synctest, in which time is virtual: the server and its clients wait for one another and for the clock
// alone, so that no wait takes time, and none hangs on how fast the machine is. They meet in memory, and the system knows nothing
// of that: there is no process to look at, nor a queue of connections.

// Virtually runs the test in a bubble, beside others of its parent. What else the machine does makes no difference to it; but the
// parent is not parallel, so that the machine's time is not taken from tests that wait in it.
func Virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// Near returns a listener that is reached in no time.
func Near() *inmemory.TCPListener { return inmemory.ListenTCP(0) }

// Meeting is a config for the server of that name that listens at l.
func Meeting(l *inmemory.TCPListener, name, dialect string) judge.Config {
	const nowhere = "in memory" // no host:port, so that the system is not asked for it
	return judge.Config{Target: target.InProcess(name, nowhere, nil, nil, 0), Connect: delivery.DialOver(l.Connect), Dialect: dialect}
}

// InMemory is a config for the reference server at l, whose connections are wrapped unless wrap is nil. It ends with the test.
func InMemory(t testing.TB, l *inmemory.TCPListener, dialect string, cfg reference.Config, wrap func(Conn) net.Conn) judge.Config {
	t.Helper()
	if cfg.Handler == nil {
		cfg.Handler = Handler(t, dialect)
	}
	s := reference.NewTCPServer(cfg)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(Wrapping{l, wrap}) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	c := Meeting(l, "right", dialect)
	c.Reader = func(rw io.ReadWriter) bench.Reader { return reference.NewStreamHandler(rw, reference.Config{}) }
	return c
}

// Handler is the reference server's.
func Handler(t testing.TB, dialect string) reference.Handler {
	t.Helper()
	h, ok := reference.HandlerFor(dialect)
	if !ok {
		t.Fatalf("no dialect is named %s", dialect)
	}
	return h
}

// Wrapping accepts connections that are wrapped.
type Wrapping struct {
	net.Listener
	Wrap func(Conn) net.Conn
}

func (l Wrapping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil || l.Wrap == nil {
		return c, err
	}
	return l.Wrap(c.(Conn)), nil
}

// Serving is a config for a server in memory whose connections are given to serve, with their numbers.
func Serving(t testing.TB, dialect string, serve func(c Conn, number int)) judge.Config {
	l := Near()
	var number atomic.Int64
	On(t, l, func(c Conn) { serve(c, int(number.Add(1))) })
	return Meeting(l, "handmade", dialect)
}

// Drips writes a byte at a time, so far apart.
type Drips struct {
	Conn
	Apart time.Duration
}

func (c Drips) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := c.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		time.Sleep(c.Apart)
	}
	return len(p), nil
}

// FaultyInMemory is InMemory of a server with a fault, where that needs no descriptor.
func FaultyInMemory(t testing.TB, fault, dialect string) judge.Config {
	t.Helper()
	s, err := NewServer(fault, dialect, reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := Near()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.(interface{ Serve(net.Listener) error }).Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-served
	})
	return Meeting(l, fault, dialect)
}
