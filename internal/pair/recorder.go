// Package pair finds out whether a front end and the server behind it agree about where requests end (contract-http, SMUG-8). A recorder
// stands behind the front end, and what that sends on is given to the other.
package pair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// A Recorder is a server of HTTP/1.1 that keeps what comes to it. It ends each connection behind its first answer, and says so in it
// (RFC 9112, 9.6): what came over a connection is then one request, as the front end has it, whatever is wrong with its framing.
type Recorder struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	kept  []*record
	quiet time.Duration
	over  bool
}

// A record is what came over one connection.
type record struct {
	conn  net.Conn
	bytes []byte
	request
	answered chan struct{} // closed when it was whole, and answered, or over
	over     chan struct{} // closed when the front end has ended it
}

// What is kept at the most: bytes of a connection, and connections. A front end opens some ahead.
const (
	mostBytes   = 256 << 10
	mostRecords = 256
)

// Record serves at a listener until [Recorder.Close].
func Record(l net.Listener) *Recorder {
	r := &Recorder{listener: l, quiet: patience.Quiet}
	r.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if rec := r.enter(c); rec != nil {
				r.serving.Go(func() { r.serve(rec) })
			}
		}
	})
	return r
}

// Addr is where it listens.
func (r *Recorder) Addr() string { return r.listener.Addr().String() }

// enter keeps a connection; nil where no more are.
func (r *Recorder) enter(c net.Conn) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || len(r.kept) >= mostRecords {
		_ = c.Close()
		return nil
	}
	rec := &record{conn: c, answered: make(chan struct{}), over: make(chan struct{})}
	r.kept = append(r.kept, rec)
	return rec
}

// serve keeps what comes, and answers when the request is whole. Where that cannot be told, since it is not formed as RFC 9112 says, or is
// less than the front end has it for, it answers when nothing more comes: the front end goes on behind it, or does not.
func (r *Recorder) serve(rec *record) {
	c := rec.conn
	defer func() { _ = c.Close() }()
	defer close(rec.over)
	said, continued := false, false
	finish := func() {
		if !said {
			said = true
			close(rec.answered)
		}
	}
	defer finish()
	answer := func() bool {
		_ = c.SetWriteDeadline(time.Now().Add(patience.Linger))
		_, err := c.Write(answerTo(rec.request))
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		finish()
		return err == nil
	}
	for b := make([]byte, 16<<10); ; {
		deadline := time.Time{}
		switch {
		case said:
			deadline = time.Now().Add(patience.Lingers)
		case len(rec.bytes) > 0: // which this alone writes
			r.mu.Lock()
			deadline = time.Now().Add(r.quiet)
			r.mu.Unlock()
		}
		_ = c.SetReadDeadline(deadline)
		n, err := c.Read(b)
		r.mu.Lock()
		rec.bytes = append(rec.bytes, b[:min(n, mostBytes-len(rec.bytes))]...)
		if !said && n > 0 {
			rec.request = read(rec.bytes)
		}
		full := len(rec.bytes) == mostBytes
		r.mu.Unlock()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !said:
			if !answer() {
				return
			}
		case err != nil || full:
			return
		case !said && rec.end > 0:
			if !answer() {
				return
			}
		case rec.head > 0 && !continued && rec.has("Expect", "100-continue"):
			continued = true
			_ = c.SetWriteDeadline(time.Now().Add(patience.Linger))
			if _, err := c.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n")); err != nil {
				return
			}
		}
	}
}

// answerTo is what the recorder says to a request: which it was, so that nobody keeps the answer for another.
func answerTo(q request) []byte {
	content := "recorded " + q.target + "\n"
	if len(content) > mostQuoted<<2 {
		content = "recorded\n"
	}
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", len(content))
	if q.method == "HEAD" {
		content = ""
	}
	return []byte(head + content)
}

// Take returns what came of messages with a mark, each connection by itself, and keeps none of it. It waits, for so long at most, until
// each of them was answered, or, where all is wanted, until it has ended.
func (r *Recorder) take(ctx context.Context, mark string, all bool) (taken []*record) {
	r.mu.Lock()
	for _, rec := range r.kept {
		if bytes.Contains(rec.bytes, []byte(mark)) {
			taken = append(taken, rec)
		}
	}
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience.Linger)
	defer cancel()
	for _, rec := range taken {
		if wait(ctx, rec.answered) && (all || !r.whole(rec)) {
			wait(ctx, rec.over)
		}
		_ = rec.conn.Close()
		<-rec.over
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = slices.DeleteFunc(r.kept, func(rec *record) bool { return slices.Contains(taken, rec) || ended(rec) })
	return taken
}

func (r *Recorder) whole(rec *record) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return rec.end > 0
}

func ended(rec *record) bool {
	select {
	case <-rec.over:
		return true
	default:
		return false
	}
}

// wait says whether it has been closed before the context is over.
func wait(ctx context.Context, c chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-ctx.Done():
		return false
	}
}

// patient has the recorder wait for so long until it takes for all what has come of a request that is not whole.
func (r *Recorder) patient(quiet time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.quiet = quiet
}

// Close ends the listener and all connections.
func (r *Recorder) Close() error {
	err := r.listener.Close()
	r.mu.Lock()
	r.over = true
	for _, rec := range r.kept {
		_ = rec.conn.Close()
	}
	r.mu.Unlock()
	r.serving.Wait()
	return err
}
