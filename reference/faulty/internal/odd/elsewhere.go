package odd

import (
	"bytes"
	"cmp"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantWritesElsewhere(changes *plant.Changes) {
	writeTime := cmp.Or(changes.Config.WriteTime, reference.DefaultWriteTime)
	changes.Conn = func(conn plant.Conn) net.Conn { return newElsewhere(conn, writeTime, nil) }
	closesWhenWritten(changes)
}

// plantSecondLater is plantWritesElsewhere of a goroutine that comes later to every second answer.
func plantSecondLater(changes *plant.Changes) {
	writeTime := cmp.Or(changes.Config.WriteTime, reference.DefaultWriteTime)
	changes.Conn = func(conn plant.Conn) net.Conn { return newElsewhere(conn, writeTime, secondLater) }
	closesWhenWritten(changes)
}

// secondLater is how much later a connection's answer of that number is written. Later ones are small parts of one, perhaps.
func secondLater(number int) time.Duration {
	if number%2 == 0 && number < lateAnswers {
		return lateBy
	}
	return 0
}

func closesWhenWritten(changes *plant.Changes) {
	// The end of a session closes the outgoing direction, which waits until all
	// is written; so the connection can then be closed at once, by whomever.
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			defer s.Close()
			return d(s)
		}
	}
}

// How much waits to be written at most, and how much of it is written at a time.
const (
	mostWaiting    = 256 << 10
	elsewherePiece = 16 << 10
)

// elsewhere writes in a goroutine of its own, until a write fails or the
// connection is closed. Of the socket, what writes is hidden.
type elsewhere struct {
	net.Conn  // for all but writing
	tcp       plant.Conn
	writeTime time.Duration // how long the socket may take nothing; negative means for ever
	done      chan struct{} // closed when the goroutine has ended
	later     func(number int) time.Duration
	answers   int  // how many were begun, by the goroutine
	within    bool // it has written a part of the answer that is next

	mu      sync.Mutex
	changed *sync.Cond
	limit   timeLimit // of Write
	queue   [][]byte  // what is to be written
	waiting int       // the bytes in the queue and in the goroutine's hands
	err     error     // why nothing more is written
}

// newElsewhere wraps a connection; later says how much later its answers are written, unless it is nil.
func newElsewhere(conn plant.Conn, writeTime time.Duration, later func(number int) time.Duration) *elsewhere {
	c := &elsewhere{Conn: conn, tcp: conn, writeTime: writeTime, later: later, done: make(chan struct{})}
	c.changed = sync.NewCond(&c.mu)
	c.limit.changed = c.changed
	go c.writeAll()
	return c
}

// writeAll is the goroutine.
func (c *elsewhere) writeAll() {
	defer close(c.done)
	for {
		piece := c.next()
		if piece == nil {
			return
		}
		if !c.within && c.later != nil {
			c.answers++
			time.Sleep(c.later(c.answers))
		}
		c.within = len(piece) == elsewherePiece
		if err := c.writeOut(piece); err != nil {
			c.end(err)
			return
		}
	}
}

// next waits for something to write. It returns nil when nothing is to be
// written any more.
func (c *elsewhere) next() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && c.err == nil {
		c.changed.Wait()
	}
	if c.err != nil {
		return nil
	}
	piece := c.queue[0]
	if len(piece) > elsewherePiece {
		c.queue[0] = piece[elsewherePiece:]
		return piece[:elsewherePiece]
	}
	c.queue[0] = nil
	c.queue = c.queue[1:]
	return piece
}

// writeOut writes all of piece. It fails when writeTime passes without progress.
func (c *elsewhere) writeOut(piece []byte) error {
	for len(piece) > 0 {
		if err := c.tcp.SetWriteDeadline(c.writeDeadline()); err != nil {
			return err
		}
		n, err := c.tcp.Write(piece)
		piece = piece[n:]
		c.wrote(n)
		if err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return err
		}
	}
	return nil
}

func (c *elsewhere) writeDeadline() time.Time {
	if c.writeTime < 0 {
		return time.Time{}
	}
	return time.Now().Add(c.writeTime)
}

// wrote says that n more bytes wait no longer.
func (c *elsewhere) wrote(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting -= n
	c.changed.Broadcast()
}

// end says why nothing more is written; what waits is dropped.
func (c *elsewhere) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = nil
	c.err = cmp.Or(c.err, err)
	c.limit.stop()
	c.changed.Broadcast()
}

// Write returns when all of p is in the queue. An error of the socket shows at a
// later call.
func (c *elsewhere) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := 0
	for taken < len(p) {
		switch {
		case c.err != nil:
			return taken, c.err
		case c.limit.passed():
			return taken, failed("write", c.tcp, os.ErrDeadlineExceeded)
		case c.waiting >= mostWaiting:
			c.changed.Wait()
		default:
			n := min(len(p)-taken, mostWaiting-c.waiting)
			c.queue = append(c.queue, bytes.Clone(p[taken:taken+n]))
			c.waiting += n
			taken += n
			c.changed.Broadcast()
		}
	}
	return taken, nil
}

func (c *elsewhere) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.limit.change(t)
	return nil
}

func (c *elsewhere) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// SyscallConn is how the reference server looks what was received.
func (c *elsewhere) SyscallConn() (syscall.RawConn, error) {
	return c.tcp.SyscallConn()
}

// CloseWrite waits until all is written, or nothing more can be.
func (c *elsewhere) CloseWrite() error {
	c.mu.Lock()
	for c.waiting > 0 && c.err == nil {
		c.changed.Wait()
	}
	c.mu.Unlock()
	return c.tcp.CloseWrite()
}

// Close closes the connection as it is, and returns when the goroutine has ended.
func (c *elsewhere) Close() error {
	c.end(failed("write", c.tcp, net.ErrClosed))
	err := c.tcp.Close()
	<-c.done
	return err
}
