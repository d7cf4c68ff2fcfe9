package reference

import "slices"

// output is the content that waits for Send.
type output struct {
	buf   []byte
	limit int
	err   error // why nothing more can be sent
}

// empty says whether nothing waits.
func (out *output) empty() bool {
	return len(out.buf) == 0
}

// fits says whether n more bytes may wait; from the first that may not, Send
// fails.
func (out *output) fits(n int) bool {
	if out.err == nil && n > out.limit-len(out.buf) {
		out.err = ErrSendLimit
		out.drop()
	}
	return out.err == nil
}

// drop empties the buffer, and gives it back when it is large.
func (out *output) drop() {
	if cap(out.buf) > keptBuffer {
		out.buf = nil
	}
	out.buf = out.buf[:0]
}

// WriteContent adds the UTF-8 bytes of msg to the connection's write buffer.
// Nothing is sent before Send. Content beyond Config.SendLimit is dropped with
// all the rest, and Send returns ErrSendLimit.
func (h *StreamHandler) WriteContent(msg string) {
	if h.out.fits(len(msg)) {
		h.out.buf = append(h.out.buf, msg...)
	}
}

// WriteBytes is WriteContent for bytes: they pass unchanged. It keeps no
// reference to msg.
func (h *StreamHandler) WriteBytes(msg []byte) {
	if h.out.fits(len(msg)) {
		h.out.buf = append(h.out.buf, msg...)
	}
}

// Grow makes room for n more bytes of content, or for as many as may wait, so that
// writing them piece by piece takes memory once.
func (h *StreamHandler) Grow(n int) {
	if n = min(n, h.out.limit-len(h.out.buf)); n > 0 && h.out.err == nil {
		h.out.buf = slices.Grow(h.out.buf, n)
	}
}

// Send sends what is in the write buffer, once, in order and complete, and
// empties the buffer (contract, section 1, send). With an empty buffer it sends
// nothing. An error is final: some of the content may have left, so none of it is
// ever sent again, and every later Send returns the same error: ErrSendLimit,
// ErrClosed, one that wraps os.ErrDeadlineExceeded where the client takes nothing
// for Config.WriteTime, or the connection's own.
//
// Send also marks the end of an answer: a connection that waits for input with
// nothing consumed since its last Send is between two requests, and Shutdown
// ends it.
func (h *StreamHandler) Send() error {
	if h.out.err == nil && !h.out.empty() {
		h.out.err = h.link.write(h.out.buf)
	}
	h.out.drop()
	h.unanswered = false
	return h.out.err
}

// SendPart is Send for a part of an answer: it marks no end. A handler that waits for
// input after it, as for the rest of what it answers, is not between two requests, and
// Shutdown lets it go on until a Send.
func (h *StreamHandler) SendPart() error {
	err := h.Send()
	h.unanswered = true
	return err
}
