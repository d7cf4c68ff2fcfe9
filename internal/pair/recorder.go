// Package pair finds out whether a front end and the server behind it agree about where requests end (contract-http, SMUG-8). A recorder
// stands behind the front end, and what that sends on is given to the other.
package pair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
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

	mu      sync.Mutex
	kept    []*record
	quiet   time.Duration
	over    bool
	own     string     // the address of a connection of its own that is to be accepted
	looks   int        // how often it was made sure that all is read that has come
	changed *sync.Cond // any of these, or a record's looked
}

// A record is what came over one connection.
type record struct {
	conn  net.Conn
	bytes []byte
	request
	looked   int           // the last of the recorder's looks at which there was nothing left to read
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
	r.changed = sync.NewCond(&r.mu)
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

// enter keeps a connection; nil where it does not.
func (r *Recorder) enter(c net.Conn) *record {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.changed.Broadcast()
	own := r.own == c.RemoteAddr().String()
	if own {
		r.own = ""
	}
	if own || r.over || len(r.kept) >= mostRecords {
		_ = c.Close()
		return nil
	}
	rec := &record{conn: c, looked: r.looks, answered: make(chan struct{}), over: make(chan struct{})}
	r.kept = append(r.kept, rec)
	return rec
}

// serve keeps what comes, and answers when the request is whole. Where that cannot be told, since it is not formed as RFC 9112 says, or is
// less than the front end has it for, it answers when nothing more comes: the front end goes on behind it, or does not.
func (r *Recorder) serve(rec *record) {
	said, continued := false, false
	finish := sync.OnceFunc(func() { said = true; close(rec.answered) })
	defer r.ends(rec)
	defer finish()
	write := func(b []byte) bool {
		_ = rec.conn.SetWriteDeadline(time.Now().Add(patience.Linger))
		_, err := rec.conn.Write(b)
		return err == nil
	}
	answer := func() bool {
		ok := write(answerTo(rec.request))
		if half, can := rec.conn.(interface{ CloseWrite() error }); can {
			_ = half.CloseWrite()
		}
		finish()
		return ok
	}
	for b := make([]byte, 16<<10); ; {
		look := r.awaits(rec, said)
		next := rec.conn.Read
		if look > 0 {
			next = func(b []byte) (int, error) { return readNow(rec.conn, b) }
		}
		n, err := next(b)
		quiet := errors.Is(err, os.ErrDeadlineExceeded)
		called, full := r.took(rec, b[:n], look, quiet, said)
		switch {
		case called:
		case quiet && said, !quiet && err != nil, full:
			return
		case quiet, !said && rec.end > 0:
			if !answer() {
				return
			}
		case !said && !continued && rec.head > 0 && rec.has("Expect", "100-continue"):
			if continued = true; !write([]byte("HTTP/1.1 100 Continue\r\n\r\n")) {
				return
			}
		}
	}
}

// awaits sets until when bytes are waited for; or returns the look for which what has come is read.
func (r *Recorder) awaits(rec *record, said bool) (look int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	until := func(d time.Duration) { _ = rec.conn.SetReadDeadline(time.Now().Add(d)) }
	switch {
	case rec.looked < r.looks:
		return r.looks
	case said:
		until(patience.Lingers)
	case len(rec.bytes) > 0:
		until(r.quiet)
	default: // a front end may open connections ahead
		_ = rec.conn.SetReadDeadline(time.Time{})
	}
	return 0
}

// took keeps what was read. It says whether the wait was ended, or cut short, for a look, and whether no more is kept.
func (r *Recorder) took(rec *record, b []byte, look int, quiet, said bool) (called, full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec.bytes = append(rec.bytes, b[:min(len(b), mostBytes-len(rec.bytes))]...)
	if !said && len(b) > 0 {
		rec.request = read(rec.bytes)
	}
	called = quiet && (look > 0 || rec.looked < r.looks)
	if quiet && look > 0 {
		rec.looked = look
		r.changed.Broadcast()
	}
	return called, len(rec.bytes) == mostBytes
}

// ends is behind the last byte of a connection.
func (r *Recorder) ends(rec *record) {
	_ = rec.conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	rec.looked = math.MaxInt
	close(rec.over)
	r.changed.Broadcast()
}

// look returns when all is read that a front end on this machine had written before: connections are accepted in their order, and so is one of
// its own; and each of the others is read until nothing is left.
func (r *Recorder) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := net.DialTimeout("tcp", r.Addr(), patience.Linger) // which is not accepted until this waits
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	for r.own = c.LocalAddr().String(); r.own != "" && !r.over; {
		r.changed.Wait()
	}
	r.looks++
	for _, rec := range r.kept {
		_ = rec.conn.SetReadDeadline(time.Unix(1, 0))
	}
	for slices.ContainsFunc(r.kept, func(rec *record) bool { return rec.looked < r.looks }) {
		r.changed.Wait()
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

// take returns what came of messages with a mark, each connection by itself, and keeps none of it. It waits, for so long at most, until
// each of them was answered, or, where it is not whole, or all is wanted, until it has ended.
func (r *Recorder) take(ctx context.Context, mark string, all bool) (taken []*record) {
	r.look()
	whole := map[*record]bool{}
	r.mu.Lock()
	for _, rec := range r.kept {
		if bytes.Contains(rec.bytes, []byte(mark)) {
			taken = append(taken, rec)
			whole[rec] = rec.end > 0
		}
	}
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience.Linger)
	defer cancel()
	for _, rec := range taken {
		if wait(ctx, rec.answered); all || !whole[rec] {
			wait(ctx, rec.over)
		}
		_ = rec.conn.Close()
		<-rec.over
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = slices.DeleteFunc(r.kept, func(rec *record) bool {
		return slices.Contains(taken, rec) || rec.looked == math.MaxInt
	})
	return taken
}

// wait waits until it is closed, or the context is over.
func wait(ctx context.Context, c chan struct{}) {
	select {
	case <-c:
	case <-ctx.Done():
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
	r.changed.Broadcast()
	r.mu.Unlock()
	r.serving.Wait()
	return err
}
