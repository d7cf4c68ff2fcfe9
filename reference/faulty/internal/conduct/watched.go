package conduct

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// watched tells a fault what comes of a connection. What is nil is not told.
type watched struct {
	plant.Conn
	onRead  func(got []byte, err error)
	onWrite func(n int, err error)
	onClose func() // once, before it is closed
	once    sync.Once
}

func (c *watched) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.onRead != nil {
		c.onRead(p[:n], err)
	}
	return n, err
}

func (c *watched) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if c.onWrite != nil {
		c.onWrite(n, err)
	}
	return n, err
}

func (c *watched) Close() error {
	if c.onClose != nil {
		c.once.Do(c.onClose)
	}
	return c.Conn.Close()
}

// isReset says whether a read or a write failed because the client reset the
// connection while both directions were open.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET)
}

// isGone says whether a read or a write failed because of a reset, before or after
// the client's end of the stream.
func isGone(err error) bool {
	return isReset(err) || errors.Is(err, syscall.EPIPE)
}

// isFailure says whether a session's error is its handler's own: not that the client left, or was silent for too long.
func isFailure(err error) bool {
	return err != nil && !isGone(err) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded)
}

// A door is a listener that can be shut before the server closes it: from then on
// clients are refused, and Accept waits until it is closed.
type door struct {
	net.Listener
	once     sync.Once
	refusing chan struct{}
	closed   chan struct{}
}

func newDoor(l net.Listener) *door {
	return &door{Listener: l, refusing: make(chan struct{}), closed: make(chan struct{})}
}

// shut refuses clients.
func (l *door) shut() {
	l.once.Do(func() {
		close(l.refusing)
		_ = l.Listener.Close()
	})
}

func (l *door) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		return conn, nil
	}
	select {
	case <-l.refusing:
		<-l.closed
	default:
	}
	return nil, err
}

// Close is called once, by the server.
func (l *door) Close() error {
	l.shut()
	close(l.closed)
	return nil
}
