package stream

import (
	"bytes"
	"errors"
	"slices"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that show when several requests come in one segment. A request ends
// where it is answered: in line at LF, in script at SEND.
var framTogetherFaults = []plant.Fault{{
	Name:        "first-line-only",
	Sentence:    "of several requests in one segment the first alone is answered",
	Requirement: "FRAM-4",
	Mistake:     "the buffer is emptied when a request was taken from it",
	Dialects:    plant.LineDialects,
	Plant:       answering(firstOnly),
}, {
	Name:        "last-line-only",
	Sentence:    "of several requests in one segment the last alone is answered",
	Requirement: "FRAM-4",
	Mistake:     "the answer is kept in a variable, and sent when the buffer holds no request any more",
	Dialects:    plant.LineDialects,
	Plant:       answering(lastOnly),
}, {
	Name:        "lines-joined",
	Sentence:    "several requests in one segment are taken for one",
	Requirement: "FRAM-4",
	Mistake:     "a request is complete when the last byte read is LF, and its line ends are not looked for",
	Dialects:    plant.LineDialects,
	Plant:       plantLinesJoined,
}, {
	Name:        "answers-swapped",
	Sentence:    "of several lines in one segment the first two are answered in the wrong order",
	Requirement: "FRAM-4",
	Mistake:     "each line is given to a task of its own, and nothing keeps their answers in order",
	Dialects:    []string{"line"},
	Plant:       filtering(swapLines),
}, {
	Name:        "one-request",
	Sentence:    "the connection is closed after the first answer, whatever else was sent",
	Requirement: "FRAM-4",
	Mistake:     "the handler has no loop: one connection, one request",
	Dialects:    plant.LineDialects,
	Plant:       writing(closeAfterAnswer),
}}

// answering plants a reader, and a writer around it, that shape has changed.
func answering(shape func(changes *plant.Changes, r *reader, w *writer)) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Stream = func(s reference.Stream) reference.Stream {
			r := newReader(changes.Config, s)
			w := newWriter(changes.Config, r)
			shape(changes, r, w)
			return w
		}
	}
}

// firstOnly throws away what is buffered behind a request. An empty line is no
// request: it ends the session.
func firstOnly(_ *plant.Changes, r *reader, w *writer) {
	w.send = func(content []byte) error {
		if !isBlank(r.buf) {
			r.buf = nil
		}
		return w.deliver(content)
	}
}

// lastOnly throws away an answer when another request is buffered.
func lastOnly(changes *plant.Changes, r *reader, w *writer) {
	ending := map[string]string{"line": "\n", "script": "SEND"}[changes.Dialect]
	w.send = func(content []byte) error {
		if bytes.Contains(bytes.TrimLeft(r.buf, asciiSpace), []byte(ending)) {
			return nil
		}
		return w.deliver(content)
	}
}

func plantLinesJoined(changes *plant.Changes) {
	join := joinLines
	if changes.Dialect == "script" {
		join = joinRequests
	}
	reading(func(r *reader) { r.end = join })(changes)
}

// joinLines ends a line at an LF that nothing follows; any other becomes a space.
func joinLines(b []byte, from int) (text, taken int) {
	for {
		text, taken = endAtLF(b, from)
		if taken == 0 || taken == len(b) {
			return text, taken
		}
		b[text] = ' '
	}
}

// joinRequests ends a line at LF, but for the command SEND when more follows than
// an empty line: there LF becomes a space.
func joinRequests(b []byte, from int) (text, taken int) {
	text, taken = endAtLF(b, from)
	if taken > 0 && string(stripSpace(b[:text])) == "SEND" && !isBlank(b[taken:]) {
		b[text] = ' '
		return endAtLF(b, taken)
	}
	return text, taken
}

// isBlank says whether nothing but white space is there.
func isBlank(b []byte) bool {
	return len(stripSpace(b)) == 0
}

// swapLines lets the first two lines of a segment change places, where both are
// whole and neither is empty.
func swapLines() filter {
	inLine := false
	return func(read []byte, _ bool) []byte {
		if len(read) == 0 {
			return nil
		}
		began := inLine
		inLine = read[len(read)-1] != '\n'
		_, first := endAtLF(read, 0)
		_, second := endAtLF(read, first)
		if began || second == 0 || isBlank(read[:first]) || isBlank(read[first:second]) {
			return read
		}
		return slices.Concat(read[first:second], read[:first], read[second:])
	}
}

// closeAfterAnswer closes after a Send with content. The server discards what is
// left of the input.
func closeAfterAnswer(w *writer) {
	w.send = func(content []byte) error {
		err := w.deliver(content)
		if len(content) > 0 {
			err = errors.Join(err, w.Close())
		}
		return err
	}
}
