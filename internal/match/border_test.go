package match

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestJoinMerges holds that texts that meet become one part, and so does what is said unasked.
func TestJoinMerges(t *testing.T) {
	aside, err := Unasked("p;")
	if err != nil {
		t.Fatal(err)
	}
	number, err := Regexp("[0-9]+", "n")
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *Pattern { return Text([]byte(s)) }
	for name, c := range map[string]struct {
		joined *Pattern
		parts  int
	}{
		"nothing":             {Join(), 0},
		"empty texts":         {Join(text(""), text("")), 0},
		"two texts":           {Join(text("a"), text("b")), 1},
		"texts around one":    {Join(text("a"), number, text("b"), text("c")), 3},
		"numbers":             {Join(number, number), 2},
		"unasked, twice":      {Join(aside, aside), 1},
		"unasked, and text":   {Join(aside, text("a"), aside, aside), 3},
		"texts, then unasked": {Join(text("a"), text("b"), aside), 2},
		"joined before":       {Join(text("a"), Join(text("b"), number), aside, Join(aside, number)), 4},
	} {
		if got := len(c.joined.parts); got != c.parts {
			t.Errorf("%s: %d parts, not %d", name, got, c.parts)
		}
	}
	// The texts that were joined are not changed.
	a := Text([]byte("ab")[:1:2])
	if Join(a, text("x")); string(a.parts[0].text[:2]) != "ab" {
		t.Error("a text was written over")
	}
}

func TestVaries(t *testing.T) {
	number, err := Regexp("[0-9]+", "n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p    *Pattern
		want bool
	}{
		{&Pattern{}, false}, {Text(nil), false}, {Text([]byte("a")), false}, {number, true}, {Join(Text([]byte("a")), number), true},
		{Until([]byte("x")), true}, {Until(nil), false}, {Framed(Frame{Width: 1, Most: 9}), true},
	} {
		if got := c.p.Varies(); got != c.want {
			t.Errorf("%q varies: %t", c.p, got)
		}
	}
}

