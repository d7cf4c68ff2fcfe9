package delivery

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// testCuts sends a byte at a time to a logging server. Every cut must be confirmed, and a read of its own.
func testCuts(t *testing.T, addr string, cuts int, limit time.Duration) {
	t.Helper()
	c := dial(t, addr, Options{ConfirmCap: limit})
	if !c.Sees() || c.Unseen() != "" {
		t.Fatalf("the server's end is not seen: %s", c.Unseen())
	}
	ctx := within(t, time.Minute)
	var unconfirmed, together int
	var at []int
	begun := time.Now()
	for i := range cuts {
		if err := c.Send(ctx, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		if how := c.Cut(ctx); how == Confirmed {
			at = append(at, i+1)
		} else {
			unconfirmed++
		}
	}
	took := time.Since(begun)
	if err := c.Send(ctx, []byte("end")); err != nil {
		t.Fatal(err)
	}
	ends := readEnds(t, c)
	for _, i := range at {
		if !ends[i] {
			together++
		}
	}
	t.Logf("%d cuts, %.0f a second", cuts, float64(cuts)/took.Seconds())
	if unconfirmed > 0 || together > 0 || c.Cuts() != (CutCount{cuts, cuts}) {
		t.Errorf("of %d cuts %d were not confirmed, and %d confirmed that are not; counted %+v", cuts, unconfirmed, together, c.Cuts())
	}
}

func TestCutsIdle(t *testing.T) { testCuts(t, start(t, "log"), 20000, 5*time.Second) }

func TestCutsUnderLoad(t *testing.T) {
	addr := start(t, "log")
	load(t)
	testCuts(t, addr, 3000, 5*time.Second)
}

func TestCutsSlowServer(t *testing.T) { testCuts(t, start(t, "slow"), 100, 5*time.Second) }

func TestCutsOfEveryFamily(t *testing.T) {
	for _, listen := range []struct{ network, address, host string }{
		{"tcp4", "127.0.0.1:0", "127.0.0.1"},
		{"tcp6", "[::1]:0", "::1"},
		{"tcp", "[::]:0", "127.0.0.1"},
		{"tcp", "[::]:0", "::1"},
		{"tcp", ":0", "localhost"},
	} {
		t.Run(listen.address+" from "+listen.host, func(t *testing.T) {
			l, err := net.Listen(listen.network, listen.address)
			if err != nil {
				t.Fatal(err)
			}
			serveOn(t, l, func(nc *net.TCPConn) {
				defer nc.Close()
				logReads(nc, 0)
			})
			_, port, _ := net.SplitHostPort(l.Addr().String())
			testCuts(t, net.JoinHostPort(listen.host, port), 500, 5*time.Second)
		})
	}
}

// TestCutsTogether confirms on many connections at once, more than there are idle netlink sockets and napping threads.
func TestCutsTogether(t *testing.T) {
	addr := start(t, "log")
	var all sync.WaitGroup
	for range 100 {
		c := dial(t, addr, Options{ConfirmCap: 20 * time.Second})
		all.Go(func() {
			if err := c.Play(within(t, 50*time.Second), pattern(101), EveryByte(101)); err != nil {
				t.Error(err)
			}
			if c.Cuts() != (CutCount{100, 100}) {
				t.Errorf("%+v", c.Cuts())
			}
		})
	}
	all.Wait()
}

// TestCutsDeferredAccept plays to a listener whose connections do not exist before their first byte.
func TestCutsDeferredAccept(t *testing.T) {
	lc := net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) (err error) {
		if e := rc.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 30)
		}); e != nil {
			return e
		}
		return err
	}}
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, func(nc *net.TCPConn) {
		defer nc.Close()
		logReads(nc, 0)
	})
	c := dial(t, l.Addr().String(), Options{})
	if c.Sees() {
		t.Fatal("the kernel shows what does not exist yet; this test shows nothing")
	}
	request := pattern(50)
	if err := c.Play(t.Context(), request, EveryByte(50)); err != nil {
		t.Fatal(err)
	}
	if !c.Sees() || c.Cuts() != (CutCount{49, 49}) {
		t.Errorf("seen: %v %q, %+v", c.Sees(), c.Unseen(), c.Cuts())
	}
}

