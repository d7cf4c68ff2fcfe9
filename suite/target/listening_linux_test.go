package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestListeningKnowsWhoWouldBeReached(t *testing.T) {
	t.Parallel()
	type ask map[string]bool
	for _, c := range []struct {
		network, host string
		want          ask
	}{
		{"tcp4", "127.0.0.1", ask{"127.0.0.1": true, "127.0.0.2": false, "::1": false, "0.0.0.0": true, "": true, "localhost": true, "::ffff:127.0.0.1": true}},
		{"tcp4", "127.0.0.2", ask{"127.0.0.1": false, "127.0.0.2": true}},
		{"tcp4", "0.0.0.0", ask{"127.0.0.1": true, "127.0.0.2": true, "::1": false, "203.0.113.7": false}},
		{"tcp6", "::1", ask{"127.0.0.1": false, "::1": true, "[::1]": true, "::": true}},
		{"tcp6", "::", ask{"127.0.0.1": false, "::1": true, "203.0.113.7": false}},
		{"tcp", "", ask{"127.0.0.1": true, "::1": true, "127.0.0.9": true, "2001:db8::1": false}},
	} {
		t.Run(c.network+" "+c.host, func(t *testing.T) {
			if c.network != "tcp4" {
				needIPv6(t)
			}
			l := lowListen(t, c.network, c.host)
			port := portOf(l)
			for host, want := range c.want {
				if got, err := Listening(host, port); err != nil || got != want {
					t.Errorf("%s: %v, %v, want %v", host, got, err, want)
				}
			}
			_ = l.Close()
			for host := range c.want {
				// A process that another test is starting may hold the socket between fork and exec.
				got, err := Listening(host, port)
				for begin := time.Now(); got && time.Since(begin) < 5*time.Second; time.Sleep(time.Millisecond) {
					got, err = Listening(host, port)
				}
				if err != nil || got {
					t.Errorf("%s after Close: %v, %v", host, got, err)
				}
			}
		})
	}
	if _, err := Listening("127.0.0.1", 0); !errors.As(err, new(*UsageError)) {
		t.Errorf("port 0: %v", err)
	}
}

func TestBothSourcesAgree(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1", ""} {
		if host != "127.0.0.1" {
			needIPv6(t)
		}
		l := lowListen(t, "tcp", host)
		asked, err := diagnose(portOf(l))
		if err != nil {
			t.Skipf("no sock_diag here: %v", err)
		}
		read, err := readTables(portOf(l))
		if err != nil || len(asked) != 1 || len(read) != 1 || asked[0].inode == 0 ||
			asked[0].inode != read[0].inode || asked[0].address != read[0].address {
			t.Errorf("%s: %v and %v, %v", host, asked, read, err)
		}
	}
}

func TestTheHolderOfASocketWithoutMPTCPAndWithIt(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		var config net.ListenConfig
		config.SetMultipathTCP(on)
		l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		found, err := listeners(portOf(l))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if !holdsAny(os.Getpid(), map[string]bool{fmt.Sprintf("socket:[%d]", found[0].inode): true}) {
			t.Errorf("multipath %v: we do not seem to hold socket %d", on, found[0].inode)
		}
		_ = l.Close()
	}
}

func TestConnectIsBoundedWhereNothingAnswers(t *testing.T) {
	t.Parallel()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(fd) }()
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(loopbacks()[0], uint16(name.(*syscall.SockaddrInet4).Port))
	for range 8 { // fill its backlog; then it drops what comes
		begun := time.Now()
		if err = connect(bounded(t), at.String(), 200*time.Millisecond); err == nil {
			continue
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		if e := unreachable("x", at, err); !strings.Contains(e.Message, at.String()+" does not answer") {
			t.Error(e)
		}
		return
	}
	t.Error("every connection was answered")
}

func TestReadTableSkipsWhatIsNone(t *testing.T) {
	t.Parallel()
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:ABCD 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
   3: nonsense:1F90 00000000:0000 0A 0 0 0 0 0 4714
   4: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4715
`
	found, err := readTable(strings.NewReader(table), 8080)
	if err != nil || len(found) != 2 || found[0].inode != 4711 || found[1].inode != 4715 || !found[1].address.IsUnspecified() {
		t.Errorf("%v, %v", found, err)
	}
	if found[0].address != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("address %v on a machine of this byte order", found[0].address)
	}
}

func TestParseDiagBearsAnything(t *testing.T) {
	t.Parallel()
	message := make([]byte, messageSize)
	message[0], message[1], message[4], message[5] = syscall.AF_INET6, stateListen, 0x1f, 0x90
	for _, attributes := range [][]byte{nil, {5, 0, 11, 0, 1, 0, 0, 0}, {5, 0, 11, 0, 1}} {
		l, ok := parseDiag(append(bytes.Clone(message), attributes...), 8080)
		if !ok || l.only6 != (attributes != nil) {
			t.Errorf("%v: %+v, %v", attributes, l, ok)
		}
	}
	for _, attributes := range [][]byte{{0, 0, 11, 0}, {255, 255, 11, 0, 1}, {4, 0, 11, 0}, {1}, {5, 0, 11}} {
		if l, ok := parseDiag(append(bytes.Clone(message), attributes...), 8080); !ok || l.only6 {
			t.Errorf("%v: %+v, %v", attributes, l, ok)
		}
	}
	for n := range message {
		if _, ok := parseDiag(message[:n], 8080); ok {
			t.Errorf("%d bytes pass", n)
		}
	}
	if _, ok := parseDiag(message, 8081); ok {
		t.Error("another port passes")
	}
}
