package odd

import (
	"errors"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// cork has the socket keep what does not fill a segment, or lets it go.
func cork(conn plant.Conn, on bool) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	value := 0
	if on {
		value = 1
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CORK, value) })
	return errors.Join(err, set)
}
