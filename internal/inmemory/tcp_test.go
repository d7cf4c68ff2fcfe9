package inmemory_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/kernel"
)

// inBubble runs the test on a connection to a listener from which a segment is on its way for so long.
func inBubble(t *testing.T, name string, flight time.Duration, test func(t *testing.T, client *inmemory.TCP, server *inmemory.Server)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := inmemory.ListenTCP(flight)
			client, err := l.Connect(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			accepted, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			test(t, client, accepted.(*inmemory.Server))
		})
	})
}

// write writes the text from the client's end.
func write(t *testing.T, c *inmemory.TCP, text string) {
	t.Helper()
	if n, err := c.WriteMore([]byte(text), false); n != len(text) || err != nil {
		t.Fatalf("%d bytes: %v", n, err)
	}
}

// expect reads n bytes at most, and compares the error.
func expect(t *testing.T, r interface{ Read([]byte) (int, error) }, want string, wantErr error) {
	t.Helper()
	b := make([]byte, 100)
	n, err := r.Read(b)
	if string(b[:n]) != want || !errors.Is(err, wantErr) {
		t.Errorf("read %q, %v; want %q, %v", b[:n], err, want, wantErr)
	}
}

// TestEnds holds what each end of a connection sees of how the other closed it.
func TestEnds(t *testing.T) {
	inBubble(t, "a close is a FIN behind the last byte", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		write(t, client, "hello")
		_ = client.Close()
		expect(t, server, "hello", nil)
		expect(t, server, "", io.EOF)
		if _, err := server.Write([]byte("answer")); err != nil { // which is answered by a RST
			t.Error(err)
		}
		if _, err := server.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("a write to who has left: %v", err)
		}
		expect(t, server, "", io.EOF)
	})
	inBubble(t, "a close is a RST where bytes were not read", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		write(t, client, "unread")
		_, _ = server.Write([]byte("answer"))
		_ = server.Close()
		expect(t, client, "answer", nil)
		expect(t, client, "", syscall.ECONNRESET)
		if fin, reset := client.Ended(); fin || !reset {
			t.Errorf("fin %t, reset %t", fin, reset)
		}
		if _, err := client.WriteMore([]byte("x"), false); !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
		if _, err := client.Look(); err != kernel.ErrNoEndpoint {
			t.Errorf("the server's end is seen: %v", err)
		}
	})
	inBubble(t, "the client's too", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		_, _ = server.Write([]byte("unread"))
		write(t, client, "hello")
		_ = client.Close()
		expect(t, server, "hello", nil)
		expect(t, server, "", syscall.ECONNRESET)
		if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
	})
	inBubble(t, "an abort is a RST", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		_ = client.Abort()
		expect(t, server, "", syscall.ECONNRESET)
		if err := client.Abort(); err != net.ErrClosed {
			t.Error(err)
		}
	})
	inBubble(t, "no linger", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		_ = server.SetLinger(0)
		_ = server.Close()
		expect(t, client, "", syscall.ECONNRESET)
	})
	inBubble(t, "a half-close leaves the other half", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		_ = client.CloseWrite()
		expect(t, server, "", io.EOF)
		_, _ = server.Write([]byte("answer"))
		expect(t, client, "answer", nil)
		_ = server.CloseWrite()
		expect(t, client, "", io.EOF)
		if _, err := server.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Error(err)
		}
	})
	inBubble(t, "an end of one's own", 0, func(t *testing.T, _ *inmemory.TCP, server *inmemory.Server) {
		_ = server.Close()
		expect(t, server, "", net.ErrClosed)
		if err := errors.Join(server.Close(), server.CloseWrite(), server.SetDeadline(time.Now())); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

// TestDeadlines end the waits of the server when they are to end, also where they are moved meanwhile.
func TestDeadlines(t *testing.T) {
	inBubble(t, "read", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		begun := time.Now()
		_ = server.SetReadDeadline(begun.Add(time.Second))
		expect(t, server, "", os.ErrDeadlineExceeded)
		if took := time.Since(begun); took != time.Second {
			t.Errorf("it took %v", took)
		}
		_ = server.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Minute, func() { _ = server.SetReadDeadline(time.Unix(1, 0)) })
		expect(t, server, "", os.ErrDeadlineExceeded)
		_ = server.SetDeadline(time.Time{})
		write(t, client, "hello")
		expect(t, server, "hello", nil)
	})
	inBubble(t, "write", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		begun := time.Now()
		_ = server.SetWriteDeadline(begun.Add(time.Second))
		n, err := server.Write(make([]byte, inmemory.Room+1))
		if took := time.Since(begun); n != inmemory.Room || !errors.Is(err, os.ErrDeadlineExceeded) || took != time.Second {
			t.Errorf("%d bytes after %v: %v", n, took, err)
		}
		if e, err := client.Look(); err != nil || e.Unsent != inmemory.SendBuffer {
			t.Errorf("%+v, %v: what the client's kernel has no room for waits in the server's", e, err)
		}
	})
}

