package properties

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// arrivals is a reader of what has arrived so far. Where nothing has, it returns
// the error that the oracle has for that.
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
	return 0, oracle.ErrWait
}

// A reading is one of the operations that read, and what the oracle says of it.
type reading struct {
	name string
	real func(h *reference.StreamHandler, n int) (string, error)
	// model is given the number of bytes that came where the choice is the handler's.
	model func(in *oracle.Input, n, came int) (string, error)
}

func (r reading) String() string { return r.name }

var readings = []reading{
	{"Read", (*reference.StreamHandler).Read, func(in *oracle.Input, n, _ int) (string, error) { return in.Read(n) }},
	{
		"ReadLine",
		func(h *reference.StreamHandler, _ int) (string, error) { return h.ReadLine() },
		func(in *oracle.Input, _, _ int) (string, error) { return in.ReadLine(oracle.LineLimit) },
	},
	{"ReadLineLimit", (*reference.StreamHandler).ReadLineLimit, func(in *oracle.Input, n, _ int) (string, error) { return in.ReadLine(n) }},
	{
		"ReadBytes",
		func(h *reference.StreamHandler, n int) (string, error) { return text(h.ReadBytes(n)) },
		func(in *oracle.Input, n, _ int) (string, error) { return in.ReadBytes(n) },
	},
	{
		"ReadLineBytes",
		func(h *reference.StreamHandler, n int) (string, error) { return text(h.ReadLineBytes(n)) },
		func(in *oracle.Input, n, _ int) (string, error) { return in.ReadLineBytes(n) },
	},
	{
		"ReadSome",
		func(h *reference.StreamHandler, _ int) (string, error) { return text(h.ReadSome()) },
		func(in *oracle.Input, _, came int) (string, error) { return in.ReadSome(came) },
	},
	{
		"Reader",
		func(h *reference.StreamHandler, n int) (string, error) {
			p := make([]byte, min(max(n, 0), 5000))
			got, err := h.Reader().Read(p)
			return string(p[:got]), err
		},
		func(in *oracle.Input, n, came int) (string, error) {
			if n <= 0 {
				return "", nil
			}
			return in.ReadSome(came)
		},
	},
	{"ReadFull", (*reference.StreamHandler).ReadFull, func(in *oracle.Input, n, _ int) (string, error) {
		msg, err := in.ReadBytes(n)
		if err != nil {
			return "", err
		}
		got, err := oracle.Decode(msg)
		if len(msg) < n {
			err = errors.Join(io.ErrUnexpectedEOF, err)
		}
		return got, err
	}},
}

func text(b []byte, err error) (string, error) { return string(b), err }

// check compares what the operation does with what the oracle says.
func (r reading) check(t *rapid.T, in *oracle.Input, h *reference.StreamHandler, n int) {
	t.Helper()
	got, err := r.real(h, n)
	if oracle.Kind(err) == oracle.ErrWait {
		got2, err2 := r.real(h, n) // to ask again changes nothing
		if got2 != got || err2 != err {
			t.Fatalf("%s(%d): %.80q, %v, and then %.80q, %v", r, n, got, err, got2, err2)
		}
	}
	want, wantErr := r.model(in, n, len(got))
	if got != want || !same(err, wantErr) {
		t.Fatalf("%s(%d): %.80q, %v; want %.80q, %v", r, n, got, err, want, wantErr)
	}
}

// same says whether an error is all that the oracle says of it.
func same(err, want error) bool {
	for _, kind := range []error{io.EOF, io.ErrUnexpectedEOF, oracle.ErrWait, oracle.ErrText, oracle.ErrLimit} {
		if (errors.Is(err, kind) || oracle.Kind(err) == kind) != errors.Is(want, kind) {
			return false
		}
	}
	return (err == nil) == (want == nil)
}

// limits draws the number of an operation: most are small, some at the borders of
// the buffers and of the limits.
var limits = rapid.OneOf(rapid.IntRange(0, 9), rapid.SampledFrom([]int{-1, 4095, 4096, 4097, 65536, 1 << 24, 1<<24 + 1}))

// over returns a stream handler of two halves, with the default limits.
func over(in io.Reader, out io.Writer) *reference.StreamHandler {
	return reference.NewStreamHandler(struct {
		io.Reader
		io.Writer
	}{in, out}, reference.Config{})
}

// All operations of a handler in any order, while its input arrives: a read that
// has too little says so and takes nothing, and nothing leaves but by Send.
func TestHandlerMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, m := &arrivals{}, &oracle.Input{}
		var out bytes.Buffer
		h := over(in, &out)
		unsent, sent, closed := "", "", false
		arrive := func(t *rapid.T) {
			if piece := pieces.Draw(t, "piece"); !m.Ended {
				in.left = append(in.left, piece...)
				m.Left += piece
			}
		}
		read := func(t *rapid.T) {
			r, n := rapid.SampledFrom(readings).Draw(t, "operation"), limits.Draw(t, "n")
			if !closed {
				r.check(t, m, h, n)
			} else if got, err := r.real(h, n); got != "" || err != reference.ErrClosed {
				t.Fatalf("after Close %s returns %.80q, %v", r, got, err)
			}
		}
		write := func(t *rapid.T) {
			piece := pieces.Draw(t, "piece")
			var err, want error
			if closed {
				want = reference.ErrClosed
			} else {
				unsent += piece
			}
			switch rapid.IntRange(0, 3).Draw(t, "way") {
			case 0:
				h.WriteContent(piece)
				return
			case 1:
				h.WriteBytes([]byte(piece))
				return
			case 2:
				_, err = io.WriteString(h.Writer(), piece)
			case 3:
				_, err = h.Writer().Write([]byte(piece))
			}
			if err != want {
				t.Fatalf("the writer returns %v, want %v", err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": arrive, "arrive more": arrive, "arrive yet more": arrive,
			"read": read, "read more": read, "read yet more": read, "write": write,
			"send": func(t *rapid.T) {
				var want error
				if sent, unsent = sent+unsent, ""; closed {
					want = reference.ErrClosed
				}
				if err := h.Send(); err != want {
					t.Fatalf("Send: %v, want %v", err, want)
				}
			},
			"end": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "now") == 0 {
					in.ended, m.Ended = true, true
				}
			},
			"close": func(t *rapid.T) {
				if rapid.IntRange(0, 19).Draw(t, "now") == 0 {
					closed, unsent = true, ""
					if err := h.Close(); err != nil {
						t.Fatalf("Close: %v", err)
					}
				}
			},
			"": func(t *rapid.T) {
				if out.String() != sent {
					t.Fatalf("%.80q was sent, want %.80q", out.String(), sent)
				}
			},
		})
	})
}
