package delivery

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/match"
)

func TestCompare(t *testing.T) {
	any := func(all ...string) (b [][]byte) {
		for _, s := range all {
			b = append(b, []byte(s))
		}
		return b
	}
	for _, test := range []struct {
		name     string
		any      [][]byte
		prefix   bool
		received string
		want     Answer
	}{
		{"equal", any("abc"), false, "abc", Answer{State: Right, FirstDifference: -1}},
		{"short", any("abc"), false, "ab", Answer{State: Short, FirstDifference: 2, Match: -1}},
		{"short, as a prefix", any("abc"), true, "ab", Answer{State: Right, FirstDifference: -1, Match: -1}},
		{"nothing, as a prefix", any("abc"), true, "", Answer{State: Right, FirstDifference: -1, Match: -1}},
		{"too long", any("abc"), false, "abcd", Answer{State: Wrong, FirstDifference: 3, Match: -1}},
		{"too long for a prefix", any("abc"), true, "abcd", Answer{State: Wrong, FirstDifference: 3, Match: -1}},
		{"a wrong byte", any("abc"), false, "axc", Answer{State: Wrong, FirstDifference: 1, Match: -1}},
		{"the second", any("abc", "axd"), false, "axd", Answer{State: Right, FirstDifference: -1, Match: 1, Closest: 1}},
		{"the second is closer", any("abc", "axd"), false, "axe", Answer{State: Wrong, FirstDifference: 2, Match: -1, Closest: 1}},
		{"both are short", any("abc", "abd"), false, "ab", Answer{State: Short, FirstDifference: 2, Match: -1}},
		{"the second is the whole of it", any("abc", "ab"), false, "ab", Answer{State: Right, FirstDifference: -1, Match: 1, Closest: 1}},
		{"the second goes on", any("ab", "abc"), false, "abc", Answer{State: Right, FirstDifference: -1, Match: 1, Closest: 1}},
		{"both went wrong", any("ab", "abc"), false, "abcd", Answer{State: Wrong, FirstDifference: 3, Match: -1, Closest: 1}},
		{"nothing is right", any(""), false, "", Answer{State: Right, FirstDifference: -1}},
		{"nothing was right", any(""), false, "x", Answer{State: Wrong, FirstDifference: 0, Match: -1}},
		{"nothing, or something", any("abc", ""), false, "", Answer{State: Right, FirstDifference: -1, Match: 1, Closest: 1}},
		{"unjudged", nil, false, "abc", Answer{State: Unjudged, FirstDifference: -1, Match: -1, Closest: -1}},
	} {
		for _, size := range []int{1, 2, 100} {
			c := newComparison(Want{Any: test.any})
			takeIn(c, []byte(test.received), size)
			a := c.answer(test.prefix)
			w := test.want
			if a.State != w.State || a.FirstDifference != w.FirstDifference || a.Match != w.Match || a.Closest != w.Closest {
				t.Errorf("%s, %d at a time: %+v", test.name, size, a)
			}
			if string(a.Head) != test.received || a.Window != nil || a.Total != int64(len(test.received)) {
				t.Errorf("%s: kept %q and %q", test.name, a.Head, a.Window)
			}
		}
	}
}

// TestCompareEnough says after which byte of an answer there is nothing more to wait for.
func TestCompareEnough(t *testing.T) {
	for _, test := range []struct {
		any      []string
		received string
		want     bool
	}{
		{[]string{"abc"}, "ab", false},
		{[]string{"abc"}, "abc", true},
		{[]string{"abc", "abcdef"}, "abc", true},
		{[]string{"abcdef", "abc"}, "abc", false},
		{[]string{"xyz", "abc"}, "abc", true},
		{[]string{"xyzxyz", "abc"}, "abc", true},
		{[]string{"ab", "abcdef"}, "abcd", false},
		{[]string{"abc"}, "abcd", false},
		{[]string{""}, "", true},
		{nil, "abc", false},
	} {
		var w Want
		for _, s := range test.any {
			w.Any = append(w.Any, []byte(s))
		}
		c := newComparison(w)
		takeIn(c, []byte(test.received), 1)
		if c.enough() != test.want {
			t.Errorf("%q of %q: %v", test.received, test.any, c.enough())
		}
	}
}

