package reference

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A link is the connection under a stream handler. It bounds every wait, and
// tells a handler that waits between two requests that the stream has ended when
// the server shuts down.
type link struct {
	rw        io.ReadWriter
	deadlines deadlines // nil where rw has none
	idleTime  time.Duration
	writeTime time.Duration

	mu       sync.Mutex
	idle     bool // a read waits, between two requests
	draining bool // the server shuts down
	woken    bool // the read that waits was ended by drain
	finished bool // the handler has seen the end of the stream
	drained  bool // and that was the server's shutting down, not the client's end
}

// deadlines is what a net.Conn has to bound its waits.
type deadlines interface {
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

func newLink(rw io.ReadWriter, cfg Config) *link {
	l := &link{rw: rw, idleTime: cfg.IdleTime, writeTime: cfg.WriteTime}
	l.deadlines, _ = rw.(deadlines)
	return l
}

// read reads once. Between two requests (idle) it returns io.EOF when the server
// shuts down and nothing more has been received.
func (l *link) read(p []byte, idle bool) (int, error) {
	if err := l.beginRead(idle); err != nil {
		return 0, err
	}
	n, err := l.rw.Read(p)
	return n, l.endRead(err)
}

func (l *link) beginRead(idle bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.woken = false
	if idle && l.draining && !pending(l.rw) {
		l.finished, l.drained = true, true
		return io.EOF
	}
	l.idle = idle
	if l.deadlines == nil {
		return nil
	}
	if err := l.deadlines.SetReadDeadline(deadline(l.idleTime)); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return err // a net.Pipe whose other end was closed still has its end of the stream to read
	}
	return nil
}

func (l *link) endRead(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = false
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && l.woken:
		err, l.drained = io.EOF, true
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("reference: no input for %v: %w", l.idleTime, err)
	}
	if err == io.EOF {
		l.finished = true
	}
	return err
}

// drain says that the server shuts down. A read that waits between two requests
// sees the end of the stream, unless bytes have been received that it has yet to
// return.
func (l *link) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draining = true
	if l.idle && l.deadlines != nil && !pending(l.rw) {
		l.woken = l.deadlines.SetReadDeadline(past) == nil
	}
}

// sawEnd says whether the handler has read the stream to its end.
func (l *link) sawEnd() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.finished
}

// wasDrained says whether the end that the handler has seen was the server's shutting down: the client may still be sending.
func (l *link) wasDrained() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drained
}

// write writes all of p. It fails when writeTime passes without progress.
func (l *link) write(p []byte) error {
	for {
		if l.deadlines != nil {
			if err := l.deadlines.SetWriteDeadline(deadline(l.writeTime)); err != nil {
				return err
			}
		}
		n, err := l.rw.Write(p)
		p = p[n:]
		switch {
		case err == nil && len(p) > 0:
			return io.ErrShortWrite
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case n == 0:
			return fmt.Errorf("reference: nothing taken for %v: %w", l.writeTime, err)
		}
	}
}

// closeWrite ends the outgoing direction, where there is a way to.
func (l *link) closeWrite() error {
	if half, ok := l.rw.(halfCloser); ok {
		return half.CloseWrite()
	}
	return nil
}

// A halfCloser can end its outgoing direction alone, as *net.TCPConn can.
type halfCloser interface {
	CloseWrite() error
}

var _ halfCloser = (*net.TCPConn)(nil)

// past is a deadline that ends a wait at once.
var past = time.Unix(1, 0)

// deadline returns the time after d, and none for a negative d.
func deadline(d time.Duration) time.Time {
	if d < 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}
