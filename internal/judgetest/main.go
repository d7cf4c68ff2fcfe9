package judgetest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// Main runs the tests or, when its first argument is "serve", the server of one of the roles, or else the reference server, at an
// address: the test binary is its own server under test where one must be started and stopped. See [Launcher].
func Main(m *testing.M, roles map[string]func(addr string) error) {
	if len(os.Args) == 5 && os.Args[1] == "serve" {
		serve := roles[os.Args[2]]
		if serve == nil {
			serve = func(addr string) error {
				asked, stop := UntilAsked()
				defer stop()
				return ServeFault(asked, os.Args[2], os.Args[3], reference.Config{Addr: addr}, 3*time.Second)
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

// ServeFault serves until SIGTERM, or until stopped is done, which has the server stop as that does. It has so long for what is in
// progress.
func ServeFault(stopped context.Context, fault, dialect string, cfg reference.Config, patience time.Duration) error {
	s, err := NewServer(fault, dialect, cfg)
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

// UntilAsked is done when the process is asked to stop.
func UntilAsked() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
}

// Accepting gives each connection to serve, and closes it afterwards, until the listener is closed.
func Accepting(l net.Listener, serve func(net.Conn)) {
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

// Table leaves out, with -short, a test that is a table of servers: the race detector, which takes far longer, sees one of them
// elsewhere.
func Table(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it is a table of servers: the race detector sees one elsewhere")
	}
}