// TestComparePatterns says of an answer that varies whether it is complete, and whether there is nothing more to wait for.
func TestComparePatterns(t *testing.T) {
	pattern := func(expr string) *match.Pattern {
		p, err := match.Regexp(expr, "")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	number, line := pattern("[0-9]+"), match.Join(pattern("[0-9]+"), match.Text([]byte("\n")))
	for _, test := range []struct {
		any      []string
		like     []*match.Pattern
		received string
		state    State
		enough   bool
	}{
		{[]string{"1"}, []*match.Pattern{number}, "", Short, false},
		{[]string{"1"}, []*match.Pattern{number}, "23", Right, false}, // a digit may follow
		{[]string{"1"}, []*match.Pattern{number}, "2x", Wrong, false},
		{[]string{"1\n"}, []*match.Pattern{line}, "23", Short, false},
		{[]string{"1\n"}, []*match.Pattern{line}, "23\n", Right, true},
		{[]string{"23", "1"}, []*match.Pattern{nil, number}, "23", Right, true},
		{[]string{"ab", "1\n"}, []*match.Pattern{nil, line}, "23\n", Right, true},
		{[]string{"1", "23"}, []*match.Pattern{number}, "23", Right, false},
	} {
		for _, size := range []int{1, 100} {
			c := newComparison(Want{Any: texts(test.any...), Like: test.like})
			takeIn(c, []byte(test.received), size)
			if a := c.answer(false); a.State != test.state || c.enough() != test.enough {
				t.Errorf("%q of %q: %s, enough %v", test.received, test.any, a.State, c.enough())
			}
		}
	}
}

// TestCompareWindow keeps the bytes around a difference beyond the head, in reads that end near it.
func TestCompareWindow(t *testing.T) {
	right := pattern(20000)
	for _, at := range []int{0, 100, defaultHead - 300, defaultHead - 256, defaultHead - 255, defaultHead, 9999, 10000, 10001, 19999} {
		wrong := bytes.Clone(right)
		wrong[at]++
		for _, size := range []int{1, 7, 1000, 10000, 20000} {
			c := newComparison(Want{Any: [][]byte{right[:5], right}})
			takeIn(c, wrong, size)
			a := c.answer(false)
			if a.State != Wrong || a.FirstDifference != int64(at) && at > 5 {
				t.Fatalf("%s at %d", a.State, a.FirstDifference)
			}
			end := min(at+256, len(wrong))
			if end <= defaultHead {
				if a.Window != nil {
					t.Errorf("a window of %d bytes for a difference at %d", len(a.Window), at)
				}
				continue
			}
			if a.WindowAt != int64(at-256) || !bytes.Equal(a.Window, wrong[at-256:end]) {
				t.Errorf("at %d in reads of %d: the window at %d of %d bytes", at, size, a.WindowAt, len(a.Window))
			}
		}
	}
	// An answer that ends early shows its end.
	c := newComparison(Want{Any: [][]byte{right}})
	takeIn(c, right[:9000], 64)
	if a := c.answer(false); a.FirstDifference != 9000 || a.WindowAt != 8744 || !bytes.Equal(a.Window, right[8744:9000]) {
		t.Errorf("%d, %d, %d bytes", a.FirstDifference, a.WindowAt, len(a.Window))
	}
}

// TestCompareKeep keeps as much of the answer as is wanted.
func TestCompareKeep(t *testing.T) {
	b := pattern(20000)
	for _, keep := range []int{0, 1, 10000, 1 << 30} {
		c := newComparison(Want{Keep: keep})
		takeIn(c, b, 777)
		n := min(keep, len(b))
		if keep == 0 {
			n = defaultHead
		}
		if a := c.answer(false); !bytes.Equal(a.Head, b[:n]) || a.Total != 20000 {
			t.Errorf("kept %d of %d", len(a.Head), keep)
		}
	}
}

// TestCompareProperties compares with the obvious way to do it, on answers of few letters that are alike for long.
func TestCompareProperties(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]byte("aab")), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		any := rapid.SliceOfN(text, 1, 4).Draw(t, "any")
		received := text.Draw(t, "received")
		prefix := rapid.Bool().Draw(t, "prefix")
		c := newComparison(Want{Any: any})
		takeIn(c, received, rapid.IntRange(1, 13).Draw(t, "size"))
		a := c.answer(prefix)

		match, starts, longest := -1, false, 0
		for i, right := range any {
			if match < 0 && bytes.Equal(right, received) {
				match = i
			}
			starts = starts || bytes.HasPrefix(right, received)
			longest = max(longest, len(commonStartOf(right, received)))
		}
		state, difference := Wrong, int64(longest)
		switch {
		case match >= 0, prefix && starts:
			state, difference = Right, -1
		case starts:
			state = Short
		}
		if a.State != state || a.FirstDifference != difference || a.Match != match {
			t.Fatalf("%s at %d, %d; want %s at %d, %d", a.State, a.FirstDifference, a.Match, state, difference, match)
		}
		if n := len(commonStartOf(any[a.Closest], received)); n != longest {
			t.Fatalf("the closest agrees for %d of %d", n, longest)
		}
	})
}

// commonStartOf returns what a and b begin with in common.
func commonStartOf(a, b []byte) []byte {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// takeIn gives b to the comparison, so many bytes at a time.
func takeIn(c *comparison, b []byte, size int) {
	for len(b) > 0 {
		n := min(size, len(b))
		c.take(b[:n])
		b = b[n:]
	}
}
