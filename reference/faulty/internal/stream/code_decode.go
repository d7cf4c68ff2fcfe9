package stream

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults of decoding.
var codeDecodeFaults = []plant.Fault{{
	Name:        "latin-1",
	Sentence:    "bytes that are not UTF-8 are answered as Latin-1",
	Requirement: "CODE-3",
	Mistake:     "when decoding fails, another encoding is tried that never does",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = latin1 }),
}, {
	Name:        "replacement",
	Sentence:    "bytes that are not UTF-8 are answered as U+FFFD",
	Requirement: "CODE-3",
	Mistake:     "the decoder replaces what it cannot decode, as those of Node, Java and Go do by default",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.decode = func(msg []byte) (string, error) { return string(replaceInvalid(msg)), nil }
	}),
}, {
	Name:        "ignoring",
	Sentence:    "bytes that are not UTF-8 are dropped, and the rest is answered",
	Requirement: "CODE-3",
	Mistake:     "text is decoded with errors='ignore'",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.decode = func(msg []byte) (string, error) { return string(bytes.ToValidUTF8(msg, nil)), nil }
	}),
}, {
	Name:        "surrogates",
	Sentence:    "encoded surrogates are taken for characters",
	Requirement: "CODE-4",
	Mistake:     "the decoder takes CESU-8, or was told to let surrogates pass",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeAlso(surrogate) }),
}, {
	Name:        "overlong",
	Sentence:    "overlong forms are taken for the characters that they stand for",
	Requirement: "CODE-4",
	Mistake:     "a decoder written by hand puts the bits together, and does not look for the shortest form",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeAlso(overlong) }),
}, {
	Name:        "beyond-unicode",
	Sentence:    "forms of four bytes above U+10FFFF are taken for characters",
	Requirement: "CODE-4",
	Mistake:     "a decoder written by hand takes all that four bytes can say",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeAlso(beyond) }),
}, {
	Name:        "bom-dropped",
	Sentence:    "a BOM at the beginning of a line is lost",
	Requirement: "CODE-4",
	Mistake:     "text is decoded as utf-8-sig",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.strip = func(line []byte) []byte { return bytes.TrimPrefix(stripSpace(line), []byte("\ufeff")) }
	}),
}, {
	Name:        "bmp-only",
	Sentence:    "characters beyond U+FFFF are answered as ?",
	Requirement: "CODE-4",
	Mistake:     "text goes through an encoding of three bytes at most, as MySQL's utf8",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeTo(bmpOnly) }),
}, {
	Name:        "composed",
	Sentence:    "a vowel and a combining acute are answered as one character",
	Requirement: "CODE-5",
	Mistake:     "all input is normalised to NFC",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeTo(compose) }),
}, {
	Name:        "compatible",
	Sentence:    "full-width capitals are answered as ordinary ones",
	Requirement: "CODE-5",
	Mistake:     "all input is normalised to NFKC",
	Dialects:    plant.LineDialects,
	Plant:       reading(func(r *reader) { r.decode = decodeTo(narrow) }),
}, {
	Name:        "character-completed",
	Sentence:    "where a limit or read(n) ends inside a character, the rest of the character is read too",
	Requirement: "CODE-6",
	Mistake:     "the decoder asks for more bytes until its last character is whole",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(completeCharacter),
}, {
	Name:        "character-halved",
	Sentence:    "a character inside which a limit or read(n) ends is lost",
	Requirement: "CODE-6",
	Mistake:     "the decoder keeps the first half for a next call that never comes, and the other half is skipped",
	Dialects:    plant.ScriptAlone,
	Plant:       reading(loseCutCharacter),
}}

// decodeTo returns a decoder that changes the text.
func decodeTo(change func(string) string) func([]byte) (string, error) {
	return func(msg []byte) (string, error) {
		text, err := reference.Decode(msg)
		return change(text), err
	}
}

// A form is a way to write characters that is no UTF-8. It returns the text that
// it takes the start of b for, and how many bytes that are: 0 when b does not
// start so.
type form func(b []byte) (text string, size int)

// decodeAlso returns a decoder that takes UTF-8 and one form more.
func decodeAlso(other form) func([]byte) (string, error) {
	return func(msg []byte) (string, error) {
		var text []byte
		for rest := msg; len(rest) > 0; {
			c, size := utf8.DecodeRune(rest)
			if c != utf8.RuneError || size > 1 {
				text = append(text, rest[:size]...)
				rest = rest[size:]
				continue
			}
			more, size := other(rest)
			if size == 0 {
				return reference.Decode(msg) // which says what is wrong
			}
			text = append(text, more...)
			rest = rest[size:]
		}
		return string(text), nil
	}
}

// surrogate takes U+D800 to U+DFFF, and leaves them as they are.
func surrogate(b []byte) (text string, size int) {
	if len(b) < 3 || b[0] != 0xed || b[1] < 0xa0 || !continued(b[1:3]) {
		return "", 0
	}
	return string(b[:3]), 3
}

// overlong takes characters that are written in more bytes than they need.
func overlong(b []byte) (text string, size int) {
	bits := rune(0)
	switch {
	case b[0] == 0xc0 || b[0] == 0xc1:
		size, bits = 2, rune(b[0]&1)
	case b[0] == 0xe0:
		size = 3
	case b[0] == 0xf0:
		size = 4
	default:
		return "", 0
	}
	if len(b) < size || !continued(b[1:size]) {
		return "", 0
	}
	for _, more := range b[1:size] {
		bits = bits<<6 | rune(more&0x3f)
	}
	if !utf8.ValidRune(bits) {
		return "", 0
	}
	return string(bits), size
}

// beyond takes what four bytes can say above U+10FFFF, and leaves it as it is.
func beyond(b []byte) (text string, size int) {
	if len(b) < 4 || b[0] < 0xf4 || b[0] > 0xf7 || !continued(b[1:4]) {
		return "", 0
	}
	return string(b[:4]), 4
}

// continued says whether all of b are bytes that continue a character.
func continued(b []byte) bool {
	for _, c := range b {
		if utf8.RuneStart(c) {
			return false
		}
	}
	return true
}

// completeCharacter reads on to the end of a character that is cut.
func completeCharacter(r *reader) {
	readCut(r, func(_, whole int) int { return whole })
}

// loseCutCharacter reads on to the end of a character that is cut, and loses all of it.
func loseCutCharacter(r *reader) {
	readCut(r, func(before, _ int) int { return before })
}

// readCut makes a read and a limit that end inside a character go on to its end.
// keep says how much is kept, when the character begins and ends there.
func readCut(r *reader, keep func(begin, end int) int) {
	r.reach = func(b []byte, limit int) (text, taken int) {
		if len(b) < limit {
			return 0, 0
		}
		begin := limit - len(incomplete(b[:limit]))
		if begin == limit {
			return limit, limit
		}
		if !utf8.FullRune(b[begin:]) {
			return 0, 0 // as long as the rest has not come
		}
		_, width := utf8.DecodeRune(b[begin:])
		if width == 1 {
			return limit, limit // no rest of it follows
		}
		return keep(begin, begin+width), begin + width
	}
	r.collect = func(n int) ([]byte, error) {
		for {
			if text, taken := r.reach(r.buf, n); taken > 0 || n == 0 {
				return r.take(taken)[:text], nil
			}
			if err := r.fill(); err == io.EOF {
				return r.exactly(n)
			} else if err != nil {
				return nil, err
			}
		}
	}
}
