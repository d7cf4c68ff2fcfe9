package targets

import (
	"errors"
	"io"
	"strconv"

	"github.com/streamspec/streamspec/reference"
)

// A stream is the model of the reads: the whole input, from which each operation
// takes its part at once.
type stream struct{ left []byte }

// read is the contract's read(n).
func (s *stream) read(n int) (string, error) {
	if n < 0 || n > reference.DefaultReadLimit {
		return "", reference.ErrLimit
	}
	if n > 0 && len(s.left) == 0 {
		return "", io.EOF
	}
	return text(s.take(min(n, len(s.left))))
}

// readline is the contract's readline(limit).
func (s *stream) readline(limit int) (string, error) {
	if limit < 0 || limit > reference.DefaultReadLimit {
		return "", reference.ErrLimit
	}
	if limit > 0 && len(s.left) == 0 {
		return "", io.EOF
	}
	n := 0
	for n < limit && n < len(s.left) && (n == 0 || s.left[n-1] != '\n') {
		n++
	}
	line := s.take(n)
	for len(line) > 0 && space(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && space(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return text(line)
}

func (s *stream) take(n int) []byte {
	taken := s.left[:n]
	s.left = s.left[n:]
	return taken
}

// space says whether readline strips a byte.
func space(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

// text is the contract's decode.
func text(b []byte) (string, error) {
	if wrongAt(b) >= 0 {
		return "", reference.ErrInvalidUTF8
	}
	return string(b), nil
}

// wrongAt returns where b is first no UTF-8, and -1 where all of it is.
func wrongAt(b []byte) int {
	for i, r := range string(b) {
		if r == '\ufffd' && string(b[i:min(len(b), i+3)]) != "\ufffd" {
			return i
		}
	}
	return -1
}

// alike says whether an operation returned what the model says.
func alike(got string, err error, want string, wantErr error) bool {
	if wantErr == nil {
		return err == nil && got == want
	}
	return errors.Is(err, wantErr) && got == ""
}

// result shows what an operation returned.
func result(text string, err error) string {
	if err != nil {
		return strconv.Quote(text) + ", " + err.Error()
	}
	return strconv.Quote(text)
}
