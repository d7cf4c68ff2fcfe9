package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
)

// more is a file that says what whole does not.
const more = `protocol: more
greeting: {reply: [220, 5xx]}
capture: {name: stamp, pattern: '<([0-9]+)>'}
setup:
  - send: "AUTH {{stamp}}\r\n"
    expect: {reply: 2xx}
    capture:
      - {name: token, pattern: 'token=([a-z]+)'}
      - {name: whole-line, pattern: 'id=[0-9]+'}
exchanges:
  - name: grows
    send: [{hex: "30"}, {length: varint, of: [{length: u16, of: "t{{conn}}"}, {grow: {from: 0, to: 300, of: "ab"}}]}]
    expect: ["got ", {length: decimal, then: ":", of: {grown: true}}, ",{{token}}"]
  - name: lengths
    send:
      - {length: u24le, add: 2, of: abc}
      - {length: hex, then: "\r\n", of: {repeat: 26, of: x}}
      - {length: decimal, then: " ", add: -1, of: "{{token}}"}
    expect:
      - {frame: {length: varint, add: 1}}
      - {frame: {skip: 1, length: decimal, then: "\r\n", add: 2}}
      - {until: ["\r\n.\r\n", {hex: "ff"}]}
      - {unordered: ["A{{conn}}", {pattern: 'B[0-9]'}, [{lines: 1}, "c"]]}
      - {either: [{reply: 250}, "-"]}
  - name: same
    send: same
    expect: [{pattern: '[0-9]{3} .*\r\n', same: true}, {frame: chunked}]
  - {name: http, send: get, expect: {frame: http1}}
  - name: bodies
    send: ["{{path}} ", {grow: {from: 2, to: 9}}]
    expect: {frame: http1, of: [{pattern: 'HTTP/1\.1 2[0-9]{2} '}, {until: "\r\n\r\n"}, {grown: true}, {escaped: '{{path}}\x00'}, {pattern: '{{path}}'}]}
    refused: {pattern: 'HTTP/1\.1 4[0-9]{2} '}
values: {path: 'a\.{{conn}}'}
leave: {send: "BYE {{token}}\r\n", expect: {until: "\n"}}
`

// TestMore holds what is sent, and which answers are right, where a file says more.
func TestMore(t *testing.T) {
	f, err := exchange.Parse("more.yaml", []byte(more))
	if err != nil || len(f.Warnings) > 0 {
		t.Fatal(err, f.Warnings)
	}
	names := exchange.Names{"conn": conn, "token": "secret"}
	for i, want := range []string{
		"0\x0d\x00\x0bt" + conn, "\x05\x00\x00abc1a\r\n" + strings.Repeat("x", 26) + "5 secret", "same", "get", `a\.` + conn + " 01",
	} {
		if got := f.Messages[i].Send.In(names); string(got) != want {
			t.Errorf("message %d sends %q, want %q", i+1, got, want)
		}
		if n := len(f.Messages[i].Send.Bytes(conn)); n != f.Messages[i].Send.Len() && i != 1 {
			t.Errorf("message %d has %d bytes, and says %d", i+1, n, f.Messages[i].Send.Len())
		}
	}
	const head = "\x01ab" + "$3\r\nxyz\r\n" + "any\r\n.\r\n"
	for answer, right := range map[string]bool{
		head + "A" + conn + "B1" + "\nc" + "-": true, head + "B1" + "x\nc" + "A" + conn + "250-a\r\n250 b\r\n": true,
		"\x01ab$3\r\nxyz\r\n\xff" + "B1\nc" + "A" + conn + "-": true,
		head + "B1" + "A" + conn + "-":                         false, head + "Acab0000000" + "B1\nc" + "-": false, "\x01a" + head[3:] + "A" + conn + "B1" + "\nc" + "-": false,
	} {
		if f.Messages[1].Expect.For(conn).Matches([]byte(answer)) != right {
			t.Errorf("%q is right: %t", answer, !right)
		}
	}
}

