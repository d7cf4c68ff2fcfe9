package targets

import (
	"bytes"
	"io"

	"github.com/streamspec/streamspec/reference"
)

// cuts is a reader that brings left in segments whose lengths are drawn from
// state. Some reads bring nothing, and the end may come with the last segment.
type cuts struct {
	left  []byte
	state uint64
}

func (c *cuts) Read(p []byte) (int, error) {
	if len(c.left) == 0 {
		return 0, io.EOF
	}
	drawn := c.next()
	if drawn&15 == 0 {
		return 0, nil
	}
	size := 1 + int(drawn>>8&7)
	if drawn&16 != 0 {
		size *= 8
	}
	n := copy(p[:min(size, len(p))], c.left)
	if c.left = c.left[n:]; len(c.left) == 0 && drawn&32 != 0 {
		return n, io.EOF
	}
	return n, nil
}

// next is splitmix64.
func (c *cuts) next() uint64 {
	c.state += 0x9e3779b97f4a7c15
	z := c.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// single is a reader that brings left a byte at a time.
type single struct{ left []byte }

func (s *single) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(1, len(p))], s.left)
	s.left = s.left[n:]
	return n, nil
}

// A conn is an in-memory connection: what a client sends, and what it gets.
type conn struct {
	io.Reader
	got bytes.Buffer
}

func (c *conn) Write(p []byte) (int, error) { return c.got.Write(p) }

// over returns a stream handler that reads in, with these limits.
func over(in io.Reader, cfg reference.Config) *reference.StreamHandler {
	return reference.NewStreamHandler(&conn{Reader: in}, cfg)
}
