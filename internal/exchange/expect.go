package exchange

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/match"
)

// MostAnswer is how many bytes of one answer are taken. What goes on is cut off there, and never right.
const MostAnswer = 64 << 20

// An Expect is what an answer must be, as a file says it; nil is whatever the
// server says to the whole message.
type Expect []expected

// expected is a part of an answer: exactly these bytes, or a pattern; where the connection's
// name stands in the expression of one, it is made for each connection.
type expected struct {
	value   Value
	pattern *match.Pattern
	expr    string
}

// For returns the pattern on the connection of that name.
func (e Expect) For(conn string) *match.Pattern {
	var parts []*match.Pattern
	for _, p := range e {
		switch {
		case p.expr != "":
			named, err := match.Regexp(strings.ReplaceAll(p.expr, Conn, conn), "pattern")
			if err != nil { // it was right with another name of the same kind
				named = p.pattern
			}
			parts = append(parts, named)
		case p.pattern != nil:
			parts = append(parts, p.pattern)
		default:
			parts = append(parts, match.Text(p.value.Bytes(conn)))
		}
	}
	return match.Join(parts...)
}

// Literal returns the value that the answer must be, where all of it is given as such.
func (e Expect) Literal() (v Value, ok bool) {
	for _, p := range e {
		if p.pattern != nil {
			return nil, false
		}
		v = append(v, p.value...)
	}
	return v, len(e) > 0
}

// expect reads what an answer must be.
func (r *reader) expect(n ast.Node) Expect {
	if list, ok := n.(*ast.SequenceNode); ok && len(list.Values) > 0 {
		var all Expect
		for _, entry := range list.Values {
			all = append(all, r.expect(entry)...)
		}
		return all
	}
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		if e, ok := r.expectPattern(n); ok || r.err != nil {
			return e
		}
	}
	return Expect{{value: r.value(n, "expect")}}
}

// expectPattern reads a mapping that is a pattern; ok is false where it is none, but bytes.
func (r *reader) expectPattern(n ast.Node) (e Expect, ok bool) {
	only := first(n)
	if only == nil {
		return nil, false
	}
	switch only.key {
	case "pattern", "until", "lines", "frame":
	case "hex", "base64", "escaped", "crlf", "length", "repeat", "of", "itself":
		return nil, false
	}
	fields := r.fields(n, "expect", "pattern", "until", "lines", "frame", "hex", "base64", "escaped", "crlf", "length", "repeat", "of")
	if len(fields) != 1 {
		r.fail(n, "expect says in %d ways what must come: give a list to put one behind the other", len(fields))
		return nil, true
	}
	value := fields[0].value
	switch fields[0].key {
	case "pattern":
		expr := r.text(value, "pattern")
		p, err := match.Regexp(strings.ReplaceAll(expr, Conn, strings.Repeat("c", NameLength)), "pattern")
		if err != nil {
			r.fail(value, "%v", err)
			return nil, true
		}
		if !strings.Contains(expr, Conn) {
			expr = ""
		}
		return Expect{{pattern: p, expr: expr}}, true
	case "until":
		end := r.value(value, "until")
		if end.Named() || end.Len() == 0 {
			r.fail(value, "until wants the bytes that end the answer, without %s", Conn)
		}
		return Expect{{pattern: match.Until(end.Bytes(""))}}, true
	case "lines":
		var lines []*match.Pattern
		for range r.number(value, "lines", 1, 1000) {
			lines = append(lines, match.Until([]byte("\n")))
		}
		return Expect{{pattern: match.Join(lines...)}}, true
	default:
		return Expect{{pattern: match.Framed(r.frame(value))}}, true
	}
}

// first returns the first field of a mapping, unread; nil when it has none.
func first(n ast.Node) *field {
	values, _ := entries(n)
	if len(values) == 0 {
		return nil
	}
	return &field{values[0].Key.GetToken().Value, values[0].Key, values[0].Value}
}

// frame reads how a frame begins.
func (r *reader) frame(n ast.Node) match.Frame {
	f := match.Frame{Most: MostAnswer}
	itself := false
	for _, field := range r.fields(n, "frame", "skip", "length", "itself", "add") {
		switch field.key {
		case "skip":
			f.Skip = r.number(field.value, "skip", 0, 1024)
		case "length":
			l := lengths[r.choice(field.value, "length", "u8", "u16", "u24", "u32", "u64", "u16le", "u32le", "u64le")]
			f.Width, f.Little = l.width, l.little
		case "itself":
			itself = r.bool(field.value, "itself")
		case "add":
			f.Add = r.number(field.value, "add", -1024, 1024)
		}
	}
	if f.Width == 0 {
		r.fail(n, "frame wants length: how the length is written, such as u16")
	}
	if itself {
		f.Add -= f.Width
	}
	return f
}