// TestValuesOfFiles holds what stands for a name all over a file, what may be set in its place, and what a message may be refused by.
func TestValuesOfFiles(t *testing.T) {
	for _, c := range []struct {
		set         []string
		sent, right string
	}{
		{nil, `a\.` + conn + " 01", "HTTP/1.1 201 ok\r\nContent-Length: 29\r\n\r\n01a\\." + conn + "\x00a\\." + conn},
		{[]string{"path=(b)", "path=/x+"}, "/x+ 01", "HTTP/1.1 200 ok\r\nContent-Length: 9\r\n\r\n01/x+\x00/x+"},
	} {
		f, err := exchange.Parse("f", []byte(more), c.set...)
		if err != nil || len(f.Warnings) > 0 {
			t.Fatal(err, f)
		}
		m := f.Messages[4]
		p := m.Right(exchange.Names{"conn": conn})
		if got := string(m.Send.Bytes(conn)); got != c.sent {
			t.Errorf("%q: it sends %q", c.set, got)
		}
		if !p.Matches([]byte(c.right)) || p.Matches([]byte(strings.Replace(c.right, "\n01", "\n02", 1))) || p.Matches([]byte(strings.Replace(c.right, " 20", " 40", 1))) {
			t.Errorf("%q: right are %s, and not %q", c.set, p.Words(), c.right)
		}
		if refused := m.Refused.For(conn); !refused.Begins([]byte("HTTP/1.1 413 Too Large\r\n")) || refused.Begins([]byte("HTTP/1.1 413")) || refused.Begins([]byte("HTTP/1.1 201 ok")) {
			t.Error("it is refused by", refused.Words())
		}
	}
	for _, set := range []string{"pth=/", "path", "=", ""} {
		_, err := exchange.Parse("f", []byte(more), set)
		if err == nil || !strings.Contains(err.Error(), "f: --set wants NAME=VALUE, with the name of a value of the file") {
			t.Errorf("%q: %v", set, err)
		}
	}
	if _, err := exchange.Parse("f", []byte("protocol: x\nvalues: {a: "+strings.Repeat("b", 400_000)+"}\nexchanges: [{send: "+strings.Repeat("'{{a}}'", 1)+", expect: '"+strings.Repeat("{{a}}", 100_000)+"'}]\n")); err == nil || !strings.Contains(err.Error(), "4194304 at most") {
		t.Error(err)
	}
}

