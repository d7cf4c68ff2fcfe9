//go:build unix

package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/realtime"
)

// TestMain runs the tests, or, when the first argument is "serve", a little
// server: this binary is its own server under test.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "serve" {
		serve(os.Args[2], os.Args[3], os.Args[4:])
		os.Exit(0)
	}
	code := m.Run()
	if left := kernel.Descendants(os.Getpid()); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "the tests left processes behind: %v\n", left)
		code = 1
	}
	os.Exit(code)
}

// launcher starts this binary in a role at {host}:{port}.
func launcher(t *testing.T, o LauncherOptions, role string, more ...string) *Launcher {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o.Env = append(o.Env, "GORACE=atexit_sleep_ms=0") // else a race-built server takes a second to end
	l, err := NewLauncherArgs(append([]string{exe, "serve", role, "{host}:{port}"}, more...), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start starts a role and ends it with the test.
func start(t *testing.T, o LauncherOptions, role string, more ...string) *Process {
	t.Helper()
	p, err := launcher(t, o, role, more...).Start(bounded(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// bounded is a context for what takes as long as the machine needs for it.
func bounded(t *testing.T) context.Context {
	t.Helper()
	return realtime.Bounded(t)
}

// comes waits until a thing is so, and says whether it has come to be.
func comes(t *testing.T, so func() bool) bool {
	t.Helper()
	for ctx := bounded(t); !so(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			return false
		}
	}
	return true
}

// ask sends one line and returns the answer up to the server's end of stream
// or its next line.
func ask(t *testing.T, address, line string) string {
	t.Helper()
	c, err := new(net.Dialer).DialContext(bounded(t), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	by, _ := bounded(t).Deadline()
	if err := c.SetDeadline(by); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c, "%s\n", line); err != nil {
		t.Fatal(err)
	}
	var answer strings.Builder
	for buf := make([]byte, 512); !strings.Contains(answer.String(), "\n"); {
		n, err := c.Read(buf)
		answer.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return strings.TrimSpace(answer.String())
}

// listen listens on loopback for a test.
func listen(t *testing.T, address string) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

// lowListen listens on an address of a host that nobody else will listen on when the test has stopped to: the ports that the
// system chooses come again soon.
func lowListen(t *testing.T, network, host string) *net.TCPListener {
	t.Helper()
	for range 100 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen(network, net.JoinHostPort(host, strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) { // another process has taken it meanwhile
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l.(*net.TCPListener)
	}
	t.Fatal("no port is free")
	return nil
}

// portOf returns the port of a listener.
func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// needIPv6 skips a test on a machine without ::1.
func needIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no ::1: %v", err)
	}
	_ = l.Close()
}

// running tells whether a process runs, and is no zombie.
func running(pid int) bool {
	_, err := kernel.Identify(pid)
	return err == nil
}
