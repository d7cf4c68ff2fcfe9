package match

import (
	"fmt"
	"strconv"
)

// A Length is how the length of bytes is written before them.
type Length struct {
	Written Written
	Width   int  // of Fixed
	Little  bool // the least byte comes first
	Itself  bool // it counts its own bytes too
	Add     int  // what it counts beside the bytes
}

// Lengths are the ways, by their names.
var Lengths = map[string]Length{
	"u8": {Width: 1}, "u16": {Width: 2}, "u24": {Width: 3}, "u32": {Width: 4}, "u64": {Width: 8},
	"u16le": {Width: 2, Little: true}, "u24le": {Width: 3, Little: true}, "u32le": {Width: 4, Little: true}, "u64le": {Width: 8, Little: true},
	"varint": {Written: Varint}, "decimal": {Written: Decimal}, "hex": {Written: Hex},
}

// LengthNames are these names, in the order in which people are told them.
var LengthNames = []string{"u8", "u16", "u24", "u32", "u64", "u16le", "u24le", "u32le", "u64le", "varint", "decimal", "hex"}

// counts is what the length says of n bytes.
func (l Length) counts(n int) int {
	if l.Itself {
		n += l.Width
	}
	return n + l.Add
}

// Fits says why the length of n bytes cannot be written.
func (l Length) Fits(how string, n int) error {
	switch n = l.counts(n); {
	case n < 0:
		return fmt.Errorf("the length %d is under 0: add takes more than there is", n)
	case l.Written == Fixed && l.Width < 8 && n >= 1<<(8*l.Width):
		return fmt.Errorf("the length %d does not fit into %s", n, how)
	}
	return nil
}

// Write writes the length of n bytes. What does not fit loses its highest bytes.
func (l Length) Write(n int) []byte {
	n = max(l.counts(n), 0)
	switch l.Written {
	case Varint:
		var b []byte
		for n >= 0x80 {
			b, n = append(b, byte(n)|0x80), n>>7
		}
		return append(b, byte(n))
	case Decimal:
		return strconv.AppendInt(nil, int64(n), 10)
	case Hex:
		return strconv.AppendInt(nil, int64(n), 16)
	}
	b := make([]byte, l.Width)
	for i := range b {
		shift := 8 * i
		if !l.Little {
			shift = 8 * (l.Width - 1 - i)
		}
		b[i] = byte(n >> shift)
	}
	return b
}
