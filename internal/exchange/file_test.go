package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/exchange"
)

const whole = `protocol: Something
about: All that a file can say.
greeting: {lines: 1}
setup:
  - send: "HELO {{conn}}\r\n"
    expect: {pattern: '250 .*\r\n'}
pipelines: true
exchanges:
  - name: text
    send: "ping {{conn}}\r\n"
    expect: "pong {{conn}}\r\n"
  - send: {hex: "00 ff"}
  - name: many ways
    before:
      - send: before
    send:
      - {base64: AAE=}
      - {escaped: 'a\r\n\t\0\\\x80{{conn}}'}
      - {crlf: "a\nb\n"}
      - {length: u16, of: abc}
      - {length: u32le, itself: true, of: {repeat: 3, of: x}}
      - {length: varint, of: {repeat: 200, of: y}}
      - {length: decimal, then: ":", of: "n\u00e9t"}
      - 'c'
    expect: [{hex: 4f4b}, {frame: {skip: 1, length: u16, itself: true}}, {until: "\r\n"}, {pattern: '{{conn}}[0-9]+;'}]
  - name: last
    send: bye
    closes: true
leave:
  send: QUIT
farewell: "421 too slow\r\n"
unasked: {pattern: '\* [a-z]+\r\n'}
masks:
  - {name: id, pattern: 'id=[0-9a-f]+'}
limits: {clients: 20, idle: 30s, polite: true}
`

