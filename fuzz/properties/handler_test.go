package properties

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/reference"
)

// pieces draws what clients send: short, with line ends, white space, characters
// of several bytes, halves of them, and now and then more than a buffer holds.
var pieces = rapid.OneOf(
	rapid.SampledFrom([]string{"\n", "\r\n", "\r", " \t", "\v\f", "a", "bc\n", "\x00", "\u00e9", "\xc3", "\xa9\n", "\u2028", "\xff"}),
	rapid.Map(rapid.IntRange(1, 9000), func(n int) string { return strings.Repeat("long ", n/5+1) }),
)

var errNothing = errors.New("nothing has come")

// arrivals is a reader of what has arrived so far.
type arrivals struct {
	left  []byte
	ended bool
}

func (a *arrivals) Read(p []byte) (int, error) {
	switch n := copy(p, a.left); {
	case n > 0:
		a.left = a.left[n:]
		return n, nil
	case a.ended:
		return 0, io.EOF
	}
	return 0, errNothing
}

// A handlerModel knows what has arrived and was not consumed, and what was written.
type handlerModel struct {
	left         string
	ended        bool
	closed       bool
	unsent, sent string
}

// read is what a read returns that takes n bytes, and wants that many; n is below
// 0 where it cannot tell yet.
func (m *handlerModel) read(limit, n int) (string, error) {
	switch {
	case m.closed:
		return "", reference.ErrClosed
	case limit < 0 || limit > reference.DefaultReadLimit:
		return "", reference.ErrLimit
	case limit == 0:
		return "", nil
	case n < 0 && !m.ended:
		return "", errNothing
	case n < 0:
		n = len(m.left)
	}
	if n == 0 {
		return "", io.EOF
	}
	taken := m.left[:n]
	m.left = m.left[n:]
	return taken, nil
}

// bytes is how many bytes read(limit) takes, below 0 where more must come.
func (m *handlerModel) bytes(limit int) int {
	if len(m.left) < limit {
		return -1
	}
	return limit
}

// line is how many bytes readline(limit) takes.
func (m *handlerModel) line(limit int) int {
	if end := strings.IndexByte(m.left, '\n') + 1; end > 0 && end <= limit {
		return end
	}
	return m.bytes(limit)
}

// All operations of a handler in any order, while its input arrives: a read that
// has too little says so and takes nothing, and nothing leaves but by Send.
func TestHandlerMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, m := &arrivals{}, &handlerModel{}
		var out bytes.Buffer
		h := reference.NewStreamHandler(struct {
			io.Reader
			io.Writer
		}{in, &out}, reference.Config{})
		limits := rapid.OneOf(rapid.IntRange(0, 9), rapid.SampledFrom([]int{-1, 4095, 4096, 4097, 65536, 1 << 24, 1<<24 + 1}))
		check := func(t *rapid.T, got string, err error, want string, wantErr error) {
			t.Helper()
			if got != want || !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) {
				t.Fatalf("%.80q, %v; want %.80q, %v", got, err, want, wantErr)
			}
		}
		text := func(line string, err error) (string, error) {
			if err == nil {
				_, err = reference.Decode([]byte(line))
			}
			if err != nil {
				line = ""
			}
			return line, err
		}
		kind := func(err error) error {
			if errors.Is(err, reference.ErrInvalidUTF8) {
				return reference.ErrInvalidUTF8
			}
			return err
		}
		arrive := func(t *rapid.T) {
			if piece := pieces.Draw(t, "piece"); !m.ended {
				in.left = append(in.left, piece...)
				m.left += piece
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": arrive, "arrive more": arrive, "arrive yet more": arrive,
			"read": func(t *rapid.T) {
				n := limits.Draw(t, "n")
				want, wantErr := text(m.read(n, m.bytes(n)))
				got, err := h.Read(n)
				check(t, got, err, want, kind(wantErr))
			},
			"readline": func(t *rapid.T) {
				limit := limits.Draw(t, "limit")
				line, wantErr := m.read(limit, m.line(limit))
				want, wantErr := text(strings.Trim(line, " \t\n\v\f\r"), wantErr)
				got, err := h.ReadLineLimit(limit)
				check(t, got, err, want, kind(wantErr))
			},
			"read bytes": func(t *rapid.T) {
				n := limits.Draw(t, "n")
				want, wantErr := m.read(n, m.bytes(n))
				got, err := h.ReadBytes(n)
				check(t, string(got), err, want, wantErr)
			},
			"read some": func(t *rapid.T) {
				got, err := h.ReadSome()
				n := m.bytes(1)
				if n > 0 {
					n = min(max(n, len(got)), len(m.left))
				}
				want, wantErr := m.read(1, n)
				check(t, string(got), err, want, wantErr)
			},
			"write": func(t *rapid.T) {
				piece := pieces.Draw(t, "piece")
				if h.WriteContent(piece); !m.closed {
					m.unsent += piece
				}
			},
			"send": func(t *rapid.T) {
				var want error
				if m.sent, m.unsent = m.sent+m.unsent, ""; m.closed {
					want = reference.ErrClosed
				}
				check(t, "", h.Send(), "", want)
			},
			"end": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "now") == 0 {
					in.ended, m.ended = true, true
				}
			},
			"close": func(t *rapid.T) {
				if rapid.IntRange(0, 19).Draw(t, "now") == 0 {
					check(t, "", h.Close(), "", nil)
					m.closed, m.unsent = true, ""
				}
			},
			"": func(t *rapid.T) {
				if out.String() != m.sent {
					t.Fatalf("%.80q was sent, want %.80q", out.String(), m.sent)
				}
			},
		})
	})
}

// However bytes are read, each of them is read once, in its order.
func TestReadsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
		in := &arrivals{ended: true}
		h := reference.NewStreamHandler(struct {
			io.Reader
			io.Writer
		}{in, io.Discard}, reference.Config{})
		in.left = []byte(whole)
		var read []byte
		for n := rapid.IntRange(1, 6000).Draw(t, "n"); ; n = 1 + n*7%6000 {
			b, err := h.ReadBytes(n)
			if n%2 == 0 && err == nil {
				read = append(read, b...)
				b, err = h.ReadSome()
			}
			if err == io.EOF {
				break
			}
			if err != nil || len(b) == 0 {
				t.Fatalf("%q, %v", b, err)
			}
			read = append(read, b...)
		}
		if string(read) != whole {
			t.Fatalf("%d bytes were read of %d, or others", len(read), len(whole))
		}
	})
}
