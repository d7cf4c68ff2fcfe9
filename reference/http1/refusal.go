package http1

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/streamspec/streamspec/reference"
)

// A Refusal is an error that is answered with a status and a sentence. Functions that
// serve return one to say no; bodies return one where the client has broken their
// framing or a limit, and the connection ends behind that.
type Refusal struct {
	Status int    // 4xx or 5xx
	Reason string // a sentence for the client
}

// Refuse returns a Refusal.
func Refuse(status int, reason string) error {
	return &Refusal{status, reason}
}

// Error returns the status and the sentence.
func (r *Refusal) Error() string {
	return fmt.Sprintf("http1: %d: %s", r.Status, r.Reason)
}

// malformed refuses what is no HTTP/1.1 message (RFC 9112, section 2.2).
func malformed(reason string) error {
	return &Refusal{400, reason}
}

// inMessage returns what an error of the stream means inside a message: a client that
// is too slow is refused, and the end of the stream is not that of the message
// (RFC 9112, section 8; HLEN-8, HCHK-12).
func inMessage(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Refusal{408, "The rest of the request did not come in time."}
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}

// inLine is inMessage for the reading of a line, of which too long a one is answered
// with that refusal.
func inLine(err error, long *Refusal) error {
	if err == reference.ErrLongLine {
		return long
	}
	return inMessage(err)
}
