package judge

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// main runs the tests or, when its first argument is "serve", the reference server or the one of that role, at an address: the test
// binary is its own server under test where one must be started and stopped.
func main(m *testing.M, roles map[string]func(addr string) error) {
	if len(os.Args) == 5 && os.Args[1] == "serve" {
		serve := roles[os.Args[2]]
		if serve == nil {
			serve = func(addr string) error {
				asked, stop := untilAsked()
				defer stop()
				return serveFault(asked, os.Args[2], os.Args[3], reference.Config{Addr: addr}, 3*time.Second)
			}
		}
		if err := serve(os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// A test in which a right server has less than a second is not parallel: under the race detector, others that move
	// megabytes hold up this process for as long.
	_ = flag.Set("test.parallel", strconv.Itoa(3*runtime.GOMAXPROCS(0))) // unless the command line says: they wait, mostly
	os.Exit(m.Run())
}

// serveFault serves until SIGTERM, or until stopped is done, which has the server stop as that does. It has so long for what is in
// progress.
func serveFault(stopped context.Context, fault, dialect string, cfg reference.Config, patience time.Duration) error {
	s, err := newServer(fault, dialect, cfg)
	if err != nil {
		return err
	}
	if err := s.Listen(); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	select {
	case err := <-served:
		return err
	case <-stopped.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// untilAsked is done when the process is asked to stop.
func untilAsked() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
}

// accepting gives each connection to serve, and closes it afterwards, until the listener is closed.
func accepting(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			serve(c)
		}()
	}
}

// table leaves out, with -short, a test that is a table of servers: the race detector, which takes far longer, sees one of them
// elsewhere.
func table(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it is a table of servers: the race detector sees one elsewhere")
	}
}

// A server is the reference server, right or faulty.
type server = faulty.Server

