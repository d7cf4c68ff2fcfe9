//go:build unix

package http1_test

import (
	"net/netip"
	"runtime"
	"syscall"
	"testing"
)

// BenchmarkIdle compares what a connection that waits between two requests costs in memory, the
// stack of its goroutine included. The clients are bare sockets, which cost none.
func BenchmarkIdle(b *testing.B) {
	const n = 1000
	for b.Loop() {
		each := make([]float64, len(bothServers))
		for i, s := range bothServers {
			addr, stop := s.serve(b)
			before := inUse()
			clients := make([]int, n)
			for i := range clients {
				clients[i] = bareClient(b, addr)
			}
			each[i] = (inUse() - before - 8*n) / n
			for _, fd := range clients {
				_ = syscall.Close(fd)
			}
			stop()
		}
		for i, s := range bothServers {
			b.ReportMetric(each[i], s.name+"-B/conn")
		}
		b.ReportMetric(each[0]/each[1], "ratio")
	}
}

// bareClient returns a socket on which two requests were answered.
func bareClient(b *testing.B, addr string) int {
	at := netip.MustParseAddrPort(addr)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		b.Fatal(err)
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		b.Fatal(err)
	}
	for range 2 {
		if _, err := syscall.Write(fd, []byte(benchRequest)); err != nil {
			b.Fatal(err)
		}
		for p := make([]byte, 4<<10); ; { // the answer leaves in one piece
			got, err := syscall.Read(fd, p)
			if err != nil || got == 0 {
				b.Fatal(got, err)
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
