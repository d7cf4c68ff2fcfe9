package http1

import (
	"context"
	"io"
	"net"
	"strings"

	"github.com/streamspec/streamspec/reference"
)

// A Request is what a client asks. It is for Serve, and must not be used when that has
// returned; its texts may be kept.
type Request struct {
	// Method is the method as it was sent: GET is not get (RFC 9110, section 9.1; HREQ-4).
	Method string
	// Target is the path and the query of what is asked for, as they were sent: "/a%20b?c".
	// It begins with a slash, but for "*" of OPTIONS (RFC 9112, section 3.2).
	Target string
	// Authority is the host that is asked, with its port where one was sent: of the
	// target where that is in absolute form, else of Host (RFC 9112, section 3.2.2; HREQ-3).
	// It is "" where a client of HTTP/1.0 sent neither.
	Authority string
	// Minor is the minor version, of HTTP/1.0 to HTTP/1.9.
	Minor int
	// Fields are the field lines of the head. Those of the trailer section are
	// never among them.
	Fields Fields
	// Length is how many bytes of content the client has said that it sends: 0 where
	// there are none, and -1 where they come in chunks.
	Length int64
	// Body reads the content; it is never nil. It returns io.EOF when all of it was read,
	// and only then: io.ErrUnexpectedEOF where the stream ends before (RFC 9112,
	// section 8), and a *Refusal where the client breaks the framing or a limit. The first
	// read sends "100 Continue" to a client that waits for it (RFC 9110, section 10.1.1).
	Body io.Reader

	body   body
	stream *reference.StreamHandler
}

// Path returns the path of the target, without the query, as it was sent.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.Target, "?")
	return path
}

// Trailers returns the field lines of the trailer section, once Body has returned io.EOF.
// They are the sender's afterthoughts: whoever uses one as a field of the head must know
// that it may be one (RFC 9110, section 6.5.1; HCHK-10).
func (r *Request) Trailers() Fields {
	return r.body.trailers
}

// RemoteAddr returns the client's address, or nil where there is none.
func (r *Request) RemoteAddr() net.Addr {
	return r.stream.RemoteAddr()
}

// Context returns a context that ends when the server is told to stop.
func (r *Request) Context() context.Context {
	return r.stream.Context()
}
