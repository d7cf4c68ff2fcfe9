//go:build unix

package odd

import (
	"errors"
	"net"
	"syscall"
)

// shrinkBuffers sets the size of the kernel's buffers of the connections that l accepts.
func shrinkBuffers(l *net.TCPListener, size int) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = errors.Join(
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, size),
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, size),
		)
	})
	return errors.Join(err, set)
}
