//go:build linux

package faulty_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference/faulty"
)

// A target is a server that runs until the test ends, and how long its clients
// wait for it.
type target struct {
	faulty.Server
	patience time.Duration
}

// start serves until the test ends.
func start(t *testing.T, server faulty.Server, patience time.Duration) target {
	t.Helper()
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return target{server, patience}
}

// A client is one connection to a target.
type client struct{ *net.TCPConn }

func (s target) dial() (client, error) {
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		return client{}, err
	}
	return client{conn.(*net.TCPConn)}, conn.SetDeadline(time.Now().Add(s.patience))
}

// A turn is a part of a request, and the answer that it must get before the next
// part leaves: then the server has read all of the part.
type turn struct{ send, want string }

// converse takes the turns on one connection, half-closes and expects the end of
// the stream.
func (s target) converse(turns ...turn) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	for i, turn := range turns {
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(c, turn.send)
			if err == nil && i == len(turns)-1 {
				err = c.CloseWrite()
			}
			sent <- err
		}()
		if err := c.expect(turn.want); err != nil {
			return err
		}
		if err := <-sent; err != nil {
			return err
		}
	}
	return c.expectEnd()
}

// expect reads as many bytes as want has, and compares them.
func (c client) expect(want string) error {
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	if string(got[:n]) != want {
		return errors.Join(fmt.Errorf("answered %.80q, want %.80q", got[:n], want), err)
	}
	return err
}

// expectEnd reads the end of the stream.
func (c client) expectEnd() error {
	var more [1]byte
	if n, err := c.Read(more[:]); n > 0 || err != io.EOF {
		return fmt.Errorf("read %q, %v; want the end of the stream", more[:n], err)
	}
	return nil
}
