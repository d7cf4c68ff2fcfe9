package target

import (
	"os"

	"golang.org/x/sys/unix"
)

// unread tells whether a pipe holds bytes that nobody has read yet.
func unread(pipe *os.File) bool {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return false
	}
	waiting := 0
	if err := raw.Control(func(fd uintptr) { waiting, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) }); err != nil {
		return false // it is closed
	}
	return waiting > 0
}
