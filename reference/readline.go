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
	searched := 0
	for {
		have := h.in.buffered()
		have = have[:min(limit, len(have))]
		if i := bytes.IndexByte(have[searched:], '\n'); i >= 0 {
			return h.takeLine(searched + i + 1)
		}
		if len(have) == limit {
			return h.takeLine(limit)
		}
		searched = len(have)
		if err := h.fill(limit); err == io.EOF {
			return h.takeLine(searched)
		} else if err != nil {
			return nil, err
		}
	}
}

// takeLine consumes n buffered bytes and strips them.
func (h *StreamHandler) takeLine(n int) ([]byte, error) {
	line, err := h.take(n)
	return bytes.Trim(line, asciiSpace), err
}

// asciiSpace is what is stripped from a line.
const asciiSpace = " \t\n\v\f\r"
