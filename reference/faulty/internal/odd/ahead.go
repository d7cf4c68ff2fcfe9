package odd

import (
	"net"
	"os"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantReadsAhead(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return newAhead(conn) }
}

// How far ahead reads go: so many, of so many bytes at most.
const (
	aheadReads = 4
	aheadBytes = 32 << 10
)

// ahead reads the socket in a goroutine of its own, until the stream ends or the
// connection is closed. Of the socket, what reads is hidden.
type ahead struct {
	net.Conn // for all but reading
	tcp      plant.Conn
	done     chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	changed *sync.Cond
	limit   timeLimit // of Read
	queue   [][]byte  // what was read, and not asked for yet
	err     error     // what ended the reading; it follows the queue
	closed  bool
}

func newAhead(conn plant.Conn) *ahead {
	c := &ahead{Conn: conn, tcp: conn, done: make(chan struct{})}
	c.changed = sync.NewCond(&c.mu)
	c.limit.changed = c.changed
	go c.readAhead()
	return c
}

// readAhead is the goroutine.
func (c *ahead) readAhead() {
	defer close(c.done)
	for c.awaitRoom() {
		if err := c.take(); err != nil {
			c.end(err)
			return
		}
	}
}

// awaitRoom waits until one more read may be taken. It returns false when the
// connection is closed.
func (c *ahead) awaitRoom() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) >= aheadReads && !c.closed {
		c.changed.Wait()
	}
	return !c.closed
}

// put adds what was read. c.mu is held.
func (c *ahead) put(some []byte) {
	c.queue = append(c.queue, append([]byte(nil), some...))
	c.changed.Broadcast()
}

// end says what ended the reading.
func (c *ahead) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	c.changed.Broadcast()
}

func (c *ahead) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, failed("read", c.tcp, net.ErrClosed)
		case len(p) == 0:
			return 0, nil
		case c.limit.passed():
			return 0, failed("read", c.tcp, os.ErrDeadlineExceeded)
		case len(c.queue) > 0:
			return c.get(p), nil
		case c.err != nil:
			return 0, c.err
		}
		c.changed.Wait()
	}
}

// get takes the first of what was read. c.mu is held.
func (c *ahead) get(p []byte) int {
	n := copy(p, c.queue[0])
	if c.queue[0] = c.queue[0][n:]; len(c.queue[0]) == 0 {
		c.queue[0] = nil
		c.queue = c.queue[1:]
		c.changed.Broadcast()
	}
	return n
}

func (c *ahead) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return failed("set", c.tcp, net.ErrClosed)
	}
	c.limit.change(t)
	return nil
}

func (c *ahead) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *ahead) CloseWrite() error {
	return c.tcp.CloseWrite()
}

// Close returns when the goroutine has ended.
func (c *ahead) Close() error {
	c.mu.Lock()
	c.closed = true
	c.limit.stop()
	c.changed.Broadcast()
	c.mu.Unlock() // the goroutine may need it to let the socket go, for which the next line waits
	err := c.tcp.Close()
	<-c.done
	return err
}
