package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/show"
)

// answers draws what was expected beside what came: as text, one line each with
// the first difference marked, and as bytes around that difference.
func (b *block) answers(f *Failure) {
	want, got := f.Expected.bounded(), f.Actual.bounded()
	if want.Total == 0 && got.Total == 0 && f.FirstDifference < 0 {
		return
	}
	if f.Pattern != "" {
		b.pattern(f.Pattern, got, f.FirstDifference)
		return
	}
	at := f.FirstDifference
	if at >= 0 {
		b.say("differs", difference(want, got, at))
	}
	_, inWant := want.at(at)
	_, inGot := got.at(at)
	if !inWant && !inGot {
		at = -1 // the excerpts do not show it
	}
	b.answerText(want, got, at)
	if at >= 0 && got.Total > 0 {
		b.hex(want, got, at)
	}
}

// pattern draws what came below what is right in words: there are no bytes beside which it could stand.
func (b *block) pattern(right string, got Bytes, at int64) {
	_, inGot := got.at(at)
	switch where := "at offset " + show.Count(at) + " of the answer"; {
	case inGot:
		g, _ := got.at(at)
		b.say("differs", fmt.Sprintf("%s: %s came, which no right answer has there", where, byteWord(g)))
	case at >= 0 && at >= got.Total && got.Total > 0:
		b.say("differs", fmt.Sprintf("%s: it ends there, and is not whole", where))
	}
	if !inGot {
		at = -1
	}
	b.say("expected", right)
	b.actualText(got, at)
}

// actualText draws what came, with the first byte marked that differs.
func (b *block) actualText(got Bytes, at int64) {
	size := show.CountOf(got.Total, "byte")
	indent := columns(size) + 2
	width := b.room() - indent
	beneath := width < 24 // the text stands under the size
	if beneath {
		indent, width = 0, b.room()
	}
	from, split := window(Bytes{}, got, at, width)
	text, column := drawSide(got, from, split, width, func(s string) string { return b.o.in(red, s) })
	if beneath {
		b.row("actual", shorten(size, b.room()), text)
	} else {
		b.row("actual", size+"  "+text)
	}
	if at >= 0 {
		b.row("", strings.Repeat(" ", indent+column)+b.o.in(red, "^"))
	}
}

// difference says in words where the two begin to differ.
func difference(want, got Bytes, at int64) string {
	w, wok := want.at(at)
	g, gok := got.at(at)
	where := "at offset " + show.Count(at) + " of the answer"
	switch {
	case wok && gok:
		return fmt.Sprintf("%s: %s expected, %s came", where, byteWord(w), byteWord(g))
	case wok && at >= got.Total && got.Total == 0:
		return fmt.Sprintf("%s: %s expected, nothing came", where, byteWord(w))
	case wok && at >= got.Total:
		return fmt.Sprintf("%s: %s expected, the answer ends there", where, byteWord(w))
	case gok && at >= want.Total:
		return fmt.Sprintf("%s: the end expected, %s came", where, byteWord(g))
	}
	return where
}

// byteWord writes a byte as a number and, where that says more, as text.
func byteWord(c byte) string {
	text := show.Bytes([]byte{c})
	if strings.HasPrefix(text, `\x`) {
		return fmt.Sprintf("0x%02x", c)
	}
	return fmt.Sprintf(`0x%02x "%s"`, c, text)
}

// answerText draws the two lines of text, and the mark under them.
func (b *block) answerText(want, got Bytes, at int64) {
	sizes := []string{show.CountOf(want.Total, "byte"), show.CountOf(got.Total, "byte")}
	indent := max(columns(sizes[0]), columns(sizes[1])) + 2
	width := b.room() - indent
	beneath := width < 24 // the text stands under the size
	if beneath {
		indent, width = 0, b.room()
	}
	from, split := window(want, got, at, width)
	lines := make([]string, 2)
	lines[0], _ = drawSide(want, from, split, width, func(s string) string { return b.o.in(green, s) })
	text, column := drawSide(got, from, split, width, func(s string) string { return b.o.in(red, s) })
	lines[1] = text
	for i, label := range []string{"expected", "actual"} {
		if beneath {
			b.row(label, shorten(sizes[i], b.room()), lines[i])
		} else {
			b.row(label, padLeft(sizes[i], indent-2)+"  "+lines[i])
		}
	}
	if at >= 0 && got.Total > 0 {
		b.row("", strings.Repeat(" ", indent+column)+b.o.in(red, "^"))
	}
}

// drawSide draws one of the two answers from an offset on.
func drawSide(b Bytes, from, split int64, width int, paint func(string) string) (line string, column int) {
	if b.Total == 0 {
		return "nothing", 0
	}
	return b.quotedAround(from, split, width, paint)
}

// window chooses from which offset on the answers are drawn, and where the
// characters that differ begin: the two agree between them, so that they stand
// one under the other.
func window(want, got Bytes, at int64, width int) (from, split int64) {
	from = max(want.Offset, got.Offset)
	if want.Total == 0 {
		from = got.Offset
	}
	if got.Total == 0 {
		from = want.Offset
	}
	if at < from {
		return from, from
	}
	have := want
	if at > want.end() || want.Total == 0 {
		have = got
	}
	agreed := have.slice(from, at)
	for i := max(0, len(agreed)-utf8.UTFMax+1); i < len(agreed); i++ {
		if utf8.RuneStart(agreed[i]) && !utf8.FullRune(agreed[i:]) {
			agreed = agreed[:i]
		}
	}
	split = from + int64(len(agreed))
	room := width - len(`""`) - 2
	after := max(widthOf(tokensOf(want.slice(split, want.end()), 0)), widthOf(tokensOf(got.slice(split, got.end()), 0)))
	shown := fitTail(tokensOf(agreed, from), max(room/2, room-after))
	if len(shown) == 0 {
		return split, split
	}
	return shown[0].at, split
}
