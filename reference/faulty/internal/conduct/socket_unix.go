//go:build unix

package conduct

import (
	"errors"
	"net"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// control calls f with the descriptor of a socket.
func control(c syscall.RawConn, f func(fd int) error) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) { err = f(int(fd)) }), err)
}

// doNotReuse takes back what package net sets on every socket that listens.
func doNotReuse(_, _ string, c syscall.RawConn) error {
	return control(c, func(fd int) error {
		return syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	})
}

// setBacklog changes how many connections wait to be accepted.
func setBacklog(l *net.TCPListener, n int) error {
	c, err := l.SyscallConn()
	if err != nil {
		return err
	}
	return control(c, func(fd int) error { return syscall.Listen(fd, n) })
}

// endFollows says whether the client's end of the stream is there already, with
// nothing before it. It neither waits nor takes anything.
func endFollows(conn plant.Conn) bool {
	c, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	if c, ok := c.(told); ok {
		n, err := c.Next()
		return n == 0 && err == nil
	}
	n := -1
	err = control(c, func(fd int) (err error) {
		var next [1]byte
		n, _, err = syscall.Recvfrom(fd, next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err
	})
	return err == nil && n == 0
}
