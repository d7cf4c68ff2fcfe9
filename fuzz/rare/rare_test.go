package rare_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/fuzz/rare"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A wire brings a handler one segment for each of its reads.
type wire struct {
	segments [][]byte
	bytes.Buffer
}

func (w *wire) Read(b []byte) (int, error) {
	if len(w.segments) == 0 {
		return 0, io.EOF
	}
	n := copy(b, w.segments[0])
	if w.segments[0] = w.segments[0][n:]; len(w.segments[0]) == 0 {
		w.segments = w.segments[1:]
	}
	return n, nil
}

// answer plays a request to a handler.
func answer(handler reference.HandlerFunc, request []byte, plan delivery.Segments) []byte {
	w := &wire{}
	last := 0
	for _, cut := range append(slices.Clone(plan.Cuts), delivery.Cut{At: len(request)}) {
		w.segments = append(w.segments, request[last:cut.At])
		last = cut.At
	}
	_ = handler(reference.NewStreamHandler(w, reference.Config{}))
	return w.Bytes()
}

// servers are the handlers, each with what brings its fault out.
var servers = []struct {
	name    string
	handler reference.HandlerFunc
	lines   []string // the last is answered twice
	cuts    []int
}{
	{"steps", rare.Steps, []string{"abc\n", "b\n", "é\n", "12345\n", "123456\n", "Z\n"}, nil},
	{"counts", rare.Counts, []string{"123456\n", "abcdef\n", "12345\n", "12345\n", "12345\n", "12345\n", "12345\n"}, nil},
	{"cuts", rare.Cuts, []string{"é\n", "b\n", "c\r\n", "d\n", "abc\n"}, []int{1, 7, 9}},
}

func TestFaults(t *testing.T) {
	for _, s := range servers {
		request := strings.Join(s.lines, "")
		right := strings.ReplaceAll(request, "\r", "")
		last := strings.TrimSuffix(s.lines[len(s.lines)-1], "\n")
		want := strings.TrimSuffix(right, "\n") + last + "\n"
		if got := answer(s.handler, []byte(request), delivery.CutAt(s.cuts...)); string(got) != want {
			t.Errorf("%s: %q, want the fault %q", s.name, got, want)
		}
		for i := range s.lines { // each line is needed
			fewer := strings.Join(slices.Delete(slices.Clone(s.lines), i, i+1), "")
			if got := answer(s.handler, []byte(fewer), delivery.Whole()); string(got) != strings.ReplaceAll(fewer, "\r", "") {
				t.Errorf("%s: %q without line %d, want %q", s.name, got, i, fewer)
			}
		}
		for i := range s.cuts { // and each cut
			fewer := delivery.CutAt(slices.Delete(slices.Clone(s.cuts), i, i+1)...)
			if got := answer(s.handler, []byte(request), fewer); string(got) != right {
				t.Errorf("%s: %q without cut %d, want %q", s.name, got, i, right)
			}
		}
	}
}

// TestRight plays what every line server must answer.
func TestRight(t *testing.T) {
	line := dialect.Line{}
	sessions := []dialect.Session{
		line.Plain("a"), line.Ending("b"), line.Rich(), line.Values(), line.Bulk(20<<10, 1),
		line.Lines("white space", " \t one\v\f\r\n", "two\n"), line.Lines("an empty line", "one\n", "\n", "two\n"),
		line.Lines("no line", ""), line.Lines("no line end", "one\n", "two"), line.Lines("over the limit", strings.Repeat("x", 70000)+"\n", "y\n"),
	}
	for _, s := range servers {
		for _, session := range append(sessions, line.Failing()...) {
			for _, plan := range []delivery.Segments{delivery.Whole(), delivery.CutAt(len(session.Request) / 2), delivery.EveryByte(len(session.Request))} {
				if plan.Validate(len(session.Request)) != nil {
					continue
				}
				got := answer(s.handler, session.Request, plan)
				if !slices.ContainsFunc(session.Answers, func(a []byte) bool { return bytes.Equal(a, got) }) {
					t.Errorf("%s: %s, %s: %.80q, want %.80q", s.name, session.Name, plan.Describe(len(session.Request)), got, session.Answer())
				}
			}
		}
	}
}

// TestRare draws sessions as a fuzzer that is not guided does.
func TestRare(t *testing.T) {
	const sessions, most = 10000, 20
	for _, s := range servers {
		r := rand.New(rand.NewPCG(1, 1))
		faults := 0
		for range sessions {
			session := dialect.Line{}.Random(r, 160)
			if got := answer(s.handler, session.Request, delivery.Random(r, len(session.Request), r.IntN(10))); !bytes.Equal(got, session.Answer()) {
				faults++
			}
		}
		t.Logf("%s: %d of %d sessions bring the fault out", s.name, faults, sessions)
		if faults > most {
			t.Errorf("%s: %d of %d sessions bring the fault out, and %d is the most", s.name, faults, sessions, most)
		}
	}
}
