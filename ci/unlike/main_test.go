package main

import (
	"errors"
	"io"
	"net"
	"strings"
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

func TestWrongCalls(t *testing.T) {
	for _, c := range []struct {
		dialect string
		args    []string
		says    string
	}{
		{"line", nil, "at which address"},
		{"line", []string{"127.0.0.1:0", "more"}, "at which address"},
		{"french", []string{"127.0.0.1:0"}, "echo, greet, line or script"},
		{"line", []string{"nowhere"}, "nowhere"},
	} {
		if err := run(c.dialect, 0, 0, "", c.args); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
