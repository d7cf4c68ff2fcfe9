package coverage_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/fuzz/coverage"
)

// TestHostileEndpoint is answered with things that are no answers.
func TestHostileEndpoint(t *testing.T) {
	for answer, want := range map[string]string{
		"":                                    "does not answer",
		"counters 5\nab":                      "does not answer",
		"counters 99999999999999999999\n":     "counters or error",
		"counters -1\n":                       "counters or error",
		"counters 2147483647\n":               "is the most",
		"error 5000\n":                        "is the most",
		"error 3\nno\n":                       "no coverage to give",
		"counters 4\nabcd":                    "no counter data",
		"HTTP/1.1 400 Bad Request\r\n":        "counters or error",
		strings.Repeat("counters", 10):        "counters or error",
		"counters 67108864\nand then no more": "does not answer",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := l.Accept(); err == nil {
				_, _ = bufio.NewReader(conn).ReadString('\n')
				_, _ = conn.Write([]byte(answer))
				_ = conn.Close()
			}
		}()
		e, err := coverage.Dial(t.Context(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if edges, err := e.Take(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %d edges, %v, want %q", answer, len(edges), err, want)
		}
		_, _ = e.Close(), l.Close()
	}
}

func TestDial(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	missing := filepath.Join(os.TempDir(), "no-such-socket")
	if _, err := coverage.Dial(ctx, missing); err == nil || !strings.Contains(err.Error(), coverage.Variable+"="+missing) {
		t.Errorf("a socket that is not there: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if _, err := coverage.Dial(t.Context(), strings.Repeat("long/", 60)); err == nil || time.Since(start) > 0 {
			t.Errorf("a path that is too long: %v after %s", err, time.Since(start))
		}
	})
	if _, err := coverage.Dial(t.Context(), "192.0.2.1:7"); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("another machine: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e, err := coverage.Dial(t.Context(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Take(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
}

// TestRequests says what is no request, and goes on.
func TestRequests(t *testing.T) {
	s := started(t, covered(t, "steps"), "")
	for _, request := range []string{"give\n", "take\r\n", strings.Repeat("t", 1000)} {
		conn, err := net.Dial("unix", s.socket)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(last(t))
		_, _ = conn.Write([]byte(request))
		answer, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.HasPrefix(answer, "error ") {
			t.Errorf("%.9q is answered %q", request, answer)
		}
		_ = conn.Close()
	}
	reached(t, dialed(t, s))
}
