package http1

import (
	"errors"
	"io"
	"sync"

	"github.com/streamspec/streamspec/reference"
)

// A Handler answers the requests of a connection, one after another, pipelined ones
// included (RFC 9112, section 9.3.2; HCON-7): each answer leaves before the next request is read.
type Handler struct {
	// Serve answers a request. It is called for one request of a connection at a time;
	// w and r are for one goroutine at a time, and for no time after it has returned. What it
	// has left of the body is read behind its answer, within Limits.Drain, or the connection
	// is closed. Its error is answered, with the status of a *Refusal or with 500, where nothing of
	// the answer has left yet; else the answer is cut short and the connection closed. Nil
	// answers 404 to all.
	Serve func(w *Answer, r *Request) error
	// Scheme is that of the URIs served here: "http" where it is empty, "https" for a
	// listener of TLS. Requests in absolute form for another get 421 (RFC 9110, section 7.4).
	Scheme string
	// Limits bound what is read.
	Limits Limits
}

var _ reference.Handler = Handler{}

// ErrServed is what an Answer and a Body return after Serve has returned.
var ErrServed = errors.New("http1: the request was served already")

// Handle answers requests until the connection ends: by the client between two
// requests, by "Connection: close" of either side, or behind a request that was refused
// for its framing. The stream's Close is left to the server, which lets the client read the
// last answer (RFC 9112, section 9.6; HCON-16).
func (h Handler) Handle(s *reference.StreamHandler) error {
	c := &conn{stream: s, reader: s.Reader(), serve: h.Serve, scheme: h.Scheme, limits: h.Limits.withDefaults()}
	if c.serve == nil {
		c.serve = func(*Answer, *Request) error { return Refuse(404, "There is nothing here.") }
	}
	if c.scheme == "" {
		c.scheme = "http"
	}
	for {
		s.Trim()
		// All that is needed for a request is taken when there is one.
		if _, err := s.PeekSome(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if again, err := c.exchange(); err != nil || !again {
			return err
		}
	}
}

// A conn is a connection.
type conn struct {
	stream  *reference.StreamHandler
	reader  io.Reader
	serve   func(*Answer, *Request) error
	scheme  string
	limits  Limits
	scratch *scratch // while there is a request
}

// A scratch is memory that requests of all connections use in turn.
type scratch struct {
	text    []byte // the field lines
	spans   []span
	content []byte // of the answer, until it leaves
	number  []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// discard returns a buffer for what is read and not looked at. The answer has left.
func (s *scratch) discard() []byte {
	if cap(s.content) < partSize {
		s.content = make([]byte, 0, partSize)
	}
	return s.content[:cap(s.content)]
}

// exchange reads a request and answers it. It says whether there may be another.
func (c *conn) exchange() (again bool, err error) {
	c.scratch = scratches.Get().(*scratch)
	defer func() {
		scratches.Put(c.scratch)
		c.scratch = nil
	}()
	x := &struct {
		r Request
		w Answer
	}{}
	r, w := &x.r, &x.w
	r.stream = c.stream
	w.start(c, r)
	if err := c.readHead(r); err != nil {
		return false, c.refuse(w, err)
	}
	w.keep = persists(r)
	err = c.answer(w, r)
	if err == nil && w.keep && !r.body.ended {
		c.hurry()
		w.keep = r.body.drain(c.limits.Drain)
		c.relax()
		_ = c.stream.Send() // nothing more is due: the connection is between two requests
	}
	r.body.close()
	return w.keep, err
}

// refuse answers a request whose head was not read to its end.
func (c *conn) refuse(w *Answer, err error) error {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		w.refuse(refusal)
		return w.send()
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil // the client has left
	}
	return err
}

// answer has a request served and the answer sent.
func (c *conn) answer(w *Answer, r *Request) error {
	returned := false
	defer func() {
		if !returned { // it panics: the client is told so, and the server hears of the panic
			_ = w.finish(errPanic)
		}
	}()
	err := c.serve(w, r)
	returned = true
	return w.finish(err)
}

var errPanic = errors.New("http1: Serve panicked")
