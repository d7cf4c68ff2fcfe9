package stream

import (
	"bytes"
	"io"
	"slices"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var lineFaults = slices.Concat(lineEndFaults, lineStripFaults, lineLimitFaults)

// The faults of where a line ends.
var lineEndFaults = []plant.Fault{{
	Name:        "cr-ends",
	Sentence:    "a CR ends a line too, with or without LF",
	Requirement: "LINE-9",
	Mistake:     "the stream is read with universal line ends",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.end = endAtCR }),
}, {
	Name:        "nel-ends",
	Sentence:    "U+0085 ends a line too",
	Requirement: "LINE-10",
	Mistake:     "the text is split by splitlines, which knows Unicode",
	Dialects:    plant.LineDialects,
	Plant:       reading(endAlsoAt("\u0085")),
}, {
	Name:        "u2028-ends",
	Sentence:    "U+2028 ends a line too",
	Requirement: "LINE-10",
	Mistake:     "lines are found by a regular expression whose $ knows the line ends of JavaScript",
	Dialects:    plant.LineDialects,
	Plant:       reading(endAlsoAt("\u2028")),
}, {
	Name:        "vt-ends",
	Sentence:    "VT ends a line too",
	Requirement: "LINE-10",
	Mistake:     "the text is split by splitlines, for which VT is a line end",
	Dialects:    plant.LineDialects,
	Plant:       reading(endAlsoAt("\v")),
}, {
	Name:        "ff-ends",
	Sentence:    "FF ends a line too",
	Requirement: "LINE-10",
	Mistake:     "the text is split by splitlines, for which FF is a line end",
	Dialects:    plant.LineDialects,
	Plant:       reading(endAlsoAt("\f")),
}, {
	Name:        "last-line-dropped",
	Sentence:    "a last line without LF is lost",
	Requirement: "LINE-4",
	Mistake:     "a line is handled when its LF has come, and the end of the stream just ends the loop",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.last = func([]byte) ([]byte, error) { return nil, io.EOF } }),
}}

// endAtCR ends a line at LF, CR LF or CR. What follows a CR must have come first.
func endAtCR(b []byte, from int) (text, taken int) {
	i := bytes.IndexAny(b[from:], "\r\n")
	if i < 0 {
		return 0, 0
	}
	text = from + i
	switch {
	case b[text] == '\n':
		return text, text + 1
	case text+1 == len(b):
		return 0, 0
	case b[text+1] == '\n':
		return text, text + 2
	}
	return text, text + 1
}

// endAlsoAt ends a line at mark too.
func endAlsoAt(mark string) func(*reader) {
	return func(r *reader) {
		r.end = func(b []byte, from int) (text, taken int) {
			text, taken = endAtLF(b, from)
			line := b[from:]
			if taken > 0 {
				line = b[from:text]
			}
			if i := bytes.Index(line, []byte(mark)); i >= 0 {
				return from + i, from + i + len(mark)
			}
			return text, taken
		}
	}
}

// The faults of what is stripped from a line.
var lineStripFaults = []plant.Fault{{
	Name:        "unicode-strip",
	Sentence:    "Unicode spaces and line ends are stripped from a line too",
	Requirement: "LINE-10",
	Mistake:     "the text is stripped after decoding, by a function that knows Unicode",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = bytes.TrimSpace }),
}, {
	Name:        "cr-kept",
	Sentence:    "a CR stays at the end of a line",
	Requirement: "LINE-3",
	Mistake:     "the white space to strip is listed by hand, and CR is forgotten",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = stripAny(" \t\n\v\f") }),
}, {
	Name:        "strip-none",
	Sentence:    "white space at the ends of a line is kept",
	Requirement: "LINE-2",
	Mistake:     "the line is split off at its LF, and nothing else is done",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = func(line []byte) []byte { return line } }),
}, {
	Name:        "strip-left",
	Sentence:    "white space at the end of a line is kept",
	Requirement: "LINE-2",
	Mistake:     "the line is stripped at the left alone",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.strip = func(line []byte) []byte { return bytes.TrimLeft(line, asciiSpace) }
	}),
}, {
	Name:        "strip-right",
	Sentence:    "white space at the beginning of a line is kept",
	Requirement: "LINE-2",
	Mistake:     "the line is stripped at the right alone, for the sake of its line end",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.strip = func(line []byte) []byte { return bytes.TrimRight(line, asciiSpace) }
	}),
}, {
	Name:        "strip-inside",
	Sentence:    "white space inside a line becomes a single space",
	Requirement: "LINE-2",
	Mistake:     "the line is split into words, and joined again",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = foldSpace }),
}, {
	Name:        "strip-controls",
	Sentence:    "the control bytes 0x1C to 0x1F are stripped from a line too",
	Requirement: "LINE-7",
	Mistake:     "the text is stripped by Python's str.strip, for which they are white space",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = stripAny(asciiSpace + "\x1c\x1d\x1e\x1f") }),
}, {
	Name:        "nul-ends-text",
	Sentence:    "what follows a NUL in a line is lost",
	Requirement: "LINE-7",
	Mistake:     "the line is handled as a C string",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = endAtNUL }),
}, {
	Name:        "controls-dropped",
	Sentence:    "control bytes that are no white space are lost from a line",
	Requirement: "LINE-7",
	Mistake:     "what cannot be printed is filtered out",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.strip = dropControls }),
}}

// stripAny returns a strip that removes these characters at both ends.
func stripAny(set string) func([]byte) []byte {
	return func(line []byte) []byte { return bytes.Trim(line, set) }
}

func foldSpace(line []byte) []byte {
	words := bytes.FieldsFunc(line, func(c rune) bool { return bytes.ContainsRune([]byte(asciiSpace), c) })
	return bytes.Join(words, []byte(" "))
}

func endAtNUL(line []byte) []byte {
	text, _, _ := bytes.Cut(line, []byte{0})
	return stripSpace(text)
}

func dropControls(line []byte) []byte {
	drop := dropBytes(func(b byte) bool {
		return isControl(b) && bytes.IndexByte([]byte(asciiSpace), b) < 0
	})
	return stripSpace(drop(line))
}
