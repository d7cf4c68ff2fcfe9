package exchange

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"

	"github.com/streamspec/streamspec/internal/match"
)

// frame reads how a frame begins.
func (r *reader) frame(n ast.Node) match.Frame {
	f := match.Frame{Most: MostAnswer}
	var l match.Length
	itself, said := false, ""
	for _, field := range r.Fields(n, "frame", "skip", "length", "itself", "add", "then") {
		switch field.Key {
		case "skip":
			f.Skip = r.Number(field.Value, "skip", 0, 1024)
		case "length":
			said = r.Choice(field.Value, "length", match.LengthNames...)
			l = match.Lengths[said]
			f.Written, f.Width, f.Little = l.Written, l.Width, l.Little
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

// until reads the ends of an answer: the bytes, or a list of such of which one ends it.
func (r *reader) until(n ast.Node) *match.Pattern {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = r.List(list, "until")
	}
	if len(nodes) > 32 {
		r.Fail(n, "until has %d ends: 32 at most", len(nodes))
	}
	var ends [][]byte
	for _, n := range nodes {
		end := r.value(n, "until")
		if end.Named() || end.Len() == 0 {
			r.Fail(n, "until wants the bytes that end the answer, without %s", Conn)
		}
		ends = append(ends, end.Bytes(""))
	}
	return match.Until(ends...)
}

// replyCode is a code of three digits, or x for any.
var replyCode = regexp.MustCompile(`^[0-9x]{3}$`)

// reply reads the codes of a reply of one line or several.
func (r *reader) reply(n ast.Node) *match.Pattern {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = r.List(list, "reply")
	}
	var codes []string
	for _, n := range nodes {
		code := r.Text(n, "reply")
		if r.Err == nil && !replyCode.MatchString(code) {
			r.Fail(n, "%q is no code of a reply: it has three digits, with x for any, such as 220 or 2xx", code)
		}
		codes = append(codes, code)
	}
	return match.Reply(codes...)
}