// TestGrow holds what is sent and what must come where a part has grown.
func TestGrow(t *testing.T) {
	f, err := exchange.Parse("more.yaml", []byte(more))
	if err != nil {
		t.Fatal(err)
	}
	l := exchange.NewLearner(f)
	said := exchange.Names{"conn": conn, "stamp": "12345", "token": "secret"}
	for _, p := range l.Conversation(0, conn) {
		answer := map[exchange.Kind]string{exchange.Greeted: "220 <12345>\r\n", exchange.SetUp: "200 token=secret id=1\r\n", exchange.Asked: "got 0:,secret"}[p.Kind]
		l.Heard(p.Place, said, []byte(answer))
	}
	for i := 1; i < 4; i++ {
		l.Fail(i, fmt.Errorf("left out"))
	}
	l.Heard(exchange.Place{Kind: exchange.Left}, said, []byte("bye\n"))
	d := learnt(t, l)
	if least, most, ok := d.Grows(); least != 0 || most != 300 || !ok {
		t.Errorf("it grows from %d to %d, %t", least, most, ok)
	}
	for n, header := range map[int]string{0: "0\x0d\x00\x0bt", 1: "0\x0e\x00\x0bt", 114: "0\x7f\x00\x0bt", 115: "0\x80\x01\x00\x0bt", 300: "0\xb9\x02\x00\x0bt"} {
		s, ok := d.Grown(n)
		if !ok {
			t.Fatal(n)
		}
		s = s.Bind(conn)
		s, err := s.Told([][]byte{[]byte("220 hi <777>\r\n"), []byte("200 token=other id=2\r\n")})
		if err != nil {
			t.Fatal(err)
		}
		grown := strings.Repeat("ab", 200)[:n]
		if got, want := string(s.Request), header+conn+grown; got != want {
			t.Errorf("%d: %q is sent, want %q", n, got, want)
		}
		if want := fmt.Sprintf("got %d:%s,other", n, grown); !s.Pattern(0).Matches([]byte(want)) || s.Pattern(0).Matches([]byte(strings.Replace(want, "other", "secret", 1))) {
			t.Errorf("%d: %q is right", n, s.Pattern(0))
		}
		if got := string(s.Closing[0].Request); got != "BYE other\r\n" {
			t.Errorf("it leaves by %q", got)
		}
		told, err := s.Opening[1].Told([][]byte{[]byte("220 <9>\r\n")})
		if err != nil || string(told.Request) != "AUTH 9\r\n" {
			t.Errorf("%q, %v", told.Request, err)
		}
	}
	for _, n := range []int{-1, 301} {
		if _, ok := d.Grown(n); ok {
			t.Errorf("it grows to %d", n)
		}
		if _, err := d.Named([]string{fmt.Sprintf("grows#%d", n)}); err == nil {
			t.Errorf("a plan names it with %d bytes", n)
		}
	}
	for _, name := range []string{"grows#7", "grows"} { // as a plan names them
		s, err := d.Named([]string{name})
		if err != nil || !slices.Equal(s.Bind(conn).Exchanges, []string{name}) || len(s.Request) != 15+strings.Count(name, "#")*7 {
			t.Errorf("%s: %d bytes, %q, %v", name, len(s.Request), s.Exchanges, err)
		}
	}
	if s, _ := d.Grown(7); !slices.Equal(s.Exchanges, []string{"grows#7"}) {
		t.Errorf("it is named %q", s.Exchanges)
	}
	if s := d.Plain("").Bind(conn); s.Told == nil {
		t.Error("the session does not hang on what is captured")
	} else if _, err := s.Told([][]byte{[]byte("220 no stamp\r\n"), nil}); err == nil || !strings.Contains(err.Error(), "{{stamp}}") {
		t.Error(err)
	}
	one := learnt(t, told(exchange.NewLearner(parsed(t, "exchanges: [{send: a}]")), shout))
	if _, _, ok := one.Grows(); ok {
		t.Error("a message grows that has no such part")
	}
}

