package kernel

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"
)

func TestHostsAreResolved(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(context.Background())
	end() // so that nobody is asked
	for host, want := range map[string]string{"127.0.0.3": "127.0.0.3", "::ffff:127.0.0.3": "127.0.0.3", "::1": "::1"} {
		if got, err := Resolve(ended, host); err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	if got, err := Resolve(ended, "localhost"); err != nil || len(got) == 0 || !got[0].IsLoopback() {
		t.Errorf("localhost: %v, %v", got, err)
	}
	if got, err := Resolve(ended, "server.example"); err == nil {
		t.Errorf("a name that nobody was asked for: %v", got)
	}
}

func TestCandidatesDifferAndAreBounded(t *testing.T) {
	t.Parallel()
	var many, want []netip.Addr
	for i := range candidatesMax + 2 {
		a := netip.MustParseAddr("127.0.0." + strconv.Itoa(1+i))
		many = append(many, a, netip.AddrFrom16(a.As16()), a)
		want = append(want, a)
	}
	if got := candidates(many); !slices.Equal(got, want[:candidatesMax]) {
		t.Errorf("%v", got)
	}
}

func TestThisMachinesAddressesAreLocal(t *testing.T) {
	t.Parallel()
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	for _, o := range own {
		if a, ok := netip.AddrFromSlice(o.(*net.IPNet).IP); ok && (!Local(a.Unmap()) || !Local(a.Unmap().WithZone("eth0"))) {
			t.Errorf("%v is not", a)
		}
	}
	for _, text := range []string{"203.0.113.7", "2001:db8::1"} { // of no machine
		if Local(netip.MustParseAddr(text)) {
			t.Errorf("%s is", text)
		}
	}
}

func TestWhereToDialForAHostToListenOn(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1", "[::]": "::1",
		"[::2]": "::2", "127.0.0.2": "127.0.0.2", "host": "host",
	} {
		if got := DialHost(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}
