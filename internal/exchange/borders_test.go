package exchange_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/exchange/observed"
	"github.com/streamspec/streamspec/suite/dialect"
)

// sent is what the first exchange of a file sends, whose send is written so.
func sent(send string) (string, error) {
	f, err := exchange.Parse("f", []byte("protocol: x\nexchanges:\n  - send: "+send+"\n"))
	if err != nil {
		return "", err
	}
	return string(f.Messages[0].Send.Bytes("c000000000")), nil
}

// TestValues holds the ways of writing bytes, at the borders of each.
func TestValues(t *testing.T) {
	of := func(n int) string { return fmt.Sprintf("{repeat: %d, of: a}", n) }
	a := func(n int) string { return strings.Repeat("a", n) }
	list := func(n int, entry string) string { return "[" + strings.Repeat(entry+", ", n-1) + entry + "]" }
	for _, c := range []struct{ send, want, err string }{
		{"{hex: '00 ff 7F'}", "\x00\xff\x7f", ""}, {"{hex: '0'}", "", "no hexadecimal"}, {"{hex: 'a9'}", "\xa9", ""}, {"{hex: '9a'}", "\x9a", ""}, {"{hex: '0g'}", "", "no hexadecimal"}, {"{hex: ':0'}", "", "no hexadecimal"},
		{`{escaped: '\x00\xff\x7F'}`, "\x00\xff\x7f", ""}, {`{escaped: '\xf'}`, "", "two hexadecimal digits"}, {`{escaped: '\x'}`, "", "two hexadecimal digits"}, {`{escaped: 'a\x41b'}`, "aAb", ""}, {`{escaped: '\xg0'}`, "", `not "g0"`}, {`{escaped: '\x0g'}`, "", `not "0g"`},
		{`{escaped: 'a\'}`, "", `ends in a \`}, {`{escaped: '\\\"'}`, `\"`, ""}, {`{escaped: '\x0'}`, "", "two hexadecimal digits"}, {`{escaped: '\0x'}`, "\x00x", ""},
		{`"\x7fa"`, "\x7fa", ""}, {`"\x80"`, "", "characters of two bytes"}, {`"\xfF"`, "", "characters of two bytes"}, {`"\\x80"`, `\x80`, ""}, {`"a\\\x80"`, "", "characters of two bytes"}, {`"\"\x90"`, "", "characters of two bytes"}, {`"\u0080"`, "\u0080", ""}, {`'\x80'`, `\x80`, ""},
		{"{crlf: \"a\\nb\\r\\n\"}", "a\r\nb\r\n", ""}, {"{crlf: \"\\r\\r\\n\"}", "\r\r\n", ""},
		{"'a{{conn}}b'", "ac000000000b", ""}, {"'{{conn}}{{conn}}'", "c000000000c000000000", ""}, {"'{{conn}'", "{{conn}", ""}, {"{base64: YQ==}", "a", ""},
		{"{length: u8, of: " + of(255) + "}", "\xff" + a(255), ""}, {"{length: u8, of: " + of(256) + "}", "", "256 does not fit into u8"},
		{"{length: u8, itself: true, of: " + of(254) + "}", "\xff" + a(254), ""}, {"{length: u8, itself: true, of: " + of(255) + "}", "", "256 does not fit into u8"},
		{"{length: u16, of: " + of(65535) + "}", "\xff\xff" + a(65535), ""}, {"{length: u16, of: " + of(65536) + "}", "", "65536 does not fit into u16"}, {"{length: u16le, of: " + of(258) + "}", "\x02\x01" + a(258), ""},
		{"{length: u24, of: " + of(258) + "}", "\x00\x01\x02" + a(258), ""}, {"{length: u32, of: " + of(258) + "}", "\x00\x00\x01\x02" + a(258), ""}, {"{length: u32le, of: " + of(258) + "}", "\x02\x01\x00\x00" + a(258), ""},
		{"{length: u64, of: abc}", "\x00\x00\x00\x00\x00\x00\x00\x03abc", ""}, {"{length: u64le, itself: true, of: abc}", "\x0b\x00\x00\x00\x00\x00\x00\x00abc", ""},
		{"{length: varint, of: " + of(127) + "}", "\x7f" + a(127), ""}, {"{length: varint, of: " + of(128) + "}", "\x80\x01" + a(128), ""}, {"{length: varint, of: " + of(16384) + "}", "\x80\x80\x01" + a(16384), ""},
		{"{length: varint, itself: true, of: a}", "", "does not count itself"}, {"{length: decimal, itself: true, of: a}", "", "does not count itself"}, {"{length: decimal, of: " + of(10) + "}", "10" + a(10), ""},
		{"{length: u8, then: '{{conn}}', of: '{{conn}}'}", "\x0ac000000000c000000000", ""},
		{"{repeat: 3, of: 'x{{conn}}'}", strings.Repeat("xc000000000", 3), ""}, {"{repeat: 0, of: a}", "", "from 1 to"}, {"{repeat: 1, of: a}", "a", ""},
		{"{repeat: 4194304, of: a}", a(4 << 20), ""}, {"{repeat: 4194305, of: a}", "", "from 1 to 4194304"}, {"{repeat: 2097153, of: ab}", "", "4194306 bytes: 4194304 at most"},
		{"[{repeat: 4194304, of: a}, b]", "", "4194305 bytes"}, {"{repeat: 4194304, of: ''}", "", "wants send"},
		{"{repeat: 100000, of: '{{conn}}'}", strings.Repeat("c000000000", 100_000), ""}, {"{repeat: 100001, of: '{{conn}}'}", "", "100000 times at most"}, {"{repeat: 4194304, of: '{{conn}}'}", "", "41943040 bytes"}, {"{repeat: 50001, of: 'a{{conn}}'}", "", "50000 times at most"},
		{"{of: a}", "", "either length or repeat"}, {"{length: u8, repeat: 2, of: a}", "", "either length or repeat"}, {"{length: u8}", "", "wants of"}, {"{hex: 00, length: u8}", "", "two ways, hex and length"}, {"{length: u8, hex: 00}", "", "two ways"}, {"{}", "", "empty mapping"}, {"[]", "", "empty list"},
		{list(32, "a")[:0] + "12", "12", ""}, {"1.50", "1.50", ""}, {"true", "", "should be a text"},
	} {
		got, err := sent(c.send)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%.60s: %.40q, %v; want %.40q, %q", c.send, got, err, c.want, c.err)
		}
	}
}

