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

func TestPlayTimeline(t *testing.T) {
	c := dial(t, serve(t, echo), Options{Number: 7})
	plan := Plan{Cuts: []Cut{{At: 2, Pause: 5 * time.Millisecond}, {At: 3}}, End: HalfClose}
	a, err := c.Exchange(t.Context(), []byte("hello"), plan, Want{Any: [][]byte{[]byte("hello")}, ToEnd: true})
	if err != nil || a.State != Right || a.Ending != FIN || a.TimedOut {
		t.Fatalf("%+v, %v", a, err)
	}
	events := c.Timeline()
	var sent string
	for i, e := range events {
		if e.Conn != 7 || i > 0 && e.At < events[i-1].At {
			t.Errorf("event %d is %+v", i, e)
		}
		if e.Kind == KindSend {
			sent += string(e.Bytes) + "|"
		}
	}
	if sent != "he|l|lo|" {
		t.Errorf("sent %s", sent)
	}
	const want = "connect send cut pause send cut send cut fin"
	if got := kinds(events); len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("%s", got)
	}
	if last := events[len(events)-1].Kind; last != KindReceivedFIN {
		t.Errorf("the last event is %s", last)
	}
}

// TestCutInPause has the server read while the client pauses, when more than the cap has passed: the cut is confirmed all the
// same, and the pause begins there. Where the server never reads, the pause passes once.
func TestCutInPause(t *testing.T) {
	t.Parallel()
	const late, pause = 100 * time.Millisecond, time.Second
	for name, test := range map[string]struct {
		reads bool
		want  CutCount
		least time.Duration
		kinds string
	}{
		"read late":  {true, CutCount{1, 1}, late + pause, "connect send cut pause send"},
		"never read": {false, CutCount{1, 0}, pause, "connect send cut send"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := make(chan struct{})
			c := dial(t, serve(t, func(nc *net.TCPConn) {
				select {
				case <-read:
					_, _ = io.Copy(io.Discard, nc)
				case <-t.Context().Done():
				}
			}), Options{ConfirmCap: time.Millisecond})
			begun := time.Now()
			if test.reads {
				time.AfterFunc(late, func() { close(read) })
			}
			if err := c.Play(t.Context(), []byte("hello"), CutAt(2).WithPause(pause)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took < test.least {
				t.Errorf("it took %v", took)
			}
			if got := c.Cuts(); got != test.want {
				t.Errorf("%+v", got)
			}
			if got := kinds(c.Timeline()); got != test.kinds {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestPlayRefusesPlan(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if sent, err := cause(t, c.Play(t.Context(), []byte("hello"), CutAt(5))); sent != 0 || err == nil {
		t.Errorf("%d, %v", sent, err)
	}
	a, err := c.Exchange(t.Context(), []byte("hello"), CutAt(5), Want{Any: [][]byte{[]byte("hello")}})
	if sent, err := cause(t, err); sent != 0 || err == nil || a.Total != 0 || a.State != Short {
		t.Errorf("%d, %v, %+v", sent, err, a)
	}
	if got := kinds(c.Timeline()); got != "connect" {
		t.Errorf("%s", got)
	}
}

func TestPlayServerLeavesEarly(t *testing.T) {
	for _, test := range []struct {
		name  string
		leave func(nc *net.TCPConn) error
		want  error
	}{
		{"fin", (*net.TCPConn).Close, ErrClosedEarly},
		{"half-close", (*net.TCPConn).CloseWrite, ErrClosedEarly},
		{"reset", abort, syscall.ECONNRESET},
	} {
		t.Run(test.name, func(t *testing.T) {
			addr := serve(t, func(nc *net.TCPConn) {
				_, _ = io.ReadFull(nc, make([]byte, 3))
				_ = test.leave(nc)
			})
			c := dial(t, addr, Options{ConfirmCap: time.Minute})
			begun := time.Now()
			sent, err := cause(t, c.Play(t.Context(), pattern(1000), EveryByte(1000)))
			// The server may leave while the fourth byte is on its way, which its system then answers with a reset.
			crossed := test.name == "fin" && errors.Is(err, syscall.ECONNRESET)
			if !errors.Is(err, test.want) && !crossed || sent < 3 || sent > 5 {
				t.Errorf("%d bytes: %v", sent, err)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if ending := c.Receive(t.Context(), Want{}).Ending; (ending == RST) != (test.want == syscall.ECONNRESET) && test.name != "fin" {
				t.Errorf("received %v", ending)
			}
		})
	}
}

// TestPlayServerLeavesAfterwards ends a stream that the server ended before: that is no error of the play.
func TestPlayServerLeavesAfterwards(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) {
		_, _ = io.ReadFull(nc, make([]byte, 5))
		_ = nc.Close()
	})
	c := dial(t, addr, Options{ConfirmCap: time.Minute})
	if err := c.Play(t.Context(), []byte("hello"), CutAt(2).WithEnd(HalfClose)); err != nil {
		t.Error(err)
	}
	if a := c.Receive(t.Context(), Want{ToEnd: true, Any: [][]byte{nil}}); a.State != Right || a.Ending != FIN {
		t.Errorf("%+v", a)
	}
}

// TestResetInBlockedSend has the server abort the connection while a segment waits for room.
func TestResetInBlockedSend(t *testing.T) {
	sent := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-sent; _ = abort(nc) })
	c := dial(t, addr, Options{})
	go func() {
		defer close(sent)
		for c.socket.unacknowledged() == 0 { // no more is taken once some stays unacknowledged
			time.Sleep(time.Millisecond)
		}
	}()
	n, err := cause(t, c.Send(within(t, 20*time.Second), make([]byte, 64<<20)))
	if err != syscall.ECONNRESET || n == 0 {
		t.Errorf("%d bytes: %v", n, err)
	}
	// The error was told to the sending; who reads must learn of it all the same.
	if a := c.Receive(t.Context(), Want{}); a.Ending != RST {
		t.Errorf("%+v", a)
	}
	if c.PeerClosed() != RST {
		t.Errorf("%v", c.PeerClosed())
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	gone := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-gone; nc.Close() })
	defer close(gone)
	for name, play := range map[string]func(c *Conn, ctx context.Context) error{
		"in a segment": func(c *Conn, ctx context.Context) error { return c.Play(ctx, make([]byte, 64<<20), Whole()) },
		"in a cut":     func(c *Conn, ctx context.Context) error { return c.Play(ctx, []byte("hello"), CutAt(2)) },
		"in a pause": func(c *Conn, ctx context.Context) error {
			c.options.ConfirmCap = time.Millisecond
			return c.Play(ctx, []byte("hello"), CutAt(2).WithPause(time.Minute))
		},
		"before the end": func(c *Conn, ctx context.Context) error {
			return c.Play(ctx, []byte("hello"), Whole().WithEnd(HalfClose))
		},
		"before it": func(c *Conn, ctx context.Context) error {
			ctx, cancel := context.WithDeadline(ctx, time.Unix(1, 0))
			defer cancel()
			return c.Play(ctx, []byte("hello"), Whole())
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, addr, Options{ConfirmCap: time.Minute, Stall: time.Minute})
			begun := time.Now()
			if _, err := cause(t, play(c, within(t, 50*time.Millisecond))); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			// The connection can still be used.
			if name != "in a segment" {
				if err := c.Send(t.Context(), []byte("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestSendAfterEnd(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if err := c.HalfClose(); err != nil {
		t.Fatal(err)
	}
	if _, err := cause(t, c.Send(t.Context(), []byte("x"))); err != ErrEnded {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{c.Close(), c.Reset(), c.Receive(t.Context(), Want{}).Err} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("after the close: %v", err)
		}
	}
	if how := c.Cut(t.Context()); how != Unconfirmed {
		t.Errorf("a cut of a closed connection is %v", how)
	}
}

// TestEnds has the server say, before it reads anything, how many segments brought the request and its end, and then what it
// reads.
func TestEnds(t *testing.T) {
	type arrival struct {
		segments uint32
		state    uint8
		bytes    int
		err      error
	}
	for _, test := range []struct {
		end      End
		segments uint32 // after the three of the handshake's ACK and of two cuts
		err      error
	}{
		{Open, 1, nil},
		{HalfCloseWithData, 1, io.EOF},
		{HalfClose, 2, io.EOF},
		{Reset, 2, syscall.ECONNRESET},
	} {
		t.Run(test.end.String(), func(t *testing.T) {
			look, arrived := make(chan struct{}), make(chan arrival, 1)
			addr := serve(t, func(nc *net.TCPConn) {
				defer nc.Close()
				<-look
				var a arrival
				rc, _ := nc.SyscallConn()
				_ = rc.Control(func(fd uintptr) {
					if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
						a.segments, a.state = info.Segs_in, info.State
					}
				})
				_ = nc.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
				for a.err == nil {
					var n int
					n, a.err = nc.Read(make([]byte, 100))
					a.bytes += n
				}
				arrived <- a
			})
			c := dial(t, addr, Options{ConfirmCap: 5 * time.Millisecond})
			if err := c.Play(t.Context(), []byte("hello"), Whole().WithEnd(test.end)); err != nil {
				t.Fatal(err)
			}
			close(look)
			a := <-arrived
			const handshake = 2 // SYN and ACK
			if a.segments != handshake+test.segments || a.bytes != 5 {
				t.Errorf("%+v", a)
			}
			if test.err != nil && !errors.Is(a.err, test.err) || test.err == nil && !errors.Is(a.err, context.DeadlineExceeded) && !isTimeout(a.err) {
				t.Errorf("the server's last read: %v", a.err)
			}
		})
	}
}

// isTimeout says whether a deadline ran out.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestEmptyRequest(t *testing.T) {
	for _, end := range []End{HalfClose, HalfCloseWithData} {
		c := dial(t, serve(t, echo), Options{})
		a, err := c.Exchange(t.Context(), nil, Whole().WithEnd(end), Want{Any: [][]byte{nil}, ToEnd: true})
		if err != nil || a.State != Right || a.Match != 0 || a.Ending != FIN || a.Total != 0 {
			t.Errorf("%v: %+v, %v", end, a, err)
		}
	}
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
	addr := serve(t, func(c *net.TCPConn) { _, _ = c.Write(make([]byte, size)) }) // the client sees how far it comes
	taken := func(o Options) int64 {
		c := dial(t, addr, o)
		if !c.Sees() {
			t.Skip("the server's end cannot be seen")
		}
		eventually(t, "the answer begins", func() bool { n, _ := c.Written(); return n > 0 })
		last, same := int64(0), 0
		for same < 20 { // nothing but its stillness says that the server waits
			n, ok := c.Written()
			if !ok {
				t.Fatal("not seen")
			}
			if same++; n != last {
				last, same = n, 0
			}
			time.Sleep(10 * time.Millisecond)
		}
		if o.MaxSegment > 0 {
			if bytes, segments, _ := c.Arrived(); int64(segments)*int64(o.MaxSegment) < int64(bytes) {
				t.Errorf("%d bytes in %d segments", bytes, segments)
			}
		}
		return last
	}
	whole, small := taken(Options{ReceiveBuffer: 16 << 10}), taken(Options{ReceiveBuffer: 16 << 10, MaxSegment: 256})
	// It is 384 KB, and up to 1,065 KB where the kernel remembers of this address that segments changed their order.
	if small < 8<<10 || small > 1200<<10 || whole < 2*small || whole >= size {
		t.Errorf("%d bytes, %d in small segments", whole, small)
	}
}
