package faulty

import (
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference"
)

var codeFaults = []Fault{{
	Name:        "latin-1",
	Sentence:    "bytes that are not UTF-8 are answered as Latin-1",
	Requirement: "CODE-3",
	Mistake:     "when decoding fails, another encoding is tried that never does",
	Dialects:    lineDialects,
	plant:       plantLatin1,
}}

func plantLatin1(p *plan) {
	p.stream = func(s reference.Stream) reference.Stream { return latin1{s} }
}

// latin1 decodes everything.
type latin1 struct{ reference.Stream }

func (s latin1) Decode(msg []byte) (string, error) {
	if utf8.Valid(msg) {
		return string(msg), nil
	}
	text := make([]rune, len(msg))
	for i, b := range msg {
		text[i] = rune(b)
	}
	return string(text), nil
}

func (s latin1) Read(n int) (string, error) {
	msg, err := s.ReadBytes(n)
	if err != nil {
		return "", err
	}
	return s.Decode(msg)
}

func (s latin1) ReadLine() (string, error) {
	return s.ReadLineLimit(reference.DefaultLineLimit)
}

func (s latin1) ReadLineLimit(limit int) (string, error) {
	msg, err := s.ReadLineBytes(limit)
	if err != nil {
		return "", err
	}
	return s.Decode(msg)
}
