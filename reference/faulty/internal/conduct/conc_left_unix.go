//go:build unix

package conduct

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// receive reads once, as conn.Read does, and calls note with what came. From the
// read itself to the end of note it holds mu, which it does not while it waits.
func receive(conn plant.Conn, p []byte, mu *sync.Mutex, note func([]byte, error)) (n int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	if c, ok := raw.(told); ok {
		c.HungUp() // nobody else reads: what has come then is there
		mu.Lock()
		defer mu.Unlock()
		n, err = conn.Read(p)
		note(p[:n], err)
		return n, err
	}
	waitErr := raw.Read(func(fd uintptr) bool {
		mu.Lock()
		defer mu.Unlock()
		n, err = syscall.Read(int(fd), p)
		if err == syscall.EAGAIN || err == syscall.EINTR {
			return false
		}
		if n = max(n, 0); n == 0 && err == nil {
			err = io.EOF
		}
		note(p[:n], err)
		return true
	})
	if waitErr != nil {
		return 0, waitErr
	}
	return n, err
}

// wasReset says whether the client has reset a connection that no read has failed on yet. The
// next read finds the end of the stream.
func wasReset(conn plant.Conn) bool {
	c, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	if c, ok := c.(told); ok {
		_, err := c.Next()
		return errors.Is(err, syscall.ECONNRESET)
	}
	return errors.Is(control(c, func(fd int) error {
		var next [1]byte
		_, _, err := syscall.Recvfrom(fd, next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err
	}), syscall.ECONNRESET)
}
