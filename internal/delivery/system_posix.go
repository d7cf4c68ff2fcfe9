//go:build !windows

package delivery

import (
	"errors"
	"os"
	"syscall"
)

// isReset says whether the error means that the server aborted the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// setReceiveBuffer sets SO_RCVBUF, unless size is 0.
func setReceiveBuffer(rc syscall.RawConn, size int) error {
	if size <= 0 {
		return nil
	}
	var err error
	if e := rc.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, size)
	}); e != nil {
		return e
	}
	return os.NewSyscallError("setsockopt SO_RCVBUF", err)
}

// setMaxSegment sets TCP_MAXSEG, unless size is 0, where the system lets it.
func setMaxSegment(rc syscall.RawConn, size int) {
	if size <= 0 {
		return
	}
	_ = rc.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, size) })
}
