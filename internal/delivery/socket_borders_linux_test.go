package delivery

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestReadNow reads what is there of a real connection, and waits for nothing.
func TestReadNow(t *testing.T) {
	for _, test := range []struct {
		name  string
		leave func(nc *net.TCPConn) error
		err   error
	}{
		{"fin", (*net.TCPConn).Close, io.EOF},
		{"reset", abort, syscall.ECONNRESET},
	} {
		t.Run(test.name, func(t *testing.T) {
			next := make(chan struct{})
			addr := serve(t, func(nc *net.TCPConn) {
				<-next
				_, _ = nc.Write([]byte("hello"))
				<-next
				_ = test.leave(nc)
			})
			c := dial(t, addr, Options{})
			b := make([]byte, 10)
			read := func(want string, end error) {
				t.Helper()
				if n, err := c.socket.ReadNow(b); string(b[:n]) != want || !errors.Is(err, end) {
					t.Errorf("%q, %v; want %q, %v", b[:n], err, want, end)
				}
			}
			read("", os.ErrDeadlineExceeded)
			next <- struct{}{}
			eventually(t, "the bytes arrive", func() bool { n, _, _ := c.Arrived(); return n == 5 })
			read("hello", nil)
			read("", os.ErrDeadlineExceeded)
			next <- struct{}{}
			eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
			read("", test.err)
			_ = c.Close()
			read("", net.ErrClosed)
		})
	}
}

// TestEndThatWasToldToAnother has the kernel tell another call that a connection has timed out: who reads is told so too, and that
// the kernel then gives the end of the stream does not make it a FIN.
func TestEndThatWasToldToAnother(t *testing.T) {
	leave := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-leave; _ = abort(nc) })
	c := dial(t, addr, Options{})
	s := c.socket.(*tcpSocket)
	if _, err := s.haveRead(0, nil); err != io.EOF {
		t.Errorf("without a failure: %v", err)
	}
	s.fin.Store(false)
	s.failure.Store(int32(unix.ETIMEDOUT))
	close(leave)
	eventually(t, "the connection is no more", func() bool { info, ok := s.info(); return ok && info.State == stateClose })
	_ = s.raw.Control(func(fd uintptr) { _, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR) }) // the kernel tells it once
	if got := c.PeerClosed(); got != StillOpen {
		t.Errorf("a connection that timed out was ended by %v", got)
	}
	if a := c.Receive(t.Context(), patiently(Want{})); !errors.Is(a.Err, unix.ETIMEDOUT) || a.Ending != StillOpen {
		t.Errorf("%+v", a)
	}
}

// TestWhatTheSystemTells asks a connection what its kernel knows, before a close and after it.
func TestWhatTheSystemTells(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if a, err := c.Exchange(t.Context(), []byte("hello"), Whole(), patiently(Want{Any: texts("hello")})); err != nil || a.State != Right {
		t.Fatal(a, err)
	}
	if n := c.socket.Unacknowledged(); n != 0 {
		t.Errorf("%d bytes of an answered request are not acknowledged", n)
	}
	if d := c.socket.RoundTrip(); d < time.Microsecond || d > hang {
		t.Errorf("a round trip of %v", d)
	}
	var keepAlive, noDelay int
	_ = c.socket.(*tcpSocket).raw.Control(func(fd uintptr) {
		keepAlive, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE)
		noDelay, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY)
	})
	if keepAlive != 0 || noDelay != 1 {
		t.Errorf("keep-alive %d, no delay %d", keepAlive, noDelay)
	}
	_ = c.Close()
	if n, d := c.socket.Unacknowledged(), c.socket.RoundTrip(); n != -1 || d != 0 {
		t.Errorf("after a close, %d bytes are not acknowledged, and a round trip takes %v", n, d)
	}
}

// descriptor is a connection of which nothing but the descriptor is there, or not even that.
type descriptor struct {
	syscall.RawConn
	fd  uintptr
	err error
}

func (d descriptor) Control(f func(fd uintptr)) error {
	if d.err == nil {
		f(d.fd)
	}
	return d.err
}

// TestReceiveBufferThatCannotBeSet says that a receive buffer was not set.
func TestReceiveBufferThatCannotBeSet(t *testing.T) {
	none := descriptor{fd: ^uintptr(0)}
	if err := setReceiveBuffer(none, 1); !errors.Is(err, syscall.EBADF) {
		t.Errorf("of no socket: %v", err)
	}
	if err := setReceiveBuffer(descriptor{err: net.ErrClosed}, 1); !errors.Is(err, net.ErrClosed) {
		t.Errorf("of a closed one: %v", err)
	}
	if err := setReceiveBuffer(none, 0); err != nil {
		t.Errorf("where it is left as it is: %v", err)
	}
}

// TestNotOfTCP does not look for the server's end of a connection of which either address is none of TCP.
func TestNotOfTCP(t *testing.T) {
	tcp, other := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 9}, &net.UnixAddr{Name: "socket", Net: "unix"}
	for _, ends := range [][2]net.Addr{{tcp, other}, {other, tcp}, {other, other}} {
		v := new(view)
		v.openTCP(ends[0], ends[1], Auto)
		if !v.blind() || !strings.HasSuffix(v.reason(), "are not of TCP") {
			t.Errorf("%v to %v: %q", ends[0], ends[1], v.reason())
		}
	}
}
