package targets

import (
	"regexp"
	"testing"

	"github.com/streamspec/streamspec/internal/match"
)

// FuzzPattern takes an input into a pattern whole, a byte at a time, and cut as
// seed says: the same bytes agree, and the verdict is that of Go's own engine.
func FuzzPattern(f *testing.F) {
	for which, input := range map[uint16]string{0: "", 1: "ab", 23: "ab1\r\n", 570: "\x02ab\r\r\n", 999: "a\xff"} {
		f.Add(which, []byte(input), uint64(1))
	}
	all := patterns()
	f.Fuzz(func(t *testing.T, which uint16, input []byte, seed uint64) {
		if len(input) > mostBytes {
			return
		}
		p := all[int(which)%len(all)]
		whole, single, cut := p.Start(), p.Start(), p.Start()
		agreed, one, several := whole.Take(input), 0, 0
		for one < len(input) && single.Take(input[one:one+1]) == 1 {
			one++
		}
		for c := (&cuts{state: seed}); several < len(input); {
			n := min(1+int(c.next()&7), len(input)-several)
			took := cut.Take(input[several : several+n])
			if several += took; took < n {
				break
			}
		}
		if one != agreed || several != agreed {
			t.Fatalf("%q in %s: %d bytes agree, %d of single bytes, %d in pieces", input, p.engine, agreed, one, several)
		}
		right := p.right(input)
		for _, s := range [...]*match.State{whole, single, cut} {
			if got := agreed == len(input) && s.Complete(); got != right {
				t.Fatalf("%q in %s: right %t, and should be %t", input, p.engine, got, right)
			}
			if s.More() != whole.More() {
				t.Fatalf("%q in %s: it can go on or not, as it is cut", input, p.engine)
			}
		}
	})
}

// A pattern is one of ours, and the same for Go's engine.
type pattern struct {
	*match.Pattern
	engine *regexp.Regexp
}

// right says whether the whole input is a right answer. A byte is the character
// of the same number.
func (p pattern) right(input []byte) bool {
	runes := make([]rune, len(input))
	for i, b := range input {
		runes[i] = rune(b)
	}
	return p.engine.MatchString(string(runes))
}

// patterns are all sequences of one, two or three parts.
func patterns() []pattern {
	type part struct {
		*match.Pattern
		expr string
	}
	parts := []part{
		{match.Text([]byte("ab")), `ab`},
		{match.Text([]byte("\r\n")), `\r\n`},
		{match.Until([]byte("\r\n")), `(?:[^\r]|\r+[^\r\n])*\r+\n`},
		{match.Until([]byte("aab")), `(?:[^a]|a[^a]|aa+[^ab])*a?aa+b`},
		{match.Framed(match.Frame{Width: 1, Most: 2}), `(?s:\x00|\x01.|\x02..)`},
		{match.Framed(match.Frame{Skip: 1, Width: 2, Add: -2, Most: 1, Little: true}), `(?s:.\x02\x00|.\x03\x00.)`},
	}
	for _, expr := range []string{`[0-9]+`, `a*`, `(?:a|ab)*`, `[^\n\x80-\xff]{2,3}`} {
		p, err := match.Regexp(expr, "x")
		if err != nil {
			panic(err)
		}
		parts = append(parts, part{p, expr})
	}
	var all []pattern
	add := func(several ...part) {
		joined, expr := match.Join(), ""
		for _, p := range several {
			joined, expr = match.Join(joined, p.Pattern), expr+"(?:"+p.expr+")"
		}
		all = append(all, pattern{joined, regexp.MustCompile(`\A(?:` + expr + `)\z`)})
	}
	for _, a := range parts {
		add(a)
		for _, b := range parts {
			add(a, b)
			for _, c := range parts {
				add(a, b, c)
			}
		}
	}
	return all
}
