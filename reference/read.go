package reference

import (
	"fmt"
	"io"
)

// Read returns exactly n bytes as text, however many segments bring them; fewer
// only at the end of the stream, and then without an error (contract, section 1,
// read). Where the stream had ended before the first byte, it returns "" and
// io.EOF. ReadFull tells a shorter text from a whole one. Read(0) returns at once
// and does not touch the connection. Bytes that are not UTF-8 are consumed, and
// the error is that of Decode; n below 0 or above Config.ReadLimit is ErrLimit.
// With no input for Config.IdleTime, or too little by the read deadline, the error
// wraps os.ErrDeadlineExceeded; any other is the connection's. After these the
// bytes that had arrived stay for the next call.
func (h *StreamHandler) Read(n int) (string, error) {
	msg, err := h.ReadBytes(n)
	if err != nil {
		return "", err
	}
	return Decode(msg)
}

// ReadFull is Read that tells the end of the stream, as io.ReadFull does: with
// fewer than n bytes it returns them and io.ErrUnexpectedEOF, and where the stream
// had ended before the first byte, "" and io.EOF. Where the fewer bytes are not
// UTF-8, as when the end cuts a character, the text is "" and the error wraps both
// io.ErrUnexpectedEOF and that of Decode.
func (h *StreamHandler) ReadFull(n int) (string, error) {
	msg, err := h.ReadBytes(n)
	if err != nil {
		return "", err
	}
	text, err := Decode(msg)
	switch {
	case len(msg) == n:
		return text, err
	case err != nil:
		return "", fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return text, io.ErrUnexpectedEOF
}

// ReadBytes is Read without the decoding. The slice is valid until the next
// read.
func (h *StreamHandler) ReadBytes(n int) ([]byte, error) {
	if err := h.checkLimit(n); err != nil || n == 0 {
		return nil, err
	}
	for len(h.in.buffered()) < n {
		if err := h.fill(n); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return h.take(min(n, len(h.in.buffered())))
}

// ReadSome returns the bytes that are there: those that earlier reads left or,
// when there are none, those that the next segment brings, at least one. At the
// end of the stream it returns io.EOF. The slice is valid until the next read.
func (h *StreamHandler) ReadSome() ([]byte, error) {
	if err := h.await(); err != nil {
		return nil, err
	}
	return h.take(len(h.in.buffered()))
}

// PeekSome is ReadSome that leaves the bytes: the next read finds them again.
func (h *StreamHandler) PeekSome() ([]byte, error) {
	if err := h.await(); err != nil {
		return nil, err
	}
	return h.in.buffered(), nil
}

// await waits until at least one byte is there.
func (h *StreamHandler) await() error {
	if h.closed {
		return ErrClosed
	}
	if len(h.in.buffered()) > 0 {
		return nil
	}
	return h.fill(1)
}

// take consumes n buffered bytes; none mean the end of the stream.
func (h *StreamHandler) take(n int) ([]byte, error) {
	if n == 0 {
		return nil, io.EOF
	}
	h.unanswered = true
	return h.in.consume(n), nil
}

// fill waits for more input, for a read that needs want bytes in all.
func (h *StreamHandler) fill(want int) error {
	idle := !h.unanswered && len(h.in.buffered()) == 0 && h.out.empty()
	return h.in.fill(h.link, want, idle)
}

// checkLimit says whether n bytes may be asked for.
func (h *StreamHandler) checkLimit(n int) error {
	if h.closed {
		return ErrClosed
	}
	if n < 0 || n > h.readLimit {
		return fmt.Errorf("%w: %d of at most %d bytes", ErrLimit, n, h.readLimit)
	}
	return nil
}
