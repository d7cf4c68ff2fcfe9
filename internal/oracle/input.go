package oracle

import (
	"io"
	"strings"
)

// The limits of the contract, in bytes: the default limit of readline
// (section 1), and the largest number that READ and READLINE take (section 3).
const (
	LineLimit = 65536
	ReadLimit = 16777216
)

// An Input is what a client has sent so far, and no operation has taken.
type Input struct {
	Left  string
	Ended bool // the client sends nothing more
}

// Whole returns all that a client sends.
func Whole(request string) *Input { return &Input{Left: request, Ended: true} }

// Read is read(n), with its decode.
func (in *Input) Read(n int) (string, error) {
	return decoded(in.ReadBytes(n))
}

// ReadBytes is read(n) before its decode: exactly n bytes, fewer only at the end of
// the stream; read(0) returns at once.
func (in *Input) ReadBytes(n int) (string, error) {
	return in.take(n, n)
}

// ReadLine is readline(limit), with its decode.
func (in *Input) ReadLine(limit int) (string, error) {
	return decoded(in.ReadLineBytes(limit))
}

// ReadLineBytes is readline(limit) before its decode: the bytes up to and including
// the next LF, but at most limit bytes, or what is left at the end of the stream;
// ASCII white space is stripped at both ends.
func (in *Input) ReadLineBytes(limit int) (string, error) {
	length := limit
	if end := strings.IndexByte(in.Left, '\n') + 1; 0 < end && end < limit {
		length = end
	}
	line, err := in.take(limit, length)
	return strip(line), err
}

// ReadSome takes n bytes of what is there; what a handler takes at once is its own
// choice, at least one byte.
func (in *Input) ReadSome(n int) (string, error) {
	return in.take(1, max(1, min(n, len(in.Left))))
}

// take takes the next length bytes, for an operation that was asked for limit bytes.
func (in *Input) take(limit, length int) (string, error) {
	switch {
	case limit < 0 || limit > ReadLimit:
		return "", ErrLimit
	case limit == 0:
		return "", nil
	case len(in.Left) < length && !in.Ended:
		return "", ErrWait
	case in.Left == "":
		return "", io.EOF
	}
	length = min(length, len(in.Left))
	taken := in.Left[:length]
	in.Left = in.Left[length:]
	return taken, nil
}

// decoded decodes what an operation took.
func decoded(msg string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return Decode(msg)
}

// strip removes space, HT, LF, VT, FF and CR at both ends.
func strip(line string) string {
	for line != "" && isSpace(line[0]) {
		line = line[1:]
	}
	for line != "" && isSpace(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return line
}

func isSpace(b byte) bool {
	switch b {
	case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D:
		return true
	}
	return false
}
