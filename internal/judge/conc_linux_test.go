package judge

import (
	"bytes"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestHalvesJoinedOnce: a server that takes a read for a message is not said to mix its clients' bytes because it was slow to
// read, and got the first request in halves, the control, as a whole.
func TestHalvesJoinedOnce(t *testing.T) {
	t.Parallel()
	var slow atomic.Bool // it reads the next request when the whole of it has come
	var joined, halves atomic.Int64
	b := at(t, func(c conn) {
		buf := make([]byte, 64<<10)
		for {
			if slow.Load() {
				awaitLine(c.(*net.TCPConn))
			}
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			switch whole := bytes.HasSuffix(buf[:n], []byte("\n")); {
			case whole && slow.CompareAndSwap(true, false):
				joined.Add(1)
			case !whole && joined.Load() > 0:
				halves.Add(1)
			}
			_, _ = c.Write(append(bytes.TrimSpace(buf[:n]), '\n'))
		}
	})
	cfg := Config{Addr: b.addr(), Dialect: "line", Only: "CONC-1", Progress: hooks{func(string) { slow.Store(true) }, func(report.Result) {}}}
	if r := result(t, judge(t, cfg), "CONC-1"); r.Verdict == report.Fail {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
	if joined.Load() != 1 || halves.Load() == 0 {
		t.Errorf("%d requests were joined, %d came in halves behind that", joined.Load(), halves.Load())
	}
}

// awaitLine returns when the end of a line, or of the stream, has come, and reads nothing.
func awaitLine(c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 4096)
	_ = raw.Read(func(fd uintptr) bool { // an error ends the wait: the read behind it has it too
		n, _, err := syscall.Recvfrom(int(fd), buf, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case errors.Is(err, syscall.EAGAIN):
			return false
		case err != nil || n <= 0:
			return true
		}
		return buf[n-1] == '\n'
	})
}
