package reference

import "errors"

// The errors to tell apart with errors.Is.
var (
	// ErrServerClosed is what serving returns once Shutdown or Close was called.
	ErrServerClosed = errors.New("reference: server closed")
	// ErrAddressTaken is what Listen returns when another socket has the address.
	ErrAddressTaken = errors.New("reference: address taken")
	// ErrClosed is what a stream handler returns after its Close.
	ErrClosed = errors.New("reference: stream handler closed")
	// ErrInvalidUTF8 is what decoding returns for bytes that are not UTF-8.
	ErrInvalidUTF8 = errors.New("reference: invalid UTF-8")
	// ErrLimit is what a read returns when asked for less than nothing, or for
	// more than Config.ReadLimit.
	ErrLimit = errors.New("reference: limit out of range")
	// ErrLongLine is what ReadRawLine returns when the limit has come and no LF.
	ErrLongLine = errors.New("reference: line too long")
	// ErrSendLimit is what Send returns when more content was written than
	// Config.SendLimit.
	ErrSendLimit = errors.New("reference: too much unsent content")
)
