// Package pair finds out whether a front end and the server behind it agree about where requests end (contract-http, SMUG-8). A recorder
// stands behind the front end, and what that sends on is given to the other.
package pair

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// A Recorder is a server that keeps what comes to it, and answers each time when nothing more comes. So a front end goes on with what it
// takes for the next request.
type Recorder struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	open  map[net.Conn]struct{}
	order []*taking
	over  bool
}

// Sent is what a front end sent on over one connection.
type Sent struct {
	// Requests are what came up to each silence: a request, as the front end has it, or several that are whole by RFC 9112.
	Requests [][]byte
	// Rest came behind the last answer, and was not answered before the connection ended.
	Rest []byte
}

// taking is what is being taken from one connection; it is whole when over is closed.
type taking struct {
	Sent
	over chan struct{}
}

// mostSent is up to how many bytes are kept of a connection.
const mostSent = 8 << 20

// Record serves at a listener until [Recorder.Close].
func Record(l net.Listener) *Recorder {
	r := &Recorder{listener: l, open: map[net.Conn]struct{}{}}
	r.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if sent := r.enter(c); sent != nil {
				r.serving.Go(func() { r.serve(c, sent) })
			}
		}
	})
	return r
}

// enter keeps a connection; nil where nothing is recorded any more.
func (r *Recorder) enter(c net.Conn) *taking {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		_ = c.Close()
		return nil
	}
	s := &taking{over: make(chan struct{})}
	r.open[c] = struct{}{}
	r.order = append(r.order, s)
	return s
}

// serve keeps what comes, and answers at each silence.
func (r *Recorder) serve(c net.Conn, sent *taking) {
	defer close(sent.over)
	defer func() {
		r.mu.Lock()
		delete(r.open, c)
		r.mu.Unlock()
		_ = c.Close()
	}()
	b := make([]byte, 64<<10)
	var now []byte
	for total := 0; total < mostSent; {
		deadline := time.Time{}
		if len(now) > 0 {
			deadline = time.Now().Add(patience.Settled)
		}
		_ = c.SetReadDeadline(deadline)
		n, err := c.Read(b)
		now, total = append(now, b[:n]...), total+n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			for _, one := range split(now) { // a front end need not wait for an answer before it sends on the next
				sent.Requests = append(sent.Requests, one)
				if _, err := io.WriteString(c, answer(one)); err != nil {
					return
				}
			}
			now = nil
		case err != nil:
			sent.Rest = now
			return
		}
	}
}

// answer is what the recorder says to a request.
func answer(request []byte) string {
	const said = "recorded\n"
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", len(said))
	if bytes.HasPrefix(request, []byte("HEAD ")) {
		return head
	}
	return head + said
}

// Take ends the connections that are open, and returns what came since it was called last, in the order of the connections.
func (r *Recorder) Take() []Sent {
	r.mu.Lock()
	for c := range r.open {
		_ = c.Close()
	}
	taken := r.order
	r.order = nil
	r.mu.Unlock()
	var all []Sent
	for _, s := range taken {
		<-s.over
		if len(s.Requests) > 0 || len(s.Rest) > 0 {
			all = append(all, s.Sent)
		}
	}
	return all
}

// Close ends the listener and all connections.
func (r *Recorder) Close() error {
	err := r.listener.Close()
	r.mu.Lock()
	r.over = true
	for c := range r.open {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.serving.Wait()
	return err
}