// newServer makes a server of the dialect, with the fault of that name unless it is "right".
func newServer(fault, dialect string, cfg reference.Config) (server, error) {
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

// launcher starts this binary's serve.
func launcher(t testing.TB, fault, dialect string) *target.Launcher {
	t.Helper()
	return launcherWith(t, fault, dialect, target.LauncherOptions{})
}

// launcherWith starts this binary's serve by the options.
func launcherWith(t testing.TB, fault, dialect string, o target.LauncherOptions) *target.Launcher {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Env = append(o.Env, "GORACE=atexit_sleep_ms=0") // a binary with the race detector would take a second to end
	l, err := target.NewLauncherArgs([]string{exe, "serve", fault, dialect, "{host}:{port}"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// inProcess is a config for a server of this process, right or faulty, which
// can be started as a process of its own too.
func inProcess(t testing.TB, fault, dialect string) Config {
	t.Helper()
	return inProcessWith(t, fault, dialect, reference.Config{})
}

// inProcessWith is inProcess with the server's own settings.
func inProcessWith(t testing.TB, fault, dialect string, cfg reference.Config) Config {
	t.Helper()
	s, err := newServer(fault, dialect, cfg)
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
	tg := target.InProcess(fault, s.Addr().String(), stop, launcher(t, fault, dialect), 0)
	t.Cleanup(func() {
		// What a faulty server still holds open is closed the hard way, and is no fault of the suite's.
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = tg.Close(ctx)
		_ = s.Close()
	})
	return Config{Target: tg, Dialect: dialect, Reader: func(rw io.ReadWriter) bench.Reader { return reference.NewStreamHandler(rw, reference.Config{}) }}
}

// conn is a connection of the system, or one in memory.
type conn interface {
	net.Conn
	syscall.Conn // by which a server that stops looks what it has received
	CloseWrite() error
	SetLinger(sec int) error
	SetReadBuffer(bytes int) error
	SetNoDelay(noDelay bool) error
}

// at serves handle at a loopback address. Every connection is closed when its
// handler returns; all of them, and the listener, end with the test.
func at(t testing.TB, handle func(c conn)) *handmade {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return on(t, l, handle)
}

// on is at on a listener.
func on(t testing.TB, l net.Listener, handle func(c conn)) *handmade {
	b := &handmade{listener: l, open: map[conn]bool{}}
	b.handlers.Go(func() {
		for {
			accepted, err := l.Accept()
			if err != nil {
				return
			}
			c := accepted.(conn)
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

// A handmade server is one that a test builds for its purpose.
type handmade struct {
	listener net.Listener
	handlers sync.WaitGroup
	mu       sync.Mutex
	stopped  bool
	accepted int
	open     map[conn]bool
}

func (b *handmade) addr() string { return b.listener.Addr().String() }

func (b *handmade) enter(c conn) bool {
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

// taken is how many connections it has accepted.
func (b *handmade) taken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accepted
}

func (b *handmade) leave(c conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = c.Close()
	delete(b.open, c)
}

// die closes the listener and every connection, as a process that ends does.
func (b *handmade) die() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	_ = b.listener.Close()
	for c := range b.open {
		_ = c.Close()
	}
}

// stop dies, and waits for the handlers.
func (b *handmade) stop() {
	b.die()
	b.handlers.Wait()
}

// echo answers rightly, and closes rightly.
func echo(c conn) {
	if _, err := io.Copy(onlyWriter{c}, c); err == nil {
		_ = c.CloseWrite()
	}
}

// onlyWriter hides ReadFrom: io.Copy would splice.
type onlyWriter struct{ io.Writer }

// judge runs the suite; where that takes the machine's time, it is bounded.
func judge(t testing.TB, cfg Config) *report.Report {
	t.Helper()
	ctx := t.Context()
	if cfg.Connect == nil {
		ctx = realtime.Bounded(t)
	}
	rep, err := Judge(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("the run did not end by itself: %s", rep.Sentence)
	}
	complete(t, rep)
	return rep
}

// complete holds what is true of every report.
func complete(t testing.TB, rep *report.Report) {
	t.Helper()
	for _, r := range rep.Results {
		if r.ID == "" || r.Verdict == "" {
			t.Errorf("a result has no id or no verdict: %+v", r)
		}
		broken := r.Verdict == report.Fail || r.Verdict == report.Warn
		if broken && (r.Failure == nil || r.Reason == "" || r.Failure.Again == "" || r.Failure.Case == "" || r.Failure.Runs < 1 || r.Failure.Failed < 1 || r.Failure.Failed > r.Failure.Runs) {
			t.Errorf("%s is broken, and its evidence is incomplete: %q %+v", r.ID, r.Reason, r.Failure)
		}
		if r.Verdict == report.Pass && (r.Failure != nil || r.Cases == 0) {
			t.Errorf("%s passed with %d checks and this failure: %+v", r.ID, r.Cases, r.Failure)
		}
		if (r.Verdict == report.Skip || r.Verdict == report.Inconclusive) && r.Reason == "" {
			t.Errorf("%s is %s for no reason", r.ID, r.Verdict)
		}
		if r.Cuts.Confirmed > r.Cuts.Made {
			t.Errorf("%s confirmed %d of %d cuts", r.ID, r.Cuts.Confirmed, r.Cuts.Made)
		}
	}
}

// having are the ids of the results with one of these verdicts, in order.
func having(rep *report.Report, of ...report.Verdict) (ids []string) {
	for _, r := range rep.Results {
		if slices.Contains(of, r.Verdict) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// result is the one of that id.
func result(t testing.TB, rep *report.Report, id string) report.Result {
	t.Helper()
	for _, r := range rep.Results {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("there is no result of %s: %s", id, rep.Sentence)
	return report.Result{}
}

// told is what a report says of everything that did not pass, for a test that fails.
func told(rep *report.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", rep.Sentence, rep.Trouble)
	for _, r := range rep.Results {
		if r.Verdict != report.Pass && r.Verdict != report.Info {
			fmt.Fprintf(&b, "  %-8s %-12s %s\n", r.ID, r.Verdict, r.Reason)
		}
	}
	return b.String()
}
