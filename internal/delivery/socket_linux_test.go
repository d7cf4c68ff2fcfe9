package delivery

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What the kernel tells of a real connection, in the order in which things happen: nothing here is timed, and all of it may
// run beside other tests.

// TestAnsweredAsTheKernelHasIt: the answer took as long as the server waited with it, and not until its client looked.
func TestAnsweredAsTheKernelHasIt(t *testing.T) {
	const pause, granule = 60 * time.Millisecond, 12 * time.Millisecond // the kernel counts in ticks
	answered := make(chan time.Time, 1)
	addr := serve(t, func(nc *net.TCPConn) {
		_, _ = nc.Read(make([]byte, 1))
		time.Sleep(pause)
		_, _ = nc.Write([]byte("b"))
		answered <- time.Now()
		_, _ = nc.Read(make([]byte, 1)) // until the client leaves
	})
	c := dial(t, addr, Options{})
	began := time.Now()
	if err := c.Send(t.Context(), []byte("a")); err != nil {
		t.Fatal(err)
	}
	end := <-answered
	time.Sleep(5 * pause) // as a client that is kept from running
	if a := c.Receive(t.Context(), patiently(Want{Any: texts("b")})); a.State != Right {
		t.Fatalf("%+v", a)
	}
	if took, ok := c.Answered(); !ok || took < pause-granule || took > end.Sub(began)+granule {
		t.Errorf("%v, %v: the server answered within %v", took, ok, end.Sub(began))
	}
}

// TestEndings tells FIN and RST apart, with data before them and without, before they are read and after.
func TestEndings(t *testing.T) {
	for _, data := range []string{"", "hello"} {
		for _, test := range []struct {
			name  string
			leave func(nc *net.TCPConn) error
			want  ServerEnd
		}{
			{"fin", (*net.TCPConn).Close, FIN},
			{"half-close", (*net.TCPConn).CloseWrite, FIN},
			{"reset", abort, RST},
		} {
			t.Run(test.name+" after "+data, func(t *testing.T) {
				addr := serve(t, func(nc *net.TCPConn) {
					_, _ = nc.Write([]byte(data))
					_, _ = nc.Read(make([]byte, 1)) // what the client says once the data has arrived
					_ = test.leave(nc)
				})
				for _, asked := range []string{"asked before", "not asked"} {
					c := dial(t, addr, Options{})
					eventually(t, "the data arrives", func() bool { n, _, _ := c.Arrived(); return n == uint64(len(data)) })
					if got := c.PeerClosed(); got != StillOpen {
						t.Errorf("%s: open, and ended by %v", asked, got)
					}
					if err := c.Send(t.Context(), []byte("x")); err != nil {
						t.Fatal(err)
					}
					if asked == "asked before" {
						eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
						if got := c.PeerClosed(); got != test.want {
							t.Errorf("%s: ended by %v", asked, got)
						}
						if n, _, ok := c.Arrived(); !ok || n != uint64(len(data)) {
							t.Errorf("%s: %d bytes arrived, %v", asked, n, ok)
						}
					}
					a := c.Receive(t.Context(), patiently(Want{Any: texts(data), ToEnd: true}))
					if a.State != Right || a.Match != 0 || a.Ending != test.want || a.TimedOut || a.Err != nil || string(a.Head) != data {
						t.Errorf("%s: %+v", asked, a)
					}
					if again := c.Receive(t.Context(), patiently(Want{})); again.Ending != test.want {
						t.Errorf("%s: the second time %+v", asked, again)
					}
					if got := c.PeerClosed(); got != test.want {
						t.Errorf("%s: afterwards %v", asked, got)
					}
				}
			})
		}
	}
}