// TestCutsBeforeAccept confirms that nothing is confirmed before the server reads.
func TestCutsBeforeAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := dial(t, l.Addr().String(), Options{})
	if err := c.Send(t.Context(), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if how := c.Cut(t.Context()); how != Unconfirmed {
		t.Errorf("%v", how)
	}
	if took := time.Since(begun); took < defaultCap || took > 2*time.Second {
		t.Errorf("the wait took %v", took)
	}
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := io.ReadFull(nc, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if how := c.Cut(t.Context()); how != Unconfirmed {
		t.Errorf("with a byte unread: %v", how)
	}
	if _, err := io.ReadFull(nc, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if how := c.Cut(t.Context()); how != Confirmed {
		t.Errorf("with all read: %v", how)
	}
}

// TestCutsServerThatNeverReads bounds what a play of many cuts costs.
func TestCutsServerThatNeverReads(t *testing.T) {
	gone := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-gone; nc.Close() })
	defer close(gone)
	c := dial(t, addr, Options{})
	request := pattern(301)
	begun := time.Now()
	if err := c.Play(t.Context(), request, EveryByte(len(request))); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	if c.Cuts() != (CutCount{300, 0}) {
		t.Errorf("%+v", c.Cuts())
	}
	if took < 3*defaultCap+197*5*time.Millisecond || took > 10*time.Second {
		t.Errorf("300 cuts took %v", took)
	}
	// Each play has the whole cap again.
	begun = time.Now()
	if err := c.Play(t.Context(), request, CutAt(1)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < defaultCap {
		t.Errorf("the first cut of the next play took %v", took)
	}
}

func TestCutEndsWithItsContext(t *testing.T) {
	gone := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-gone; nc.Close() })
	defer close(gone)
	c := dial(t, addr, Options{ConfirmCap: time.Minute})
	if err := c.Send(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if how := c.Cut(within(t, 20*time.Millisecond)); how != Unconfirmed {
		t.Errorf("%v", how)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestCutOfServerThatLeaves shows what is said of bytes that were read, or not, before the server closed.
func TestCutOfServerThatLeaves(t *testing.T) {
	for _, test := range []struct {
		name   string
		leave  func(nc *net.TCPConn)
		ending Ending
		want   Confirmation
	}{
		{"all read", func(nc *net.TCPConn) { _, _ = io.ReadFull(nc, make([]byte, 2)); nc.Close() }, FIN, Confirmed},
		{"one unread", func(nc *net.TCPConn) { _, _ = io.ReadFull(nc, make([]byte, 1)); nc.Close() }, RST, Unconfirmed},
		{"reset", func(nc *net.TCPConn) { _, _ = io.ReadFull(nc, make([]byte, 2)); _ = abort(nc) }, RST, Unconfirmed},
		{"all read, and half-closed", func(nc *net.TCPConn) { _, _ = io.ReadFull(nc, make([]byte, 2)); _ = nc.CloseWrite() }, FIN, Confirmed},
		{"one unread, and half-closed", func(nc *net.TCPConn) { _, _ = io.ReadFull(nc, make([]byte, 1)); _ = nc.CloseWrite() }, FIN, Unconfirmed},
	} {
		t.Run(test.name, func(t *testing.T) {
			addr := serve(t, test.leave)
			c := dial(t, addr, Options{ConfirmCap: time.Minute})
			if err := c.Send(t.Context(), []byte("xy")); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
			if got := c.PeerClosed(); got != test.ending {
				t.Errorf("ended by %v", got)
			}
			begun := time.Now()
			if how := c.Cut(t.Context()); how != test.want {
				t.Errorf("%v, want %v", how, test.want)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("the wait took %v", took)
			}
		})
	}
}

// TestConfirmEnd has a server that reads when it is told to, so much as it is told.
func TestConfirmEnd(t *testing.T) {
	read := make(chan int)
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		for n := range read {
			_, _ = nc.Read(make([]byte, n))
			read <- 0
		}
	})
	defer close(read)
	reads := func(n int) { read <- n; <-read }
	c := dial(t, addr, Options{})
	expect := func(what string, want Confirmation) {
		t.Helper()
		if how := c.ConfirmEnd(t.Context()); how != want {
			t.Errorf("%s: %v, want %v", what, how, want)
		}
	}
	end := func() {
		t.Helper()
		for range 2 { // the second changes nothing
			if err := c.HalfClose(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := c.Send(t.Context(), []byte("xy")); err != nil {
		t.Fatal(err)
	}
	expect("before the end", Unconfirmed)
	reads(2)
	end()
	expect("a FIN of its own, not read", Unconfirmed)
	reads(1)
	expect("a FIN of its own, read", Confirmed)
}

// TestConfirmEndWithData has the FIN join bytes that the server has not read: the kernel counts both as read at once.
func TestConfirmEndWithData(t *testing.T) {
	for _, end := range []End{Open, HalfCloseWithData} {
		read, gone := make(chan struct{}), make(chan struct{})
		addr := serve(t, func(nc *net.TCPConn) {
			defer nc.Close()
			<-read
			_, _ = nc.Read(make([]byte, 2)) // the bytes; the end is left
			<-gone
		})
		c := dial(t, addr, Options{})
		if err := c.Play(t.Context(), []byte("xy"), Whole().WithEnd(end)); err != nil {
			t.Fatal(err)
		}
		if err := c.HalfClose(); err != nil {
			t.Fatal(err)
		}
		if how := c.ConfirmEnd(t.Context()); how != Unconfirmed {
			t.Errorf("%v: nothing read: %v", end, how)
		}
		close(read)
		if how := c.ConfirmEnd(t.Context()); how != Likely {
			t.Errorf("%v: the data read: %v", end, how)
		}
		close(gone)
	}
}

func TestConfirmEndOfServerThatCloses(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if err := c.HalfClose(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server closes", func() bool { return c.PeerClosed() == FIN })
	if how := c.ConfirmEnd(t.Context()); how != Likely {
		t.Errorf("%v", how)
	}
}

// TestFallback confirms by acknowledgement and a pause what cannot be seen.
func TestFallback(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) { logReads(nc, 0); nc.Close() })
	nowhere := addrPort(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 9})
	for _, test := range []struct {
		name    string
		options Options
		blind   func(c *Conn)
		why     string
	}{
		{"unwanted", Options{Confirm: Never}, func(*Conn) {}, "options"},
		{"elsewhere", Options{}, func(c *Conn) {
			c.view.(*view).seen.Store(false)
			c.view.(*view).server = []question{newQuestion(unix.AF_INET, nowhere, nowhere)}
		}, "network namespace"},
		{"no diagnosis", Options{}, func(c *Conn) {
			c.view.(*view).seen.Store(false)
			c.view.(*view).server = []question{newQuestion(unix.AF_INET, nowhere, nowhere)}
			c.view.(*view).own = newQuestion(unix.AF_INET, nowhere, nowhere)
		}, "does not show it, nor the client's own end"},
		{"refused", Options{}, func(c *Conn) {
			c.view.(*view).seen.Store(false)
			c.view.(*view).server[0][17] = unix.IPPROTO_ICMP // a protocol that has no diagnosis
			c.view.(*view).server[0][16] = 200               // nor this family
		}, "does not show it: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, addr, test.options)
			test.blind(c)
			begun := time.Now()
			const cuts = 20
			request := pattern(cuts + 1)
			if err := c.Play(t.Context(), request, EveryByte(len(request))); err != nil {
				t.Fatal(err)
			}
			took := time.Since(begun)
			if c.Cuts() != (CutCount{cuts, 0}) || took < cuts*leastPause || took > 10*time.Second {
				t.Errorf("%+v in %v", c.Cuts(), took)
			}
			if c.Sees() || !strings.Contains(c.Unseen(), test.why) {
				t.Errorf("seen: %v, %q", c.Sees(), c.Unseen())
			}
			for _, e := range c.Timeline() {
				if e.Kind == KindCut && e.Confirmation != Likely {
					t.Errorf("a cut is %v", e.Confirmation)
				}
			}
		})
	}
}

