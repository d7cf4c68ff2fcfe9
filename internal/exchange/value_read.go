package exchange

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	yamltoken "github.com/goccy/go-yaml/token"

	"github.com/streamspec/streamspec/internal/exchange/literal"
	"github.com/streamspec/streamspec/internal/exchange/outline"
	"github.com/streamspec/streamspec/internal/match"
)

// value reads bytes: a text, a list of values one after another, or a mapping
// that says how they are written.
func (r *reader) value(n ast.Node, what string) Value {
	v := r.anyValue(n, what)
	if r.Err == nil && v.Len() > mostValue {
		r.Fail(n, "%s comes to %d bytes: %d at most", what, v.Len(), mostValue)
	}
	return v
}

func (r *reader) anyValue(n ast.Node, what string) Value {
	switch list, ok := n.(*ast.SequenceNode); {
	case ok && len(list.Values) == 0:
		r.Fail(n, "%s is an empty list", what)
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
	text := r.Text(n, what)
	if s, ok := n.(*ast.StringNode); ok && s.Token.Type == yamltoken.DoubleQuoteType && r.highEscape(s) {
		r.Fail(n, `\x80 to \xff are characters of two bytes in YAML: for bytes write {escaped: '…'}, between single quotes`)
	}
	r.warnOfEscapes(n, text)
	return r.named(n, text)
}

// looksEscaped is what an escape looks like where it is none.
var looksEscaped = regexp.MustCompile(`\\(?:[rnt0]|x[0-9a-fA-F]{2})`)

// warnOfEscapes points at a backslash that is meant as an escape, where YAML takes it for itself.
func (r *reader) warnOfEscapes(n ast.Node, text string) {
	s, ok := n.(*ast.StringNode)
	if !ok || s.Token.Type == yamltoken.DoubleQuoteType {
		return
	}
	if found := looksEscaped.FindString(text); found != "" {
		r.Warn(n, `%s is sent as it is written here, a backslash and what follows: write the text between double quotes, or as {escaped: '…'}, where it is an escape`, found)
	}
}

// nameInBraces is what a name looks like where what it means is to stand.
var nameInBraces = regexp.MustCompile(`\{\{(\s*[a-zA-Z][a-zA-Z0-9_-]*\s*)\}\}`)

// named is the value of a text in which names may stand.
func (r *reader) named(n ast.Node, text string) Value {
	r.warnOfNames(n, text)
	return textValue(r.filled(n, text, asItIs), r.names...)
}

// warnOfNames points at what looks like a name and is none.
func (r *reader) warnOfNames(n ast.Node, text string) {
	known := slices.AppendSeq(slices.Clone(r.names), maps.Keys(r.values))
	for _, found := range nameInBraces.FindAllStringSubmatch(text, -1) {
		if name := strings.TrimSpace(found[1]); name != found[1] && slices.Contains(known, name) {
			r.Warn(n, "{{%s}} stands for itself: a name stands between its braces without spaces, as {{%s}}", outline.Clipped(found[1]), name)
		} else if !slices.Contains(known, found[1]) {
			r.Warn(n, "{{%s}} is no name that this file knows, and stands for itself: %s (write {escaped: '\\x7b{%s}}'} where the braces are meant)", outline.Clipped(found[1]), outline.Hinted(strings.TrimSpace(found[1]), known), outline.Clipped(found[1]))
		}
	}
}

// textValue makes the value of a text in which these names may stand, and what stands between them as raw makes it.
func textValue(text string, names ...string) Value {
	v, _ := valueOf(text, names, func(between string) ([]byte, error) { return []byte(between), nil })
	return v
}

// escapedValue is textValue of a text with the escapes of [literal.Unescape]. A name that is written with an escape in it means itself.
func escapedValue(text string, names ...string) (Value, error) {
	return valueOf(text, names, literal.Unescape)
}

func valueOf(text string, names []string, raw func(string) ([]byte, error)) (v Value, err error) {
	add := func(between string) {
		b, failed := raw(between)
		if err == nil {
			err = failed
		}
		if len(b) > 0 {
			v = append(v, piece{text: b})
		}
	}
	at := 0
	for _, found := range nameInBraces.FindAllStringSubmatchIndex(text, -1) {
		name := text[found[2]:found[3]]
		if !slices.Contains(names, name) {
			continue
		}
		add(text[at:found[0]])
		v, at = append(v, piece{name: name}), found[1]
	}
	add(text[at:])
	return v, err
}

// highEscape reports whether a text between double quotes has an escape that looks like a byte above \x7f, and is a character.
func (r *reader) highEscape(n *ast.StringNode) bool {
	at := outline.Position(n)
	if at.Line > len(r.Lines) {
		return false
	}
	rest := strings.Join(r.Lines[at.Line-1:min(len(r.Lines), at.Line+100)], "\n")
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

// valueKeys are the ways in which bytes are written in a mapping, and what goes with them.
var valueKeys = []string{"hex", "base64", "escaped", "crlf", "length", "repeat", "grow", "grown", "of", "itself", "then", "add"}

// mappedValue reads bytes that are written in a way of their own.
func (r *reader) mappedValue(n ast.Node, what string) Value {
	fields := r.Fields(n, what, valueKeys...)
	if r.Err != nil || len(fields) == 0 {
		r.Fail(n, "%s is an empty mapping", what)
		return nil
	}
	first := fields[0]
	if len(fields) > 1 && !slices.Contains([]string{"length", "repeat", "of", "itself", "then", "add"}, first.Key) {
		r.Fail(fields[1].At, "%s is written in two ways, %s and %s: give a list to put one behind the other", what, first.Key, fields[1].Key)
		return nil
	}
	switch first.Key {
	case "hex":
		b, err := literal.Hex(r.Text(first.Value, "hex"))
		if err != nil {
			r.Fail(first.Value, "%v", err)
		}
		return plain(b)
	case "base64":
		b, err := literal.Base64(r.Text(first.Value, "base64"))
		if err != nil {
			r.Fail(first.Value, "%v", err)
		}
		return plain(b)
	case "escaped":
		text := r.Text(first.Value, "escaped")
		r.warnOfNames(first.Value, text)
		v, err := escapedValue(r.filled(first.Value, text, escaped), r.names...)
		if err != nil {
			r.Fail(first.Value, "%v", err)
		}
		return v
	case "crlf":
		text := r.Text(first.Value, "crlf")
		if l, ok := first.Value.(*ast.LiteralNode); ok && l.Start.Value == "|" && strings.HasSuffix(strings.ReplaceAll(l.Value.Token.Origin, " ", ""), "\n\n") {
			r.Fail(first.Value, "YAML drops the empty line at the end of a | block: write |+ to keep it, or end the block without one")
		}
		return r.named(first.Value, strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
	case "grow":
		return Value{{grow: r.grow(first.Value)}}
	case "grown":
		if !r.Bool(first.Value, "grown") {
			r.Fail(first.Value, "grown is true where what was sent in the part that grows stands: leave it out else")
		}
		return Value{{grown: true}}
	}
	return r.countedValue(n, fields, what)
}

// grow reads a part whose length is free.
func (r *reader) grow(n ast.Node) *Growth {
	g := &Growth{From: 1, To: 1 << 20, Of: []byte("0123456789abcdefghijklmnopqrstuvwxyz")}
	for _, f := range r.Fields(n, "grow", "from", "to", "of") {
		switch f.Key {
		case "from":
			g.From = r.Number(f.Value, "from", 0, mostValue)
		case "to":
			g.To = r.Number(f.Value, "to", 1, mostValue)
		case "of":
			v := r.value(f.Value, "of")
			if g.Of = v.Bytes(""); len(v.names()) > 0 || !v.fixed() || len(g.Of) == 0 {
				r.Fail(f.Value, "of wants the bytes of which the part is made, without a name")
				g.Of = []byte("x")
			}
		}
	}
	if r.Err == nil && g.To <= g.From {
		r.Fail(n, "the part grows from %d to %d bytes: to must be the larger", g.From, g.To)
	}
	return g
}

// countedValue reads bytes behind their length, or bytes that are repeated.
func (r *reader) countedValue(n ast.Node, fields []outline.Field, what string) Value {
	var of, then Value
	var l match.Length
	var how string
	var given bool
	repeat := 0
	for _, f := range fields {
		switch f.Key {
		case "of":
			of, given = r.value(f.Value, "of"), true
		case "length":
			how = r.Choice(f.Value, "length", match.LengthNames...)
		case "itself":
			l.Itself = r.Bool(f.Value, "itself")
		case "add":
			l.Add = r.Number(f.Value, "add", -1024, 1024)
		case "then":
			then = r.value(f.Value, "then")
		case "repeat":
			repeat = r.Number(f.Value, "repeat", 1, mostValue)
		default:
			r.Fail(f.At, "%s is written in two ways", what)
		}
	}
	switch {
	case r.Err != nil:
		return nil
	case !given:
		r.Fail(n, "%s wants of: the bytes that it is about", what)
	case (how == "") == (repeat == 0):
		r.Fail(n, "%s wants either length or repeat beside of", what)
	case repeat > 0 && (then != nil || l != match.Length{}):
		r.Fail(n, "then, itself and add are about a length: %s repeats bytes", what)
	case repeat > 0:
		return r.repeated(n, of, repeat, what)
	default:
		way := match.Lengths[how]
		way.Itself, way.Add = l.Itself, l.Add
		if way.Itself && way.Width == 0 {
			r.Fail(n, "%s length does not count itself", map[string]string{"decimal": "a decimal", "varint": "a varint", "hex": "a hexadecimal"}[how])
			return nil
		}
		return r.counted(n, counted{way, then, of}, how)
	}
	return nil
}

// counted is a value behind its length, which must fit, also where the value has grown. Where it is the same everywhere it is written here.
func (r *reader) counted(n ast.Node, c counted, how string) Value {
	sizes := []int{c.of.Len()}
	if g := c.of.growth(); g != nil {
		sizes = append(sizes, sizes[0]-g.From+g.To)
	}
	for _, size := range sizes {
		if err := c.length.Fits(how, size); err != nil {
			if size != sizes[0] {
				r.Fail(n, "%v, where the part that grows is as long as it may be: give it a smaller to", err)
				return nil
			}
			r.Fail(n, "%v", err)
			return nil
		}
	}
	if c.of.fixed() {
		return slices.Concat(plain(c.length.Write(sizes[0])), c.then, c.of)
	}
	return Value{{counted: &c}}
}

// repeated is a value so many times.
func (r *reader) repeated(n ast.Node, of Value, times int, what string) Value {
	if times*max(of.Len(), 1) > mostValue {
		r.Fail(n, "%s comes to %d bytes: %d at most", what, times*of.Len(), mostValue)
		return nil
	}
	if of.growth() != nil {
		r.Fail(n, "%s repeats a part that grows: one part of a message grows", what)
		return nil
	}
	if len(of) == 1 && of[0].text != nil {
		return plain(bytes.Repeat(of[0].text, times))
	}
	if times*len(of) > mostPieces {
		r.Fail(n, "%s repeats the name of a connection too often: %d times at most", what, mostPieces/len(of))
		return nil
	}
	return slices.Repeat(of, times)
}