// TestEndingAfterHalfClose has both sides end their streams, so that the kernel keeps nothing but the end.
func TestEndingAfterHalfClose(t *testing.T) {
	for _, want := range []ServerEnd{FIN, RST} {
		addr := serve(t, func(nc *net.TCPConn) {
			_, _ = io.Copy(io.Discard, nc)
			_, _ = nc.Write([]byte("bye"))
			if want == RST {
				_ = abort(nc)
			}
			_ = nc.Close()
		})
		c := dial(t, addr, Options{})
		if err := c.HalfClose(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
		if got := c.PeerClosed(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
		if n, segments, ok := c.Arrived(); n != 3 || segments != 1 || !ok {
			t.Errorf("%d bytes in %d segments, %v", n, segments, ok)
		}
		if a := c.Receive(t.Context(), patiently(Want{ToEnd: true, Any: texts("bye")})); a.State != Right || a.Ending != want {
			t.Errorf("%+v, want %v", a, want)
		}
	}
}

// TestResetAfterFIN sends to a server that has closed: the RST that answers does not make its FIN undone.
func TestResetAfterFIN(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) { _, _ = nc.Write([]byte("bye")); _ = nc.Close() })
	c := dial(t, addr, Options{})
	// Without asking before: the order must come from the kernel alone.
	eventually(t, "the server's FIN", func() bool { info, ok := c.socket.(*tcpSocket).info(); return ok && finReceived(info.State) })
	if _, err := c.socket.WriteMore([]byte("x"), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server's RST", func() bool { info, ok := c.socket.(*tcpSocket).info(); return ok && info.State == stateClose })
	if got := c.PeerClosed(); got != FIN {
		t.Errorf("%v", got)
	}
	if a := c.Receive(t.Context(), patiently(Want{ToEnd: true, Any: texts("bye")})); a.State != Right || a.Ending != FIN {
		t.Errorf("%+v", a)
	}
}

func TestArrivedCountsSegments(t *testing.T) {
	next := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		for range next {
			_, _ = nc.Write([]byte("abc"))
		}
	})
	c := dial(t, addr, Options{})
	for i := range uint64(5) {
		if n, segments, ok := c.Arrived(); n != 3*i || uint64(segments) != i || !ok {
			t.Errorf("after %d writes %d bytes in %d segments, %v", i, n, segments, ok)
		}
		next <- struct{}{}
		eventually(t, "the segment arrives", func() bool { n, _, _ := c.Arrived(); return n > 3*i })
	}
	close(next)
	eventually(t, "the server closes", func() bool { return c.PeerClosed() == FIN })
	if n, segments, _ := c.Arrived(); n != 15 || segments != 5 {
		t.Errorf("after the end %d bytes in %d segments", n, segments)
	}
	_ = c.Close()
	if _, _, ok := c.Arrived(); ok {
		t.Error("a closed connection tells")
	}
}

// TestResetInBlockedSend has the server abort the connection while a segment waits for room.
func TestResetInBlockedSend(t *testing.T) {
	sent := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-sent; _ = abort(nc) })
	c := dial(t, addr, Options{})
	go func() {
		defer close(sent)
		for c.socket.Unacknowledged() == 0 { // no more is taken once some stays unacknowledged
			time.Sleep(time.Millisecond)
		}
	}()
	n, err := cause(t, c.Send(t.Context(), make([]byte, 64<<20)))
	if err != syscall.ECONNRESET || n == 0 {
		t.Errorf("%d bytes: %v", n, err)
	}
	// The error was told to the sending; who reads must learn of it all the same.
	if a := c.Receive(t.Context(), patiently(Want{})); a.Ending != RST {
		t.Errorf("%+v", a)
	}
	if c.PeerClosed() != RST {
		t.Errorf("%v", c.PeerClosed())
	}
}

// TestEnds has the server count the segments that brought the request and its end.
func TestEnds(t *testing.T) {
	const established = 1
	for _, test := range []struct {
		end      ClientEnd
		segments uint32 // after the SYN and the ACK of the handshake
		err      error
	}{
		{Open, 1, nil},
		{HalfCloseWithData, 1, io.EOF},
		{HalfClose, 2, io.EOF},
		{Reset, 2, syscall.ECONNRESET},
	} {
		t.Run(test.end.String(), func(t *testing.T) {
			played, done := make(chan struct{}), make(chan struct{})
			addr := serve(t, func(nc *net.TCPConn) {
				defer close(done)
				defer nc.Close()
				if _, err := io.ReadFull(nc, make([]byte, 5)); err != nil {
					t.Error(err)
				}
				<-played
				if test.err != nil {
					if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, test.err) {
						t.Errorf("the server's last read: %v", err)
					}
				}
				if info := infoOf(t, nc); info.Segs_in != 2+test.segments || (info.State == established) != (test.err == nil) {
					t.Errorf("%d segments, state %d", info.Segs_in, info.State)
				}
			})
			c := dial(t, addr, Options{})
			if err := c.Play(t.Context(), []byte("hello"), Whole().WithEnd(test.end)); err != nil {
				t.Error(err)
			}
			close(played)
			<-done
		})
	}
}

