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

// setReceiveBuffer sets SO_RCVBUF.
func setReceiveBuffer(rc syscall.RawConn, size int) error {
	var err error
	if e := rc.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, size)
	}); e != nil {
		return e
	}
	return os.NewSyscallError("setsockopt SO_RCVBUF", err)
}
