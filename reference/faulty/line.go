package faulty

import (
	"strings"

	"github.com/streamspec/streamspec/reference"
)

var lineFaults = []Fault{{
	Name:        "unicode-strip",
	Sentence:    "Unicode spaces and line ends are stripped from a line too",
	Requirement: "LINE-10",
	Mistake:     "the text is stripped after decoding, by a function that knows Unicode",
	Dialects:    lineDialects,
	plant:       plantUnicodeStrip,
}}

func plantUnicodeStrip(p *plan) {
	p.stream = func(s reference.Stream) reference.Stream { return unicodeStrip{s} }
}

// unicodeStrip strips whatever Unicode calls white space.
type unicodeStrip struct{ reference.Stream }

func (s unicodeStrip) ReadLine() (string, error) {
	text, err := s.Stream.ReadLine()
	return strings.TrimSpace(text), err
}

func (s unicodeStrip) ReadLineLimit(limit int) (string, error) {
	text, err := s.Stream.ReadLineLimit(limit)
	return strings.TrimSpace(text), err
}
