package kernel

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// connect returns both ends of a connection over a listener of the network that the client reaches at host.
func connect(t testing.TB, network, host string) (client, server *net.TCPConn) {
	t.Helper()
	l, err := net.Listen(network, ":0")
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	c, err := net.Dial("tcp", net.JoinHostPort(host, port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// addresses returns where both ends of a client's connection are: the client's, and the server's.
func addresses(c net.Conn) (here, there netip.AddrPort) {
	unmap := func(a net.Addr) netip.AddrPort {
		p := a.(*net.TCPAddr).AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return unmap(c.LocalAddr()), unmap(c.RemoteAddr())
}

// send sends, and waits until the other end has received all in the kernel.
func send(t testing.TB, from, to *net.TCPConn, text string) {
	t.Helper()
	if _, err := io.WriteString(from, text); err != nil {
		t.Fatal(err)
	}
	raw, err := to.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	peeked := 0
	if err := raw.Read(func(fd uintptr) bool {
		peeked, _, err = unix.Recvfrom(int(fd), make([]byte, len(text)+1), unix.MSG_PEEK)
		return peeked == len(text)
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAnEndShowsHowFarItGot follows a server's end from nothing received to its departure, in every family that its socket may be of.
func TestAnEndShowsHowFarItGot(t *testing.T) {
	for _, c := range []struct{ name, network, host string }{
		{"IPv4", "tcp4", "127.0.0.1"},
		{"IPv4 at a socket of IPv6", "tcp", "127.0.0.1"},
		{"IPv6", "tcp6", "::1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.network != "tcp4" {
				needIPv6(t)
			}
			client, server := connect(t, c.network, c.host)
			here, there := addresses(client)
			look := LookUpEndpoint(there, here)
			shows := func(want Endpoint) {
				t.Helper()
				if e, err := look.Look(); err != nil || e != want {
					t.Errorf("%+v, %v; want %+v", e, err, want)
				}
			}
			shows(Endpoint{})
			if n := len(look.questions); n != 1 {
				t.Errorf("once it was found it is asked for in %d families", n)
			}
			send(t, client, server, "hello")
			shows(Endpoint{Received: 5, Queue: 5})
			if _, err := io.ReadFull(server, make([]byte, 3)); err != nil {
				t.Fatal(err)
			}
			shows(Endpoint{Received: 5, Queue: 2})
			if _, err := io.ReadFull(server, make([]byte, 2)); err != nil {
				t.Fatal(err)
			}
			shows(Endpoint{Received: 5})
			if e, err := LookUpEndpoint(here, there).Look(); err != nil || e != (Endpoint{Sent: 5}) {
				t.Errorf("the client's own end: %+v, %v", e, err)
			}
			if err := server.SetLinger(0); err != nil {
				t.Fatal(err)
			}
			if err := server.Close(); err != nil { // a RST, after which nothing is left of it
				t.Fatal(err)
			}
			if e, err := look.Look(); !errors.Is(err, ErrNoEndpoint) {
				t.Errorf("after its close: %+v, %v", e, err)
			}
		})
	}
}

// TestTheEndOfTheStreamCounts as a byte received, and as one in the queue until it is read.
func TestTheEndOfTheStreamCounts(t *testing.T) {
	client, server := connect(t, "tcp4", "127.0.0.1")
	here, there := addresses(client)
	look := LookUpEndpoint(there, here)
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the FIN is counted", func() bool {
		e, err := look.Look()
		return err == nil && e == Endpoint{Received: 1, Queue: 1}
	})
	if _, err := server.Read(make([]byte, 1)); err != io.EOF {
		t.Fatal(err)
	}
	if e, err := look.Look(); err != nil || e.Received != 1 {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestWhatTheClientDoesNotTakeIsUnsent fills the client's end, which does not read.
func TestWhatTheClientDoesNotTakeIsUnsent(t *testing.T) {
	client, server := connect(t, "tcp4", "127.0.0.1")
	here, there := addresses(client)
	raw, err := server.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Write(func(fd uintptr) bool { // until no more is taken, without waiting
		for {
			if _, err := unix.Write(int(fd), make([]byte, 1<<20)); err != nil {
				return true
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if e, err := LookUpEndpoint(there, here).Look(); err != nil || e.Unsent == 0 || e.Received != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestListenerIsNoEnd shows that the socket that listens, with which the kernel may answer, is not taken for a connection's.
func TestListenerIsNoEnd(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	near, far := l.Addr().(*net.TCPAddr).AddrPort(), netip.MustParseAddrPort("127.0.0.9:9")
	if e, err := LookUpEndpoint(near, far).Look(); !errors.Is(err, ErrNoEndpoint) {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestBothFamiliesFindTheEnd asks for the same end as sockets of IPv4 and of IPv6 know it.
func TestBothFamiliesFindTheEnd(t *testing.T) {
	for _, network := range []string{"tcp4", "tcp"} {
		client, server := connect(t, network, "127.0.0.1")
		here, there := addresses(client)
		send(t, client, server, "hello")
		for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
			q := newEndQuestion(family, there, here)
			if e, err := q.ask(); err != nil || e != (Endpoint{Received: 5, Queue: 5}) {
				t.Errorf("%s, family %d: %+v, %v", network, family, e, err)
			}
		}
	}
}

// TestNoEndIsToldFromARefusal: a kernel that cannot be asked says nothing of the end.
func TestNoEndIsToldFromARefusal(t *testing.T) {
	client, _ := connect(t, "tcp4", "127.0.0.1")
	here, there := addresses(client)
	look := LookUpEndpoint(there, here)
	look.questions[0][unix.SizeofNlMsghdr+1] = unix.IPPROTO_ICMP // a protocol that has no diagnosis
	look.questions[0][unix.SizeofNlMsghdr] = 200                 // nor this family
	if e, err := look.Look(); err == nil || errors.Is(err, ErrNoEndpoint) {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestSocketsAreKept for later looks, up to a bound, however many look at once.
func TestSocketsAreKept(t *testing.T) {
	client, _ := connect(t, "tcp4", "127.0.0.1")
	here, there := addresses(client)
	var sockets []*diagSocket
	for range 2 * idleSockets {
		s, err := takeSocket()
		if err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, s)
	}
	for _, s := range sockets {
		s.giveBack()
	}
	for range 3 {
		if n := len(idle); n != idleSockets {
			t.Errorf("%d sockets are kept", n)
		}
		if _, err := LookUpEndpoint(there, here).Look(); err != nil {
			t.Error(err)
		}
	}
}
