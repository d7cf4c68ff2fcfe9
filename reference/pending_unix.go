//go:build unix

package reference

import (
	"io"
	"net"
	"syscall"
)

// pending says whether the kernel has received bytes on rw that were not read
// yet. It neither waits nor takes them.
func pending(rw io.ReadWriter) bool {
	if conn, ok := rw.(net.Conn); ok {
		rw = wire(conn)
	}
	conn, ok := rw.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var n int
	err = raw.Control(func(fd uintptr) {
		var first [1]byte
		n, _, _ = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && n > 0
}
