package reference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// A link is the connection under a stream handler. It bounds every wait, and
// tells a handler that waits between two requests that the stream has ended when
// the server shuts down.
type link struct {
	rw        io.ReadWriter
	deadlines deadlines       // nil where rw has none
	ctx       context.Context // ends when the server is told to stop
	record    int             // the most bytes of one write; 0 is any number
	idleTime  time.Duration
	writeTime time.Duration
	readBy    time.Time // the deadline of the calls that read; zero is none
	sendBy    time.Time // the same of Send

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

// tlsRecord is the most content of a TLS record (RFC 8446, section 5.1). A write
// that its deadline has cut cannot be taken up again over TLS, so no write is
// larger: each has the whole of WriteTime.
const tlsRecord = 16 << 10

func newLink(ctx context.Context, rw io.ReadWriter, cfg Config) *link {
	l := &link{rw: rw, ctx: ctx, idleTime: cfg.IdleTime, writeTime: cfg.WriteTime}
	l.deadlines, _ = rw.(deadlines)
	if _, ok := rw.(layer); ok {
		l.record = tlsRecord
	}
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

// handshake settles what the client has to settle before its first byte, within
// one wait for input. A client that has not begun is between two requests.
func (l *link) handshake() error {
	conn, ok := l.rw.(handshaker)
	if !ok {
		return nil
	}
	if err := l.beginRead(true); err != nil {
		return err
	}
	if err := l.beginWrite(); err != nil {
		return err
	}
	return l.endRead(conn.Handshake())
}

func (l *link) beginRead(idle bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.woken = false
	l.idle = idle
	if idle && l.draining && !pending(l.rw) {
		l.wake()
		if !l.woken {
			l.finished, l.drained = true, true
			return io.EOF
		}
		return nil // what a layer holds back is read; else the deadline is over
	}
	if l.deadlines == nil {
		return nil
	}
	if err := l.deadlines.SetReadDeadline(deadline(l.idleTime, l.readBy)); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return err // a net.Pipe whose other end was closed still has its end of the stream to read
	}
	return nil
}

func (l *link) endRead(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = false
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && l.woken:
		err, l.drained = io.EOF, true
	case errors.Is(err, os.ErrDeadlineExceeded) && over(l.readBy):
		return fmt.Errorf("reference: too little input by the deadline: %w", err)
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
	if l.idle && !pending(l.rw) {
		l.wake()
	}
}

// wake ends the wait of a read, where rw has deadlines. l.mu is held.
func (l *link) wake() {
	l.woken = l.deadlines != nil && l.deadlines.SetReadDeadline(past) == nil
}

// sawEnd says whether the handler has read the stream to its end.
func (l *link) sawEnd() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.finished
}

// wasDrained says whether the end that the handler has seen was the server's
// shutting down: the client may still be sending.
func (l *link) wasDrained() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drained
}

// write writes all of p. It fails when writeTime passes without progress, and at
// sendBy.
func (l *link) write(p []byte) error {
	for {
		if err := l.beginWrite(); err != nil {
			return err
		}
		piece := p
		if l.record > 0 {
			piece = p[:min(len(p), l.record)]
		}
		n, err := l.rw.Write(piece)
		p = p[n:]
		switch {
		case err == nil && n < len(piece):
			return io.ErrShortWrite
		case err == nil && len(p) > 0:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case over(l.sendBy):
			return fmt.Errorf("reference: not all was taken by the deadline: %w", err)
		case n == 0:
			return fmt.Errorf("reference: nothing taken for %v: %w", l.writeTime, err)
		}
	}
}

func (l *link) beginWrite() error {
	if l.deadlines == nil {
		return nil
	}
	return l.deadlines.SetWriteDeadline(deadline(l.writeTime, l.sendBy))
}

// past is a deadline that ends a wait at once.
var past = time.Unix(1, 0)

// deadline returns the time after d, or by where that is earlier. A negative d
// and a zero by are none.
func deadline(d time.Duration, by time.Time) time.Time {
	if d < 0 {
		return by
	}
	after := time.Now().Add(d)
	if !by.IsZero() && by.Before(after) {
		return by
	}
	return after
}

// over says whether there is a deadline, and it has come.
func over(by time.Time) bool {
	return !by.IsZero() && !time.Now().Before(by)
}