func TestParse(t *testing.T) {
	f, err := exchange.Parse("whole.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	const conn = "c123456789"
	if f.Protocol != "Something" || !f.Greets || !f.Pipelines || len(f.Messages) != 4 || len(f.Masks) != 1 || f.Unasked == nil || !f.Unasked.Matches([]byte("* a\r\n* b\r\n")) || f.Limits.Clients != 20 || f.Limits.Idle.Seconds() != 30 || !f.Limits.Polite {
		t.Errorf("it was read as %+v", f)
	}
	for i, want := range []struct {
		name, send              string
		pipelines, once, closes bool
	}{
		{"text", "ping c123456789\r\n", true, false, false},
		{"exchange 2", "\x00\xff", true, false, false},
		{"many ways", "\x00\x01" + "a\r\n\t\x00\\\x80c123456789" + "a\r\nb\r\n" + "\x00\x03abc" + "\x07\x00\x00\x00xxx" + "\xc8\x01" + strings.Repeat("y", 200) + "4:n\u00e9t" + "c", false, false, false},
		{"last", "bye", false, true, true},
	} {
		m := f.Messages[i]
		if got := string(m.Send.Bytes(conn)); m.Name != want.name || got != want.send || m.Pipelines != want.pipelines || m.Once != want.once || m.Closes != want.closes {
			t.Errorf("message %d is %q, sends %q, pipelines %t, once %t, closes %t; want %+v", i+1, m.Name, got, m.Pipelines, m.Once, m.Closes, want)
		}
		if m.Send.Len() != len(m.Send.Bytes(conn)) {
			t.Errorf("message %d has %d bytes, and says %d", i+1, len(m.Send.Bytes(conn)), m.Send.Len())
		}
	}
	for answer, right := range map[string]bool{
		"OK" + "x\x00\x05abc" + "until\r\n" + conn + "42;":         true,
		"OK" + "x\x00\x05abc" + "until\r\nc000000000" + "42;":      false,
		"OK" + "x\x00\x05abc" + "until\r\nmore\r\n" + conn + "42;": false,
		"OK" + "x\x00\x02" + "\r\n" + conn + "1;":                  true,
		"OK" + "x\x00\x01" + "\r\n" + conn + "1;":                  false,
	} {
		if got := f.Messages[2].Expect.For(conn).Matches([]byte(answer)); got != right {
			t.Errorf("%q is right: %t", answer, got)
		}
	}
}

// TestRefused holds what is said of files that cannot be meant, and where.
func TestRefused(t *testing.T) {
	const head = "protocol: x\nexchanges:\n  - send: a\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f: the file is empty: it wants a protocol and exchanges"},
		{"a comment alone", "# nothing\n", "f: the file is empty: it wants a protocol and exchanges"},
		{"binary", "protocol: \xff\xfe", "f:1:11: this is no YAML: byte 0xff is no UTF-8 (write binary as hex, base64 or escaped)"},
		{"no YAML", "protocol: [a\n", "f:1:11: this is no YAML: sequence end token ']' not found"},
		{"a text", "hello", `f:1:1: the file is a text, and should be keys with values: protocol, about, greeting, setup, exchanges, leave, farewell, unasked, masks, pipelines, limits, capture, values`},
		{"a list", "- a\n", `f:1:1: the file is a list, and should be keys with values: protocol, about, greeting, setup, exchanges, leave, farewell, unasked, masks, pipelines, limits, capture, values`},
		{"no exchanges", "protocol: x\n", "f:1:1: the file wants exchanges: a list of what is sent, and what must be answered"},
		{"no protocol", "exchanges:\n  - send: a\n", "f:1:1: the file wants protocol: the name of what the server speaks"},
		{"an unknown key", "protocol: x\nexchange:\n  - send: a\n", `f:2:1: the file has no key "exchange": did you mean exchanges?`},
		{"a key twice", "protocol: x\nprotocol: y\n", `f:2:1: this is no YAML: mapping key "protocol" already defined at [1:1]`},
		{"an unknown key of an exchange", "protocol: x\nexchanges:\n  - sent: a\n", `f:3:5: an exchange has no key "sent": did you mean send?`},
		{"no exchange", "protocol: x\nexchanges: []\n", "f:2:12: exchanges is a list, and should be a list of one or more"},
		{"nothing to send", "protocol: x\nexchanges:\n  - name: a\n", "f:3:5: an exchange wants send: the bytes of the request"},
		{"an empty send", "protocol: x\nexchanges:\n  - send: ''\n", "f:3:5: an exchange wants send: the bytes of the request"},
		{"an empty expect", "protocol: x\nexchanges:\n  - send: a\n    expect: ''\n", "f:4:13: expect is empty: a request without an answer can show nothing"},
		{"two of a name", "protocol: x\nexchanges:\n  - {name: n, send: a}\n  - {name: n, send: b}\n", `f:4:5: there are two exchanges of the name "n"`},
		{"hex", head + "    expect: {hex: 0g}\n", "f:4:19: this is no hexadecimal: 'g', its character 2, is no digit"},
		{"half a byte", head + "    expect: {hex: 0a1}\n", "f:4:19: this is no hexadecimal: a byte has two digits, and there are 3"},
		{"base64", head + "    expect: {base64: 'AA*='}\n", "f:4:22: this is no base64 (RFC 4648, section 4): '*', its character 3, is none of its characters"},
		{"too much behind base64", head + "    expect: {base64: 'AA==AA=='}\n", "f:4:22: this is no base64 (RFC 4648, section 4): it goes wrong at its character 5"},
		{"a part of base64", head + "    expect: {base64: 'AAA'}\n", "f:4:22: this is no base64 (RFC 4648, section 4): it ends in the middle of a group of four characters: fill it up with ="},
		{"an endless number", head + "    expect: {lines: 1000000000}\n", "f:4:21: lines is 1000000000, and should be from 1 to 1000"},
		{"an escape", head + `    expect: {escaped: '\q'}` + "\n", `f:4:23: \q is no escape: \r \n \t \0 \\ \" and \xHH are`},
		{"half an escape", head + `    expect: {escaped: '\x0'}` + "\n", `f:4:23: \x wants two hexadecimal digits`},
		{"an escape that is no byte", head + `    expect: "a\xff"` + "\n", `f:4:13: \x80 to \xff are characters of two bytes in YAML: for bytes write {escaped: '…'}, between single quotes`},
		{"a pattern", head + "    expect: {pattern: 'a('}\n", "f:4:23: the pattern is no regular expression: missing closing ): `a(`"},
		{"a pattern of nothing", head + `    expect: {pattern: '[^\x00-\xff]'}` + "\n", "f:4:23: the pattern matches no answer at all"},
		{"a pattern of everything", head + "    expect: {pattern: '(?s).*'}\n", "f:4:23: the pattern matches every answer: it can show nothing, and not say where an answer ends"},
		{"a mask of nothing", head + "masks:\n  - pattern: 'a*'\n", "f:5:14: the pattern matches nothing at all: a mask must take at least one byte"},
		{"two ways", head + "    expect: {hex: 00, base64: AA==}\n", "f:4:23: expect is written in two ways, hex and base64: give a list to put one behind the other"},
		{"two patterns", head + "    expect: {pattern: a, until: b}\n", "f:4:13: expect says in 2 ways what must come: give a list to put one behind the other"},
		{"a dropped line", "protocol: x\nexchanges:\n  - send:\n      crlf: |\n        GET / HTTP/1.1\n\n", "f:4:13: YAML drops the empty line at the end of a | block: write |+ to keep it, or end the block without one"},
		{"a length", head + "    expect: {length: u7, of: a}\n", `f:4:22: length is no "u7": did you mean u8?`},
		{"a length that does not fit", head + "    expect: {length: u8, of: {repeat: 256, of: a}}\n", "f:4:13: the length 256 does not fit into u8"},
		{"a separator without a length", head + "    expect: {repeat: 3, then: ':', of: a}\n", "f:4:13: then, itself and add are about a length: expect repeats bytes"},
		{"too much", head + "    expect: {repeat: 4000000, of: abcd}\n", "f:4:13: expect comes to 16000000 bytes: 4194304 at most"},
		{"a frame", head + "    expect: {frame: {skip: 1}}\n", "f:4:21: frame wants length: how the length is written, such as u16"},
		{"clients", head + "limits: {clients: 0}\n", "f:4:19: clients is 0, and should be from 1 to 1000000"},
		{"idle", head + "limits: {idle: soon}\n", `f:4:16: idle is "soon", and should be a time such as 30s or 500ms, an hour at most`},
		{"a boolean", head + "pipelines: maybe\n", "f:4:12: pipelines is a text, and should be true or false"},
		{"closing and pipelining", "protocol: x\nexchanges:\n  - {send: a, closes: true, pipelines: true}\n", "f:3:5: an exchange after which the server closes cannot pipeline"},
		{"an anchor", "protocol: &a x\nexchanges: *a\n", "f:1:11: protocol is an anchor or alias, which these files do not have, and should be a text (between double quotes where it is to have \\r\\n)"},
		{"two documents", head + "---\nprotocol: y\n", "f:5:1: a second document begins here: one file is one protocol"},
		{"depth", "protocol: " + strings.Repeat("[", 100_000), "f:1:43: more than 32 things stand in one another"},
		{"binary in front", "\xff: a", "f:1:1: this is no YAML: byte 0xff is no UTF-8 (write binary as hex, base64 or escaped)"},
		{"binary in the second line", "protocol: x\n\xff", "f:2:1: this is no YAML: byte 0xff is no UTF-8 (write binary as hex, base64 or escaped)"},
		{"a word that is near", "protocol: x\nexchanges:\n  - onxx: a\n", `f:3:5: an exchange has no key "onxx": did you mean once?`},
		{"a word that is not", "protocol: x\nexchanges:\n  - oxxx: a\n", `f:3:5: an exchange has no key "oxxx": it may have name, before, send, expect, refused, forgets, closes, pipelines, once`},
		{"depth by dashes", strings.Repeat("- ", 100_000), "f:1:65: more than 32 things stand in one another"},
		{"size", strings.Repeat("#", exchange.MostFile+1), "f: the file has 1048577 bytes: 1048576 at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := exchange.Parse("f", []byte(c.text))
			var bad *exchange.FileError
			if !errors.As(err, &bad) || err.Error() != c.want {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestPresets has every file that is built in read.
func TestPresets(t *testing.T) {
	if len(exchange.Presets()) == 0 {
		t.Fatal("there are no presets")
	}
	for _, name := range exchange.Presets() {
		text, ok := exchange.Preset(name)
		if !ok {
			t.Errorf("%s is not there", name)
		}
		f, err := exchange.Parse("preset:"+name, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if f.About == "" {
			t.Errorf("preset:%s says nothing about itself", name)
		}
	}
	if _, ok := exchange.Preset("../presets/redis"); ok {
		t.Error("a preset has a path")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("protocol: x\nexchanges:\n  - send: a\n    expect: {pattern: '[0-9]+'}\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := exchange.Parse("f", text)
		var bad *exchange.FileError
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("%v is no FileError", err)
		}
		if err == nil && (file.Protocol == "" || len(file.Messages) == 0) {
			t.Fatalf("%q was taken without a protocol, or a message", text)
		}
	})
}
