package delivery

import (
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/streamspec/streamspec/internal/kernel"
	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// The look at the server's end by sock_diag, at real connections of all kinds: nothing here is timed, and all of it may run
// beside other tests. Of a few cuts it shows that they are reads apart; real_cuts_linux_test.go does so of many.

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
			testCuts(t, net.JoinHostPort(listen.host, port), 100)
		})
	}
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
	c := dial(t, l.Addr().String(), Options{ConfirmCap: defaultCap})
	if err := c.Send(t.Context(), []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if how := c.Cut(t.Context()); how != Unconfirmed {
		t.Errorf("%v", how)
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

// TestUnseenBy says why the server's end is not seen, and confirms by acknowledgement and a pause.
func TestUnseenBy(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) { logReads(nc, 0); nc.Close() })
	nowhere := addrPort(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 9})
	nothing := kernel.LookUpEndpoint(nowhere, nowhere).Look
	for _, test := range []struct {
		name    string
		options Options
		blind   func(c *Conn)
		why     string
	}{
		{"unwanted", Options{Confirm: Never}, func(*Conn) {}, "options"},
		{"elsewhere", Options{}, func(c *Conn) {
			c.view.seen.Store(false)
			c.view.server = nothing
		}, "network namespace"},
		{"no diagnosis", Options{}, func(c *Conn) {
			c.view.seen.Store(false)
			c.view.server = nothing
			c.view.own = nothing
		}, "does not show it, nor the client's own end"},
		{"refused", Options{}, func(c *Conn) {
			c.view.seen.Store(false)
			c.view.server = func() (kernel.Endpoint, error) { return kernel.Endpoint{}, unix.EPERM }
		}, "does not show it: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, addr, test.options)
			test.blind(c)
			const cuts = 3
			request := pattern(cuts + 1)
			if err := c.Play(t.Context(), request, EveryByte(len(request))); err != nil {
				t.Fatal(err)
			}
			if c.Cuts() != (CutCount{cuts, 0}) {
				t.Errorf("%+v", c.Cuts())
			}
			if c.Sees() || !strings.Contains(c.Unseen(), test.why) {
				t.Errorf("seen: %v, %q", c.Sees(), c.Unseen())
			}
			for _, e := range c.Timeline() {
				if e.Kind == timeline.KindCut && e.Confirmation != Likely {
					t.Errorf("a cut is %v", e.Confirmation)
				}
			}
		})
	}
}
