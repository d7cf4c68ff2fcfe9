package server

import (
	"bytes"
	"errors"
	"io"

	"github.com/streamspec/streamspec/reference"
)

// An Input is what has come of a connection's bytes and was not consumed.
type Input struct {
	stream reference.Stream
	Buf    []byte
	fills  int  // how many reads have brought something
	Cut    bool // what was consumed last came in more than one read

	Before func() // is called before each read, where it is not nil
}

// Fill adds what one read brings.
func (in *Input) Fill() error {
	if in.Before != nil {
		in.Before()
	}
	some, err := in.stream.ReadSome()
	if err != nil {
		return err
	}
	in.fills++
	in.Buf = append(in.Buf, some...)
	return nil
}

// Take consumes n bytes that have come.
func (in *Input) Take(n int) []byte {
	taken := bytes.Clone(in.Buf[:n])
	if in.Buf = in.Buf[n:]; len(in.Buf) == 0 {
		in.Buf = nil
	}
	return taken
}

// Need waits until n bytes have come. Its error is io.ErrUnexpectedEOF when the stream ends before.
func (in *Input) Need(n int) error {
	fills := in.fills
	if len(in.Buf) == 0 {
		fills++
	}
	for len(in.Buf) < n {
		if err := in.Fill(); err != nil {
			return unexpected(err)
		}
	}
	in.Cut = in.fills > fills
	return nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Ends are the ends of lines that are taken beside CR LF.
type Ends struct {
	Lf bool // a lone LF
	Cr bool // a lone CR
	// none says that a lone LF is no end, and no mistake.
	None bool
}

var (
	errLong   = errors.New("web: a line is longer than the limit")
	errLoneLF = Malformed("A line ends without its CR.")
)

// Line consumes a line of up to so many bytes, and returns it without its end.
func (in *Input) Line(limit int, ends Ends) (string, error) {
	fills := in.fills
	if len(in.Buf) == 0 {
		fills++
	}
	for at := 0; ; at++ {
		if at >= len(in.Buf) {
			if err := in.Fill(); err != nil {
				return "", unexpected(err)
			}
		}
		in.Cut = in.fills > fills
		size := -1
		switch b := in.Buf[at]; {
		case b == '\n' && at > 0 && in.Buf[at-1] == '\r':
			size = at - 1
		case b == '\n' && ends.Lf:
			size = at
		case b == '\n' && !ends.None:
			return "", errLoneLF
		case at > 0 && in.Buf[at-1] == '\r' && ends.Cr: // no LF follows it
			size = at - 1
			at-- // this byte begins the next line
		}
		switch {
		case size > limit || size < 0 && at > limit:
			return "", errLong
		case size >= 0:
			return string(in.Take(at + 1)[:size]), nil
		}
	}
}
