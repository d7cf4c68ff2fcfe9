package exchange

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/match"
)

// A length is how the length of bytes is written before them.
type length struct {
	written match.Written
	width   int
	little  bool
	itself  bool // it counts its own bytes too
	add     int  // what it counts beside the bytes
}

// lengths are the ways, by their names.
var lengths = map[string]length{
	"u8": {width: 1}, "u16": {width: 2}, "u24": {width: 3}, "u32": {width: 4}, "u64": {width: 8},
	"u16le": {width: 2, little: true}, "u24le": {width: 3, little: true}, "u32le": {width: 4, little: true}, "u64le": {width: 8, little: true},
	"varint": {written: match.Varint}, "decimal": {written: match.Decimal}, "hex": {written: match.Hex},
}

var lengthNames = []string{"u8", "u16", "u24", "u32", "u64", "u16le", "u24le", "u32le", "u64le", "varint", "decimal", "hex"}

// counts is what the length says of n bytes.
func (l length) counts(n int) int {
	if l.itself {
		n += l.width
	}
	return n + l.add
}

// fits says why the length of n bytes cannot be written.
func (l length) fits(how string, n int) error {
	switch n = l.counts(n); {
	case n < 0:
		return fmt.Errorf("the length %d is under 0: add takes more than there is", n)
	case l.written == match.Fixed && l.width < 8 && n >= 1<<(8*l.width):
		return fmt.Errorf("the length %d does not fit into %s", n, how)
	}
	return nil
}

// write writes the length of n bytes. What does not fit loses its highest bytes.
func (l length) write(n int) []byte {
	n = max(l.counts(n), 0)
	switch l.written {
	case match.Varint:
		var b []byte
		for n >= 0x80 {
			b, n = append(b, byte(n)|0x80), n>>7
		}
		return append(b, byte(n))
	case match.Decimal:
		return strconv.AppendInt(nil, int64(n), 10)
	case match.Hex:
		return strconv.AppendInt(nil, int64(n), 16)
	}
	b := make([]byte, l.width)
	for i := range b {
		shift := 8 * i
		if !l.little {
			shift = 8 * (l.width - 1 - i)
		}
		b[i] = byte(n >> shift)
	}
	return b
}

// frame reads how a frame begins.
func (r *reader) frame(n ast.Node) match.Frame {
	f := match.Frame{Most: MostAnswer}
	var l length
	itself, said := false, ""
	for _, field := range r.Fields(n, "frame", "skip", "length", "itself", "add", "then") {
		switch field.Key {
		case "skip":
			f.Skip = r.Number(field.Value, "skip", 0, 1024)
		case "length":
			said = r.Choice(field.Value, "length", lengthNames...)
			l = lengths[said]
			f.Written, f.Width, f.Little = l.written, l.width, l.little
		case "itself":
			itself = r.Bool(field.Value, "itself")
		case "add":
			f.Add = r.Number(field.Value, "add", -1024, 1024)
		case "then":
			then := r.value(field.Value, "then")
			if f.Then = then.Bytes(""); then.Named() {
				r.Fail(field.Value, "then wants the bytes between the length and what it counts, without a name")
			}
		}
	}
	switch digits := f.Written == match.Decimal || f.Written == match.Hex; {
	case said == "":
		r.Fail(n, "frame wants length: how the length is written, such as u16")
	case digits && len(f.Then) == 0:
		r.Fail(n, `a length of digits wants then: what ends it, such as ":" or "\r\n"`)
	case itself && f.Width == 0:
		r.Fail(n, "a length in %s does not count itself", said)
	case itself:
		f.Add -= f.Width
	}
	return f
}
