package report

import (
	"fmt"
	"strconv"
	"strings"
)

// hexView draws bytes in rows around the first difference.
type hexView struct {
	o      ConsoleOptions
	at     int64 // the first difference
	perRow int
	digits int // of an offset
	beside bool
}

// hex draws the two answers as bytes: beside one another where the width
// permits, else one under the other.
func (b *block) hex(want, got Bytes, at int64) {
	v := newHexView(b.o, at)
	rows := v.rows(max(want.Total, got.Total))
	blank := strings.Repeat(" ", 2+v.digits+2)
	if v.beside {
		b.line(b.o.in(dim, blank+pad("expected", v.sideWidth())+"   actual"))
		for _, row := range rows {
			b.line(v.offset(row) + v.side(want, row, green) + b.o.in(dim, " │ ") + v.side(got, row, red))
			if v.marked(row) {
				b.line(blank + v.marks() + "   " + v.marks())
			}
		}
		return
	}
	for _, s := range []struct {
		name string
		b    Bytes
		k    ink
	}{{"expected", want, green}, {"actual", got, red}} {
		b.line(b.o.in(dim, blank+s.name))
		for _, row := range rows {
			if row > s.b.Total {
				continue
			}
			b.line(v.offset(row) + v.side(s.b, row, s.k))
			if v.marked(row) {
				b.line(blank + v.marks())
			}
		}
	}
}

// newHexView chooses how many bytes stand in a row.
func newHexView(o ConsoleOptions, at int64) hexView {
	v := hexView{o: o, at: at, beside: true}
	v.digits = max(4, len(strconv.FormatInt(at+32, 10)))
	for _, v.perRow = range []int{16, 8} {
		if 2+v.digits+2+2*v.sideWidth()+3 <= o.columns() {
			return v
		}
	}
	v.beside = false
	for _, v.perRow = range []int{16, 8, 4, 2} {
		if 2+v.digits+2+v.sideWidth() <= o.columns() {
			break
		}
	}
	return v
}

// sideWidth is the width of one answer's bytes and characters.
func (v hexView) sideWidth() int { return 3*v.perRow - 1 + 2 + v.perRow }

// rows are the offsets of the row that has the difference and its neighbours.
func (v hexView) rows(total int64) []int64 {
	n := int64(v.perRow)
	middle := v.at - v.at%n
	var rows []int64
	for row := max(0, middle-n); row <= middle || row == middle+n && row < total; row += n {
		rows = append(rows, row)
	}
	return rows
}

func (v hexView) marked(row int64) bool { return v.at >= row && v.at-row < int64(v.perRow) }

func (v hexView) offset(row int64) string {
	return "  " + v.o.in(dim, padLeft(strconv.FormatInt(row, 10), v.digits)) + "  "
}

// side draws a row of one answer: its bytes, then those that are ASCII as
// characters. Where the answer ends at the difference, -- stands for the byte.
func (v hexView) side(b Bytes, row int64, k ink) string {
	var hex, text strings.Builder
	for i := range int64(v.perRow) {
		h, t := "  ", " "
		if c, ok := b.at(row + i); ok {
			h, t = fmt.Sprintf("%02x", c), "·"
			if c >= ' ' && c <= '~' {
				t = string(rune(c))
			}
		} else if row+i == v.at && v.at >= b.Total {
			h = "--"
		}
		if row+i == v.at {
			h, t = v.o.in(k, h), v.o.in(k, t)
		}
		if i > 0 {
			hex.WriteByte(' ')
		}
		hex.WriteString(h)
		text.WriteString(t)
	}
	return hex.String() + "  " + text.String()
}

// marks points at the difference in a row, under its byte and its character.
func (v hexView) marks() string {
	i := int(v.at % int64(v.perRow))
	hex := strings.Repeat(" ", 3*i) + v.o.in(red, "^^") + strings.Repeat(" ", 3*(v.perRow-i)-3+2)
	return hex + strings.Repeat(" ", i) + v.o.in(red, "^") + strings.Repeat(" ", v.perRow-i-1)
}
