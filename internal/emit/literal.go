package emit

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A language says how bytes are written in a program.
type language struct {
	literal func(b []byte) string // one run, quoted
	within  string                // between the lines of one long literal
	between string                // between parts
	empty   string
}

var (
	goLanguage     = language{literal: goBytes, within: " +\n", between: " +\n", empty: `""`}
	pythonLanguage = language{literal: pythonBytes, within: "\n        ", between: "\n        + ", empty: `b""`}
)

// lineLength is about how many bytes of a literal stand on one line.
const lineLength = 72

// expression is the parts as an expression of the language.
func (p *program) expression(parts []part) string {
	var all []string
	for _, q := range parts {
		if q.data < 0 {
			all = append(all, p.language.long(q.literal))
			continue
		}
		d := p.Data[q.data]
		switch {
		case q.len() == len(d.Bytes):
			all = append(all, d.Name)
		case q.from == 0:
			all = append(all, fmt.Sprintf("%s[:%d]", d.Name, q.to))
		case q.to == len(d.Bytes):
			all = append(all, fmt.Sprintf("%s[%d:]", d.Name, q.from))
		default:
			all = append(all, fmt.Sprintf("%s[%d:%d]", d.Name, q.from, q.to))
		}
	}
	if len(all) == 0 {
		return p.language.empty
	}
	if text := strings.Join(all, " + "); len(text) <= lineLength && !strings.Contains(text, "\n") {
		return text
	}
	return strings.Join(all, p.language.between)
}

// long is a literal over as many lines as it takes. A line ends behind an LF where there is one in its second half, and
// never inside of a character.
func (l language) long(b []byte) string {
	var lines []string
	for len(b) > lineLength {
		n := lineLength
		if lf := strings.LastIndexByte(string(b[lineLength/2:lineLength]), '\n'); lf >= 0 {
			n = lineLength/2 + lf + 1
		}
		for range utf8.UTFMax - 1 {
			if !utf8.RuneStart(b[n]) {
				n--
			}
		}
		lines, b = append(lines, l.literal(b[:n])), b[n:]
	}
	return strings.Join(append(lines, l.literal(b)), l.within)
}

// base64Lines is b in base64, in lines that can be read by every decoder.
func base64Lines(b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	const width = 76
	var out strings.Builder
	for len(text) > width {
		out.WriteString(text[:width] + "\n")
		text = text[width:]
	}
	return out.String() + text
}

// goBytes is b as a Go string literal. Characters that cannot be seen are escaped.
func goBytes(b []byte) string { return strconv.Quote(string(b)) }

// pythonBytes is b as a bytes literal of Python.
func pythonBytes(b []byte) string {
	var s strings.Builder
	s.WriteString(`b"`)
	for _, c := range b {
		switch {
		case c == '\n':
			s.WriteString(`\n`)
		case c == '\r':
			s.WriteString(`\r`)
		case c == '\t':
			s.WriteString(`\t`)
		case c == '"' || c == '\\':
			s.WriteString(`\` + string(rune(c)))
		case c < ' ' || c > '~':
			fmt.Fprintf(&s, `\x%02x`, c)
		default:
			s.WriteByte(c)
		}
	}
	return s.String() + `"`
}

// pythonString is valid UTF-8 as a string literal of Python, in ASCII: Python knows every escape that Go writes.
func pythonString(s string) string { return strconv.QuoteToASCII(s) }

// goComment is a sentence for a comment that stands before a package clause, where a build constraint would be read and
// what looks like one is reported.
func goComment(s string) string {
	return strings.NewReplacer("+build", "+ build", "go:build", "go: build").Replace(s)
}

// titleLimit bounds the characters of a sentence.
const titleLimit = 400

// sentence makes a text fit for one line of a comment: white space is one space, and characters that cannot be seen are
// escaped.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var s strings.Builder
	n := 0
	for len(text) > 0 {
		if n++; n > titleLimit {
			s.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			s.WriteString(text[:size])
		} else {
			escaped := strconv.Quote(text[:size])
			s.WriteString(escaped[1 : len(escaped)-1])
		}
		text = text[size:]
	}
	return s.String()
}
