package match_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/match"
)

func text(s string) *match.Pattern { return match.Text([]byte(s)) }

func expr(t *testing.T, e string) *match.Pattern {
	t.Helper()
	p, err := match.Regexp(e, "pattern")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMachines holds what is right for each kind of part, how far another answer agrees, and that neither hangs on how the bytes come.
func TestMachines(t *testing.T) {
	decimal := match.Frame{Written: match.Decimal, Then: []byte(":"), Add: 1, Most: 1000}
	bulk := match.Frame{Skip: 1, Written: match.Decimal, Then: []byte("\r\n"), Add: 2, Most: 1000}
	http := func(content string) *match.Pattern { return match.Coded(match.HTTP1, text(content)) }
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	const plain = "HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\n"
	for name, c := range map[string]struct {
		p     *match.Pattern
		right []string
		wrong map[string]int // how many bytes agree
		short []string
	}{
		"one of two ends": {match.Until([]byte("\r\n.\r\n"), []byte("-ERR\r\n")), []string{"a\r\nb\r\n.\r\n", "-ERR\r\n", "\r\n\r\n.\r\n", "x-E-ERR\r\n", "\r\n-ERR\r\n"},
			map[string]int{"-ERR\r\n.": 6}, []string{"", "a\r\n.\r", "-ERR\r"}},
		"an end within another":   {match.Until([]byte("aab"), []byte("ab!")), []string{"aaab", "xaab", "ab!", "xxab!"}, map[string]int{"aab!": 3}, []string{"ab", "abb"}},
		"either":                  {match.Either(text("+OK\r\n"), match.Until([]byte("\n.\n"))), []string{"+OK\r\n", "x\n.\n", "+OK\r\n.\n"}, map[string]int{"x\n.\nb": 4}, []string{"+O", "x"}},
		"either, then":            {match.Join(match.Either(text("a"), text("ab")), text("bc")), []string{"abc", "abbc"}, map[string]int{"abbbc": 3, "c": 0}, []string{"ab"}},
		"any order":               {match.Unordered(text("A\n"), text("B\n"), expr(t, "C[0-9]\n")), []string{"A\nB\nC1\n", "C2\nB\nA\n", "B\nA\nC3\n"}, map[string]int{"A\nA\n": 2, "A\nB\nC1\nA": 7, "D": 0}, []string{"A\nB\n", ""}},
		"any order of beginnings": {match.Unordered(text("a"), text("ab")), []string{"aab", "aba"}, map[string]int{"aa!": 2, "abb": 2}, []string{"a", "ab"}},
		"any order, then":         {match.Join(text("<"), match.Unordered(text("a"), text("b")), text(">")), []string{"<ab>", "<ba>"}, map[string]int{"<a>": 2}, []string{"<ab"}},
		"varint":                  {match.Framed(match.Frame{Skip: 1, Written: match.Varint, Most: 1000}), []string{"0\x00", "0\x02ab", "0\x81\x01" + strings.Repeat("x", 129)}, map[string]int{"0\x01ab": 3, "0\xff\xff\xff\xff\xff\xff\xff\xff\x01": 9}, []string{"0", "0\x81", "0\x02a"}},
		"a netstring":             {match.Framed(decimal), []string{"5:hello,", "0:,", "010:0123456789,"}, map[string]int{":": 0, "5;": 1, "5:hello,x": 8, "a": 0, "1000:": 4, "9999999999999999999": 16}, []string{"5", "5:", "5:hello"}},
		"a bulk string":           {match.Framed(bulk), []string{"$5\r\nhello\r\n", "$0\r\n\r\n"}, map[string]int{"$-1\r\n": 1, "$5\n": 2}, []string{"$", "$5\r\nhello\r"}},
		"one chunk":               {match.Framed(match.Frame{Written: match.Hex, Then: []byte("\r\n"), Add: 2, Most: 1000}), []string{"A\r\n0123456789\r\n", "a\r\n0123456789\r\n"}, map[string]int{"g": 0}, []string{"10\r\n"}},
		"add":                     {match.Framed(match.Frame{Width: 1, Add: 2, Most: 9}), []string{"\x01abc"}, map[string]int{"\x01abcd": 4, "\x08": 0}, []string{"\x01ab"}},
		"little":                  {match.Framed(match.Frame{Width: 3, Little: true, Most: 1000}), []string{"\x02\x00\x00ab"}, map[string]int{"\x00\x00\x01": 2}, nil},
		"a reply": {match.Reply("220", "5xx"), []string{"220 hi\r\n", "220-a\r\n220 b\r\n", "220-a\r\n 221\r\n221 c\r\n22\r\n220x\r\n220-d\r\n220 e\r\n", "550 no\n", "220\r\n"},
			map[string]int{"221 x": 2, "420": 0, "220x": 3, "220 a\r\n2": 7, "22\n": 2}, []string{"220-a\r\n", "220", "220-a\r\n550 b\r\n"}},
		"chunks": {match.Coded(match.Chunked, text("hello")), []string{"5\r\nhello\r\n0\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "1;x=y\r\nh\r\n4\r\nello\r\n00\r\nTrailer: x\r\n\r\n"},
			map[string]int{"5\r\nhelxo\r\n": 6, "6\r\nhello!": 8, "5\r\nhello\r\n0\r\n\r\nx": 15, "4\r\nhell\r\n0\r\n\r\n": 13, "5\r\nhello!\r\n": 8, "x\r\n": 2}, []string{"5\r\nhello\r\n0\r\n"}},
		"an answer of HTTP in chunks":                 {http(head + "hello"), []string{head + "5\r\nhello\r\n0\r\n\r\n", head + "1\r\nh\r\n4\r\nello\r\n0\r\n\r\n"}, map[string]int{head + "5\r\nhellx": len(head) + 7, "HTTP/1.0": 7}, []string{head}},
		"an answer of HTTP with its length":           {http(plain + "hello"), []string{plain + "hello"}, map[string]int{plain + "hello!": len(plain) + 5, plain + "hallo": len(plain) + 1}, []string{plain + "hell"}},
		"an answer of HTTP without a body":            {http("HTTP/1.1 204 No\r\n\r\n"), []string{"HTTP/1.1 204 No\r\n\r\n"}, map[string]int{"HTTP/1.1 204 No\r\n\r\nx": 19}, nil},
		"an answer of HTTP with an empty body":        {http("HTTP/1.1 200 No\r\nContent-Length: 0\r\n\r\n"), []string{"HTTP/1.1 200 No\r\nContent-Length: 0\r\n\r\n"}, nil, nil},
		"an answer of HTTP up to the end":             {http("HTTP/1.0 200 No\r\n\r\nabc"), []string{"HTTP/1.0 200 No\r\n\r\nabc"}, map[string]int{"HTTP/1.0 200 No\r\n\r\nabd": 21}, []string{"HTTP/1.0 200 No\r\n\r\nab"}},
		"an answer of HTTP behind one of the interim": {http("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n"), []string{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n"}, nil, []string{"HTTP/1.1 100 Continue\r\n\r\n"}},
		"any chunks, twice":                           {match.Join(match.Coded(match.Chunked, nil), match.Coded(match.Chunked, nil)), []string{"1\r\na\r\n0\r\n\r\n0\r\n\r\n"}, nil, []string{"1\r\na\r\n0\r\n\r\n"}},
	} {
		hold := func(answer string, agreed int, whole bool) {
			for size := 1; size <= len(answer)+1; size++ {
				s, took := c.p.Start(), 0
				for rest := []byte(answer); len(rest) > 0; {
					n := min(size, len(rest))
					k := s.Take(rest[:n])
					if took += k; k < n {
						break
					}
					rest = rest[n:]
				}
				if took != agreed || whole != (took == len(answer) && s.Complete()) {
					t.Errorf("%s: %q, %d bytes at a time: %d agree, whole %t; want %d, %t", name, answer, size, took, s.Complete(), agreed, whole)
					return
				}
			}
		}
		for _, a := range c.right {
			hold(a, len(a), true)
		}
		for _, a := range c.short {
			hold(a, len(a), false)
		}
		for a, n := range c.wrong {
			hold(a, n, false)
		}
	}
}

// TestContent holds what coded bytes hold, and how many they are.
func TestContent(t *testing.T) {
	for _, c := range []struct {
		coding  match.Coding
		said    string
		content string
		n       int
		ok      bool
	}{
		{match.Chunked, "1\r\na\r\n2\r\nbc\r\n0\r\n\r\nrest", "abc", 18, true}, {match.Chunked, "1\r\na\r\n", "a", 6, false}, {match.Chunked, "z\r\n", "", 3, false},
		{match.HTTP1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 40, true},
		{match.HTTP1, "HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nabc", 22, true},
		{match.HTTP1, "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nabc", "", 39, false},
	} {
		content, n, ok := c.coding.Content([]byte(c.said))
		if n != c.n || ok != c.ok || ok && string(content) != c.content {
			t.Errorf("%q: %q of %d bytes, %t", c.said, content, n, ok)
		}
	}
}

// TestWords holds how patterns are told.
func TestWords(t *testing.T) {
	date, err := match.Regexp("[0-9]+", "date")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p    *match.Pattern
		want string
	}{
		{match.Join(), "nothing"},
		{match.Join(text("a\x00\xff"), expr(t, `[0-9]+\r\n`), date), `"a\x00\xff", then the pattern [0-9]+\r\n, then ‹date›`},
		{match.Join(match.Until([]byte(" 376 "), []byte(" 422 ")), match.Until([]byte("\r\n"))), `anything up to " 376 " or " 422 ", then anything up to "\r\n"`},
		{match.Either(text("a"), text("b")), `either "a", or "b"`}, {match.Unordered(text("a"), text("b")), `in any order "a", and "b"`},
		{match.Framed(match.Frame{Width: 2}), "a frame behind its length of 16 bits"}, {match.Framed(match.Frame{Written: match.Hex}), "a frame behind its length in hexadecimal"},
		{match.Reply("2xx", "500"), "a reply 2xx or 500, of one line or several"}, {match.Coded(match.HTTP1, text("a")), `an HTTP/1.1 answer with the content "a"`},
		{match.Join(slices.Repeat([]*match.Pattern{match.Reply("200")}, 1000)...), "1000 times a reply 200, of one line or several"},
		{match.Join(date, date, match.Reply("200"), match.Reply("200"), date), "2 times ‹date›, then 2 times a reply 200, of one line or several, then ‹date›"},
	} {
		if got := c.p.Words(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
