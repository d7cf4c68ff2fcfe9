package http1

import (
	"errors"
	"io"
)

// A body reads the content of a request: so many bytes, or chunks.
type body struct {
	conn       *conn
	left       int64 // bytes of the content, or of the chunk
	chunked    bool
	inChunk    bool  // a chunk's data has begun, whose CR LF was not read yet
	taken      int64 // bytes of all chunks so far, this one's included
	extensions int   // bytes of extensions, and of zeros before sizes
	trailers   Fields
	expects    bool  // the client waits for "100 Continue"
	ended      bool  // all of the body was read
	err        error // why no more can be read
}

// Read reads content.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	n, err := b.read(p)
	if err != nil && err != io.EOF {
		b.err = inMessage(err)
		return n, b.err
	}
	b.err = err
	return n, err
}

// read reads what is there of the content. Its error io.EOF is the end of the body.
func (b *body) read(p []byte) (int, error) {
	if err := b.invite(); err != nil {
		return 0, err
	}
	if b.chunked && b.left == 0 && !b.ended {
		if err := b.nextChunk(); err != nil {
			return 0, err
		}
	}
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.conn.reader.Read(p[:min(int64(len(p)), b.left)])
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	b.left -= int64(n)
	b.ended = b.left == 0 && !b.chunked
	return n, err
}

// invite sends "100 Continue" to a client that waits for it, once (RFC 9110, section
// 10.1.1). It does so although content may have come already, lest the answer depend on when it comes.
func (b *body) invite() error {
	if !b.expects {
		return nil
	}
	b.expects = false
	b.conn.stream.WriteContent("HTTP/1.1 100 Continue\r\n\r\n")
	return b.conn.stream.SendPart()
}

// uninvite is for an answer that begins: a client that still waits for "100 Continue" may never
// send the content, so that none is read any more.
func (b *body) uninvite() {
	if b.expects && b.err == nil {
		b.err = errNotInvited
	}
}

var errNotInvited = errors.New("http1: the answer began before the body was read, for which the client waits to be asked")

// failure returns why the body could not be read to its end, if it was tried.
func (b *body) failure() error {
	if b.err == io.EOF || b.err == errNotInvited {
		return nil
	}
	return b.err
}

// leaves says, when the answer begins, whether what was not read of the body can be read behind it,
// as far as can be known (RFC 9112, section 9.3; HCON-12).
func (b *body) leaves(limit int64) bool {
	switch {
	case b.err != nil && b.err != io.EOF:
		return false
	case b.ended:
		return true
	case b.expects: // nobody knows whether the client sends it (RFC 9110, section 10.1.1)
		return false
	}
	return b.left <= limit
}

// drain reads what is left of the body, so that the next request can be found, and says
// whether it came to the end within so many bytes.
func (b *body) drain(limit int64) bool {
	discard := b.conn.scratch.discard()
	for !b.ended {
		n, err := b.Read(discard)
		if limit -= int64(n); limit < 0 || err != nil {
			break
		}
	}
	return b.ended && limit >= 0
}

// close ends the body: who reads it later gets ErrServed.
func (b *body) close() {
	if b.err == nil || b.err == io.EOF {
		b.err = ErrServed
	}
}
