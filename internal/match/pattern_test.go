package match_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/match"
)

// exprs draws regular expressions, and stays with bytes that a Go expression and this one see alike.
func exprs() *rapid.Generator[string] {
	atom := rapid.SampledFrom([]string{"a", "b", "[ab]", "[^a]", ".", `\d`, `\r\n`, "(?i:A)", "", "(?:ab|a)", `\x00`})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(1, 4).Draw(t, "atoms") {
			b.WriteString("(?:" + atom.Draw(t, "atom") + ")" + rapid.SampledFrom([]string{"", "", "*", "+", "?", "{2}", "{1,3}"}).Draw(t, "count"))
			if rapid.IntRange(0, 4).Draw(t, "or") == 0 {
				b.WriteString("|")
			}
		}
		return b.String()
	})
}

var inputs = rapid.StringOfN(rapid.SampledFrom([]rune("abA1\r\n\x00")), 0, 12, -1)

// TestRegexp holds what matches, however it is cut, against Go's own engine.
func TestRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var whole strings.Builder
		whole.WriteString("^(?:")
		var parts []*match.Pattern
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "text") {
				text := inputs.Draw(t, "text")
				parts = append(parts, match.Text([]byte(text)))
				whole.WriteString(regexp.QuoteMeta(text))
				continue
			}
			expr := exprs().Draw(t, "expr")
			p, err := match.Regexp(expr, "x")
			if err != nil {
				t.Fatal(expr, err)
			}
			parts = append(parts, p)
			whole.WriteString("(?:" + expr + ")")
		}
		p := match.Join(parts...)
		re := regexp.MustCompile(whole.String() + `)\z`)
		input := inputs.Draw(t, "input")
		want := re.MatchString(input)
		if got := p.Matches([]byte(input)); got != want {
			t.Fatalf("%q in %s: %t, want %t", input, re, got, want)
		}
		s, agreed := p.Start(), 0
		for rest := []byte(input); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			took := s.Take(rest[:n])
			agreed += took
			if took < n {
				break
			}
			rest = rest[n:]
		}
		if whole := p.Start().Take([]byte(input)); whole != agreed {
			t.Fatalf("%q in %s: %d bytes agree in one piece, %d in several", input, re, whole, agreed)
		}
		if got := agreed == len(input) && s.Complete(); got != want {
			t.Fatalf("%q in %s, in pieces: %t, want %t", input, re, got, want)
		}
	})
}

// TestAgreed holds how many bytes agree against the longest beginning that some whole answer has.
func TestAgreed(t *testing.T) {
	number, err := match.Regexp(`[0-9]+`, "count")
	if err != nil {
		t.Fatal(err)
	}
	p := match.Join(match.Text([]byte("id ")), number, match.Text([]byte("\r\nend")))
	for _, c := range []struct {
		answer         string
		agreed         int
		complete, more bool
	}{
		{"", 0, false, true}, {"id", 2, false, true}, {"id ", 3, false, true}, {"id 7", 4, false, true},
		{"id 77\r\nend", 10, true, false}, {"id 77\r\nend!", 10, false, false}, {"id \r\n", 3, false, false},
		{"idx", 2, false, false}, {"x", 0, false, false}, {"id 7\n", 4, false, false},
	} {
		s := p.Start()
		if n := s.Take([]byte(c.answer)); n != c.agreed || s.Complete() != c.complete || s.More() != c.more {
			t.Errorf("%q: %d bytes agree, complete %t, more %t; want %d, %t, %t", c.answer, n, s.Complete(), s.More(), c.agreed, c.complete, c.more)
		}
	}
	if got, want := p.String(), "id ‹count›\r\nend"; got != want {
		t.Errorf("it is shown as %q, want %q", got, want)
	}
}

