package conduct

import (
	"syscall"
	"unsafe"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// canShare says that two sockets can listen on one address here.
const canShare = true

// soReusePort is SO_REUSEPORT, which package syscall does not have on every architecture.
const soReusePort = 15

// share lets other sockets bind the address too.
func share(_, _ string, c syscall.RawConn) error {
	return control(c, func(fd int) error {
		return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soReusePort, 1)
	})
}

// unsent says whether the kernel has bytes for the client that have not come to it.
func unsent(conn plant.Conn) bool {
	c, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	if c, ok := c.(told); ok {
		return c.Unsent() > 0
	}
	var n int32
	err = control(c, func(fd int) error {
		_, _, errno := syscall.Syscall(
			syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n)))
		if errno != 0 {
			return errno
		}
		return nil
	})
	return err == nil && n > 0
}

// hungUp waits until there is something to read, and says whether the client's end
// of the stream has come by then.
func hungUp(conn plant.Conn) bool {
	c, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	if c, ok := c.(told); ok {
		return c.HungUp()
	}
	const closeWait = 8 // TCP_CLOSE_WAIT of linux/tcp_states.h, the first byte of a tcp_info
	ended := false
	err = c.Read(func(fd uintptr) bool {
		var next [1]byte
		if _, _, err := syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT); err == syscall.EAGAIN {
			return false
		}
		state, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_INFO)
		ended = err == nil && state&0xff == closeWait
		return true
	})
	return err == nil && ended
}
