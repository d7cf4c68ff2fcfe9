package main

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference"
)

// TestLate has a line answered, and not before its time.
func TestLate(t *testing.T) {
	const late = 20 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	handler, _ := reference.HandlerFor("line")
	server := reference.NewTCPServer(reference.Config{Handler: handler})
	served := make(chan error, 1)
	go func() { served <- serve(server, slow{l.(*net.TCPListener), late}) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	began, answer := time.Now(), make([]byte, 2)
	if _, err := c.Write([]byte("a\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "a\n" || time.Since(began) < late {
		t.Errorf("%q after %s, %v", answer, time.Since(began), err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, reference.ErrServerClosed) {
		t.Errorf("it ended by %v", err)
	}
}

// TestBreaks has two clients served, and no third: it is left without an answer, reset, or refused.
func TestBreaks(t *testing.T) {
	for then, broken := range map[string]func(c net.Conn, err error) bool{
		"hang": func(c net.Conn, err error) bool {
			if err == nil {
				_, err = c.Write([]byte("a\n"))
			}
			return err == nil && errors.Is(readBy(c, time.Now().Add(20*time.Millisecond)), os.ErrDeadlineExceeded)
		},
		"reset": func(c net.Conn, err error) bool {
			return err == nil && errors.Is(readBy(c, time.Time{}), syscall.ECONNRESET)
		},
		"refuse": func(_ net.Conn, err error) bool { return errors.Is(err, syscall.ECONNREFUSED) },
	} {
		t.Run(then, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			handler, _ := reference.HandlerFor("line")
			server := reference.NewTCPServer(reference.Config{Handler: handler})
			served := make(chan error, 1)
			go func() { served <- serve(server, newBreaking(l.(*net.TCPListener), breaks{after: 2, then: then})) }()
			for range 2 {
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				answer := make([]byte, 2)
				if _, err := c.Write([]byte("a\n")); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "a\n" {
					t.Fatalf("%q, %v", answer, err)
				}
			}
			third := func() bool {
				c, err := net.Dial("tcp", l.Addr().String())
				if err == nil {
					defer c.Close()
				}
				return broken(c, err)
			}
			// The listener is closed when the second client has been accepted, which it knows before that.
			for deadline := time.Now().Add(10 * time.Second); !third(); {
				if then != "refuse" || time.Now().After(deadline) {
					t.Fatal("the third client was served, or broken otherwise")
				}
			}
			if err := server.Close(); err != nil {
				t.Error(err)
			}
			if err := <-served; !errors.Is(err, reference.ErrServerClosed) {
				t.Errorf("it ended by %v", err)
			}
		})
	}
}

// readBy reads a byte, and returns the error that it came to by then.
func readBy(c net.Conn, deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	_, err := c.Read(make([]byte, 1))
	return err
}

func TestWrongCalls(t *testing.T) {
	for _, c := range []struct {
		dialect string
		breaks  breaks
		args    []string
		says    string
	}{
		{"line", breaks{}, nil, "at which address"},
		{"line", breaks{}, []string{"127.0.0.1:0", "more"}, "at which address"},
		{"french", breaks{}, []string{"127.0.0.1:0"}, "echo, greet, line or script"},
		{"line", breaks{}, []string{"nowhere"}, "nowhere"},
		{"line", breaks{then: "hang"}, []string{"127.0.0.1:0"}, "--after, 1 or more"},
		{"line", breaks{after: 2}, []string{"127.0.0.1:0"}, "--then"},
		{"line", breaks{after: 2, then: "stop"}, []string{"127.0.0.1:0"}, `"stop": use hang`},
	} {
		if err := run(c.dialect, 0, 0, "", c.breaks, c.args); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
