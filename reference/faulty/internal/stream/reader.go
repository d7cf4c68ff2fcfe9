package stream

import (
	"bytes"
	"cmp"
	"fmt"
	"io"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// A reader does all the reading of a stream itself. It takes the bytes from
// ReadSome alone, and keeps to the contract in parts that a fault can replace.
type reader struct {
	reference.Stream
	buf       []byte // received and not yet consumed
	closed    bool
	lineLimit int // the limit of ReadLine
	readLimit int // the largest n, and the largest limit of a caller

	// limit returns the limit that holds where one was asked for.
	limit func(asked int) int
	// end finds the first line end in b, whose first from bytes hold none. The
	// line is b[:text], and b[:taken] is consumed; without an end taken is 0.
	end func(b []byte, from int) (text, taken int)
	// reach says what a line takes of b that has no end within the limit; as
	// long as b does not reach the limit, taken is 0.
	reach func(b []byte, limit int) (text, taken int)
	// past is given a line that the limit has ended.
	past func(line []byte, limit int) ([]byte, error)
	// last is given what is left at the end of the stream without a line end.
	last func(line []byte) ([]byte, error)
	// strip removes what is no part of a line.
	strip func(line []byte) []byte
	// decode makes bytes text.
	decode func(msg []byte) (string, error)
	// more gets more bytes for a line.
	more func() error
	// collect gets the bytes of a read.
	collect func(n int) ([]byte, error)
}

// reading plants a reader that shape has changed.
func reading(shape func(r *reader)) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Stream = func(s reference.Stream) reference.Stream {
			r := newReader(changes.Config, s)
			shape(r)
			return r
		}
	}
}

// newReader returns a right reader of s.
func newReader(cfg reference.Config, s reference.Stream) *reader {
	r := &reader{
		Stream:    s,
		lineLimit: cmp.Or(cfg.LineLimit, reference.DefaultLineLimit),
		readLimit: cmp.Or(cfg.ReadLimit, reference.DefaultReadLimit),
		limit:     func(asked int) int { return asked },
		end:       endAtLF,
		reach:     reachBytes,
		past:      func(line []byte, _ int) ([]byte, error) { return line, nil },
		last:      func(line []byte) ([]byte, error) { return line, nil },
		strip:     stripSpace,
		decode:    reference.Decode,
	}
	r.more = r.fill
	r.collect = r.exactly
	return r
}

// endAtLF ends a line at LF.
func endAtLF(b []byte, from int) (text, taken int) {
	i := bytes.IndexByte(b[from:], '\n')
	if i < 0 {
		return 0, 0
	}
	return from + i, from + i + 1
}

// reachBytes counts the limit in bytes.
func reachBytes(b []byte, limit int) (text, taken int) {
	if len(b) < limit {
		return 0, 0
	}
	return limit, limit
}

// asciiSpace is what the contract strips from a line.
const asciiSpace = " \t\n\v\f\r"

// stripSpace strips ASCII white space at both ends.
func stripSpace(line []byte) []byte {
	return bytes.Trim(line, asciiSpace)
}

// Decode is the reader's own decoding.
func (r *reader) Decode(msg []byte) (string, error) {
	return r.decode(msg)
}

// Close closes the stream; what is buffered is not read any more.
func (r *reader) Close() error {
	r.closed = true
	return r.Stream.Close()
}

func (r *reader) ReadLine() (string, error) {
	return r.text(r.line(r.lineLimit))
}

func (r *reader) ReadLineLimit(limit int) (string, error) {
	return r.text(r.ReadLineBytes(limit))
}

func (r *reader) ReadLineBytes(limit int) ([]byte, error) {
	if err := r.check(limit); err != nil {
		return nil, err
	}
	return r.line(limit)
}

func (r *reader) Read(n int) (string, error) {
	return r.text(r.ReadBytes(n))
}

func (r *reader) ReadBytes(n int) ([]byte, error) {
	if err := r.check(n); err != nil {
		return nil, err
	}
	return r.collect(n)
}

func (r *reader) ReadSome() ([]byte, error) {
	if err := r.check(0); err != nil {
		return nil, err
	}
	if len(r.buf) == 0 {
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
	return r.take(len(r.buf)), nil
}

// line returns the next line, stripped.
func (r *reader) line(asked int) ([]byte, error) {
	limit := r.limit(asked)
	if err := r.check(0); err != nil || limit == 0 {
		return nil, err
	}
	for searched := 0; ; {
		reached, most := r.reach(r.buf, limit)
		within := r.buf
		if most > 0 {
			within = r.buf[:most]
		}
		if text, taken := r.end(within, max(0, searched-longestEnd)); taken > 0 {
			return r.strip(r.take(taken)[:text]), nil
		}
		if most > 0 {
			line, err := r.past(r.take(most)[:reached], limit)
			return r.strip(line), err
		}
		searched = len(r.buf)
		if err := r.more(); err == io.EOF && searched > 0 {
			line, err := r.last(r.take(searched))
			return r.strip(line), err
		} else if err != nil {
			return nil, err
		}
	}
}

// longestEnd is how many bytes of a line end may have come before the rest of it.
const longestEnd = 2

// exactly returns the next n bytes; fewer at the end of the stream.
func (r *reader) exactly(n int) ([]byte, error) {
	for len(r.buf) < n {
		if err := r.fill(); err == io.EOF && len(r.buf) > 0 {
			return r.take(len(r.buf)), nil
		} else if err != nil {
			return nil, err
		}
	}
	return r.take(n), nil
}

// fill reads once.
func (r *reader) fill() error {
	some, err := r.Stream.ReadSome()
	r.buf = append(r.buf, some...)
	return err
}

// take consumes the first n bytes of the buffer. Nothing is written over them.
func (r *reader) take(n int) []byte {
	taken := r.buf[:n:n]
	r.buf = r.buf[n:]
	return taken
}

// text decodes what was read.
func (r *reader) text(msg []byte, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return r.decode(msg)
}

// check says whether n bytes may be asked for.
func (r *reader) check(n int) error {
	if r.closed {
		return reference.ErrClosed
	}
	if n < 0 || n > r.readLimit {
		return fmt.Errorf("%w: %d of at most %d bytes", reference.ErrLimit, n, r.readLimit)
	}
	return nil
}
