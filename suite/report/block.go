package report

import (
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// labelWidth is the room of a label and the space around it.
const labelWidth = 12

// block is a piece of text of labelled rows.
type block struct {
	o   ConsoleOptions
	buf strings.Builder
}

// room is the width beside the labels.
func (b *block) room() int { return b.o.columns() - labelWidth }

// line adds a line as it is.
func (b *block) line(s string) {
	b.buf.WriteString(strings.TrimRight(s, " "))
	b.buf.WriteByte('\n')
}

// row adds lines, the first of them beside a label.
func (b *block) row(label string, lines ...string) {
	for i, line := range lines {
		if i > 0 {
			label = ""
		}
		b.line("  " + b.o.in(dim, pad(label, labelWidth-2)) + line)
	}
}

// say adds running text beside a label, nothing where there is none.
func (b *block) say(label, text string) {
	if text == "" {
		return
	}
	var lines []string
	for _, p := range show.Paragraphs(text) {
		lines = append(lines, wrap(p, b.room())...)
	}
	b.row(label, lines...)
}