// TestLimitsOfFiles holds the borders of what a file may say besides.
func TestLimitsOfFiles(t *testing.T) {
	const head = "protocol: x\nexchanges: [{send: a}]\n"
	nested := func(n int) string {
		return "protocol: x\nexchanges:\n  - send: " + strings.Repeat("[", n) + "a" + strings.Repeat("]", n) + "\n"
	}
	expects := func(e string) string { return "protocol: x\nexchanges:\n  - {send: a, expect: " + e + "}\n" }
	for _, c := range []struct{ text, err string }{
		{head + "limits: {clients: 1}\n", ""}, {head + "limits: {clients: 1000000}\n", ""}, {head + "limits: {clients: 1000001}\n", "from 1 to 1000000"}, {head + "limits: {clients: -1}\n", "from 1 to 1000000"}, {head + "limits: {clients: 99999999999999999999}\n", "clients is"}, {head + "limits: {clients: 18446744073709551615}\n", "from 1 to 1000000"}, {head + "limits: {clients: many}\n", "clients is \"many\", and should be a whole number"}, {head + "limits: {clients: 1.5}\n", "clients is 1.5, and should be a whole number"}, {head + "limits: {clients: .inf}\n", "clients is .inf, and should be a whole number"}, {head + "limits: {clients: 99999999999999999999999}\n", "clients is \"99999999999999999999999\", and should be a whole number"},
		{head + "limits: {idle: 1ns}\n", ""}, {head + "limits: {idle: 1h}\n", ""}, {head + "limits: {idle: 1h1ns}\n", "should be a time"}, {head + "limits: {idle: 0s}\n", "should be a time"}, {head + "limits: {idle: -1s}\n", "should be a time"},
		{nested(31), ""}, {nested(32), ""}, {nested(33), "more than 32 things"},
		{strings.Repeat("#", exchange.MostFile-len(head)-1) + "\n" + head, ""}, {strings.Repeat("#", exchange.MostFile-len(head)) + "\n" + head, "1048577 bytes: 1048576 at most"},
		{expects("{lines: 1000}"), ""}, {expects("{lines: 1001}"), "from 1 to 1000"}, {expects("{lines: 0}"), "from 1 to 1000"},
		{expects("{frame: {length: u8, skip: 1024, add: -1024}}"), ""}, {expects("{frame: {length: u8, skip: 1025}}"), "from 0 to 1024"}, {expects("{frame: {length: u8, add: 1025}}"), "from -1024 to 1024"}, {expects("{frame: {length: varint}}"), ""}, {expects("{frame: {length: varint, itself: true}}"), "a length in varint does not count itself"}, {expects("{frame: {length: hex}}"), "a length of digits wants then"}, {expects("{frame: chunks}"), "chunked"},
		{expects("{until: ''}"), "until wants the bytes"}, {expects("{until: '{{conn}}'}"), "until wants the bytes"}, {expects("whatever"), ""}, {expects("''"), "expect is empty"}, {expects("[]"), "empty list"},
		{head + "masks: [{name: a}]\n", "a mask wants pattern"}, {head + "unasked: {pattern: 'a*'}\n", "at least one byte"}, {head + "unasked: {}\n", "unasked wants pattern"}, {head + "leave: {expect: a}\n", "leave wants send"}, {head + "setup: [{send: ''}]\n", "setup wants send"},
		{"protocol: ' '\nexchanges: [{send: a}]\n", "protocol is empty"}, {head + "grating: a\n", "did you mean greeting?"}, {head + strings.Repeat("z", 40) + ": a\n", strings.Repeat("z", 40) + `": it may have`}, {head + strings.Repeat("z", 41) + ": a\n", strings.Repeat("z", 40) + `…": it may have`},
	} {
		_, err := exchange.Parse("f", []byte(c.text))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%.90q: %v, want %q", c.text, err, c.err)
		}
	}
	if f, err := exchange.Parse("f", []byte("protocol: x\nexchanges:\n"+strings.Repeat("  - send: a\n", 40))); err != nil || len(f.Messages) != 40 {
		t.Errorf("40 exchanges, each on its line: %v", err)
	}
	for n, want := range map[int]bool{33: false, 34: true} {
		var text strings.Builder
		for i := range n {
			text.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		_, err := exchange.Parse("f", []byte(text.String()))
		if err == nil || strings.Contains(err.Error(), "stand in one another") != want {
			t.Errorf("%d in one another, by spaces: %v", n, err)
		}
	}
	f, err := exchange.Parse("f", []byte(head+"limits: {clients: 7, idle: 1m}\n"))
	if err != nil || f.Limits != (dialect.Limits{Clients: 7, Idle: time.Minute}) || f.Greets || f.Leave != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestReadFile holds how much of a file is read.
func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := exchange.ReadFile(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "the exchange file cannot be read: ") {
		t.Error(err)
	}
	if _, err := exchange.ReadFile(dir); err == nil || !strings.HasPrefix(err.Error(), "the exchange file cannot be read: ") {
		t.Errorf("a folder: %v", err)
	}
	for n, want := range map[int]int{0: 0, exchange.MostFile: exchange.MostFile, exchange.MostFile + 9: exchange.MostFile + 1} {
		name := filepath.Join(dir, fmt.Sprint(n))
		if err := os.WriteFile(name, make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := exchange.ReadFile(name); err != nil || len(text) != want {
			t.Errorf("of %d bytes %d are read, %v", n, len(text), err)
		}
	}
}

// TestExpected holds what a file says of an answer, where it ends, and what is literal.
func TestExpected(t *testing.T) {
	for _, c := range []struct {
		expect       string
		right, wrong []string
		literal      bool
	}{
		{"ab", []string{"ab"}, []string{"a", "abc", ""}, true},
		{"[a, {hex: 62}]", []string{"ab"}, []string{"a"}, true},
		{"{lines: 2}", []string{"a\nb\n", "\n\n"}, []string{"a\n", "a\nb\nc\n"}, false},
		{"{lines: 1}", []string{"a\n"}, []string{"a", "a\nb\n"}, false},
		{"{frame: {length: u8}}", []string{"\x01a"}, []string{"\x01", "\x01ab"}, false},
		{"{frame: {length: u16le, skip: 1}}", []string{"x\x01\x00a"}, []string{"x\x00\x01a"}, false},
		{"{frame: {length: u8, add: 2}}", []string{"\x01abc"}, []string{"\x01a"}, false},
		{"{frame: {length: u8, itself: true, add: 1}}", []string{"\x01a", "\x00"}, []string{"\x01", "\x02a"}, false},
		{"[{pattern: '{{conn}}'}, {until: ';'}]", []string{"c000000000;"}, []string{"c000000001;"}, false},
		{"[{pattern: 'a|b'}, c]", []string{"ac", "bc"}, []string{"a", "c"}, false},
	} {
		f, err := exchange.Parse("f", []byte("protocol: x\nexchanges:\n  - {send: a, expect: "+c.expect+"}\n"))
		if err != nil {
			t.Error(err)
			continue
		}
		e := f.Messages[0].Expect
		for _, s := range c.right {
			if !e.For("c000000000").Matches([]byte(s)) {
				t.Errorf("%s: %q is wrong", c.expect, s)
			}
		}
		for _, s := range c.wrong {
			if e.For("c000000000").Matches([]byte(s)) {
				t.Errorf("%s: %q is right", c.expect, s)
			}
		}
		if _, literal := e.Literal(); literal != c.literal {
			t.Errorf("%s is literal: %t", c.expect, literal)
		}
	}
	if _, literal := exchange.Expect(nil).Literal(); literal {
		t.Error("whatever a server says is literal")
	}
}

// TestNewMessage holds the names of exchanges that were typed, and what they send.
func TestNewMessage(t *testing.T) {
	for typed, want := range map[string]string{
		`ping`: "ping", ` a\r\n`: "a", `\xff`: "?", strings.Repeat("é", 40): strings.Repeat("é", 40), strings.Repeat("é", 41): strings.Repeat("é", 40) + "…",
	} {
		m, err := exchange.NewMessage(typed, "\n")
		if err != nil || m.Name != want || !strings.HasSuffix(string(m.Send.Bytes("")), "\n") {
			t.Errorf("%s: %q sends %q, %v", typed, m.Name, m.Send.Bytes(""), err)
		}
	}
	if _, err := exchange.NewMessage(`\q`, ""); err == nil {
		t.Error(`\q is taken`)
	}
}

// TestLearnBorders holds what is taken for an id or a counter, at the lengths from which on it is.
func TestLearnBorders(t *testing.T) {
	pair := func(a, b string) []observed.Sample { return heard(a, b) }
	x := func(n int, c string) string { return strings.Repeat(c, n) }
	for _, c := range []struct {
		name    string
		samples []observed.Sample
		like    string // "" where it is not stable
	}{
		{"four bytes with a digit", pair("<ab1c>", "<ab2c>"), "<‹id›>"}, {"three bytes with a digit", pair("<a1c>", "<a2c>"), ""},
		{"sixteen letters", pair("<"+x(16, "a")+">", "<"+x(16, "b")+">"), "<‹id›>"}, {"fifteen letters", pair("<"+x(15, "a")+">", "<"+x(15, "b")+">"), ""}, {"seven letters", pair("<"+x(7, "a")+">", "<"+x(7, "b")+">"), ""}, {"eight letters", pair("<"+x(8, "a")+">", "<"+x(8, "b")+">"), ""},
		{"an id of a thousand", pair("<"+x(1000, "a")+">", "<"+x(1000, "b")+">"), "<‹id›>"}, {"a longer id", pair("<"+x(1001, "a")+">", "<"+x(1001, "b")+">"), ""},
		{"ids of two lengths", pair("<1234567a>", "<1234567ab>"), "<‹id›>"}, {"shorter ids of two lengths", pair("<123456a>", "<1234567ab>"), ""}, {"ids of two lengths at the end", pair("<1234567a", "<1234567ab"), ""},
		{"counters of two lengths at the end", pair("<9", "<10"), ""}, {"a number, and a word of its length", pair("<1234>", "<123a>"), "<‹id›>"}, {"a number, and a word of three", pair("<123>", "<12a>"), ""},
		{"a word, and a date of its length", pair("<abcdefgh12345678wxyz>", "<2026-11-25T06:53:25Z>"), ""}, {"a date, and a word of its length", pair("<2026-11-25T06:53:25Z>", "<abcdefgh12345678wxyz>"), ""},
		{"base64 of eight", pair("<+bcdefg/>", "<a+b+c+d+>"), "<‹id›>"}, {"base64 of seven", pair("<+bcdef/>", "<a+b+c+d>"), ""},
		{"base64 at both ends", pair("+bcdefg/", "/+cdefgh"), "‹id›"}, {"two of base64", pair("+bcdefg/ +bcdefg/", "/+cdefgh /+cdefgh"), "‹id› ‹id›"}, {"base64 of other lengths", pair("<+bcdefg/>", "<a+b+c+d+e>"), ""},
		{"base64 that begins alike", pair("<abc+efgh>", "<abcd+f+h>"), "<‹id›>"}, {"base64 of a thousand", pair("<+"+x(999, "a")+">", "<"+x(500, "a+")+">"), "<‹id›>"}, {"longer base64", pair("<+"+x(1000, "a")+">", "<"+x(500, "a+")+"a>"), ""},
		{"base64 behind another's name", []observed.Sample{{Conn: "cab0000000", Answer: []byte("cab0000000 +bcdefg/")}, {Conn: "cab0000001", Answer: []byte("cab0000000 a+b+c+d+")}}, ""},
		{"the connection's name in front", pair("CONN!", "CONN!"), "c000000000!"}, {"small letters to their last", pair("<az1z>", "<bz2z>"), "<‹id›>"}, {"capital letters to their last", pair("<AZ1Z>", "<BZ2Z>"), "<‹id›>"}, {"digits and letters at their ends", pair("<0a9A>", "<9z0Z>"), "<‹id›>"},
		{"two dates", heard("2026-11-25T06:53:25Z 2026-11-25T06:53:25Z."), "‹date› ‹date›."}, {"two dates behind what is not ASCII", heard("é 2026-11-25T06:53:25Z 2026-11-25T06:53:25Z."), "é ‹date› ‹date›."},
		{"base64 beside what differs", pair("<+bcdefg/> !", "<a+b+c+d+> ?"), ""},
	} {
		learned, err := observed.Learn(c.samples, nil)
		if err != nil {
			if c.like != "" {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		example, like := learned.For("c000000000")
		shown := string(example)
		if like != nil {
			shown = like.String()
		}
		if shown != c.like {
			t.Errorf("%s: it is %q, not %q", c.name, shown, c.like)
		}
	}
	if learned, err := observed.Learn(nil, nil); err != nil || !learned.Empty() {
		t.Errorf("of no answer %v is learned, %v", learned, err)
	}
}
