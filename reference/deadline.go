package reference

import (
	"errors"
	"fmt"
	"time"
)

// SetReadDeadline gives the calls that read, from the next on, a time by which
// they must have what they were asked for, beside Config.IdleTime, which bounds
// each of their waits by itself. A call that has too little by then returns an
// error that wraps os.ErrDeadlineExceeded, and what had arrived stays for the
// next call. The zero time is no deadline: set it again when the one call that
// was to be bounded has returned. A read that needs no wait takes no notice of
// deadlines. Where the connection has none, the error wraps
// errors.ErrUnsupported.
func (h *StreamHandler) SetReadDeadline(t time.Time) error {
	if h.link.deadlines == nil {
		return noDeadlines()
	}
	h.link.readBy = t
	return nil
}

// SetSendDeadline is SetReadDeadline for Send, beside Config.WriteTime: by then
// all of the content must have been taken. It is final when it is not: some of
// the content may have left, and every later Send returns the same error.
func (h *StreamHandler) SetSendDeadline(t time.Time) error {
	if h.link.deadlines == nil {
		return noDeadlines()
	}
	h.link.sendBy = t
	return nil
}

func noDeadlines() error {
	return fmt.Errorf("reference: the connection has no deadlines: %w", errors.ErrUnsupported)
}
