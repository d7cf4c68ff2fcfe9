package exchange

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/exchange/literal"
	"github.com/streamspec/streamspec/internal/exchange/observed"
)

// Write writes an exchange file with what was learned: every message, and what
// the server answered to it, patterns where that varied. The error is that of w.
func (d *Dialect) Write(w io.Writer) error {
	f := d.File
	var b strings.Builder
	fmt.Fprintf(&b, "protocol: %s\n", scalar([]byte(f.Protocol)))
	if f.About != "" {
		fmt.Fprintf(&b, "about: %s\n", scalar([]byte(f.About)))
	}
	setup := d.opening
	if f.Greets {
		if !d.opening[0].Empty() {
			fmt.Fprintf(&b, "greeting: %s\n", templateYAML(d.opening[0]))
		}
		setup = setup[1:]
	}
	if len(f.Setup) > 0 {
		b.WriteString("setup:\n")
		for i, s := range f.Setup {
			fmt.Fprintf(&b, "  - send: %s\n    expect: %s\n", s.Send.yaml(), templateYAML(setup[i]))
		}
	}
	if f.Pipelines {
		b.WriteString("pipelines: true\n")
	}
	b.WriteString("exchanges:\n")
	for i, m := range f.Messages {
		k := d.known[i]
		fmt.Fprintf(&b, "  - name: %s\n    send: %s\n", scalar([]byte(m.Name)), m.Send.yaml())
		if k.err != nil {
			fmt.Fprintf(&b, "    # %s\n", strings.ReplaceAll(k.err.Error(), "\n", " "))
			continue
		}
		if k.answer.Empty() {
			b.WriteString("    # it was not answered: leave it out, for it can show nothing\n")
			continue
		}
		fmt.Fprintf(&b, "    expect: %s\n", templateYAML(k.answer))
		if k.closes {
			b.WriteString("    closes: true\n")
		} else if f.Pipelines && !m.Pipelines {
			b.WriteString("    pipelines: false\n")
		}
	}
	if f.Leave != nil {
		fmt.Fprintf(&b, "leave:\n  send: %s\n  expect: %s\n", f.Leave.Send.yaml(), templateYAML(d.leave))
	}
	if d.farewell != nil && !d.farewell.Empty() {
		fmt.Fprintf(&b, "farewell: %s\n", templateYAML(d.farewell))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// yaml writes the value as a file has it.
func (v Value) yaml() string {
	var w written
	v.show(&w, v.scope(connected(unnamed)))
	return w.yaml()
}

// show shows a visitor the pieces of the value, its lengths and what grows as they are in a scope.
func (v Value) show(to observed.Visitor, sc scope) {
	for _, p := range v {
		switch {
		case p.name != "":
			to.Name(p.name)
		case p.counted != nil:
			to.Text(p.counted.length.Write(p.counted.of.length(sc)))
			p.counted.then.show(to, sc)
			p.counted.of.show(to, sc)
		case p.grow != nil || p.grown:
			to.Text(sc.grow.bytes(sc.n))
		default:
			to.Text(p.text)
		}
	}
}

// written are bytes that are written as a file has them, one piece behind the other: braces that mean themselves stay apart from names.
type written struct {
	parts []string
	run   []byte // of the text so far
	names bool   // a name stands in it
}

// Name writes a name between braces.
func (w *written) Name(name string) {
	if !bytes.Contains(w.run, []byte("{{")) || w.names {
		w.run, w.names = append(append(append(w.run, "{{"...), name...), "}}"...), true
		return
	}
	w.flush()
	w.run, w.names = []byte("{{"+name+"}}"), true
}

// Text writes bytes that mean themselves.
func (w *written) Text(b []byte) {
	if w.names && nameInBraces.Match(b) {
		w.flush()
	}
	w.run = append(w.run, b...)
}

// Pattern writes an expression.
func (w *written) Pattern(expr string) {
	w.flush()
	w.parts = append(w.parts, "{pattern: "+observed.Single(expr)+"}")
}

func (w *written) flush() {
	if len(w.run) > 0 {
		if !w.names && nameInBraces.Match(w.run) { // what looks like a name means itself
			w.parts = append(w.parts, "{escaped: "+observed.Single(strings.ReplaceAll(literal.Escape(w.run), "{", `\x7b`))+"}")
		} else {
			w.parts = append(w.parts, scalar(w.run))
		}
	}
	w.run, w.names = nil, false
}

func (w *written) yaml() string {
	w.flush()
	switch len(w.parts) {
	case 0:
		return `""`
	case 1:
		return w.parts[0]
	}
	return "[" + strings.Join(w.parts, ", ") + "]"
}

// templateYAML writes the answer as a file has it: a text, or texts and patterns.
func templateYAML(t *observed.Template) string {
	var w written
	t.Show(&w)
	return w.yaml()
}

// scalar writes bytes: as a text between double quotes, or with escapes of bytes where they are no text.
func scalar(b []byte) string {
	if !utf8.Valid(b) {
		return "{escaped: " + observed.Single(literal.Escape(b)) + "}"
	}
	return literal.Quote(string(b))
}

// NewMessage makes an exchange of bytes that somebody has typed: the escapes \r \n \t \0 \\ and \xHH, and
// the connection's name, are as in a file. end is put behind them.
func NewMessage(typed, end string) (Message, error) {
	v, err := escapedValue(typed, "conn")
	if err != nil {
		return Message{}, err
	}
	name := strings.TrimSpace(string(bytes.ToValidUTF8(v.Bytes(Conn), []byte("?"))))
	if runes := []rune(name); len(runes) > 40 {
		name = string(runes[:40]) + "…"
	}
	if end != "" {
		v = append(v, piece{text: []byte(end)})
	}
	return Message{Name: name, Step: Step{Send: v}}, nil
}
