package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	yamltoken "github.com/goccy/go-yaml/token"
)

// Conn is what a file writes where the connection's own name is to stand. A
// name is NameLength bytes of lower-case letters and digits, a letter first, so
// that a length that is written by hand holds for all of them.
const (
	Conn       = "{{conn}}"
	NameLength = 10
)

// mostValue is how many bytes one value may come to.
const mostValue = 4 << 20

// mostPieces is of how many pieces one value may be made by repeating.
const mostPieces = 100_000

// A Value is bytes that are sent or expected, among which the connection's name may stand.
type Value []piece

// A piece is a text, or the connection's name where the text is nil.
type piece []byte

// Bytes returns the value on the connection of that name.
func (v Value) Bytes(conn string) []byte {
	b := []byte{}
	for _, p := range v {
		if p == nil {
			b = append(b, conn...)
		} else {
			b = append(b, p...)
		}
	}
	return b
}

// Len returns how many bytes the value comes to.
func (v Value) Len() int {
	n := 0
	for _, p := range v {
		if p == nil {
			n += NameLength
		} else {
			n += len(p)
		}
	}
	return n
}

// Named reports whether the connection's name stands in the value.
func (v Value) Named() bool {
	for _, p := range v {
		if p == nil {
			return true
		}
	}
	return false
}

// textValue makes the value of a text in which Conn may stand.
func textValue(b []byte) Value {
	var v Value
	for i, between := range bytes.Split(b, []byte(Conn)) {
		if i > 0 {
			v = append(v, nil)
		}
		if len(between) > 0 {
			v = append(v, append(piece{}, between...))
		}
	}
	return v
}

// lengths are the ways in which a length may be written before what it counts.
var lengths = map[string]struct {
	width  int
	little bool
}{"u8": {width: 1}, "u16": {width: 2}, "u24": {width: 3}, "u32": {width: 4}, "u64": {width: 8}, "u16le": {2, true}, "u32le": {4, true}, "u64le": {8, true}}

var lengthNames = []string{"u8", "u16", "u24", "u32", "u64", "u16le", "u32le", "u64le", "varint", "decimal"}

// value reads bytes: a text, a list of values one after another, or a mapping
// that says how they are written.
func (r *reader) value(n ast.Node, what string) Value {
	v := r.anyValue(n, what)
	if r.err == nil && v.Len() > mostValue {
		r.fail(n, "%s comes to %d bytes: %d at most", what, v.Len(), mostValue)
	}
	return v
}

func (r *reader) anyValue(n ast.Node, what string) Value {
	switch list, ok := n.(*ast.SequenceNode); {
	case ok && len(list.Values) == 0:
		r.fail(n, "%s is an empty list", what)
		return nil
	case ok:
		var all Value
		for _, entry := range list.Values {
			all = append(all, r.value(entry, what)...)
		}
		return all
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return r.mappedValue(n, what)
	}
	text := r.text(n, what)
	if s, ok := n.(*ast.StringNode); ok && s.Token.Type == yamltoken.DoubleQuoteType && r.highEscape(s) {
		r.fail(n, `\x80 to \xff are characters of two bytes in YAML: for bytes write {escaped: '…'}, between single quotes`)
	}
	return textValue([]byte(text))
}

// highEscape reports whether a text between double quotes has an escape that looks like a byte above \x7f, and is a character.
func (r *reader) highEscape(n *ast.StringNode) bool {
	at := position(n)
	if at.Line > len(r.lines) {
		return false
	}
	rest := strings.Join(r.lines[at.Line-1:min(len(r.lines), at.Line+100)], "\n")
	rest = rest[min(max(at.Column-1, 0), len(rest)):]
	for i := 1; i < len(rest) && rest[i] != '"'; i++ {
		if rest[i] != '\\' {
			continue
		}
		if i++; i+1 < len(rest) && rest[i] == 'x' && strings.ContainsRune("89abcdefABCDEF", rune(rest[i+1])) {
			return true
		}
	}
	return false
}

