//go:build unix

package odd

import (
	"io"
	"os"
	"sync"
	"syscall"
)

// take waits for input and reads once. What it reads is in the queue as soon as
// it is no longer in the kernel: c.mu is held from one to the other, so that
// Control finds it in one of them.
func (c *ahead) take() error {
	raw, err := c.tcp.SyscallConn()
	if err != nil {
		return err
	}
	var ended error
	err = raw.Read(func(fd uintptr) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		buf := aheadBuffers.Get().(*[aheadBytes]byte)
		defer aheadBuffers.Put(buf)
		n, err := readNow(int(fd), buf[:])
		switch {
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			ended = failed("read", c.tcp, os.NewSyscallError("read", err))
		case n == 0:
			ended = io.EOF
		default:
			c.put(buf[:n])
		}
		return true
	})
	if err != nil {
		return err
	}
	return ended
}

// aheadBuffers are what take reads into: an idle connection has none.
var aheadBuffers = sync.Pool{New: func() any { return new([aheadBytes]byte) }}

// readNow reads without waiting.
func readNow(fd int, buf []byte) (int, error) {
	for {
		if n, err := syscall.Read(fd, buf); err != syscall.EINTR {
			return n, err
		}
	}
}

// SyscallConn is how the reference server asks, when it shuts down, whether bytes
// have been received that were not read yet. It looks at the socket, where those
// that were read ahead are no longer.
func (c *ahead) SyscallConn() (syscall.RawConn, error) {
	raw, err := c.tcp.SyscallConn()
	return aheadRaw{raw, c}, err
}

// aheadRaw is the socket or, where something was read ahead, another one that has
// something to read.
type aheadRaw struct {
	syscall.RawConn
	conn *ahead
}

func (r aheadRaw) Control(f func(fd uintptr)) error {
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	if len(r.conn.queue) == 0 {
		return r.RawConn.Control(f)
	}
	return withReadable(f)
}

// withReadable calls f with a socket that has one byte to read.
func withReadable(f func(fd uintptr)) error {
	syscall.ForkLock.RLock()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(pair[0])
		syscall.CloseOnExec(pair[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	if _, err := syscall.Write(pair[1], []byte{0}); err != nil {
		return os.NewSyscallError("write", err)
	}
	f(uintptr(pair[0]))
	return nil
}
