package report

import (
	"strings"
	"testing"
)

// TestWindow holds from where on two answers are drawn, and where what differs begins in them.
func TestWindow(t *testing.T) {
	at := func(offset int64, text string, total int64) Bytes {
		return Bytes{Total: total, Offset: offset, Text: []byte(text)}
	}
	for _, c := range []struct {
		name        string
		want, got   Bytes
		at          int64
		width       int
		from, split int64
	}{
		{"both from the beginning", whole("abcdeX"), whole("abcdeY"), 5, 40, 0, 5},
		{"what was expected begins later", at(4, "efghi", 9), at(2, "cdefgXi", 9), 7, 40, 4, 7},
		{"what came begins later", at(2, "cdefghi", 9), at(4, "efgXi", 9), 7, 40, 4, 7},
		{"nothing expected", whole(""), at(4, "efgh", 8), 0, 40, 4, 4},
		{"nothing came", at(4, "efgh", 8), whole(""), 0, 40, 4, 4},
		{"a difference before the excerpts", at(4, "efgh", 8), at(4, "efgh", 8), 2, 40, 4, 4},
		{"a difference where they begin", at(4, "efgh", 8), at(4, "Xfgh", 8), 4, 40, 4, 4},
		{"a difference beyond the excerpt of what was expected", at(0, "0123456789", 100), at(0, "0123456789abcdefghij", 100), 12, 40, 0, 12},
		{"a difference inside of a character", whole("aé"), whole("a\xc3x"), 2, 40, 0, 1},
		{"a difference inside of a longer one", whole("a😀"), whole("a\xf0\x9f\x98x"), 4, 40, 0, 1},
		{"a long beginning that agrees", whole(strings.Repeat("a", 60) + "X"), whole(strings.Repeat("a", 60) + "Y"), 60, 24, 41, 60},
		{"and much behind it", whole(strings.Repeat("a", 60) + strings.Repeat("X", 60)), whole(strings.Repeat("a", 60) + "Y"), 60, 24, 50, 60},
	} {
		if from, split := window(c.want, c.got, c.at, c.width); from != c.from || split != c.split {
			t.Errorf("%s: from %d, split at %d; want %d, %d", c.name, from, split, c.from, c.split)
		}
	}
}

// TestDifference holds what is said of where two answers differ.
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		want, got string
		at        int64
		said      string
	}{
		{"ab", "aX", 1, `: 0x62 "b" expected, 0x58 "X" came`}, {"ab", "", 0, `: 0x61 "a" expected, nothing came`}, {"ab", "a", 1, `: 0x62 "b" expected, the answer ends there`}, {"a", "ab", 1, `: the end expected, 0x62 "b" came`},
		{"ab", "", 5, ""}, {"", "ab", 5, ""}, {"ab", "ab", 2, ""}, {"\n", "\x00", 0, `: 0x0a "\n" expected, 0x00 came`},
	} {
		got := difference(whole(c.want), whole(c.got), c.at)
		if _, said, _ := strings.Cut(got, "of the answer"); said != c.said {
			t.Errorf("%q, %q, at %d: %q, want %q", c.want, c.got, c.at, said, c.said)
		}
	}
}

// TestAnswersShown holds when answers are drawn, and whether they stand beside their sizes or under them.
func TestAnswersShown(t *testing.T) {
	draw := func(want, got string, at int64, width int) string {
		return FailureText(Result{ID: "A-1", Failure: &Failure{Expected: whole(want), Actual: whole(got), FirstDifference: at}}, ConsoleOptions{Width: width})
	}
	for _, c := range []struct {
		want, got string
		at        int64
		shown     bool
	}{{"", "", -1, false}, {"", "ab", -1, true}, {"ab", "", -1, true}, {"", "", 0, true}, {"ab", "ab", -1, true}} {
		if text := draw(c.want, c.got, c.at, 80); strings.Contains(text, "expected  ") != c.shown {
			t.Errorf("%q and %q, which differ at %d, are shown: %t\n%s", c.want, c.got, c.at, !c.shown, text)
		}
	}
	const beside = "  expected  5 bytes  \"abcde\"\n"
	for width, want := range map[int]bool{45: true, 44: false} {
		if text := draw("abcde", "abcde", -1, width); strings.Contains(text, beside) != want {
			t.Errorf("in %d columns:\n%s", width, text)
		}
	}
}

// TestPatternShown holds how an answer is drawn of which a right one is known in words alone.
func TestPatternShown(t *testing.T) {
	const right = `anything up to "x"`
	for _, c := range []struct {
		got  string
		at   int64
		want string
	}{
		{"abc", 1, "  differs   at offset 1 of the answer: 0x62 \"b\" came, which no right answer has there\n  expected  anything up to \"x\"\n  actual    3 bytes  \"abc\"\n                       ^\n"},
		{"abc", 3, "  differs   at offset 3 of the answer: it ends there, and is not whole\n  expected  anything up to \"x\"\n  actual    3 bytes  \"abc\"\n"},
		{"", 0, "  expected  anything up to \"x\"\n  actual    0 bytes  nothing\n"},
		{"abc", -1, "  expected  anything up to \"x\"\n  actual    3 bytes  \"abc\"\n"},
	} {
		f := &Failure{Actual: whole(c.got), FirstDifference: c.at, Pattern: right}
		if text := FailureText(Result{ID: "A-1", Failure: f}, ConsoleOptions{Width: 120}); !strings.HasSuffix(text, "A-1\n"+c.want) && !strings.Contains(text, c.want) || strings.Contains(text, "differs") != strings.Contains(c.want, "differs") {
			t.Errorf("%q at %d:\n%s\nwant\n%s", c.got, c.at, text, c.want)
		}
		if text := FailureText(Result{ID: "A-1", Failure: f}, ConsoleOptions{Width: 40}); !strings.Contains(text, "expected  anything up to \"x\"\n") {
			t.Errorf("in 40 columns:\n%s", text)
		}
	}
}