// TestMoreRefused holds what is wrong with what a file says, in words.
func TestMoreRefused(t *testing.T) {
	send := func(v string) string { return "exchanges:\n  - {send: " + v + ", expect: a}" }
	expect := func(e string) string { return "exchanges:\n  - {send: a, expect: " + e + "}" }
	for text, want := range map[string]string{
		expect(`{pattern: '.*\n+'}`):                                                         `f:3:23: the pattern can go on after its match ("\n" matches, and so does more)`,
		expect(`{pattern: '(?s)a.*\n'}`):                                                     `say what ends it, by {until: "\n"}`,
		expect(`["a", {pattern: '[0-9]+'}]`):                                                 "can go on after its match",
		expect(`{either: ["a", {pattern: 'b+'}]}`):                                           "can go on after its match",
		"greeting: {pattern: 'a*b*'}\n" + expect("a"):                                        "can go on after its match",
		"setup: [{send: a, expect: {pattern: 'a+'}}]\n" + expect("a"):                        "can go on after its match",
		"exchanges: [{before: [{send: a, expect: {pattern: 'a+'}}], send: b}]":               "can go on after its match",
		send(`{grow: {from: 2, to: 2}}`):                                                     "the part grows from 2 to 2 bytes: to must be the larger",
		send(`{grow: {of: ""}}`):                                                             "of wants the bytes",
		send(`{grow: {of: "{{conn}}"}}`):                                                     "of wants the bytes",
		send(`{grow: {to: 9999999}}`):                                                        "from 1 to 4194304",
		send(`[{grow: {}}, {grow: {}}]`):                                                     "one part of a message grows, and here are 2",
		send(`{repeat: 2, of: {grow: {}}}`):                                                  "one part of a message grows",
		send(`{length: u8, of: {grow: {from: 1, to: 256}}}`):                                 "the length 256 does not fit into u8, where the part that grows is as long as it may be",
		send(`{length: u8, add: -2, of: a}`):                                                 "the length -1 is under 0",
		send(`{repeat: 2, add: 1, of: a}`):                                                   "are about a length",
		send(`{length: hex, itself: true, of: a}`):                                           "a hexadecimal length does not count itself",
		send(`{grown: true}`):                                                                "{grown: true} stands in expect",
		expect(`{grown: true}`):                                                              "give send such a part",
		expect(`{grow: {}}`):                                                                 "what grows is a part of send",
		expect(`{grown: false}`):                                                             "leave it out else",
		"exchanges: [{send: {grow: {}}}]":                                                    "a message that grows wants expect",
		"exchanges: [{send: {grow: {}}, expect: {lines: 1, same: true}}]":                    "a message that grows wants expect, without same",
		"setup: [{send: {grow: {}}, expect: a}]\n" + expect("a"):                             "the part that grows is of an exchange",
		expect(`{reply: 22}`):                                                                `"22" is no code of a reply`,
		expect(`{reply: [220, 2y0]}`):                                                        `"2y0" is no code of a reply`,
		expect(`{unordered: [a, b, c, d, e, f, g, h, i]}`):                                   "8 at most",
		expect(`{unordered: [a, {unordered: [b, c]}]}`):                                      "unordered cannot stand in unordered",
		expect(`{either: [a, [b, {unordered: [b, c]}]]}`):                                    "unordered cannot stand in either",
		expect(`{either: [` + strings.Repeat("a, ", 33) + `]}`):                              "either has 33 answers: 32 at most",
		expect(`{unordered: [a, {frame: http1}]}`):                                           "what is learned of an answer cannot stand in unordered",
		expect(`{either: [a, {pattern: 'b?'}]}`):                                             "at least one byte",
		expect(`{either: []}`):                                                               "a list of one or more",
		expect(`{until: []}`):                                                                "a list of one or more",
		expect(`{until: [a, ""]}`):                                                           "until wants the bytes",
		expect(`{pattern: 'a', of: b}`):                                                      "of says what the content of a frame must be that is http1 or chunked",
		expect(`{frame: http1, of: {lines: 1}, same: true}`):                                 "leave same out",
		expect(`{frame: http1, of: {frame: chunked}}`):                                       "cannot stand in a frame",
		expect(`{frame: http1, of: {grown: true}}`):                                          "give send such a part",
		expect(`{either: [b, {frame: http1, of: [c, {grown: true}]}]}`):                      "give send such a part",
		expect("a, refused: b"):                                                              "refused wants the first bytes",
		"exchanges: [{send: {grow: {}}, expect: a, refused: {pattern: 'b*'}}]":               "refused wants the first bytes",
		"exchanges: [{send: {grow: {}}, expect: a, refused: \"{{conn}}\"}]":                  "without names",
		"values: 1\n" + expect("a"):                                                          "values should be a mapping",
		"values: {conn: 1}\n" + expect("a"):                                                  `"conn" is no name for a value`,
		"values: {a b: 1}\n" + expect("a"):                                                   `"a b" is no name for a value`,
		"values: {t: 1}\nsetup: [{send: a, capture: {name: t, pattern: x}}]\n" + expect("a"): `"t" is no name for a value`,
		expect(`{same: true}`):                                                               "in 0 ways",
		expect(`{until: a, lines: 2, same: true}`):                                           "in 2 ways",
		expect(`{frame: {length: decimal}}`):                                                 "a length of digits wants then",
		expect(`{frame: {length: u8, then: "{{conn}}"}}`):                                    "without a name",
		"capture: {name: a, pattern: b}\n" + expect("a"):                                     "the file has none",
		"exchanges: [{send: \"{{t}}\", before: [{send: a}]}, {before: [{send: a, capture: {name: t, pattern: x}}], send: b}]": `the exchange "exchange 1" uses {{t}}, which is captured in no answer before it`,
		"setup: [{send: \"{{t}}\", capture: {name: t, pattern: x}}]\n" + expect("a"):                                          "the set-up uses {{t}}",
		"setup: [{send: a, capture: {name: conn, pattern: x}}]\n" + expect("a"):                                               `"conn" is no name`,
		"setup: [{send: a, capture: {name: 1a, pattern: x}}]\n" + expect("a"):                                                 `"1a" is no name`,
		"setup: [{send: a, capture: {name: a, pattern: 'x*'}}]\n" + expect("a"):                                               "matches nothing at all",
		"setup: [{send: a, capture: {name: a, pattern: '('}}]\n" + expect("a"):                                                "no regular expression",
		"setup: [{send: a, capture: {name: a}}]\n" + expect("a"):                                                              "capture wants name and pattern",
		"leave: {send: a, capture: {name: a, pattern: x}}\n" + expect("a"):                                                    "leave has no key",
	} {
		_, err := exchange.Parse("f", []byte("protocol: x\n"+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{ // the end of the stream ends these
		"exchanges: [{send: a, closes: true, expect: {pattern: 'a+'}}]", "farewell: {pattern: 'a+'}\n" + expect("a"), "leave: {send: a, expect: {pattern: 'a+'}}\n" + expect("a"),
	} {
		if _, err := exchange.Parse("f", []byte("protocol: x\n"+text+"\n")); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestWarnings holds what is pointed at.
func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		"exchanges: [{send: \"a {{con}}\\n\"}]":                                                              "f:2:20: {{con}} is no name that this file knows, and stands for itself: did you mean conn? (write {escaped: '\\x7b{con}}'} where the braces are meant)",
		"exchanges: [{send: \"a {{ conn }}\\n\"}]":                                                           "f:2:20: {{ conn }} stands for itself: a name stands between its braces without spaces, as {{conn}}",
		"exchanges: [{send: \"a {{ con }}\\n\"}]":                                                            "f:2:20: {{ con }} is no name that this file knows, and stands for itself: did you mean conn?",
		"exchanges: [{send: {escaped: 'a {{name}}'}}]":                                                       "{{name}} is no name that this file knows, and stands for itself: it may have conn",
		"exchanges: [{send: {escaped: '\\x7b{name}}'}}]":                                                     "",
		"exchanges: [{send: a, expect: \"{{conn} } {{}} {{a\"}]":                                             "",
		"exchanges: [{send: a, expect: {pattern: '{{con}} [0-9]+\\n'}}]":                                     "{{con}} is no name",
		"exchanges: [{send: 'a\\r\\n'}]":                                                                     `f:2:20: \r is sent as it is written here`,
		"exchanges: [{send: \"x\\ty\", expect: a\\x00}]":                                                     `\x00 is sent as it is written here`,
		"exchanges: [{send: 'C:\\dir'}]":                                                                     "",
		"exchanges: [{name: a, send: SET one}, {name: b, send: SET two}]":                                    `"a" and "b" say SET without {{conn}}`,
		"exchanges: [{name: a, send: \"SET {{conn}} one\"}, {name: b, send: SET x}]":                         "",
		"setup: [{send: \"use {{conn}}\"}]\nexchanges: [{name: a, send: put one}, {name: b, send: put two}]": "",
		"exchanges: [{name: a, send: reset one}, {name: b, send: offset two}]":                               "",
	} {
		f, err := exchange.Parse("f", []byte("protocol: x\n"+text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var all []string
		for _, w := range f.Warnings {
			all = append(all, w.Error())
		}
		if (want == "") != (len(all) == 0) || !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%s: %q, want %q", text, all, want)
		}
	}
	many, err := exchange.Parse("f", []byte("protocol: x\nexchanges:\n"+strings.Repeat("  - {send: 'a\\n'}\n", 100)))
	if err != nil || len(many.Warnings) != 20 {
		t.Errorf("%d warnings, %v", len(many.Warnings), err)
	}
	for _, name := range exchange.Presets() {
		text, _ := exchange.Preset(name)
		if f, err := exchange.Parse(name, text); err != nil || len(f.Warnings) > 0 {
			t.Errorf("%v, %v", err, f.Warnings)
		}
	}
}

// TestSame holds that a part which must be the same is learned, beside one that may vary, and HTTP's chunks by their content.
func TestSame(t *testing.T) {
	for name, c := range map[string]struct {
		expect       string
		heard        []string
		right, wrong []string
	}{
		"a class":                  {`{pattern: '[0-9]{3} .*\r\n', same: true}`, []string{"200 ok\r\n", "200 ok\r\n"}, []string{"200 ok\r\n"}, []string{"500 no\r\n", "200 no\r\n"}},
		"a class with a counter":   {`{pattern: '[0-9]{3} .*\r\n', same: true}`, []string{"200 job 1.\r\n", "200 job 22.\r\n"}, []string{"200 job 3.\r\n"}, []string{"500 job 1.\r\n"}},
		"without it":               {`{pattern: '[0-9]{3} .*\r\n'}`, []string{"200 ok\r\n", "200 ok\r\n"}, []string{"500 no\r\n"}, []string{"no\r\n"}},
		"one of two parts":         {`[{until: ";", same: true}, {lines: 1}]`, []string{"a;1\n", "a;x\n"}, []string{"a;yz\n"}, []string{"b;1\n"}},
		"the other of two parts":   {`[{pattern: '[a-z]*;?'}, {lines: 1, same: true}]`, []string{"a;1\n", "bc;1\n"}, []string{"1\n", "x1\n"}, []string{"a;2\n"}},
		"chunks":                   {`[{lines: 1}, {frame: chunked}]`, []string{"x\n2\r\nab\r\n0\r\n\r\n", "y\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"}, []string{"z\n2;a\r\nab\r\n0\r\n\r\n"}, []string{"z\n2\r\nac\r\n0\r\n\r\n", "z\n1\r\na\r\n0\r\n\r\n"}},
		"chunks with a date":       {`{frame: chunked}`, []string{"16\r\n2026-11-25T06:53:25Z.\n\r\n0\r\n\r\n", "1\r\n2\r\n15\r\n026-11-25T06:53:26Z.\n\r\n0\r\n\r\n"}, []string{"2\r\n20\r\n14\r\n27-11-25T06:53:25Z.\n\r\n0\r\n\r\n"}, []string{"1\r\n.\r\n0\r\n\r\n"}},
		"a head, and what it says": {`{frame: http1}`, []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"}, []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"}, []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nac"}},
		"no chunks":                {`{frame: http1}`, []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}, []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"}, []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"}},
	} {
		l := exchange.NewLearner(parsed(t, "exchanges: [{send: a, expect: "+c.expect+"}]"))
		for _, answer := range c.heard {
			l.Heard(exchange.Place{Kind: exchange.Asked}, exchange.Names{"conn": conn}, []byte(answer))
		}
		s := learnt(t, l).Plain("").Bind(conn)
		if !s.Pattern(0).Matches(s.Answer()) {
			t.Errorf("%s: its own example %q is wrong", name, s.Answer())
		}
		for _, answer := range append(slices.Clone(c.right), c.heard...) {
			if !s.Pattern(0).Matches([]byte(answer)) {
				t.Errorf("%s: %q is wrong for %s", name, answer, s.Pattern(0).Words())
			}
		}
		for _, answer := range c.wrong {
			if s.Pattern(0).Matches([]byte(answer)) {
				t.Errorf("%s: %q is right for %s", name, answer, s.Pattern(0).Words())
			}
		}
	}
	l := exchange.NewLearner(parsed(t, "exchanges: [{send: a, expect: {frame: chunked}}]"))
	for _, answer := range []string{"1\r\na\r\n0\r\n\r\n", "1\r\n;\r\n0\r\n\r\n"} {
		l.Heard(exchange.Place{Kind: exchange.Asked}, exchange.Names{"conn": conn}, []byte(answer))
	}
	if _, err := l.Dialect(""); err == nil {
		t.Error("a content that differs is stable")
	}
}