func TestFrame(t *testing.T) {
	for _, c := range []struct {
		frame  match.Frame
		answer string
		agreed int
		right  bool
	}{
		{match.Frame{Width: 2, Most: 65535}, "\x00\x03abc", 5, true},
		{match.Frame{Width: 2, Most: 65535}, "\x00\x03abcd", 5, false},
		{match.Frame{Width: 2, Most: 65535}, "\x00\x00", 2, true},
		{match.Frame{Width: 2, Most: 65535, Little: true}, "\x03\x00abc", 5, true},
		{match.Frame{Skip: 1, Width: 4, Add: -4, Most: 100}, "Z\x00\x00\x00\x05I", 6, true},
		{match.Frame{Width: 4, Most: 100}, "\x7f\xff\xff\xff", 3, false},
		{match.Frame{Width: 8, Most: 100}, "\xff\xff\xff\xff\xff\xff\xff\xff", 7, false},
		{match.Frame{Width: 4, Add: -4, Most: 100}, "\x00\x00\x00\x03", 3, false},
	} {
		p := match.Framed(c.frame)
		if n := p.Start().Take([]byte(c.answer)); n != c.agreed || p.Matches([]byte(c.answer)) != c.right {
			t.Errorf("%+v, %q: %d bytes agree, right %t; want %d, %t", c.frame, c.answer, n, p.Matches([]byte(c.answer)), c.agreed, c.right)
		}
	}
}

// TestUntil holds where an end is found against a search for it.
func TestUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.StringOfN(rapid.SampledFrom([]rune("ab\r\n")), 1, 6, -1).Draw(t, "end")
		input := rapid.StringOfN(rapid.SampledFrom([]rune("ab\r\n")), 0, 40, -1).Draw(t, "input")
		i := strings.Index(input, end)
		want := i + len(end)
		if i < 0 {
			want = len(input)
		}
		s := match.Join(match.Text([]byte("<")), match.Until([]byte(end))).Start()
		if got := s.Take([]byte("<"+input)) - 1; got != want || s.Complete() != (i >= 0 && want == len(input)) {
			t.Fatalf("%q up to %q: %d bytes agree, complete %t; want %d", input, end, got, s.Complete(), want)
		}
	})
}

func TestRefused(t *testing.T) {
	for expr, want := range map[string]string{
		"a(":                           "the pattern is no regular expression: missing closing ): `a(`",
		"(?s).*":                       "the pattern matches every answer: it can show nothing, and not say where an answer ends",
		"(?s).+":                       "the pattern matches every answer: it can show nothing, and not say where an answer ends",
		`(?:.|\n)*`:                    "the pattern matches every answer: it can show nothing, and not say where an answer ends",
		`[^\x00-\xff]`:                 "the pattern matches no answer at all",
		`x[^\x00-\x{10ffff}]`:          "the pattern matches no answer at all",
		"^a":                           `the pattern has ^, $, \A, \z, \b or \B: it stands for the whole answer, and needs none of them`,
		`a\b`:                          `the pattern has ^, $, \A, \z, \b or \B: it stands for the whole answer, and needs none of them`,
		strings.Repeat("a", 4097):      "the pattern is 4097 bytes long: 4096 at most",
		strings.Repeat("a{1000}b", 11): "the pattern is too large: repeat less in it",
	} {
		if _, err := match.Regexp(expr, "x"); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", expr, err, want)
		}
	}
}

// TestLinear has a pattern that takes a backtracking engine longer than anybody waits.
func TestLinear(t *testing.T) {
	p, err := match.Regexp(`(?:(?:(?:a*)*)*)*b`, "x")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Matches([]byte(strings.Repeat("a", 1<<20) + "b")) {
		t.Error("it does not match")
	}
}

// TestBytes has a pattern see bytes and not characters.
func TestBytes(t *testing.T) {
	p, err := match.Regexp(`K[\x00-\xff]{4}é`, "x")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Matches([]byte("K\xff\x00\n\x80é")) || p.Matches([]byte("Kéé\xe9")) {
		t.Error("a byte is not taken for the rune of its number")
	}
}

