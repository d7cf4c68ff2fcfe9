package report

import (
	"fmt"
	"strings"
	"testing"
)

// TestSent holds how a request is shown: on one line where it just fits, all of it where that just fits, else the part around
// its first cut.
func TestSent(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		name string
		req  Bytes
		cuts []int
		want string
	}{
		{"one line, exactly", whole("123456789"), nil, "  sent      9 bytes  \"123456789\"\n"},
		{"a character more", whole("1234567890"), nil, "  sent      10 bytes\n            \"1234567890\"\n"},
		{"a cut at the end", whole("ab"), []int{2}, "  sent      2 bytes  \"ab│\"\n"},
		{"a cut beyond the end", whole("ab"), []int{3}, "  sent      2 bytes  \"ab\"\n"},
		{"a cut before the beginning of the excerpt", Bytes{Total: 9, Offset: 2, Text: []byte("cd")}, []int{1, 3}, "  sent      9 bytes  …\"c│d\"…\n"},
		{"an excerpt from the beginning", Bytes{Total: 9, Text: []byte("ab")}, nil, "  sent      9 bytes  \"ab\"…\n"},
		{"as many lines as are shown", whole(x(51)), []int{40}, "  sent      51 bytes\n             \"" + x(13) + "\n              " + x(13) + "\n              " + x(13) + "\n              x│" + x(11) + "\"\n"},
		{"one column more", whole(x(52)), []int{40}, "  sent      52 bytes\n            …\"" + x(13) + "\n              " + x(13) + "\n              │" + x(12) + "\"\n"},
		{"much more", whole(x(200)), []int{90}, "  sent      200 bytes\n            …\"" + x(13) + "\n              " + x(13) + "\n              │" + x(12) + "\n              " + x(13) + "\"…\n"},
	} {
		text := FailureText(Result{ID: "A-1", Failure: &Failure{Request: c.req, Cuts: c.cuts, FirstDifference: -1}}, ConsoleOptions{Width: 32})
		if got := strings.TrimPrefix(text, "? A-1\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	for width, want := range map[int]string{0: "", 1: "c", 2: "bc", 3: "abc", 4: "abc"} {
		if got := textOf(fitTail(tokensOf([]byte("abc"), 0), width)); got != want {
			t.Errorf("the end of abc in %d columns is %q", width, got)
		}
	}
}

// TestNarrowTimeline holds that what is said of events that are left out keeps to the width too.
func TestNarrowTimeline(t *testing.T) {
	f := &Failure{FirstDifference: -1}
	for i := range timelineLimit + 2 {
		f.Timeline = append(f.Timeline, Event{AtUS: 3 * 3600 * 1e6, Kind: "note", Text: whole(fmt.Sprint("event ", i))})
	}
	for width := 32; width < 60; width++ {
		o := ConsoleOptions{Width: width}
		text := FailureText(Result{ID: "A-1", Failure: f}, o)
		checkConsole(t, text+"\n", o)
		if width > 50 && !strings.Contains(text, "2 more events\n") {
			t.Errorf("in %d columns:\n%s", width, text)
		}
	}
}

// TestRemark holds which of figures and words stand beside a requirement in a width.
func TestRemark(t *testing.T) {
	res := Result{ID: "A-1", Verdict: Pass, Observed: "0123456789", Cuts: Cuts{Made: 2}}
	l := newList(&Report{Results: []Result{res}}, ConsoleOptions{})
	for width, want := range map[int]string{19: "2 cuts · 0123456789 []", 18: "0123456789 []", 10: "0123456789 []", 9: "2 cuts [0123456789]", 6: "2 cuts [0123456789]", 5: " [0123456789]"} {
		beside, under := l.remark(res, width)
		if got := fmt.Sprint(beside, " ", under); got != want {
			t.Errorf("in %d columns: %q, not %q", width, got, want)
		}
	}
}

// TestStatus holds what the status line says, in which ink, and how many of those that run it names.
func TestStatus(t *testing.T) {
	p := NewProgress(nil, 0, ConsoleOptions{Color: true})
	bold := func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
	for _, c := range []struct {
		total, failed, warned int
		want                  string
	}{
		{0, 0, 0, bold("7 done")}, {1, 0, 0, bold("7 of 1")}, {9, 0, 1, bold("7 of 9") + " · \x1b[33m1 warned\x1b[0m"}, {9, 1, 0, bold("7 of 9") + " · \x1b[31m1 failed\x1b[0m"}, {9, 1, 2, bold("7 of 9") + " · \x1b[31m1 failed, 2 warned\x1b[0m"},
	} {
		p.done, p.total, p.failed, p.warned = 7, c.total, c.failed, c.warned
		if got := p.status(); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	p.running = []string{"A-1", "B-2", "C-3"}
	for width, want := range map[int]string{11: "A-1 B-2 C-3", 10: "A-1 B-2 +1", 9: "A-1 +2", 6: "A-1 +2", 5: "", 0: ""} {
		if got := p.now(width); got != want {
			t.Errorf("in %d columns %q run", width, got)
		}
	}
}
