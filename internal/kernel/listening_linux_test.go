package kernel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
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
				eventually(t, "nobody listens at "+host, func() bool {
					got, err := Listening(host, port)
					if err != nil {
						t.Fatal(err)
					}
					return !got
				})
			}
		})
	}
	for _, port := range []int{-1, 0, 65536} {
		if _, err := Listening("127.0.0.1", port); err == nil || !strings.Contains(err.Error(), "port "+strconv.Itoa(port)+" ") {
			t.Errorf("port %d: %v", port, err)
		}
	}
	for _, port := range []int{1, 65535} {
		if _, err := Listening("127.0.0.1", port); err != nil {
			t.Errorf("port %d: %v", port, err)
		}
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
		if err != nil || len(asked) != 1 || len(read) != 1 || asked[0].Inode == 0 ||
			asked[0].Inode != read[0].Inode || asked[0].Address != read[0].Address {
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
		found, err := Listeners(portOf(l))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if !holdsAny(os.Getpid(), map[string]bool{fmt.Sprintf("socket:[%d]", found[0].Inode): true}) {
			t.Errorf("multipath %v: we do not seem to hold socket %d", on, found[0].Inode)
		}
		_ = l.Close()
	}
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
	if err != nil || len(found) != 2 || found[0].Inode != 4711 || found[1].Inode != 4715 || !found[1].Address.IsUnspecified() {
		t.Errorf("%v, %v", found, err)
	}
	if found[0].Address != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("address %v on a machine of this byte order", found[0].Address)
	}
}

// lowListen listens on an address of a host that nobody else will listen on when the test has stopped to: the ports that the
// system chooses come again soon.
func lowListen(t testing.TB, network, host string) net.Listener {
	t.Helper()
	for range 100 {
		l, err := net.Listen(network, net.JoinHostPort(host, strconv.Itoa(10001+rand.IntN(20000))))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	t.Fatal("no port is free")
	return nil
}

// portOf returns the port of a listener.
func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// needIPv6 skips a test on a machine without ::1.
func needIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no ::1: %v", err)
	}
	_ = l.Close()
}
