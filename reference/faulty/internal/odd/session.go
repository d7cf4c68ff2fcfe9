package odd

import (
	"errors"
	"io"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// sessions use what the contract leaves open.
var sessions = []plant.Control{{
	Name:     "flush-at-end",
	Sentence: "content that was never sent is sent when the session ends in an orderly way",
	Dialects: plant.ScriptAlone,
	Plant:    plantFlushAtEnd,
}, {
	Name:     "empty-answered",
	Sentence: "an empty line is answered with LF, and the session goes on",
	Dialects: []string{"line"},
	Plant:    goesOnAfterEmpty("\n"),
}, {
	Name:     "empty-silent",
	Sentence: "an empty line is passed over, and the session goes on",
	Dialects: []string{"line"},
	Plant:    goesOnAfterEmpty(""),
}}

func plantFlushAtEnd(changes *plant.Changes) {
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			flushed := &flushing{Stream: s}
			if err := d(flushed); err != nil || flushed.closed {
				return err
			}
			return s.Send()
		}
	}
}

// flushing sends what was not sent before it closes.
type flushing struct {
	reference.Stream
	closed bool
}

func (s *flushing) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.Send(), s.Stream.Close())
}

// goesOnAfterEmpty plants a line session that the end of the stream alone ends,
// and that gives this answer to an empty line.
func goesOnAfterEmpty(answer string) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Session = func(reference.Dialect) reference.Dialect {
			return func(s reference.Stream) error { return everyLine(s, answer) }
		}
	}
}

// everyLine answers every line. It calls Send for an empty one too, since that
// marks the end of a request, without which a shutdown would wait for the rest.
func everyLine(s reference.Stream, empty string) error {
	for {
		text, err := s.ReadLine()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		answer := empty
		if text != "" {
			answer = text + "\n"
		}
		s.WriteContent(answer)
		if err := s.Send(); err != nil {
			return err
		}
	}
}
