package properties

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/oracle"
	"github.com/streamspec/streamspec/reference"
)

// segmented returns a reader of whole that brings it in segments of any length, or
// as one of iotest's readers does.
func segmented(t *rapid.T, whole string) io.Reader {
	switch rapid.SampledFrom([]string{"cuts", "whole", "bytes", "halves", "end with data", "timeout"}).Draw(t, "segmentation") {
	case "cuts":
		var parts []io.Reader
		for whole != "" {
			n := rapid.IntRange(1, len(whole)).Draw(t, "segment")
			parts, whole = append(parts, strings.NewReader(whole[:n])), whole[n:]
		}
		return io.MultiReader(parts...)
	case "bytes":
		return iotest.OneByteReader(strings.NewReader(whole))
	case "halves":
		return iotest.HalfReader(strings.NewReader(whole))
	case "end with data":
		return iotest.DataErrReader(strings.NewReader(whole))
	case "timeout":
		return iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(whole)))
	}
	return strings.NewReader(whole)
}

// The operations that read return, in any order and under every segmentation, what
// the contract says of the whole input; an error that passes loses nothing.
func TestReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := inputs.Draw(t, "whole")
		h, in := over(segmented(t, whole), io.Discard), oracle.Whole(whole)
		for range rapid.IntRange(1, 20).Draw(t, "operations") {
			r := rapid.SampledFrom(readings).Draw(t, "operation")
			reading{r.name, patient(r.real), r.model}.check(t, in, h, limits.Draw(t, "n"))
		}
	})
}

// patient reads again after an error that passes.
func patient(read func(*reference.StreamHandler, int) (string, error)) func(*reference.StreamHandler, int) (string, error) {
	return func(h *reference.StreamHandler, n int) (string, error) {
		got, err := read(h, n)
		if errors.Is(err, iotest.ErrTimeout) {
			return read(h, n)
		}
		return got, err
	}
}

// persistent is a reader that reads on after an error that passes.
type persistent struct{ io.Reader }

func (r persistent) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == iotest.ErrTimeout {
		err = nil
	}
	return n, err
}

// A whole session gets the answer that is due to the whole input, under every
// segmentation, and the handler fails where it has to.
func TestSessions(t *testing.T) {
	for _, name := range []string{"echo", "greet", "line", "script"} {
		handler, _ := reference.HandlerFor(name)
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			request := requests(name).Draw(t, "request")
			want := oracle.ByName(name)(*oracle.Whole(request))
			var out bytes.Buffer
			err := handler.Handle(over(persistent{segmented(t, request)}, &out))
			if out.String() != want.Sent || (err != nil) != (want.State == oracle.Failed) {
				t.Fatalf("to %.80q it said %.80q, %v; want %.80q, %v", request, out.String(), err, want.Sent, want.State)
			}
		}))
	}
}
