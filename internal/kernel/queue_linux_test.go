package kernel

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// listenWith listens on a port of 127.0.0.1 with a queue of this length, and accepts nothing.
func listenWith(t *testing.T, backlog int) (port int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(fd, backlog)); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return name.(*unix.SockaddrInet4).Port
}

func TestAQueueShowsWhoWaits(t *testing.T) {
	t.Parallel()
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(listenWith(t, 5)))
	if waiting, backlog, err := Queue(net.JoinHostPort("127.0.0.1", strconv.Itoa(listenWith(t, 0)))); err != nil || waiting != 0 || backlog != 0 {
		t.Errorf("%d of %d wait in a queue of no length: %v", waiting, backlog, err)
	}
	for waits := range 3 {
		eventually(t, strconv.Itoa(waits)+" of 5 wait", func() bool {
			waiting, backlog, err := Queue(at)
			return err == nil && waiting == waits && backlog == 5
		})
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
}

func TestAQueueThatIsNotKnown(t *testing.T) {
	t.Parallel()
	port := strconv.Itoa(listenWith(t, 5))
	if _, _, err := Queue("127.0.0.2:" + port); !errors.Is(err, ErrUnknown) {
		t.Errorf("nobody listens there: %v", err)
	}
	for _, bad := range []string{"127.0.0.1", "127.0.0.1:http", "127.0.0.1:"} {
		if _, _, err := Queue(bad); err == nil || errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestTheShortestQueueCounts where several sockets listen; one whose queue is not known does not.
func TestTheShortestQueueCounts(t *testing.T) {
	t.Parallel()
	at := netip.MustParseAddr("127.0.0.1")
	long := Listener{Address: at, Waiting: 1, Backlog: 9}
	short := Listener{Address: at, Waiting: 2, Backlog: 0}
	unknown := Listener{Address: at, Waiting: 3, Backlog: -1}
	elsewhere := Listener{Address: netip.MustParseAddr("127.0.0.2"), Waiting: 4, Backlog: 0}
	for name, found := range map[string][]Listener{
		"first": {short, long}, "last": {long, short}, "unknown first": {unknown, short, long}, "unknown last": {short, unknown, elsewhere},
	} {
		if waiting, backlog := shortest(Reaching(found, []netip.Addr{at})); waiting != 2 || backlog != 0 {
			t.Errorf("%s: %d of %d", name, waiting, backlog)
		}
	}
	if _, backlog := shortest([]Listener{unknown}); backlog != -1 {
		t.Errorf("a queue of %d that is not known", backlog)
	}
}

func TestReachingTakesEachOnce(t *testing.T) {
	t.Parallel()
	any4, any6, alone := Listener{Address: netip.IPv4Unspecified()}, Listener{Address: netip.IPv6Unspecified()}, Listener{Address: netip.IPv6Unspecified(), Only6: true}
	one := Listener{Address: netip.MustParseAddr("127.0.0.1")}
	all := []Listener{any4, any6, alone, one}
	for text, want := range map[string][]Listener{
		"127.0.0.1":           {any4, any6, one},
		"127.0.0.2":           {any4, any6},
		"::1":                 {any6, alone},
		"127.0.0.1 127.0.0.2": {any4, any6, one},
		"203.0.113.7":         nil, // not of this machine
		"::1%lo":              {any6, alone},
	} {
		var addresses []netip.Addr
		for _, a := range strings.Fields(text) {
			addresses = append(addresses, netip.MustParseAddr(a))
		}
		got := Reaching(all, addresses)
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", text, got, want)
			}
		}
	}
}

// TestTheHolderOfASocket is the leader, before its descendants, before a member of its group, which a stranger is not.
func TestTheHolderOfASocket(t *testing.T) {
	t.Parallel()
	found, err := Listeners(listenWith(t, 5))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if pid := Holder(unix.Getpid(), found); pid != unix.Getpid() {
		t.Errorf("we hold it, and it is %d", pid)
	}
	stranger := start(t) // its parent holds it, and is none of its family
	if pid := Holder(stranger.pid, found); pid != 0 {
		t.Errorf("%d holds it for its child", pid)
	}
	for _, relation := range []string{"child 4096", "orphan"} {
		w := start(t)
		relative, err := strconv.Atoi(w.ask(t, relation))
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(w.ask(t, "tell listen"))
		if err != nil {
			t.Fatal(err)
		}
		if found, err = Listeners(port); err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		for _, leader := range []int{w.pid, relative} {
			if pid := Holder(leader, found); pid != relative {
				t.Errorf("the %s %d holds it, and of %d it is %d", relation, relative, leader, pid)
			}
		}
		if pid := Holder(stranger.pid, found); pid != 0 {
			t.Errorf("%d holds it for a stranger", pid)
		}
		if !GroupRuns(w.pid) {
			t.Error("the group does not run")
		}
		w.kill()
		eventually(t, "nobody of the group runs", func() bool { return !GroupRuns(w.pid) })
	}
}