// TestBorders holds the bounds of an expression: of its text, of what it compiles to, and of how far it is looked at.
func TestBorders(t *testing.T) {
	const none = `[^\x00-\xff]`
	var every strings.Builder // any number of each of 50 bytes, in their order
	for b := range 50 {
		fmt.Fprintf(&every, `\x%02x*`, b)
	}
	for _, c := range []struct{ name, expr, want string }{
		{"the longest text", strings.Repeat("a", mostExpr), ""},
		{"one byte more", strings.Repeat("a", mostExpr+1), "4097 bytes"},
		{"the last state that is looked at matches nothing", strings.Repeat("x", 63) + none, "no answer"},
		{"a state beyond it", strings.Repeat("x", 64) + none, ""},
		{"the first state alone matches", "(?:)", ""},
		{"all but the empty answer", "(?s).+", "every answer"},
		{"all but one byte", "(?s)(?:[^a].*)?", ""},
		{"many times one", "(?:ab)*", ""},
		{"wide states that match nothing", "(?:" + every.String() + ")*" + none, "no answer"},
	} {
		if _, err := Regexp(c.expr, "x"); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Unasked(strings.Repeat("a", mostExpr-4)); err == nil {
		t.Error("what may come any number of times is longer than a pattern may be")
	}
	// An x is one instruction, and so are the end and what never matches.
	for n, want := range map[int]bool{mostInsts - 2: true, mostInsts - 1: false} {
		expr := strings.Repeat("x{1000}", n/1000) + fmt.Sprintf("x{%d}", n%1000)
		p, err := compile(expr)
		if (err == nil) != want || p != nil && len(p.insts) != n+2 {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestFrameBorders holds frames whose length is the least and the most that is right.
func TestFrameBorders(t *testing.T) {
	for _, c := range []struct {
		frame  Frame
		header string
		most   int // bytes that follow the header; -1 where it is wrong
	}{
		{Frame{Width: 1, Most: 3}, "\x03", 3}, {Frame{Width: 1, Most: 3}, "\x04", -1}, {Frame{Width: 1, Most: 0}, "\x00", 0},
		{Frame{Width: 1, Add: 2, Most: 3}, "\x01", 3}, {Frame{Width: 1, Add: 2, Most: 3}, "\x02", -1}, {Frame{Width: 1, Add: -2, Most: 3}, "\x02", 0},
		{Frame{Width: 3, Most: 1 << 20}, "\x00\x01\x02", 258}, {Frame{Width: 8, Little: true, Most: 9}, "\x05\x00\x00\x00\x00\x00\x00\x00", 5},
		{Frame{Skip: 2, Width: 2, Most: 9}, "ab\x00\x01", 1}, {Frame{Width: 8, Most: 9}, "\x00\x00\x00\x00\x00\x00\x00\x09", 9},
	} {
		p := Join(Framed(c.frame), Text([]byte("!")))
		answer := append([]byte(c.header), bytes.Repeat([]byte("x"), max(c.most, 0))...)
		if got := p.Matches(append(answer, '!')); got != (c.most >= 0) {
			t.Errorf("%+v, %q: right %t", c.frame, c.header, got)
		}
		if c.most > 0 && p.Matches(append(answer[:len(answer)-1], '!')) {
			t.Errorf("%+v, %q is right one byte too early", c.frame, c.header)
		}
	}
}

// TestStates holds what Complete and More say, byte by byte: of the states, the first is that of the pattern before any byte.
func TestStates(t *testing.T) {
	regexp := func(expr string) *Pattern {
		p, err := Regexp(expr, "x")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	aside, err := Unasked("p;")
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *Pattern { return Text([]byte(s)) }
	// c is complete, m has more to come, b is both, . is neither.
	cases := []struct {
		name   string
		p      *Pattern
		answer string
		want   string
	}{
		{"nothing", &Pattern{}, "x", "c."},
		{"a text", text("abc"), "abcd", "mmmc."},
		{"a text that differs", text("abc"), "axc", "mm.."},
		{"a number", regexp("[0-9]+"), "12x", "mbb."},
		{"a number of two digits", regexp("[0-9]{2}"), "123", "mmc."},
		{"perhaps a number", Join(regexp("[0-9]?"), text("")), "12", "bc."},
		{"perhaps a number, and a text", Join(regexp("[0-9]*"), text("ab")), "1ab", "mmmc"},
		{"a text, and perhaps a number", Join(text("ab"), regexp("[0-9]*")), "ab1", "mmbb"},
		{"up to an end", Until([]byte("aab")), "aaab", "mmmmc"},
		{"up to an end, which begins again", Until([]byte("abab")), "abaabab", "mmmmmmmc"},
		{"up to an end, of which another is found", Until([]byte("aabx")), "aababx", "mmmmmmm"},
		{"a frame", Framed(Frame{Width: 1, Most: 9}), "\x02ab", "mmmc"},
		{"a frame of nothing", Framed(Frame{Width: 1, Most: 9}), "\x00a", "mc."},
		{"unasked", Join(aside, text("a"), aside), "p;ap;p", "mmmcmcm"},
		{"a number, and unasked behind it", Join(regexp("[0-9]+"), aside), "12p;", "mbbmc"},
		{"two ways", Join(regexp("a|ab"), regexp("b?c?")), "abc", "mbbc"},
	}
	for i := range 16 * len(cases) { // what is inside of expressions is looked at in no order
		c := cases[i%len(cases)]
		s := c.p.Start()
		got := ""
		for i := 0; ; i++ {
			switch complete, more := s.Complete(), s.More(); {
			case complete && more:
				got += "b"
			case complete:
				got += "c"
			case more:
				got += "m"
			default:
				got += "."
			}
			if i == len(c.answer) {
				break
			}
			s.Take([]byte(c.answer[i : i+1]))
		}
		if got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.name, c.answer, got, c.want)
		}
	}
}

// TestRunsOfText holds how many bytes of a text agree, however many come at once.
func TestRunsOfText(t *testing.T) {
	const answer = "0123456789"
	for size := 1; size <= len(answer)+1; size++ {
		for wrong := range len(answer) + 1 {
			said := []byte(answer + "!")
			if wrong < len(answer) {
				said[wrong] = 'x'
			}
			s, agreed := Text([]byte(answer)).Start(), 0
			if n := s.run(said); n != min(wrong, len(answer)-1) {
				t.Errorf("%q: %d bytes are taken at once", said, n)
			}
			s = Text([]byte(answer)).Start()
			for rest := said; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				n := min(size, len(rest))
				took := s.Take(rest[:n])
				if agreed += took; took < n {
					break
				}
			}
			if agreed != wrong {
				t.Errorf("%q, %d bytes at a time: %d agree, not %d", said, size, agreed, wrong)
			}
		}
	}
}

// TestThreads holds that ways which meet go on as one, and that one which stands elsewhere is kept.
func TestThreads(t *testing.T) {
	star := func(expr string) *Pattern {
		p, err := Regexp(expr, "x")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := Join(star("a*"), Until([]byte("b")))
	s := p.Start()
	for i := range 100 {
		if s.Take([]byte("a")); len(s.texts) > 2 {
			t.Fatalf("%d ways stand before one end after %d bytes", len(s.texts), i+1)
		}
	}
	if s.Take([]byte("b")) != 1 || !s.Complete() {
		t.Error("the end is not found")
	}
	p = Join(star("a*"), Text([]byte("a")), star("b*"), Text([]byte("c")))
	for answer, right := range map[string]bool{"ac": true, "aac": true, "aaabc": true, "c": false, "bc": false, "abac": false} {
		if p.Matches([]byte(answer)) != right {
			t.Errorf("%q is right: %t", answer, !right)
		}
	}
}
