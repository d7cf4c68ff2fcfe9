package literal

import (
	"fmt"
	"strings"
	"unicode"
)

// Quote writes a text between double quotes, as YAML has it.
func Quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteRune('\\')
			out.WriteRune(r)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r < 0x80 && !unicode.IsPrint(r):
			fmt.Fprintf(&out, `\x%02x`, r)
		case !unicode.IsPrint(r) && r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// Escape writes bytes so that [Unescape] reads them.
func Escape(b []byte) string {
	var out strings.Builder
	for _, v := range b {
		switch {
		case v == '\\':
			out.WriteString(`\\`)
		case v == '\r':
			out.WriteString(`\r`)
		case v == '\n':
			out.WriteString(`\n`)
		case v < ' ' || v > '~':
			fmt.Fprintf(&out, `\x%02x`, v)
		default:
			out.WriteByte(v)
		}
	}
	return out.String()
}