// TestFlight has every segment, its acknowledgement and the word of new room take the way, and come in the order in which they left.
func TestFlight(t *testing.T) {
	const flight = 25 * time.Millisecond
	inBubble(t, "", flight, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		begun := time.Now()
		at := func(want time.Duration) {
			t.Helper()
			if got := time.Since(begun); got != want {
				t.Errorf("at %v, want %v", got, want)
			}
		}
		for _, part := range []string{"in ", "order"} {
			write(t, client, part)
		}
		_ = client.CloseWrite()
		all, err := io.ReadAll(server)
		if at(flight); string(all) != "in order" || err != nil {
			t.Errorf("%q, %v", all, err)
		}
		if n := client.Unacknowledged(); n != len("in order")+1 {
			t.Errorf("%d are not acknowledged before the way back", n)
		}
		time.Sleep(flight)
		synctest.Wait()
		if n := client.Unacknowledged(); n != 0 {
			t.Errorf("%d are not acknowledged", n)
		}
		answer := bytes.Repeat([]byte("long"), inmemory.Room/4)
		go func() { _, _ = server.Write(answer); _ = server.Close() }()
		got := make([]byte, len(answer))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, answer) {
			t.Error(err)
		}
		at(2*flight + 3*flight) // the second half leaves when there is known to be room
		if client.RoundTrip() != 2*flight {
			t.Error(client.RoundTrip())
		}
		client.Nap(1)
		at(5*flight + flight/50)
	})
}

// TestPeek: what has arrived can be looked at, and is read afterwards; what is on its way cannot.
func TestPeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inmemory.NewTCP()
		c.Flight = time.Second
		s := c.Server()
		look := func(want string) {
			t.Helper()
			if came := s.Peek(); string(came) != want {
				t.Errorf("%q, want %q", came, want)
			}
		}
		write := func(text string) {
			if _, err := c.WriteMore([]byte(text), false); err != nil {
				t.Fatal(err)
			}
		}
		write("ab")
		look("")
		time.Sleep(time.Second + 1) // until it has arrived
		write("c")
		look("ab")
		buf := make([]byte, 1)
		if n, err := s.Read(buf); n != 1 || err != nil || buf[0] != 'a' {
			t.Errorf("%q, %v", buf[:n], err)
		}
		time.Sleep(time.Second + 1) // until it has arrived
		look("bc")
	})
}

// TestConnect takes the way there and back, and is refused where nobody listens.
func TestConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inmemory.ListenTCP(time.Second)
		begun := time.Now()
		c, err := l.Connect(t.Context(), 100)
		if err != nil || time.Since(begun) != 2*time.Second || c.Answer.ReceiveBuffer != 100 {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Connect(short, 0); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		_ = l.Close()
		if _, err := l.Accept(); err != net.ErrClosed {
			t.Error(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if _, reset := c.Ended(); !reset {
			t.Error("who waited to be accepted was not reset")
		}
		if _, err := l.Connect(t.Context(), 0); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
	})
}

// TestFullQueue has who asks for one connection too many ask again a second later.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := inmemory.ListenTCP(0)
		for range 4096 {
			if _, err := l.Connect(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(1500*time.Millisecond, func() { _, _ = l.Accept() })
		begun := time.Now()
		if _, err := l.Connect(t.Context(), 0); err != nil || time.Since(begun) != 2*time.Second+10*time.Microsecond {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// TestElsewhere shows no server's end.
func TestElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := inmemory.ListenTCP(0).Elsewhere().Connect(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Look(); err != kernel.ErrNoEndpoint {
			t.Error(err)
		}
	})
}

// TestRoom is made known when half of the buffer was read, as kernels do.
func TestRoom(t *testing.T) {
	inBubble(t, "", 0, func(t *testing.T, client *inmemory.TCP, server *inmemory.Server) {
		go func() { _, _ = server.Write(make([]byte, inmemory.Room)) }()
		synctest.Wait()
		for _, step := range []struct {
			read   int
			unsent uint32
		}{
			{inmemory.ReceiveBuffer/2 - 1, inmemory.SendBuffer},
			{1, inmemory.SendBuffer / 2},
			{1, inmemory.SendBuffer / 2},
		} {
			if _, err := io.ReadFull(client, make([]byte, step.read)); err != nil {
				t.Fatal(err)
			}
			if e, err := client.Look(); err != nil || e.Unsent != step.unsent {
				t.Errorf("%d bytes later: %+v, %v, want %d unsent", step.read, e, err, step.unsent)
			}
		}
	})
}
