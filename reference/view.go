package reference

import "io"

// Reader returns h as an io.Reader, for what is written against one. It shares
// h's read buffer: what it leaves, the next read finds. Its Read returns bytes as
// ReadSome does, at least one and at most len(p), without decoding; io.EOF at the
// end of the stream, and ErrClosed after Close. What reads ahead, as bufio.Reader
// and json.Decoder do, keeps what it has read ahead from h.
func (h *StreamHandler) Reader() io.Reader {
	return (*streamReader)(h)
}

type streamReader StreamHandler

func (r *streamReader) Read(p []byte) (int, error) {
	h := (*StreamHandler)(r)
	if len(p) == 0 && !h.closed {
		return 0, nil
	}
	if err := h.await(); err != nil {
		return 0, err
	}
	some, err := h.take(min(len(p), len(h.in.buffered())))
	return copy(p, some), err
}

// Writer returns h as an io.Writer, for what is written against one. It shares
// h's write buffer, as WriteBytes does: nothing leaves before Send. Its Write
// takes all of p or none of it, and returns the error that Send would return:
// ErrSendLimit for content beyond Config.SendLimit, ErrClosed after Close, or why
// an earlier Send failed. It is an io.StringWriter too.
func (h *StreamHandler) Writer() io.Writer {
	return (*streamWriter)(h)
}

type streamWriter StreamHandler

func (w *streamWriter) Write(p []byte) (int, error) {
	(*StreamHandler)(w).WriteBytes(p)
	return w.wrote(len(p))
}

func (w *streamWriter) WriteString(p string) (int, error) {
	(*StreamHandler)(w).WriteContent(p)
	return w.wrote(len(p))
}

// wrote is what a write of n bytes returns.
func (w *streamWriter) wrote(n int) (int, error) {
	if w.out.err != nil {
		return 0, w.out.err
	}
	return n, nil
}
