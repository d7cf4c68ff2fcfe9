package reference

import (
	"fmt"
	"unicode/utf8"
)

// Encode returns the UTF-8 bytes of a text. A Go string holds them already, so
// they are copied as they are: nothing is normalised and nothing replaced
// (contract, section 1, encode).
func Encode(msg string) []byte {
	return []byte(msg)
}

// Decode returns the text that msg is the UTF-8 of. It is strict as RFC 3629, section 4 is:
// an overlong form, a surrogate and a code point above U+10FFFF are errors, which
// wrap ErrInvalidUTF8 and name the offset of the first wrong byte; U+FFFD never
// stands in for them. A BOM is kept and nothing is normalised (contract, section 1,
// decode).
func Decode(msg []byte) (string, error) {
	if !utf8.Valid(msg) {
		offset := invalidAt(msg)
		return "", fmt.Errorf("%w: 0x%02x at byte %d", ErrInvalidUTF8, msg[offset], offset)
	}
	return string(msg), nil
}

// invalidAt returns the offset of the first byte of msg that begins no
// character. There is one.
func invalidAt(msg []byte) int {
	offset := 0
	for {
		r, size := utf8.DecodeRune(msg[offset:])
		if r == utf8.RuneError && size <= 1 {
			return offset
		}
		offset += size
	}
}
