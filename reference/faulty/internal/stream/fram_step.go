package stream

import (
	"bytes"
	"slices"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that show in the messages behind one that was cut.
var framStepFaults = []plant.Fault{{
	Name:        "partial-kept",
	Sentence:    "the beginning of a request that came in several segments is put before the next request too",
	Requirement: "FRAM-10",
	Mistake:     "what was kept of an incomplete request is thrown away only where something follows its rest in the same read",
	Dialects:    plant.LineDialects,
	Plant:       answering(keepPartial),
}}

// keepPartial keeps the first segment of a request that took several, where the last of them ends with it.
func keepPartial(_ *plant.Changes, r *reader, w *writer) {
	var segments [][]byte // of the request that is not answered yet
	var kept []byte
	r.Stream = &gathering{Stream: r.Stream, got: func(some []byte) []byte {
		segments = append(segments, bytes.Clone(some))
		some, kept = slices.Concat(kept, some), nil
		return some
	}}
	w.send = func(content []byte) error {
		if len(content) > 0 {
			if len(segments) > 1 && len(r.buf) == 0 {
				kept = segments[0]
			}
			if segments = nil; len(r.buf) > 0 {
				segments = append(segments, bytes.Clone(r.buf))
			}
		}
		return w.deliver(content)
	}
}

// gathering gives what has come to a function, and returns what that makes of it.
type gathering struct {
	reference.Stream
	got func(some []byte) []byte
}

func (g *gathering) ReadSome() ([]byte, error) {
	some, err := g.Stream.ReadSome()
	if len(some) > 0 {
		some = g.got(some)
	}
	return some, err
}
