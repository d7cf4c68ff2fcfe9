package targets

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
)

// files are whole exchange files, and some that are none.
var files = []string{
	"", "a: &x [*x]\n", "protocol: x\nexchanges:\n  - send: a\n",
	"protocol: x\nexchanges: [{send: a, expect: {pattern: '[0-9]+;', same: true}}]\n",
	"protocol: x\ngreeting: {lines: 1}\nsetup: [{send: \"{{conn}}\\n\"}]\nexchanges: [{send: {hex: 00ff}, expect: ok, closes: true}]\n",
	"protocol: x\ngreeting: {reply: [220, 5xx]}\ncapture: {name: t, pattern: '<([0-9]+)>'}\nexchanges:\n  - send: [{length: varint, of: [\"{{t}}\", {grow: {from: 0, to: 30, of: ab}}]}]\n    expect: [{length: hex, then: \":\", of: {grown: true}}]\n",
	"protocol: x\nexchanges: [{send: a, expect: [{until: [a, {hex: ff}]}, {unordered: [\"A{{conn}}\", {either: [b, {lines: 1}]}]}, {frame: {length: decimal, then: \":\", add: 1}}, {frame: chunked}]}]\n",
	"protocol: x\nexchanges: [{send: a, expect: {frame: http1}}, {send: '{{b}}\\n', expect: c}]\n",
}

// FuzzExchangeFile reads exchange files: an error has its place, and a file that
// was read is written as one that is read again as the same exchanges.
func FuzzExchangeFile(f *testing.F) {
	for _, text := range files {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > mostYAML || costly(text) {
			return
		}
		file, err := exchange.Parse("f", text)
		if err != nil {
			var at *exchange.FileError
			if !errors.As(err, &at) || at.Problem == "" || at.Name != "f" {
				t.Fatalf("%q is refused with %#v", text, err)
			}
			if lines := 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")); at.Line < 0 || at.Line > lines || at.Line > 0 && at.Column < 1 {
				t.Fatalf("%q has %d lines, and is refused with %v", text, lines, err)
			}
			return
		}
		if file.Protocol == "" || len(file.Messages) == 0 {
			t.Fatalf("%q is read without a protocol, or without an exchange", text)
		}
		if crc32.ChecksumIEEE(text)%128 > 0 { // writing takes many times as long as reading
			return
		}
		if err := rewritten(file); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// TestExchangeFilesAreRewritten writes every preset and some other files, and reads
// what was written.
func TestExchangeFilesAreRewritten(t *testing.T) {
	texts := slices.Clone(files)
	for _, name := range exchange.Presets() {
		text, _ := exchange.Preset(name)
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		file, err := exchange.Parse("f", []byte(text))
		if err != nil {
			continue
		}
		if err := rewritten(file); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// costly says whether a text has a number of four digits: it may ask for that
// many bytes, which is allowed, and takes longer than fuzzing has.
func costly(text []byte) bool {
	digits := 0
	for _, b := range text {
		if digits++; b < '0' || b > '9' {
			digits = 0
		}
		if digits > 3 {
			return true
		}
	}
	return false
}

// rewritten says in what a file differs that is written, once its answers are
// known, and read again.
func rewritten(file *exchange.File) error {
	const conn = "c123456789"
	l := exchange.NewLearner(file)
	hear := func(at exchange.Place, e exchange.Expect) {
		answer := []byte("ok")
		if v, literal := e.Literal(); literal {
			answer = v.Bytes(conn)
		}
		l.Heard(at, exchange.Names{"conn": conn}, answer)
	}
	hear(exchange.Place{Kind: exchange.Greeted}, file.Greeting)
	for i, s := range file.Setup {
		hear(exchange.Place{Kind: exchange.SetUp, At: i}, s.Expect)
	}
	for i, m := range file.Messages {
		for k, s := range m.Before {
			hear(exchange.Place{Kind: exchange.Before, Of: i, At: k}, s.Expect)
		}
		hear(exchange.Place{Kind: exchange.Asked, Of: i}, m.Expect)
	}
	if file.Leave != nil {
		hear(exchange.Place{Kind: exchange.Left}, file.Leave.Expect)
	}
	d, err := l.Dialect("f")
	if err != nil {
		return fmt.Errorf("nothing is known of answers that were heard: %v", err)
	}
	var b strings.Builder
	if err := d.Write(&b); err != nil {
		return err
	}
	again, err := exchange.Parse("f", []byte(b.String()))
	if err != nil {
		return fmt.Errorf("it is written as %q, and that is refused: %v", b.String(), err)
	}
	if got, want := summary(again), summary(file); got != want {
		return fmt.Errorf("it is written as %q, and read as %s, not as %s", b.String(), got, want)
	}
	for i, m := range file.Messages {
		want, literal := m.Expect.Literal()
		if got, _ := again.Messages[i].Expect.Literal(); literal && !bytes.Equal(got.Bytes(conn), want.Bytes(conn)) {
			return fmt.Errorf("it is written as %q, and answer %d read as %q, not as %q", b.String(), i+1, got.Bytes(conn), want.Bytes(conn))
		}
	}
	return nil
}

// summary is what of a file must be the same when it was written and read again.
func summary(f *exchange.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q, %q, greets %t\n", f.Protocol, f.About, f.Greets)
	for _, s := range f.Setup {
		fmt.Fprintf(&b, "set-up %q\n", s.Send.Bytes(exchange.Conn))
	}
	for _, m := range f.Messages {
		fmt.Fprintf(&b, "%q sends %q, closes %t\n", m.Name, m.Send.Bytes(exchange.Conn), m.Closes)
	}
	if f.Leave != nil {
		fmt.Fprintf(&b, "leaves with %q\n", f.Leave.Send.Bytes(exchange.Conn))
	}
	return b.String()
}
