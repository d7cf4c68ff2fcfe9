package reference

import (
	"bytes"
	"io"
)

// ReadLine is ReadLineLimit with Config.LineLimit.
func (h *StreamHandler) ReadLine() (string, error) {
	return h.ReadLineLimit(h.lineLimit)
}

// ReadLineLimit returns the next line as text: the bytes up to and including the
// next LF, but at most limit bytes, or what is left at the end of the stream;
// ASCII white space (space, HT, LF, VT, FF, CR) is stripped at both ends, and the
// rest decoded. Only LF ends a line. What lies past the limit stays for the next
// call, so a longer line comes in pieces; a limit of 0 returns "" at once
// (contract, section 1, readline).
//
// An empty line is "" and no error; the end of the stream, with nothing left, is
// "" and io.EOF. A line that is not UTF-8 is consumed, and the error is that of
// Decode, its offset counted in the stripped line; a limit below 0 or above
// Config.ReadLimit is ErrLimit. Errors of time and of the connection are those of
// Read, and the bytes that had arrived stay for the next call.
func (h *StreamHandler) ReadLineLimit(limit int) (string, error) {
	line, err := h.ReadLineBytes(limit)
	if err != nil {
		return "", err
	}
	return Decode(line)
}

// ReadLineBytes is ReadLineLimit without the decoding. The slice is valid until
// the next read.
func (h *StreamHandler) ReadLineBytes(limit int) ([]byte, error) {
	if err := h.checkLimit(limit); err != nil || limit == 0 {
		return nil, err
	}
	n, err := h.findLine(limit)
	if err != nil && err != io.EOF && err != ErrLongLine {
		return nil, err
	}
	line, err := h.take(n)
	return bytes.Trim(line, asciiSpace), err
}

// ReadRawLine returns the next line as it came, its LF included and nothing
// stripped, for protocols in which the end of a line matters. It tells apart what
// ReadLineBytes returns alike: where the first limit bytes hold no LF, the error is
// ErrLongLine; where the stream ends inside the line, io.ErrUnexpectedEOF; and where
// it had ended before, io.EOF. Nothing is consumed then, nor at any other error. The
// slice is valid until the next read.
func (h *StreamHandler) ReadRawLine(limit int) ([]byte, error) {
	if err := h.checkLimit(limit); err != nil {
		return nil, err
	}
	n, err := h.findLine(limit)
	if err == io.EOF && n > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	return h.take(n)
}

// findLine waits for the next line and returns how long it is, its LF included.
// Without a LF it returns how many bytes there are instead: limit with ErrLongLine, and at
// the end of the stream those that are left with io.EOF.
func (h *StreamHandler) findLine(limit int) (int, error) {
	searched := 0
	for {
		have := h.in.buffered()
		have = have[:min(limit, len(have))]
		if i := bytes.IndexByte(have[searched:], '\n'); i >= 0 {
			return searched + i + 1, nil
		}
		if len(have) == limit {
			return limit, ErrLongLine
		}
		searched = len(have)
		if err := h.fill(limit); err != nil {
			return searched, err
		}
	}
}

// asciiSpace is what is stripped from a line.
const asciiSpace = " \t\n\v\f\r"
