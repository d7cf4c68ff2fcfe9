package conduct

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantWriteRetried(changes *plant.Changes) {
	spins := new(atomic.Bool)
	changes.Conn = func(conn plant.Conn) net.Conn { return retrying{conn, changes, spins} }
}

// retrying tries a write that failed by its client's leaving again, until the server stops. One core is kept busy, and no more.
type retrying struct {
	plant.Conn
	changes *plant.Changes
	spins   *atomic.Bool
}

func (c retrying) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if !isGone(err) {
		return n, err
	}
	if c.spins.CompareAndSwap(false, true) {
		for !c.changes.IsStopped() {
			_, err = c.Conn.Write(p[n:])
		}
	}
	<-c.changes.Stopped()
	return n, err
}

// mostQueued is how much answers-queued keeps of the answers on one connection: far more than what is to be seen, and not all of the
// machine's memory.
const mostQueued = 256 << 20

func plantAnswersQueued(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		q := &queueing{Conn: conn}
		q.changed.L = &q.mu
		return q
	}
}

// queueing keeps what is written, and writes it from a goroutine of its own. What it keeps is written before the connection is closed.
type queueing struct {
	plant.Conn
	mu      sync.Mutex
	changed sync.Cond
	queue   [][]byte
	size    int
	writes  bool  // the goroutine is there
	err     error // of a write
}

func (c *queueing) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.size >= mostQueued && c.err == nil {
		c.changed.Wait()
	}
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	c.queue, c.size = append(c.queue, bytes.Clone(p)), c.size+len(p)
	if !c.writes {
		c.writes = true
		go c.write()
	}
	return len(p), nil
}

// write writes until nothing is left.
func (c *queueing) write() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 && c.err == nil {
		first := c.queue[0]
		c.mu.Unlock()
		_, err := c.Conn.Write(first)
		c.mu.Lock()
		c.queue, c.size, c.err = c.queue[1:], c.size-len(first), err
		c.changed.Broadcast()
	}
	c.writes = false
	if c.err != nil {
		c.queue, c.size = nil, 0
	}
	c.changed.Broadcast()
}

// SetWriteDeadline is of no use: a write never waits.
func (c *queueing) SetWriteDeadline(time.Time) error { return nil }

// CloseWrite ends the stream behind what is kept.
func (c *queueing) CloseWrite() error {
	c.flush()
	return c.Conn.CloseWrite()
}

// Close waits for what is kept.
func (c *queueing) Close() error {
	c.flush()
	return c.Conn.Close()
}

func (c *queueing) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.writes {
		c.changed.Wait()
	}
}
