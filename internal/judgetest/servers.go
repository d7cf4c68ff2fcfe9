package judgetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/target"
)

// NewServer makes the reference server of the dialect, with the fault of that name unless it is "right".
func NewServer(fault, dialect string, cfg reference.Config) (faulty.Server, error) {
	if fault != "right" {
		return faulty.NewServer(fault, dialect, cfg)
	}
	h, ok := reference.HandlerFor(dialect)
	if !ok {
		return nil, fmt.Errorf("no dialect is named %s", dialect)
	}
	cfg.Handler = h
	return reference.NewTCPServer(cfg), nil
}

// Launcher starts this binary as a server: as one of the roles of its [Main], or the reference server of that dialect, with that fault
// unless it is "right".
func Launcher(t testing.TB, fault, dialect string) *target.Launcher {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := target.LauncherOptions{Env: []string{"GORACE=atexit_sleep_ms=0"}} // a binary with the race detector would take a second to end
	l, err := target.NewLauncherArgs([]string{exe, "serve", fault, dialect, "{host}:{port}"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// InProcess is a config for a server of this process, right or faulty, which
// can be started as a process of its own too.
func InProcess(t testing.TB, fault, dialect string) judge.Config {
	t.Helper()
	s, err := NewServer(fault, dialect, reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	stop := func(ctx context.Context) error {
		err := s.Shutdown(ctx)
		<-served
		return err
	}
	tg := target.InProcess(fault, s.Addr().String(), stop, Launcher(t, fault, dialect), 0)
	t.Cleanup(func() {
		// What a faulty server still holds open is closed the hard way, and is no fault of the suite's.
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = tg.Close(ctx)
		_ = s.Close()
	})
	return judge.Config{Target: tg, Dialect: dialect, Reader: func(rw io.ReadWriter) bench.Reader { return reference.NewStreamHandler(rw, reference.Config{}) }}
}

// Conn is a connection of the system, or one in memory.
type Conn interface {
	net.Conn
	syscall.Conn // by which a server that stops looks what it has received
	CloseWrite() error
	SetLinger(sec int) error
	SetReadBuffer(bytes int) error
	SetNoDelay(noDelay bool) error
}

// At serves handle at a loopback address. Every connection is closed when its
// handler returns; all of them, and the listener, end with the test.
func At(t testing.TB, handle func(c Conn)) *Handmade {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return On(t, l, handle)
}

// On is [At] on a listener.
func On(t testing.TB, l net.Listener, handle func(c Conn)) *Handmade {
	b := &Handmade{listener: l, open: map[Conn]bool{}}
	b.handlers.Go(func() {
		for {
			accepted, err := l.Accept()
			if err != nil {
				return
			}
			c := accepted.(Conn)
			if !b.enter(c) {
				return
			}
			b.handlers.Go(func() {
				defer b.leave(c)
				handle(c)
			})
		}
	})
	t.Cleanup(b.stop)
	return b
}

// A Handmade server is one that a test builds for its purpose.
type Handmade struct {
	listener net.Listener
	handlers sync.WaitGroup
	mu       sync.Mutex
	stopped  bool
	accepted int
	open     map[Conn]bool
}

// Addr is where it listens.
func (b *Handmade) Addr() string { return b.listener.Addr().String() }

func (b *Handmade) enter(c Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		_ = c.Close()
		return false
	}
	b.accepted++
	b.open[c] = true
	return true
}

// Taken is how many connections it has accepted.
func (b *Handmade) Taken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accepted
}

func (b *Handmade) leave(c Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = c.Close()
	delete(b.open, c)
}

// Die closes the listener and every connection, as a process that ends does.
func (b *Handmade) Die() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	_ = b.listener.Close()
	for c := range b.open {
		_ = c.Close()
	}
}

// stop dies, and waits for the handlers.
func (b *Handmade) stop() {
	b.Die()
	b.handlers.Wait()
}

// Echo answers rightly, and closes rightly.
func Echo(c Conn) {
	if _, err := io.Copy(OnlyWriter{c}, c); err == nil {
		_ = c.CloseWrite()
	}
}

// OnlyWriter hides ReadFrom: io.Copy would splice.
type OnlyWriter struct{ io.Writer }
