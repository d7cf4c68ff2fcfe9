package exchange_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/exchange"
)

// TestWrite holds that a file that was written is read as what was learned: every message, and a pattern of every answer that was heard.
func TestWrite(t *testing.T) {
	text := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("aé日\"'\\ {}:#\r\n\t\x00\x7f\u2028")), 1, 12, -1), rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 8), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		send, answer := text.Draw(t, "send"), text.Draw(t, "answer")
		f := &exchange.File{Protocol: text.Draw(t, "protocol"), Pipelines: rapid.Bool().Draw(t, "pipelines")}
		if strings.TrimSpace(strings.ToValidUTF8(f.Protocol, "")) == "" || !validText(f.Protocol) {
			f.Protocol = "x"
		}
		m, err := exchange.NewMessage(strings.ReplaceAll(send, `\`, `\\`)+"{{conn}}", "\n")
		if err != nil {
			t.Fatal(err)
		}
		m.Name, m.Pipelines = "m", f.Pipelines
		f.Messages = []exchange.Message{m}
		l := exchange.NewLearner(f)
		samples := heard(answer+" CONN #1.", answer+" CONN #22.")
		for _, s := range samples {
			l.Heard(exchange.Place{Kind: exchange.Asked}, exchange.Names{"conn": s.Conn}, s.Answer)
		}
		d, err := l.Dialect("f")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := d.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := exchange.Parse("f", b.Bytes())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		if got, want := again.Messages[0].Send.Bytes("c000000000"), m.Send.Bytes("c000000000"); !bytes.Equal(got, want) {
			t.Fatalf("it sends %q, and should send %q\n%s", got, want, b.Bytes())
		}
		for _, s := range samples {
			if !again.Messages[0].Expect.For(s.Conn).Matches(s.Answer) {
				t.Fatalf("%q is wrong by what was written\n%s", s.Answer, b.Bytes())
			}
		}
		if again.Messages[0].Expect.For("c000000000").Matches([]byte(answer + " c000000000 #x.")) {
			t.Fatalf("anything is right by what was written\n%s", b.Bytes())
		}
	})
}

func validText(s string) bool { return strings.ToValidUTF8(s, "") == s }

// TestWritten holds the text of a file that was written, byte for byte.
func TestWritten(t *testing.T) {
	f := parsed(t, slices.Concat([]string{`about: "It's \"one\"."`}, everything)...)
	l := told(exchange.NewLearner(f), func(p exchange.Part, c string) string {
		switch string(p.Send) {
		case "longer\n":
			return "#" + c[9:] + "." + c + "\x00\x7f\t\r\n\u00a0\u0080\uffff\U000e0001\"\\é"
		case "o\n":
			return ""
		case "al\n":
			return "\xff\\\r\n'~ "
		}
		return shout(p, c)
	})
	l.Fail(2, errors.New("it is\nwrong"))
	l.Ended(exchange.Names{"conn": conn}, []byte("!"), true)
	var b bytes.Buffer
	if err := learnt(t, l).Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = `protocol: "x"
about: "It's \"one\"."
greeting: "HELLO\n"
setup:
  - send: "user\n"
    expect: "USER\n"
  - send: "pass {{conn}}\n"
    expect: ["PASS ", {pattern: '[0-9A-Za-z]{10}'}, "\n"]
pipelines: true
exchanges:
  - name: "long"
    send: "longer\n"
    expect: ["#", {pattern: '[0-9]+'}, ".{{conn}}\x00\x7f\t\r\n\u00a0\u0080\uffff\U000e0001\"\\é"]
  - name: "short"
    send: "{{conn}}"
    expect: {pattern: '[0-9A-Za-z]{10}'}
  - name: "after"
    send: "three\n"
    # it is wrong
  - name: "once"
    send: "o\n"
    # it was not answered: leave it out, for it can show nothing
  - name: "alone"
    send: "al\n"
    expect: {escaped: '\xff\\\r\n''~ '}
    pipelines: false
  - name: "last"
    send: "bye\n"
    expect: "BYE\n"
    closes: true
leave:
  send: "quit\n"
  expect: "QUIT\n"
farewell: "!"
`
	if got := b.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