// mappedValue reads bytes that are written in a way of their own.
func (r *reader) mappedValue(n ast.Node, what string) Value {
	fields := r.fields(n, what, "hex", "base64", "escaped", "crlf", "length", "repeat", "of", "itself", "then")
	if r.err != nil || len(fields) == 0 {
		r.fail(n, "%s is an empty mapping", what)
		return nil
	}
	first := fields[0]
	if len(fields) > 1 && !slices.Contains([]string{"length", "repeat", "of", "itself", "then"}, first.key) {
		r.fail(fields[1].at, "%s is written in two ways, %s and %s: give a list to put one behind the other", what, first.key, fields[1].key)
		return nil
	}
	switch first.key {
	case "hex":
		text := strings.Join(strings.Fields(r.text(first.value, "hex")), "")
		b, err := hex.DecodeString(text)
		if err != nil {
			r.fail(first.value, "this is no hexadecimal: %s", notHex(text))
		}
		return Value{append(piece{}, b...)}
	case "base64":
		text := strings.Join(strings.Fields(r.text(first.value, "base64")), "")
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			r.fail(first.value, "this is no base64 (RFC 4648, section 4): %s", notBase64(text, err))
		}
		return Value{append(piece{}, b...)}
	case "escaped":
		b, err := unescape(r.text(first.value, "escaped"))
		if err != nil {
			r.fail(first.value, "%v", err)
		}
		return textValue(b)
	case "crlf":
		text := r.text(first.value, "crlf")
		if l, ok := first.value.(*ast.LiteralNode); ok && l.Start.Value == "|" && strings.HasSuffix(strings.ReplaceAll(l.Value.Token.Origin, " ", ""), "\n\n") {
			r.fail(first.value, "YAML drops the empty line at the end of a | block: write |+ to keep it, or end the block without one")
		}
		return textValue([]byte(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")))
	}
	return r.countedValue(n, fields, what)
}

// countedValue reads bytes behind their length, or bytes that are repeated.
func (r *reader) countedValue(n ast.Node, fields []field, what string) Value {
	var of, then Value
	var length string
	var itself, given bool
	repeat := 0
	for _, f := range fields {
		switch f.key {
		case "of":
			of, given = r.value(f.value, "of"), true
		case "length":
			length = r.choice(f.value, "length", lengthNames...)
		case "itself":
			itself = r.bool(f.value, "itself")
		case "then":
			then = r.value(f.value, "then")
		case "repeat":
			repeat = r.number(f.value, "repeat", 1, mostValue)
		default:
			r.fail(f.at, "%s is written in two ways", what)
		}
	}
	switch {
	case r.err != nil:
		return nil
	case !given:
		r.fail(n, "%s wants of: the bytes that it is about", what)
	case (length == "") == (repeat == 0):
		r.fail(n, "%s wants either length or repeat beside of", what)
	case repeat > 0 && then != nil:
		r.fail(n, "then is what stands between a length and what it counts: %s repeats bytes", what)
	case repeat > 0:
		if repeat*max(of.Len(), 1) > mostValue {
			r.fail(n, "%s comes to %d bytes: %d at most", what, repeat*of.Len(), mostValue)
			return nil
		}
		if len(of) == 1 && of[0] != nil {
			return Value{bytes.Repeat(of[0], repeat)}
		}
		if repeat*len(of) > mostPieces {
			r.fail(n, "%s repeats the name of a connection too often: %d times at most", what, mostPieces/len(of))
			return nil
		}
		var all Value
		for range repeat {
			all = append(all, of...)
		}
		return all
	default:
		head, err := lengthOf(length, of.Len(), itself)
		if err != nil {
			r.fail(n, "%v", err)
		}
		return slices.Concat(Value{head}, then, of)
	}
	return nil
}

// lengthOf writes the length n.
func lengthOf(how string, n int, itself bool) (piece, error) {
	switch how {
	case "decimal":
		if itself {
			return nil, fmt.Errorf("a decimal length does not count itself")
		}
		return piece(fmt.Sprint(n)), nil
	case "varint":
		if itself {
			return nil, fmt.Errorf("a varint does not count itself")
		}
		var b piece
		for n >= 0x80 {
			b, n = append(b, byte(n)|0x80), n>>7
		}
		return append(b, byte(n)), nil
	}
	l := lengths[how]
	if itself {
		n += l.width
	}
	if l.width < 8 && n >= 1<<(8*l.width) {
		return nil, fmt.Errorf("the length %d does not fit into %s", n, how)
	}
	b := make(piece, l.width)
	for i := range b {
		shift := 8 * i
		if !l.little {
			shift = 8 * (l.width - 1 - i)
		}
		b[i] = byte(n >> shift)
	}
	return b, nil
}

// unescape reads a text with the escapes \r \n \t \0 \\ \" and \xHH, which is a byte.
func unescape(text string) ([]byte, error) {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b = append(b, text[i])
			continue
		}
		i++
		if i == len(text) {
			return nil, fmt.Errorf(`the text ends in a \: write \\ for one`)
		}
		switch text[i] {
		case 'r':
			b = append(b, '\r')
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case '0':
			b = append(b, 0)
		case '\\', '"', '\'':
			b = append(b, text[i])
		case 'x':
			var v [1]byte
			if i+3 > len(text) {
				return nil, fmt.Errorf(`\x wants two hexadecimal digits`)
			}
			if _, err := hex.Decode(v[:], []byte(text[i+1:i+3])); err != nil {
				return nil, fmt.Errorf(`\x wants two hexadecimal digits, not %q`, text[i+1:i+3])
			}
			b = append(b, v[0])
			i += 2
		default:
			return nil, fmt.Errorf(`\%c is no escape: \r \n \t \0 \\ \" and \xHH are`, text[i])
		}
	}
	return b, nil
}

// notHex says why a text is no hexadecimal.
func notHex(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	if i < 0 {
		return fmt.Sprintf("a byte has two digits, and there are %d", len(text))
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	return fmt.Sprintf("%q, its character %d, is no digit", r, 1+utf8.RuneCountInString(text[:i]))
}

// notBase64 says why a text is no base64, by the error of its decoding.
func notBase64(text string, err error) string {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(characters, r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Sprintf("%q, its character %d, is none of its characters", r, 1+utf8.RuneCountInString(text[:i]))
	}
	var at base64.CorruptInputError
	if len(text)%4 > 0 || !errors.As(err, &at) {
		return "it ends in the middle of a group of four characters: fill it up with ="
	}
	return fmt.Sprintf("it goes wrong at its character %d", at+1)
}
