package http1

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// partSize is how much content is gathered before it leaves. An answer with no more
// leaves in one piece, with its length.
const partSize = 16 << 10

// The errors of misuse, to tell apart with errors.Is.
var (
	// ErrBegun is what changing the head of an answer returns once it has left.
	ErrBegun = errors.New("http1: the answer has begun")
	// ErrField is for a field that would break the answer: its name is no token, its value has a control
	// byte, or it is one that the handler sends.
	ErrField = errors.New("http1: no such field can be sent")
	// ErrStatus is for a status that no final answer has.
	ErrStatus = errors.New("http1: no final status")
	// ErrNoContent is for content of an answer that has none by its status.
	ErrNoContent = errors.New("http1: the status has no content")
	// ErrLength is for content that is longer or shorter than Length has said.
	ErrLength = errors.New("http1: the content is not as long as was said")
)

// An Answer is what Serve writes: a status, fields, and content. The handler frames it: with
// Content-Length where the length is known, which is where Length says it or the content is short,
// else in chunks, or up to the end of the connection for a client of HTTP/1.0 (RFC 9112,
// section 6; HSEM-3, HSEM-4). Content for HEAD is counted and not sent (RFC 9110,
// section 9.3.2; HCON-8, HSEM-9).
//
// The first error of a method stands: every later one returns it, and where nothing
// of the answer has left, the client gets 500; else the answer is cut short.
type Answer struct {
	conn    *conn
	request *Request
	status  int
	fields  []Field
	length  int64 // of the content; -1 is not known
	written int64 // bytes of content
	begun   bool  // the head is in the write buffer of the stream, or has left
	chunked bool
	keep    bool // the connection goes on behind the answer
	err     error
	reserve [4]Field // the room of most answers' fields
}

// start makes w the answer to a request.
func (w *Answer) start(c *conn, r *Request) {
	w.conn, w.request, w.status, w.length = c, r, 200, -1
	w.fields = w.reserve[:0]
	c.scratch.content = c.scratch.content[:0]
}

// fail keeps the first error.
func (w *Answer) fail(err error) error {
	if w.err == nil {
		w.err = err
	}
	return w.err
}

// change says whether the head can be changed.
func (w *Answer) change() error {
	if w.err != nil {
		return w.err
	}
	if w.begun {
		return w.fail(ErrBegun)
	}
	return nil
}

// Status sets the status, 200 to 599; at first it is 200.
func (w *Answer) Status(status int) error {
	switch err := w.change(); {
	case err != nil:
		return err
	case status < 200 || status > 599:
		return w.fail(fmt.Errorf("%w: %d", ErrStatus, status))
	case w.written > 0 && !hasContent(status):
		return w.fail(fmt.Errorf("%w: %d", ErrNoContent, status))
	}
	w.status = status
	return nil
}

// Set sets a field, in place of all of that name.
func (w *Answer) Set(name, value string) error {
	if err := w.change(); err != nil {
		return err
	}
	w.fields = slices.DeleteFunc(w.fields, func(f Field) bool { return sameName(f.Name, name) })
	return w.Add(name, value)
}

// Add adds a field line. What would end it or begin another is refused (RFC 9110,
// section 5.5; HSEM-8), and so are the fields with which the handler frames the answer and says
// whether the connection goes on: those are for Length and CloseAfter.
func (w *Answer) Add(name, value string) error {
	if err := w.change(); err != nil {
		return err
	}
	if !isToken(name) || !all(value, valueOctet) || isReserved(name) {
		return w.fail(fmt.Errorf("%w: %q: %q", ErrField, name, value))
	}
	w.fields = append(w.fields, Field{name, trim(value)})
	return nil
}

// isReserved says whether the handler alone sends that field.
func isReserved(name string) bool {
	for _, reserved := range []string{"connection", "content-length", "transfer-encoding", "trailer", "upgrade", "keep-alive", "proxy-connection"} {
		if equalFold(name, reserved) {
			return true
		}
	}
	return false
}

// Length says how long the content will be. Exactly as much must be written, but
// for HEAD, for which none need be.
func (w *Answer) Length(n int64) error {
	switch err := w.change(); {
	case err != nil:
		return err
	case n < w.written:
		return w.fail(fmt.Errorf("%w: %d bytes, and %d are written", ErrLength, n, w.written))
	}
	w.length = n
	return nil
}

// CloseAfter has the connection closed behind this answer, which says so (RFC 9112, section 9.6).
func (w *Answer) CloseAfter() error {
	if err := w.change(); err != nil {
		return err
	}
	w.keep = false
	return nil
}

// Text answers with a text in UTF-8, which is all of the content.
func (w *Answer) Text(status int, text string) error {
	if err := w.Status(status); err != nil {
		return err
	}
	if err := w.Set("Content-Type", "text/plain; charset=utf-8"); err != nil {
		return err
	}
	if err := w.Length(int64(len(text))); err != nil {
		return err
	}
	_, err := w.WriteString(text)
	return err
}

// Write adds content.
func (w *Answer) Write(p []byte) (int, error) {
	return write(w, p)
}

// WriteString is Write for a string.
func (w *Answer) WriteString(s string) (int, error) {
	return write(w, s)
}

var (
	_ io.Writer       = (*Answer)(nil)
	_ io.StringWriter = (*Answer)(nil)
)

func write[T text](w *Answer, p T) (int, error) {
	n := int64(len(p))
	switch {
	case w.err != nil:
		return 0, w.err
	case n > 0 && !hasContent(w.status):
		return 0, w.fail(fmt.Errorf("%w: %d", ErrNoContent, w.status))
	case w.length >= 0 && n > w.length-w.written:
		return 0, w.fail(fmt.Errorf("%w: more than %d bytes", ErrLength, w.length))
	}
	w.written += n
	gathered := &w.conn.scratch.content
	for rest := p; len(rest) > 0; {
		if len(*gathered) == partSize {
			if err := w.sendPart(); err != nil {
				return 0, w.fail(err)
			}
		}
		fits := min(len(rest), partSize-len(*gathered))
		*gathered = append(*gathered, rest[:fits]...)
		rest = rest[fits:]
	}
	return len(p), nil
}

// Flush sends what was written so far. An answer whose length was not said is sent
// in chunks from then on.
func (w *Answer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if err := w.sendPart(); err != nil {
		return w.fail(err)
	}
	return nil
}
