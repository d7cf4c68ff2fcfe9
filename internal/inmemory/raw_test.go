package inmemory_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
)

// rawOf is what the server's connection tells beside its reads and writes.
func rawOf(t *testing.T, server *inmemory.Server) inmemory.Raw {
	t.Helper()
	c, err := server.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return c.(inmemory.Raw)
}

// TestRaw holds what a connection tells without a read: what has come, whether the client's end has, and what has not left.
func TestRaw(t *testing.T) {
	next := func(t *testing.T, r inmemory.Raw, bytes int, wantErr error) {
		t.Helper()
		if n, err := r.Next(); n != bytes || !errors.Is(err, wantErr) {
			t.Errorf("next are %d, %v; want %d, %v", n, err, bytes, wantErr)
		}
	}
	const flight = time.Second
	inBubble(t, "an end that comes with the last bytes", flight, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		r := rawOf(t, server)
		next(t, r, 0, os.ErrDeadlineExceeded)
		write(t, client, "hello")
		_ = client.CloseWrite()
		began := time.Now()
		if !r.HungUp() || time.Since(began) != flight {
			t.Error("the end did not come, after", time.Since(began))
		}
		next(t, r, 5, nil)
		expect(t, server, "hello", nil)
		next(t, r, 0, nil)
		expect(t, server, "", io.EOF)
		if began = time.Now(); !r.HungUp() || time.Since(began) != 0 { // as a read would fail again at once
			t.Error("the end that was read has not come any more, after", time.Since(began))
		}
	})
	inBubble(t, "an end that comes later", flight, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		r := rawOf(t, server)
		write(t, client, "hello")
		if r.HungUp() {
			t.Error("the end has come before it was sent")
		}
		expect(t, server, "hello", nil)
		_ = client.CloseWrite()
		next(t, r, 0, os.ErrDeadlineExceeded)
		if !r.HungUp() {
			t.Error("the end did not come")
		}
	})
	inBubble(t, "a deadline, a reset and a close", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		r := rawOf(t, server)
		_ = server.SetReadDeadline(time.Now().Add(flight))
		if r.HungUp() {
			t.Error("nothing has come")
		}
		_ = server.SetReadDeadline(time.Time{})
		_ = client.Abort()
		if r.HungUp() {
			t.Error("a reset is taken for an end")
		}
		next(t, r, 0, syscall.ECONNRESET)
		_ = server.Close()
		next(t, r, 0, net.ErrClosed)
	})
	inBubble(t, "what has not come to the client", flight, func(t *testing.T, _ *inmemory.TCP, server *inmemory.Server) {
		r := rawOf(t, server)
		_, _ = server.Write([]byte("answer"))
		if n := r.Unsent(); n != 6 {
			t.Errorf("%d bytes are on their way", n)
		}
		time.Sleep(3 * flight)
		if n := r.Unsent(); n != 0 {
			t.Errorf("%d bytes are on their way", n)
		}
		if r.Control(nil) == nil || r.Read(nil) == nil || r.Write(nil) == nil {
			t.Error("it has a descriptor")
		}
	})
}
