package delivery

import (
	"errors"
	"fmt"
)

// The causes of a [PlayError] that are neither the context's nor the system's.
var (
	// ErrClosedEarly says that the server ended its stream in an orderly way before the whole request was sent.
	ErrClosedEarly = errors.New("the server ended its stream before the whole request was sent")
	// ErrStalled says that the server took no byte for as long as [Options.Stall] allows.
	ErrStalled = errors.New("the server took no bytes")
	// ErrDecided says that an [Conn.Exchange] was decided by a wrong answer, or by an answer that did not come in time, before
	// the whole request was played.
	ErrDecided = errors.New("the answer was decided before the request was played out")
	// ErrEnded says that the client had ended its own stream before.
	ErrEnded = errors.New("the client has ended its stream already")
)

// PlayError is a request that was not played out.
type PlayError struct {
	// Sent is the number of the request's bytes that were handed to the system before.
	Sent int
	// Err is the cause: ErrClosedEarly, ErrStalled, ErrDecided, ErrEnded, the context's cause, net.ErrClosed, segments that do
	// not fit the request, or an error of the system; after a RST from the server that is syscall.ECONNRESET.
	Err error
}

// Error says how far the request got, and why not further.
func (e *PlayError) Error() string {
	return fmt.Sprintf("after %d bytes of the request: %v", e.Sent, e.Err)
}

// Unwrap returns the cause.
func (e *PlayError) Unwrap() error { return e.Err }