// infoOf returns the kernel's account of a server's end.
func infoOf(tb testing.TB, nc *net.TCPConn) *unix.TCPInfo {
	raw, err := nc.SyscallConn()
	if err != nil {
		tb.Fatal(err)
	}
	info, ok := (&tcpSocket{TCPConn: nc, raw: raw}).info()
	if !ok {
		tb.Error("the kernel does not tell")
		return new(unix.TCPInfo)
	}
	return info
}

func TestDialRefused(t *testing.T) {
	const addr = "127.0.0.1:1" // on which nobody listens
	if _, err := Dial(t.Context(), addr, Options{}); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
	if _, err := Dial(t.Context(), "nonsense", Options{}); err == nil {
		t.Error("an address without a port")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dial(ctx, addr, Options{}); err == nil {
		t.Error("a context that has ended")
	}
}

// TestSelfConnect connects to a port of the ephemeral range, on which nothing listens, until TCP meets itself.
func TestSelfConnect(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	l.Close()
	// Binding the client to the server's address is what the system's choice of a port does now and then.
	d := net.Dialer{LocalAddr: addr}
	nc, err := d.DialContext(t.Context(), "tcp4", addr.String())
	if err != nil {
		t.Skipf("TCP does not meet itself here: %v", err)
	}
	c, err := newConn(nc.(*net.TCPConn), Options{}.withDefaults(), time.Now())
	if c != nil || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v", err)
	}
}

func TestReceiveBuffer(t *testing.T) {
	c := dial(t, serve(t, echo), Options{ReceiveBuffer: 8 << 10})
	var size int
	_ = c.socket.(*tcpSocket).raw.Control(func(fd uintptr) { size, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF) })
	if size != 16<<10 { // the kernel doubles it
		t.Errorf("%d bytes", size)
	}
}

// TestMaxSegment: a server's kernel takes much less of an answer that goes in small segments, and none of it goes in larger ones.
func TestMaxSegment(t *testing.T) {
	const size = 16 << 20
	ends := make(chan *net.TCPConn, 1)
	addr := serve(t, func(nc *net.TCPConn) {
		ends <- nc
		_, _ = nc.Write(make([]byte, size)) // the client sees how far it comes
	})
	taken := func(o Options) int64 {
		c := dial(t, addr, o)
		if !c.Sees() {
			t.Skip("the server's end cannot be seen")
		}
		end := <-ends
		eventually(t, "the client's window is full", func() bool {
			info := infoOf(t, end)
			return info.Unacked == 0 && info.Notsent_bytes > 0
		})
		n, ok := c.Written()
		if !ok {
			t.Fatal("not seen")
		}
		if o.MaxSegment > 0 {
			if bytes, segments, _ := c.Arrived(); int64(segments)*int64(o.MaxSegment) < int64(bytes) {
				t.Errorf("%d bytes in %d segments", bytes, segments)
			}
		}
		return n
	}
	whole, small := taken(Options{ReceiveBuffer: 16 << 10}), taken(Options{ReceiveBuffer: 16 << 10, MaxSegment: 256})
	// It is 384 KB, and up to 1,065 KB where the kernel remembers of this address that segments changed their order.
	if small < 8<<10 || small > 1200<<10 || whole < 2*small || whole >= size {
		t.Errorf("%d bytes, %d in small segments", whole, small)
	}
}

// TestAfterClose returns what a closed connection answers.
func TestAfterClose(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{c.Close(), c.Reset(), c.Receive(t.Context(), Want{}).Err} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the close: %v", err)
		}
	}
}
