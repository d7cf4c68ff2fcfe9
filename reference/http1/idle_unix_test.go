//go:build unix

package http1_test

import (
	"net/netip"
	"runtime"
	"syscall"
	"testing"
)

// idleCost returns what a connection that waits between two requests costs in memory, the stack of its goroutine
// included, with each of both servers. The clients are bare sockets, which cost none.
func idleCost(tb testing.TB) (each [2]float64) {
	const n = 1000
	for i, s := range bothServers {
		addr, stop := s.serve(tb)
		before := inUse()
		clients := make([]int, n)
		for i := range clients {
			clients[i] = bareClient(tb, addr)
		}
		each[i] = (inUse() - before - 8*n) / n
		for _, fd := range clients {
			_ = syscall.Close(fd)
		}
		stop()
	}
	return each
}

func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		each := idleCost(b)
		for i, s := range bothServers {
			b.ReportMetric(each[i], s.name+"-B/conn")
		}
		b.ReportMetric(each[0]/each[1], "ratio")
	}
}

// TestIdle holds that a connection that waits costs half as much as with net/http at most. It counts what the whole process has in use,
// so it is not parallel: those that are wait for it.
func TestIdle(t *testing.T) {
	if underRace {
		t.Skip("under the race detector, stacks are not what they are otherwise")
	}
	if each := idleCost(t); each[0] > each[1]/2 {
		t.Errorf("a connection that waits costs %.0f bytes, and %.0f with net/http", each[0], each[1])
	}
}

// bareClient returns a socket on which two requests were answered.
func bareClient(tb testing.TB, addr string) int {
	at := netip.MustParseAddrPort(addr)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		tb.Fatal(err)
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		tb.Fatal(err)
	}
	for range 2 {
		if _, err := syscall.Write(fd, []byte(benchRequest)); err != nil {
			tb.Fatal(err)
		}
		for p := make([]byte, 4<<10); ; { // the answer leaves in one piece
			got, err := syscall.Read(fd, p)
			if err != nil || got == 0 {
				tb.Fatal(got, err)
			}
			if string(p[max(0, got-len(benchText)):got]) == benchText {
				break
			}
		}
	}
	return fd
}

// inUse is the memory of the heap and of stacks, when what is garbage is gone.
func inUse() float64 {
	var now runtime.MemStats
	for range 6 { // stacks become smaller by half at a time
		runtime.GC()
	}
	runtime.ReadMemStats(&now)
	return float64(now.HeapAlloc + now.StackInuse)
}