// TestUnasked holds what may come unasked beside an answer: an answer is complete without it, and not while a part of it is missing.
func TestUnasked(t *testing.T) {
	aside, err := match.Unasked(`PING\r\n|N[0-9];`)
	if err != nil {
		t.Fatal(err)
	}
	p := match.Join(aside, match.Text([]byte("one\r\n")), aside, aside, match.Text([]byte("P\r\n")), aside)
	for _, c := range []struct {
		answer         string
		agreed         int
		complete, more bool
	}{
		{"one\r\nP\r\n", 8, true, false},
		{"PING\r\nN1;one\r\nN2;N3;P\r\n", 23, true, false},
		{"one\r\nP\r\nPI", 10, false, true},
		{"one\r\nP\r\nPING\r\n", 14, true, false},
		{"one\r\nP\r\nPONG", 9, false, false},
		{"one\r\n", 5, false, true},
		{"oPING\r\nne\r\n", 1, false, false},
		{"PING", 4, false, true},
	} {
		s := p.Start()
		if n := s.Take([]byte(c.answer)); n != c.agreed || n == len(c.answer) && (s.Complete() != c.complete || s.More() != c.more) {
			t.Errorf("%q: %d bytes agree, complete %t, more %t; want %d, %t, %t", c.answer, n, s.Complete(), s.More(), c.agreed, c.complete, c.more)
		}
	}
	if got, want := p.String(), "one\r\nP\r\n"; got != want {
		t.Errorf("it is shown as %q, want %q", got, want)
	}
	for from, want := range map[string]string{
		"": "", "one": "one", "PING\r\nN1;one": "one", "oneN1;PING\r\n": "one", "N1;": "", "N1;oneN2;two": "oneN2;two", "PING": "PING", "PIN": "PIN", "oneN1": "oneN1",
	} {
		if got := string(aside.Trim([]byte(from))); got != want {
			t.Errorf("of %q %q is left, want %q", from, got, want)
		}
	}
	for expr, want := range map[string]string{"a*": "matches nothing at all", "(?s).+": "matches every answer", "a(": "no regular expression", "^a": "needs none of them"} {
		if _, err := match.Unasked(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
}

// TestTakenAtOnce holds that what comes at once agrees as far as what comes byte by byte, whatever varies in the pattern.
func TestTakenAtOnce(t *testing.T) {
	part := func(t *rapid.T) *match.Pattern {
		switch rapid.IntRange(0, 3).Draw(t, "part") {
		case 0:
			return match.Text([]byte(inputs.Draw(t, "text")))
		case 1:
			return match.Until([]byte(rapid.SampledFrom([]string{"\n", "\r\n", "aab", ""}).Draw(t, "until")))
		case 2:
			return match.Framed(match.Frame{Skip: rapid.IntRange(0, 2).Draw(t, "skip"), Width: 1, Most: 200})
		}
		p, err := match.Regexp(rapid.SampledFrom([]string{"a+", "[^b]{2}", "(?:ab)*"}).Draw(t, "expression"), "")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	rapid.Check(t, func(t *rapid.T) {
		var parts []*match.Pattern
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			parts = append(parts, part(t))
		}
		p := match.Join(parts...)
		b := []byte(inputs.Draw(t, "a") + inputs.Draw(t, "b") + inputs.Draw(t, "c"))
		whole, single := p.Start(), p.Start()
		n := whole.Take(b)
		for i := range n {
			if single.Take(b[i:i+1]) != 1 {
				t.Fatalf("%q, %q: %d bytes agree at once, and %d one by one", p, b, n, i)
			}
		}
		if n < len(b) && single.Take(b[n:n+1]) != 0 {
			t.Fatalf("%q, %q: %d bytes agree at once, and one more one by one", p, b, n)
		}
		if whole.Complete() != single.Complete() || whole.More() != single.More() {
			t.Fatalf("%q, %q: at once and one by one the answer is not the same behind %d bytes", p, b, n)
		}
	})
}

// BenchmarkTake compares a long answer with patterns that take it in one part: a byte costs little, whatever the part is.
func BenchmarkTake(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 1<<20), '\n')
	frame := append([]byte{0, 16, 0, 1}, line...)
	for name, p := range map[string]*match.Pattern{
		"text": match.Text(line), "until": match.Until([]byte("\n")), "frame": match.Framed(match.Frame{Width: 4, Most: 1 << 21}),
	} {
		answer := line
		if name == "frame" {
			answer = frame
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(answer)))
			for b.Loop() {
				s := p.Start()
				if s.Take(answer) != len(answer) || !s.Complete() {
					b.Fatal("it is not right")
				}
			}
		})
	}
}
