package http1

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// headRoom is as long as the heads of most answers are.
const headRoom = 256

// hasContent says whether an answer of that status has content (RFC 9110,
// sections 15.3.5, 15.3.6 and 15.4.5; HSEM-5).
func hasContent(status int) bool {
	return status != 204 && status != 205 && status != 304
}

// sendPart sends what was gathered.
func (w *Answer) sendPart() error {
	w.begin(false)
	w.addContent()
	return w.conn.stream.SendPart()
}

// addContent adds what was gathered to the write buffer of the stream, as one chunk
// where the content goes in chunks (RFC 9112, section 7.1).
func (w *Answer) addContent() {
	out, gathered := w.conn.stream, w.conn.scratch.content
	w.conn.scratch.content = gathered[:0]
	if len(gathered) == 0 || w.request.Method == "HEAD" {
		return
	}
	if w.chunked {
		w.addNumber(int64(len(gathered)), 16)
		out.WriteContent("\r\n")
	}
	out.WriteBytes(gathered)
	if w.chunked {
		out.WriteContent("\r\n")
	}
}

// addNumber adds a number to the write buffer.
func (w *Answer) addNumber(n int64, base int) {
	w.conn.scratch.number = strconv.AppendInt(w.conn.scratch.number[:0], n, base)
	w.conn.stream.WriteBytes(w.conn.scratch.number)
}

// begin adds the head to the write buffer, once; whole says that all of the content
// was written. From here on it is settled how the content is framed, and whether the connection
// goes on (RFC 9112, sections 6 and 9.3).
func (w *Answer) begin(whole bool) {
	if w.begun {
		return
	}
	w.begun = true
	r, out := w.request, w.conn.stream
	if whole && w.length < 0 && (w.written > 0 || r.Method != "HEAD") {
		w.length = w.written
	}
	switch w.status {
	case 204, 304:
		w.length = -1
	case 205:
		w.length = 0
	default:
		w.chunked = w.length < 0 && !whole && r.Minor > 0
		w.keep = w.keep && (w.length >= 0 || whole || w.chunked)
	}
	w.keep = w.keep && r.body.leaves(w.conn.limits.Drain) && out.Context().Err() == nil
	r.body.uninvite()

	out.Grow(headRoom + len(w.conn.scratch.content))
	out.WriteContent("HTTP/1.1 ") // whatever the client's version is (RFC 9110, section 6.2; HSEM-2)
	w.addNumber(int64(w.status), 10)
	out.WriteContent(" ")
	out.WriteContent(reasons[w.status])
	out.WriteContent("\r\n")
	if !Fields(w.fields).Has("Date") {
		w.addField("Date", date())
	}
	for _, f := range w.fields {
		w.addField(f.Name, f.Value)
	}
	switch {
	case w.length >= 0:
		out.WriteContent("Content-Length: ")
		w.addNumber(w.length, 10)
		out.WriteContent("\r\n")
	case w.chunked:
		w.addField("Transfer-Encoding", "chunked")
	}
	switch {
	case !w.keep: // RFC 9112, section 9.3 (HCON-2, HCON-5)
		w.addField("Connection", "close")
	case r.Minor == 0:
		w.addField("Connection", "keep-alive")
	}
	out.WriteContent("\r\n")
}

func (w *Answer) addField(name, value string) {
	out := w.conn.stream
	out.WriteContent(name)
	out.WriteContent(": ")
	out.WriteContent(value)
	out.WriteContent("\r\n")
}

// send sends what is left of the answer, to its end.
func (w *Answer) send() error {
	w.begin(true)
	w.addContent()
	if w.chunked && w.request.Method != "HEAD" {
		w.conn.stream.WriteContent("0\r\n\r\n")
	}
	return w.conn.stream.Send()
}

// finish ends the answer when Serve has returned that error. What it returns is for
// the server's log.
func (w *Answer) finish(err error) error {
	misuse := w.err
	if err == nil {
		err = w.check()
	} else if misuse != nil && !errors.Is(err, misuse) {
		err = errors.Join(misuse, err)
	}
	w.err = ErrServed
	if err == nil {
		return w.send()
	}
	if w.begun { // nobody may take what has left for the whole: the connection ends with the error
		return err
	}
	refusal, failed := w.refusalOf(err, misuse)
	w.keep = w.keep && !failed // a failure costs the connection
	w.refuse(refusal)
	sendErr := w.send()
	if failed {
		return errors.Join(err, sendErr)
	}
	return sendErr
}

// check returns what is wrong with an answer that Serve takes for right.
func (w *Answer) check() error {
	if w.err != nil {
		return w.err
	}
	if !w.begun { // nothing is answered to a request that was not read as it was meant
		if err := w.request.body.failure(); err != nil {
			return err
		}
	}
	if w.length >= 0 && w.written != w.length && !(w.request.Method == "HEAD" && w.written == 0) {
		return fmt.Errorf("%w: %d bytes, not %d", ErrLength, w.written, w.length)
	}
	return nil
}

// refusalOf returns how an error is answered, and whether it is a failure of Serve, as
// every misuse of w is.
func (w *Answer) refusalOf(err, misuse error) (refusal *Refusal, failed bool) {
	broken := w.request.body.failure()
	switch {
	case misuse != nil:
		return errFailed, true
	case errors.As(err, &refusal) && 400 <= refusal.Status && refusal.Status <= 599:
		return refusal, false
	case errors.As(broken, &refusal):
		return refusal, !errors.Is(err, broken)
	case errors.Is(broken, io.ErrUnexpectedEOF):
		return &Refusal{400, "The connection ended inside the content."}, !errors.Is(err, broken)
	}
	return errFailed, true
}

// errFailed tells a client no more than it needs to know.
var errFailed = &Refusal{500, "The server could not answer."}

// refuse makes a refusal the answer. Nothing of another has left. Fields that Serve has set
// stay, such as Allow, but where it failed.
func (w *Answer) refuse(refusal *Refusal) {
	if refusal.Status == 500 {
		w.fields = w.fields[:0]
	}
	w.err, w.length, w.written, w.status = nil, -1, 0, refusal.Status
	w.conn.scratch.content = w.conn.scratch.content[:0]
	_ = w.Text(refusal.Status, refusal.Reason+"\n")
	w.err = ErrServed
}
