// Package show writes bytes, sentences and numbers as people are to see them: what came from outside is escaped, and bounded.
package show

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bytes writes b as the inside of a Go string literal: \n, \r, \t, \\ and \"
// for those, \xNN for every other control byte and for bytes that are not valid
// UTF-8, \uNNNN or \UNNNNNNNN for characters that cannot be seen by themselves
// (format and direction controls, spaces other than the ASCII one, combining
// marks). Every other character stays. [Parse] gives b back.
func Bytes(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		text, n := Next(b)
		s.WriteString(text)
		b = b[n:]
	}
	return s.String()
}

var errEscape = errors.New("not the inside of a Go string literal")

// Parse is the inverse of [Bytes]. It accepts every escape of a Go string
// literal, and refuses what a literal could not hold: an unknown or cut escape,
// a bare quote, a bare control character, invalid UTF-8.
func Parse(s string) ([]byte, error) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return nil, errEscape
	}
	raw, err := strconv.Unquote(`"` + s + `"`)
	if err != nil {
		return nil, errEscape
	}
	return []byte(raw), nil
}

// Next escapes the first character of b, which is not empty, and says how
// many bytes it took.
func Next(b []byte) (text string, size int) {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == '\n':
		return `\n`, n
	case r == '\r':
		return `\r`, n
	case r == '\t':
		return `\t`, n
	case r == '\\', r == '"':
		return `\` + string(r), n
	case Visible(r) && (r != utf8.RuneError || n > 1):
		return string(r), n
	case r == utf8.RuneError, r < utf8.RuneSelf:
		return escapeByte(b[0]), 1
	}
	return Rune(r), n
}

// escapeByte writes c as \xNN.
func escapeByte(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{'\\', 'x', digits[c>>4], digits[c&15]})
}

// Rune writes r as \uNNNN, or \UNNNNNNNN beyond U+FFFF.
func Rune(r rune) string {
	hex := strconv.FormatInt(int64(r), 16)
	if r > 0xffff {
		return `\U` + strings.Repeat("0", 8-len(hex)) + hex
	}
	return `\u` + strings.Repeat("0", 4-len(hex)) + hex
}

// Visible tells whether r can be shown as it is: it takes room of its own, and
// changes nothing about what stands beside it.
func Visible(r rune) bool {
	const brailleBlank = '\u2800'
	return unicode.IsPrint(r) &&
		!unicode.Is(unicode.M, r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		r != brailleBlank
}

// ProseLimit bounds the bytes of one piece of running text.
const ProseLimit = 4096

// Prose makes a sentence safe to show on one line. It escapes what [Bytes]
// escapes, but for backslashes and quotes, and bounds the length.
func Prose(s string) string {
	cut := len(s) > ProseLimit
	if cut {
		s = s[:ProseLimit]
		if last := lastRune(s); !utf8.FullRuneInString(s[last:]) {
			s = s[:last] // the one character that the limit may have divided: others that are not whole never were
		}
	}
	var out strings.Builder
	for b := []byte(s); len(b) > 0; {
		text, n := Next(b)
		if text == `\\` || text == `\"` {
			text = text[1:]
		}
		out.WriteString(text)
		b = b[n:]
	}
	if cut {
		out.WriteString("…")
	}
	return out.String()
}

// lastRune is the offset at which the last character of s begins, whole or not.
func lastRune(s string) int {
	for i := len(s) - 1; i >= max(0, len(s)-utf8.UTFMax); i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return max(0, len(s)-1)
}

// ParagraphsLimit bounds the lines of one piece of running text.
const ParagraphsLimit = 32

// Paragraphs splits s at its line ends and makes each line safe to show. Of too
// many lines it keeps the first.
func Paragraphs(s string) []string {
	s = strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	lines := strings.SplitN(s, "\n", ParagraphsLimit+1)
	if len(lines) > ParagraphsLimit {
		lines[ParagraphsLimit] = "…"
	}
	for i := range lines {
		lines[i] = Prose(lines[i])
	}
	return lines
}
