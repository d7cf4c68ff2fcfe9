package stream

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var codeFaults = slices.Concat(codeOutFaults, codeDecodeFaults)

// The faults of what is written.
var codeOutFaults = []plant.Fault{{
	Name:        "latin-1-out",
	Sentence:    "text is sent as Latin-1, with ? for what that does not have",
	Requirement: "CODE-1",
	Mistake:     "text is encoded by the locale's encoding, not the protocol's",
	Dialects:    plant.LineDialects,
	Plant: writing(func(w *writer) {
		w.piece = ofText(func(msg []byte) []byte { return toLatin1(string(msg)) })
	}),
}, {
	Name:        "bytes-as-text",
	Sentence:    "of bytes that are written, those that are no UTF-8 leave as U+FFFD",
	Requirement: "CODE-2",
	Mistake:     "the buffer is one of text: bytes are decoded on their way into it",
	Dialects:    plant.ScriptAlone,
	Plant:       writing(func(w *writer) { w.piece = ofBytes(replaceInvalid) }),
}, {
	Name:        "text-mode",
	Sentence:    "LF in bytes that are written leaves as CR LF",
	Requirement: "CODE-2",
	Mistake:     "the file that the bytes go through is in text mode",
	Dialects:    plant.ScriptAlone,
	Plant: writing(func(w *writer) {
		w.piece = ofBytes(func(msg []byte) []byte { return bytes.ReplaceAll(msg, []byte("\n"), []byte("\r\n")) })
	}),
}}

// ofText makes change hold for content alone, and ofBytes for bytes.
func ofText(change func([]byte) []byte) func([]byte, bool) []byte {
	return func(msg []byte, text bool) []byte {
		if text {
			return change(msg)
		}
		return msg
	}
}

func ofBytes(change func([]byte) []byte) func([]byte, bool) []byte {
	return func(msg []byte, text bool) []byte {
		if text {
			return msg
		}
		return change(msg)
	}
}

func toLatin1(text string) []byte {
	var msg []byte
	for _, c := range text {
		if c > 0xff {
			c = '?'
		}
		msg = append(msg, byte(c))
	}
	return msg
}

// replaceInvalid puts U+FFFD in the place of every byte that is no UTF-8.
func replaceInvalid(msg []byte) []byte {
	return []byte(string([]rune(string(msg))))
}

// latin1 decodes everything.
func latin1(msg []byte) (string, error) {
	if utf8.Valid(msg) {
		return string(msg), nil
	}
	text := make([]rune, len(msg))
	for i, b := range msg {
		text[i] = rune(b)
	}
	return string(text), nil
}

// bmpOnly returns the text with ? for every character of four bytes.
func bmpOnly(text string) string {
	return strings.Map(func(c rune) rune {
		if c > 0xffff {
			return '?'
		}
		return c
	}, text)
}

// compose makes a letter and an acute behind it one character.
var compose = strings.NewReplacer(
	"a\u0301", "\u00e1", "e\u0301", "\u00e9", "i\u0301", "\u00ed", "o\u0301", "\u00f3", "u\u0301", "\u00fa",
	"A\u0301", "\u00c1", "E\u0301", "\u00c9", "I\u0301", "\u00cd", "O\u0301", "\u00d3", "U\u0301", "\u00da",
).Replace

// narrow makes full-width capitals ordinary ones.
func narrow(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '\uff21' && c <= '\uff3a' {
			return c - '\uff21' + 'A'
		}
		return c
	}, text)
}
