package delivery

import (
	"bytes"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// Many bytes over real connections: that none is lost, and that memory stays bounded. Nothing here is timed.

func TestFlood(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		flood := bytes.Repeat([]byte("flood "), 10000)
		for {
			if _, err := nc.Write(flood); err != nil {
				return
			}
		}
	})
	for _, test := range []struct {
		name string
		want Want
		most int64
	}{
		{"a wrong byte", Want{Any: [][]byte{[]byte("flood f1")}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"a right answer goes on", Want{Any: [][]byte{[]byte("flood ")}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"nothing expected", Want{Any: [][]byte{nil}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"unjudged", Want{Limit: 8 << 20}, 8<<20 + readBytes},
		{"unjudged for a while", Want{Total: 100 * time.Millisecond, Limit: 1 << 60}, 1 << 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, addr, Options{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := c.Receive(t.Context(), test.want)
			runtime.ReadMemStats(&after)
			if a.Total > test.most || len(a.Head) != min(defaultHead, int(a.Total)) || a.Err != nil {
				t.Errorf("%d bytes, a head of %d, %v", a.Total, len(a.Head), a.Err)
			}
			if len(test.want.Any) > 0 && (a.State != Wrong || a.FirstDifference != int64(len(commonStartOf(test.want.Any[0], a.Head)))) {
				t.Errorf("%s at %d", a.State, a.FirstDifference)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; a.Total > 1<<20 && grown > uint64(a.Total)/4 {
				t.Errorf("%d bytes allocated for %d received", grown, a.Total)
			}
			if test.name == "unjudged for a while" && !a.TimedOut {
				t.Errorf("%+v", a)
			}
		})
	}
}

// TestLargeBothWays carries 16 MiB each way at once, in one segment and in many.
func TestLargeBothWays(t *testing.T) {
	request := pattern(16 << 20)
	addr := serve(t, echo)
	for _, plan := range []Segments{Whole(), CutAt(1, 4<<20, 4<<20+1, 12<<20)} {
		for _, end := range []ClientEnd{Open, HalfClose, HalfCloseWithData} {
			c := dial(t, addr, Options{})
			plan := plan.WithEnd(end)
			a, err := c.Exchange(t.Context(), request, plan, patiently(Want{Any: [][]byte{request}, ToEnd: end != Open}))
			if err != nil || a.State != Right || a.Total != 16<<20 || (a.Ending == FIN) != (end != Open) || a.Window != nil {
				t.Errorf("%s: %d bytes, %s, %s, %v", plan.Describe(len(request)), a.Total, a.State, a.Ending, err)
			}
		}
	}
}

// TestWrongByteFarOut changes one byte of 16 MiB.
func TestWrongByteFarOut(t *testing.T) {
	const at = 13<<20 + 12345
	right := pattern(16 << 20)
	wrong := bytes.Clone(right)
	wrong[at] ^= 1
	addr := serve(t, func(nc *net.TCPConn) { _, _ = nc.Write(wrong); _ = nc.Close() })
	c := dial(t, addr, Options{})
	a := c.Receive(t.Context(), patiently(Want{Any: [][]byte{right}, ToEnd: true}))
	if a.State != Wrong || a.FirstDifference != at || a.Match != -1 || a.Closest != 0 {
		t.Fatalf("%s at %d", a.State, a.FirstDifference)
	}
	if !bytes.Equal(a.Head, wrong[:defaultHead]) || a.WindowAt != at-256 || !bytes.Equal(a.Window, wrong[at-256:at+256]) {
		t.Errorf("the window at %d has %d bytes", a.WindowAt, len(a.Window))
	}
	if a.Total > at+evidenceBytes+2*readBytes {
		t.Errorf("read on to %d", a.Total)
	}
}

// TestManyConnections holds no more descriptors than connections, and netlink sockets to a bound.
func TestManyConnections(t *testing.T) {
	addr := serve(t, echo)
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := count()
	for range 200 {
		c := dial(t, addr, Options{})
		if a, err := c.Exchange(t.Context(), []byte("hello"), EveryByte(5), patiently(Want{Any: texts("hello")})); err != nil || a.State != Right {
			t.Fatal(a, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	const kept = 8 // netlink sockets, for later looks
	eventually(t, "the descriptors are given back", func() bool { return count() <= before+kept })
}
