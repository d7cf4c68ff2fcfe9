package report

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// lineEndSpace is a space of the request that would end a line, unseen.
const lineEndSpace = `\x20`

const (
	sentLines        = 4  // lines of a request that are shown
	sentLinesVerbose = 16 // with Verbose

	cutsLimit = 64 // cuts that a failure carries at most
)

// sent draws the request with its cuts visible.
func (b *block) sent(f *Failure) {
	req := f.Request.bounded()
	if req.Total == 0 {
		return
	}
	size := show.CountOf(req.Total, "byte")
	if len(f.Cuts) >= cutsLimit {
		size += fmt.Sprintf(", its first %d cuts shown", len(f.Cuts))
	}
	lines := b.requestLines(req, f.Cuts)
	if len(lines) == 1 && columns(size)+2+b.plainWidth(lines[0]) <= b.room() {
		b.row("sent", size+"  "+lines[0].draw(b.o))
		return
	}
	b.row("sent", wrap(size, b.room())...)
	for _, line := range lines {
		b.row("", line.draw(b.o))
	}
}

// tokenLine is a line of tokens between what opens and what closes it.
type tokenLine struct {
	open  string
	ts    []token
	close string
}

// draw joins the line, with the cuts in colour.
func (l tokenLine) draw(o ConsoleOptions) string {
	var s strings.Builder
	s.WriteString(l.open)
	for _, t := range l.ts {
		if t.cut {
			s.WriteString(o.in(cyan, t.text))
		} else {
			s.WriteString(t.text)
		}
	}
	return s.String() + l.close
}

func (b *block) plainWidth(l tokenLine) int {
	return columns(l.open) + widthOf(l.ts) + columns(l.close)
}

// requestLines breaks the request into lines. Of a long one it shows the part
// around its first cut.
func (b *block) requestLines(req Bytes, cuts []int) []tokenLine {
	const frame = len(`""`) + 2         // quotes, and … at both ends
	const atEnd = len(lineEndSpace) - 1 // what a space at the end of a line takes besides
	width := max(8, b.room()-frame-atEnd)
	limit := sentLines
	if b.o.Verbose {
		limit = sentLinesVerbose
	}
	ts, first := segmentTokens(req, cuts)
	shown := ts
	if widthOf(ts) > width*limit {
		from := len(ts[:first]) - len(fitTail(ts[:first], width*limit/2))
		shown = ts[from:]
	}
	var lines []tokenLine
	rest := shown
	for len(rest) > 0 && len(lines) < limit {
		part := fitHead(rest, width)
		rest = rest[len(part):]
		if last := &part[len(part)-1]; last.text == " " && len(rest) > 0 {
			last.text = lineEndSpace
		}
		lines = append(lines, tokenLine{open: "  ", ts: part})
	}
	if len(lines) == 0 {
		lines = []tokenLine{{}}
	}
	head, tail := &lines[0], &lines[len(lines)-1]
	head.open = ` "`
	if req.Offset > 0 || len(shown) < len(ts) {
		head.open = `…"`
	}
	tail.close = `"`
	if len(rest) > 0 || req.end() < req.Total {
		tail.close = `"…`
	}
	if len(lines) == 1 {
		head.open = strings.TrimLeft(head.open, " ")
	}
	return lines
}

// segmentTokens draws the excerpt segment by segment, so that a character that a
// cut divides shows as its bytes, with the mark between the segments. It also
// gives the index of the first mark, 0 where there is none.
func segmentTokens(req Bytes, cuts []int) (ts []token, first int) {
	at := req.Offset
	add := func(to int64) {
		for _, t := range tokensOf(req.slice(at, to), at) {
			if t.text == cutMark {
				t.text = show.Rune([]rune(cutMark)[0])
			}
			ts = append(ts, t)
		}
		at = to
	}
	for _, c := range cuts {
		if int64(c) <= at && int64(c) != req.Offset || int64(c) < at || int64(c) > req.end() {
			continue
		}
		add(int64(c))
		if first == 0 {
			first = len(ts)
		}
		ts = append(ts, token{text: cutMark, at: at, cut: true})
	}
	add(req.end())
	return ts, first
}
