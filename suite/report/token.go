package report

import (
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// token is one character of an excerpt as it is drawn: kept, or escaped.
type token struct {
	text string
	at   int64 // its offset in the whole
	cut  bool  // no character, but the sign of a cut before this offset
}

// cutMark stands between two segments. A request's own character of that shape
// is escaped beside it, so that the mark means a cut and nothing else.
const cutMark = "│"

// tokensOf draws b, which begins at an offset of the whole.
func tokensOf(b []byte, at int64) []token {
	ts := make([]token, 0, len(b))
	for len(b) > 0 {
		text, n := show.Next(b)
		ts = append(ts, token{text: text, at: at})
		b, at = b[n:], at+int64(n)
	}
	return ts
}

// widthOf counts the columns of ts.
func widthOf(ts []token) int {
	n := 0
	for _, t := range ts {
		n += columns(t.text)
	}
	return n
}

// textOf joins ts.
func textOf(ts []token) string {
	var s strings.Builder
	for _, t := range ts {
		s.WriteString(t.text)
	}
	return s.String()
}

// fitHead is the first of ts that fit a width.
func fitHead(ts []token, width int) []token {
	for i, t := range ts {
		if width -= columns(t.text); width < 0 {
			return ts[:i]
		}
	}
	return ts
}

// fitTail is the last of ts that fit a width.
func fitTail(ts []token, width int) []token {
	for i := len(ts) - 1; i >= 0; i-- {
		if width -= columns(ts[i].text); width < 0 {
			return ts[i+1:]
		}
	}
	return ts
}

// slice is the part of the excerpt between two offsets of the whole, as far as
// the excerpt has it.
func (b Bytes) slice(from, to int64) []byte {
	from = min(max(from, b.Offset), b.end())
	to = min(max(to, from), b.end())
	return b.Text[from-b.Offset : to-b.Offset]
}

// at is the byte at an offset of the whole, where the excerpt has it.
func (b Bytes) at(offset int64) (c byte, ok bool) {
	if offset < b.Offset || offset >= b.end() {
		return 0, false
	}
	return b.Text[offset-b.Offset], true
}

// quoted draws the excerpt in quotes on one line of at most a width, from its
// beginning, with … where the whole goes on before or after.
func (b Bytes) quoted(width int) string {
	if b.Total == 0 {
		return "nothing"
	}
	line, _ := b.quotedAround(b.Offset, b.end(), width, func(s string) string { return s })
	return line
}

// quotedAround draws the excerpt like quoted, but from an offset on, and with
// the character at split in an ink. It says at which column that one stands.
func (b Bytes) quotedAround(from, split int64, width int, paint func(string) string) (line string, column int) {
	from = max(from, b.Offset)
	before := tokensOf(b.slice(from, split), from)
	after := tokensOf(b.slice(max(from, split), b.end()), max(from, split))
	lead := `"`
	if from > 0 {
		lead = `…"`
	}
	room := max(1, width-len(`""`)-2)
	shown := fitHead(before, room)
	cut := len(shown) < len(before)
	column = columns(lead) + widthOf(shown)
	text := textOf(shown)
	if !cut {
		tail := fitHead(after, room-widthOf(shown))
		cut = len(tail) < len(after) || b.end() < b.Total
		if len(tail) > 0 {
			text += paint(tail[0].text) + textOf(tail[1:])
		}
	}
	if cut {
		return lead + text + `"…`, column
	}
	return lead + text + `"`, column
}
