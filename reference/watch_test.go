//go:build unix

package reference_test

import (
	"net"
	"sync/atomic"
	"syscall"

	. "github.com/onsi/gomega"
)

// A watch sees what the server does with its connections.
type watch struct {
	accepted atomic.Int64  // connections
	received atomic.Int64  // bytes that the server has read
	waiting  atomic.Int64  // reads that have begun
	closed   atomic.Int64  // connections
	highest  atomic.Int64  // the most connections that were open at once
	looked   chan struct{} // the server looked what is pending; nil means that nobody asks
	gate     chan struct{} // a read begins when this is closed; nil means at once
	conns    chan *watchedConn
}

// listen is a Config.Listen.
func (w *watch) listen(addr string) (net.Listener, error) {
	w.conns = make(chan *watchedConn, 100)
	l, err := net.Listen("tcp", addr)
	return watchedListener{l, w}, err
}

type watchedListener struct {
	net.Listener
	*watch
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	open := l.accepted.Add(1) - l.closed.Load()
	l.highest.Store(max(open, l.highest.Load()))
	watched := &watchedConn{conn.(*net.TCPConn), l.watch}
	l.conns <- watched
	return watched, nil
}

type watchedConn struct {
	*net.TCPConn
	*watch
}

func (c *watchedConn) Read(p []byte) (int, error) {
	c.waiting.Add(1)
	if c.gate != nil {
		<-c.gate
	}
	n, err := c.TCPConn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

func (c *watchedConn) SyscallConn() (syscall.RawConn, error) {
	if c.looked != nil {
		c.looked <- struct{}{}
	}
	return c.TCPConn.SyscallConn()
}

func (c *watchedConn) Close() error {
	c.closed.Add(1)
	return c.TCPConn.Close()
}

// awaitPending waits until the kernel has received something, and leaves it.
func (c *watchedConn) awaitPending() {
	raw, err := c.TCPConn.SyscallConn()
	Expect(err).NotTo(HaveOccurred())
	Expect(raw.Read(func(fd uintptr) bool {
		var first [1]byte
		n, _, _ := syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return n > 0
	})).To(Succeed())
}
