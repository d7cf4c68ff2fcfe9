package reference_test

import (
	"bytes"
	"io"
	"strings"

	"github.com/streamspec/streamspec/reference"
)

// duplex is an io.ReadWriter of two halves.
type duplex struct {
	io.Reader
	io.Writer
}

// reading returns a stream handler whose client sends input and then ends.
func reading(input string) *reference.StreamHandler {
	return over(strings.NewReader(input), io.Discard)
}

// over returns a stream handler of two halves with the default limits.
func over(in io.Reader, out io.Writer) *reference.StreamHandler {
	return reference.NewStreamHandler(duplex{in, out}, reference.Config{})
}

// play runs a dialect on an input that arrives in these segments.
func play(handler reference.Handler, segments ...string) (answer string, err error) {
	var out bytes.Buffer
	err = handler.Handle(over(newSegments(segments...), &out))
	return out.String(), err
}

// segments is a reader that returns one segment, or what fits of it, a read.
type segments struct{ left []string }

func newSegments(all ...string) *segments {
	return &segments{left: all}
}

func (s *segments) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.left[0])
	if s.left[0] = s.left[0][n:]; s.left[0] == "" {
		s.left = s.left[1:]
	}
	return n, nil
}