// TestFallbackUnacknowledged fills a server that does not read until its kernel acknowledges no more.
func TestFallbackUnacknowledged(t *testing.T) {
	gone := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) { <-gone; nc.Close() })
	defer close(gone)
	c := dial(t, addr, Options{Confirm: Never, Stall: 50 * time.Millisecond})
	sent, err := cause(t, c.Send(t.Context(), make([]byte, 64<<20)))
	if !errors.Is(err, ErrStalled) || sent == 0 || sent == 64<<20 {
		t.Fatalf("%d bytes: %v", sent, err)
	}
	if how := c.Cut(context.Background()); how != Unconfirmed {
		t.Errorf("%v", how)
	}
}

// TestListenerIsNoEnd shows that the socket that listens, with which the kernel may answer, is not taken for a connection's.
func TestListenerIsNoEnd(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near := addrPort(l.Addr())
	far := addrPort(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 9})
	if e, err := newQuestion(unix.AF_INET, near, far).ask(); !errors.Is(err, errNoEnd) {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestBothFamiliesFindTheEnd asks for the same end as sockets of IPv4 and of IPv6 know it.
func TestBothFamiliesFindTheEnd(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp"} {
		l, err := net.Listen(network, ":0")
		if err != nil {
			t.Fatal(err)
		}
		serveOn(t, l, echo)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		c := dial(t, net.JoinHostPort("127.0.0.1", port), Options{})
		if a, err := c.Exchange(t.Context(), []byte("hello"), Whole(), Want{Any: [][]byte{[]byte("hello")}}); err != nil || a.State != Right {
			t.Fatal(a, err)
		}
		near, far := addrPort(c.RemoteAddr()), addrPort(c.LocalAddr())
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			if e, err := newQuestion(family, near, far).ask(); err != nil || e.received != 5 || e.queue != 0 {
				t.Errorf("%s, family %d: %+v, %v", network, family, e, err)
			}
		}
	}
}

// TestConfirmsOnlyWhatArrived has an empty queue at the server, to which not everything has come that was sent.
func TestConfirmsOnlyWhatArrived(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	if err := c.Send(t.Context(), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if how := c.Cut(t.Context()); how != Confirmed {
		t.Fatalf("%v", how)
	}
	c.finSent.Store(true) // as if the FIN were on its way
	if how := c.ConfirmEnd(t.Context()); how != Unconfirmed {
		t.Errorf("the end: %v", how)
	}
	c.sent.Add(1) // as if a byte were
	if how := c.Cut(t.Context()); how != Unconfirmed {
		t.Errorf("a byte: %v", how)
	}
	if c.drained() {
		t.Error("drained")
	}
}

// TestNapIsShort naps for less than the millisecond that the runtime's timers take.
func TestNapIsShort(t *testing.T) {
	shortest := time.Hour
	for range 50 {
		begun := time.Now()
		nap(longNap)
		shortest = min(shortest, time.Since(begun))
	}
	if shortest < longNap || shortest > 800*time.Microsecond {
		t.Errorf("the shortest nap took %v", shortest)
	}
}
