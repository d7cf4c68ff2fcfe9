//go:build unix

package pair

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// readNow reads what has come, and waits for nothing: os.ErrDeadlineExceeded is that nothing has. A deadline that has passed would not do:
// beyond it nothing is read at all.
func readNow(c net.Conn, b []byte) (n int, err error) {
	_ = c.SetReadDeadline(time.Time{})
	socket, ok := c.(syscall.Conn)
	if !ok {
		return 0, os.ErrDeadlineExceeded
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Read(func(fd uintptr) bool {
		for n, failed = syscall.Read(int(fd), b); failed == syscall.EINTR; {
			n, failed = syscall.Read(int(fd), b)
		}
		return true
	})
	switch {
	case err != nil:
		return 0, err
	case failed == syscall.EAGAIN:
		return 0, os.ErrDeadlineExceeded
	case failed != nil:
		return 0, failed
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
