package web

import (
	"math"
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/web/server"
)

// pythonInt reads a number as Python's int() does: white space around it, a sign, underscores between digits, a prefix where the
// base is 16, and decimal digits of full width.
func pythonInt(s string, base int64) (n int64, ok bool) {
	s = strings.Trim(s, " \t\v\f\r\n")
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if base == 16 && len(s) > 2 && server.Fold(s[:2]) == "0x" {
		s = strings.TrimPrefix(s[2:], "_")
	}
	if s == "" || s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return 0, false
	}
	for _, r := range strings.ReplaceAll(s, "_", "") {
		if '０' <= r && r <= '９' {
			r += '0' - '０'
		}
		digit := -1
		if r < 0x80 {
			digit = server.HexDigit(byte(r))
		}
		if digit < 0 || int64(digit) >= base {
			return 0, false
		}
		n = min(n, (math.MaxInt64-15)/base)*base + int64(digit)
	}
	if negative {
		n = -n
	}
	return n, true
}

// strtol reads a hexadecimal number as C does: white space before it, a sign, a prefix, and digits as far as there are some. It
// reads 0 where there are none.
func strtol(s string) int64 {
	s = strings.TrimLeft(s, " \t\v\f\r\n")
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if len(s) > 2 && server.Fold(s[:2]) == "0x" && server.HexDigit(s[2]) >= 0 {
		s = s[2:]
	}
	digits, _ := server.SplitChunk(nil, s)
	if digits == "" {
		return 0
	}
	n, _ := server.ReadSize(digits)
	if negative {
		n = -n
	}
	return n
}

// wrapped reads digits of that base into an integer that has the bits of mask. What is no number is refused as by the right server.
func wrapped(digits string, base, mask uint64) (int64, error) {
	var n uint64
	for i := range len(digits) {
		digit := server.HexDigit(digits[i])
		if digit < 0 || uint64(digit) >= base {
			return server.ReadNumber("")
		}
		n = (n*base + uint64(digit)) & mask
	}
	if digits == "" {
		return server.ReadNumber("")
	}
	return int64(min(n, math.MaxInt64)), nil
}
