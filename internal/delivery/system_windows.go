package delivery

import (
	"errors"
	"syscall"
)

// errAborted is WSAECONNABORTED, with which Windows answers a write after the server's RST.
const errAborted = syscall.Errno(10053)

// isReset says whether the error means that the server aborted the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.WSAECONNRESET) || errors.Is(err, errAborted)
}

// setReceiveBuffer does nothing: the buffer is set once connected.
func setReceiveBuffer(syscall.RawConn, int) error { return nil }

// setMaxSegment does nothing: the system does not let it be set.
func setMaxSegment(syscall.RawConn, int) {}
