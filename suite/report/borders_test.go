package report

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestLimits holds of what is shown a limited number of times that all of it is shown at the limit, and less of one more.
func TestLimits(t *testing.T) {
	many := func(n int, s string) []string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("%s%d", s, i+1))
		}
		return all
	}
	run := func(change func(r *Report)) func(o ConsoleOptions) string {
		return func(o ConsoleOptions) string {
			r := runOf("FRAM-1 MUST fail")
			change(r)
			return consoleText(t, concluded(r), o)
		}
	}
	failure := func(f Failure) func(o ConsoleOptions) string {
		f.FirstDifference = -1
		return func(o ConsoleOptions) string {
			return FailureText(Result{ID: "FRAM-1", Verdict: Fail, Failure: &f}, o)
		}
	}
	events := func(n int) func(o ConsoleOptions) string {
		f := Failure{}
		for i := range n {
			f.Timeline = append(f.Timeline, Event{Kind: "note", Text: whole(fmt.Sprintf("event%d.", i+1))})
		}
		return failure(f)
	}
	cuts := func(n int) func(o ConsoleOptions) string {
		f := Failure{Request: whole(strings.Repeat("x", 2*n))}
		for i := range n {
			f.Cuts = append(f.Cuts, i+1)
		}
		return failure(f)
	}
	skipped := func(n int) func(o ConsoleOptions) string {
		return run(func(r *Report) {
			for i := range n {
				r.Results = append(r.Results, Result{ID: fmt.Sprintf("LIFE-%d", i+1), Family: "LIFE", Verdict: Skip, Reason: "why"})
			}
		})
	}
	undecided := func(n int) func(o ConsoleOptions) string {
		return run(func(r *Report) {
			r.Results = nil
			for i := range n {
				r.Results = append(r.Results, Result{ID: fmt.Sprintf("LIFE-%d", i+1), Family: "LIFE", Level: Must, Verdict: Inconclusive, Reason: "why"})
			}
		})
	}
	verbose, wide := ConsoleOptions{Verbose: true}, ConsoleOptions{Width: 400}
	for _, c := range []struct {
		name        string
		draw        func(o ConsoleOptions) string
		o           ConsoleOptions
		has, hasNot string
	}{
		{"notes", run(func(r *Report) { r.Notes = many(notesLimit, "note") }), ConsoleOptions{}, "note20", "more"},
		{"a note more", run(func(r *Report) { r.Notes = many(notesLimit+1, "note") }), ConsoleOptions{}, "note: 1 more", "note21"},
		{"lines of stderr", run(func(r *Report) { r.Target.Stderr = strings.Join(many(stderrLimit, "line"), "\n") }), ConsoleOptions{}, "| line1\n", "line13"},
		{"a line of stderr more", run(func(r *Report) { r.Target.Stderr = strings.Join(many(stderrLimit+1, "line"), "\n") }), ConsoleOptions{}, "| line2\n", "line1\n"},
		{"causes", failure(Failure{Causes: many(causesLimit, "cause")}), ConsoleOptions{}, "cause8", "cause9"},
		{"a cause more", failure(Failure{Causes: many(causesLimit+1, "cause")}), ConsoleOptions{}, "- cause8", "cause9"},
		{"one cause", failure(Failure{Causes: many(1, "cause")}), ConsoleOptions{}, "usually   cause1", "- "},
		{"two causes", failure(Failure{Causes: many(2, "cause")}), ConsoleOptions{}, "usually   - cause1\n            - cause2", "cause3"},
		{"events", events(timelineLimit), ConsoleOptions{}, "event13.", "more event"},
		{"an event more", events(timelineLimit + 1), ConsoleOptions{}, "1 more event\n", "event13."},
		{"two events more", events(timelineLimit + 2), ConsoleOptions{}, "2 more events\n", "event14."},
		{"events with verbose", events(timelineLimitVerbose), verbose, "event201.", "more event"},
		{"an event more with verbose", events(timelineLimitVerbose + 1), verbose, "1 more event\n", "event201."},
		{"cuts", cuts(cutsLimit - 1), ConsoleOptions{}, "126 bytes", "cuts shown"},
		{"as many cuts as are carried", cuts(cutsLimit), ConsoleOptions{}, "128 bytes, its first 64 cuts shown", "│xx│xx"},
		{"skips that are named", skipped(16), wide, "16 not applicable: why (LIFE-1, ", "LIFE 16"},
		{"a skip more", skipped(17), wide, "17 not applicable: why (LIFE 17)", "LIFE-1,"},
		{"requirements that are named", undecided(namedLimit), wide, "LIFE-7, LIFE-8)", "more"},
		{"a requirement more", undecided(namedLimit + 1), wide, "LIFE-8 and 1 more)", "LIFE-9)."},
	} {
		if text := c.draw(c.o); !strings.Contains(text, c.has) || strings.Contains(text, c.hasNot) {
			t.Errorf("%s: %q must be there, and %q not:\n%s", c.name, c.has, c.hasNot, text)
		}
	}
}

// TestExcerptBorders holds excerpts of answers around the length that an excerpt may have.
func TestExcerptBorders(t *testing.T) {
	for _, c := range []struct {
		n, around      int
		offset, length int
	}{
		{0, 0, 0, 0}, {1, 9, 0, 1}, {ExcerptLimit, ExcerptLimit, 0, ExcerptLimit},
		{ExcerptLimit + 1, 0, 0, ExcerptLimit}, {ExcerptLimit + 1, ExcerptLimit / 2, 0, ExcerptLimit}, {ExcerptLimit + 1, ExcerptLimit/2 + 1, 1, ExcerptLimit}, {ExcerptLimit + 1, math.MaxInt32, 1, ExcerptLimit},
		{3 * ExcerptLimit, ExcerptLimit, ExcerptLimit / 2, ExcerptLimit},
	} {
		b := bytes.Repeat([]byte("x"), c.n)
		e := Excerpt(b, int64(c.around))
		if e.Offset != int64(c.offset) || len(e.Text) != c.length || e.Total != int64(c.n) || e.end() != int64(c.offset+c.length) {
			t.Errorf("of %d bytes around %d: %d bytes at %d of %d", c.n, c.around, len(e.Text), e.Offset, e.Total)
		}
	}
	long := Bytes{Total: 1, Offset: -1, Text: bytes.Repeat([]byte("x"), ExcerptLimit+1)}.bounded()
	if long.Total != ExcerptLimit || long.Offset != 0 || len(long.Text) != ExcerptLimit {
		t.Errorf("%d bytes at %d of %d", len(long.Text), long.Offset, long.Total)
	}
	far := Bytes{Offset: math.MaxInt64, Text: []byte("a")}.bounded()
	if far.Offset != offsetLimit || far.Total != offsetLimit+1 {
		t.Errorf("%d of %d", far.Offset, far.Total)
	}
	b := Bytes{Total: 9, Offset: 2, Text: []byte("cdef")}
	for _, c := range []struct {
		from, to int64
		want     string
	}{{2, 6, "cdef"}, {0, 9, "cdef"}, {3, 5, "de"}, {5, 3, ""}, {6, 9, ""}, {0, 2, ""}, {0, 3, "c"}, {5, 6, "f"}} {
		if got := string(b.slice(c.from, c.to)); got != c.want {
			t.Errorf("from %d to %d it is %q", c.from, c.to, got)
		}
	}
	for at, want := range map[int64]string{1: "", 2: "c", 5: "f", 6: ""} {
		c, ok := b.at(at)
		if ok != (want != "") || ok && string(c) != want {
			t.Errorf("at %d it is %q, %t", at, c, ok)
		}
	}
	var read Bytes
	exactly := fmt.Sprintf(`{"total":9000,"offset":%d,"text":"%s"}`, 9000-ExcerptLimit, strings.Repeat("a", ExcerptLimit))
	if err := read.UnmarshalJSON([]byte(exactly)); err != nil {
		t.Errorf("the largest excerpt, at the end: %v", err)
	}
	if err := read.UnmarshalJSON([]byte(`{"total":0,"offset":0,"text":""}`)); err != nil {
		t.Errorf("the empty excerpt: %v", err)
	}
	if _, err := ReadJSON(strings.NewReader("x" + strings.Repeat(" ", readLimit-1))); err == nil || strings.Contains(err.Error(), "larger") {
		t.Errorf("as many bytes as a report may have: %v", err)
	}
}

// TestQuoted holds how an excerpt is drawn on a line that is just wide enough for it, and on narrower ones.
func TestQuoted(t *testing.T) {
	for _, c := range []struct {
		b     Bytes
		width int
		want  string
	}{
		{whole(""), 9, `nothing`}, {whole("abcdef"), 10, `"abcdef"`}, {whole("abcdef"), 9, `"abcde"…`}, {whole("abcdef"), 5, `"a"…`}, {whole("abcdef"), 1, `"a"…`},
		{whole("a\nb"), 8, `"a\nb"`}, {whole("a\nb"), 7, `"a\n"…`}, {whole("a\nb"), 6, `"a"…`}, {whole("日本"), 8, `"日本"`}, {whole("日本"), 7, `"日"…`},
		{Bytes{Total: 9, Offset: 2, Text: []byte("cd")}, 9, `…"cd"…`}, {Bytes{Total: 4, Offset: 2, Text: []byte("cd")}, 9, `…"cd"`}, {Bytes{Total: 4, Offset: 0, Text: []byte("ab")}, 9, `"ab"…`},
	} {
		if got := c.b.quoted(c.width); got != c.want {
			t.Errorf("%q in %d columns is %s, not %s", c.b.Text, c.width, got, c.want)
		}
	}
	mark := func(s string) string { return "<" + s + ">" }
	for _, c := range []struct {
		from, split int64
		width       int
		want        string
		column      int
	}{
		{0, 0, 20, `"<a>bcdef"`, 1}, {0, 2, 20, `"ab<c>def"`, 3}, {2, 2, 20, `…"<c>def"`, 2}, {2, 4, 20, `…"cd<e>f"`, 4}, {0, 6, 20, `"abcdef"`, 7},
		{0, 2, 6, `"ab"…`, 3}, {0, 2, 7, `"ab<c>"…`, 3}, {0, 3, 6, `"ab"…`, 3}, {3, 1, 20, `…"<d>ef"`, 2},
	} {
		if got, column := whole("abcdef").quotedAround(c.from, c.split, c.width, mark); got != c.want || column != c.column {
			t.Errorf("from %d, split at %d, in %d columns: %s at %d, not %s at %d", c.from, c.split, c.width, got, column, c.want, c.column)
		}
	}
}

// TestHexRows holds which rows are drawn around a difference, and how many bytes stand in one.
func TestHexRows(t *testing.T) {
	for _, c := range []struct {
		width  int
		at     int64
		total  int64
		perRow int
		beside bool
		rows   string
		digits int
	}{
		{141, 0, 40, 16, true, "[0 16]", 4}, {140, 0, 40, 8, true, "[0 8]", 4}, {77, 0, 40, 8, true, "[0 8]", 4}, {76, 0, 40, 16, false, "[0 16]", 4}, {73, 0, 40, 16, false, "[0 16]", 4}, {72, 0, 40, 8, false, "[0 8]", 4},
		{41, 4, 99, 8, false, "[0 8]", 4}, {40, 4, 99, 4, false, "[0 4 8]", 4}, {32, 3, 99, 4, false, "[0 4]", 4},
		{80, 15, 16, 8, true, "[0 8]", 4}, {80, 15, 17, 8, true, "[0 8 16]", 4}, {80, 16, 17, 8, true, "[8 16]", 4},
		{80, 9967, 1e6, 8, true, "[9952 9960 9968]", 4}, {80, 9968, 1e6, 8, true, "[9960 9968 9976]", 5},
	} {
		v := newHexView(ConsoleOptions{Width: c.width}, c.at)
		if rows := fmt.Sprint(v.rows(c.total)); v.perRow != c.perRow || v.beside != c.beside || rows != c.rows || v.digits != c.digits {
			t.Errorf("in %d columns, at %d of %d: %d a row, beside %t, rows %s, %d digits; want %+v", c.width, c.at, c.total, v.perRow, v.beside, rows, v.digits, c)
		}
	}
}

// TestEventTexts holds how times and events are written.
func TestEventTexts(t *testing.T) {
	for us, want := range map[int64]string{-1: "0.000 ms", 0: "0.000 ms", 999: "0.999 ms", 1000: "1.000 ms", 1_234_567: "1,234.567 ms", 3 * 3600 * 1e6: "10,800,000.000 ms", math.MaxInt64: "10,800,000.000 ms"} {
		if got := eventTime(us); got != want {
			t.Errorf("%d µs are written as %s", us, got)
		}
	}
	said := whole("said")
	for _, c := range []struct {
		e    Event
		want string
	}{
		{Event{Kind: "connect"}, "· connected"}, {Event{Kind: "connect", Text: said}, "· connected, said"},
		{Event{Kind: "send", Text: said}, `→ 4 bytes  "said"`}, {Event{Kind: "send", Text: said, Count: 9}, `→ 9 bytes  "said"`}, {Event{Kind: "receive", Count: 1}, "← 1 byte"},
		{Event{Kind: "cut"}, "│ cut, unconfirmed"}, {Event{Kind: "cut", Confirmed: true, Text: said}, "│ cut, confirmed"}, {Event{Kind: "cut", Text: whole("likely")}, "│ cut, likely"},
		{Event{Kind: "pause", Text: whole("20 ms")}, "· pause, 20 ms"}, {Event{Kind: "fin"}, "→ FIN"}, {Event{Kind: "fin", Confirmed: true}, "→ FIN, read by the server"},
		{Event{Kind: "reset"}, "→ RST"}, {Event{Kind: "received-fin"}, "← FIN"}, {Event{Kind: "received-reset"}, "← RST"}, {Event{Kind: "wait-over", Text: said}, "· the wait is over, said"},
		{Event{Kind: "note", Text: said}, "· said"}, {Event{Kind: "else"}, "· else"},
	} {
		sign, text := eventText(c.e, 40)
		if got := sign + " " + text; got != c.want {
			t.Errorf("%+v is %q, not %q", c.e, got, c.want)
		}
	}
	for width, want := range map[int]string{17: `7 bytes  "abcd"…`, 16: "7 bytes", 18: `7 bytes  "abcde"…`, 6: "7 byt…"} {
		if got := moved(Event{Text: whole("abcdefg")}, width); got != want {
			t.Errorf("in %d columns it is %s, not %s", width, got, want)
		}
	}
}

// TestFirst holds that a MUST comes before a SHOULD, then the failure that costs least, and of two that cost the same the first.
func TestFirst(t *testing.T) {
	result := func(id string, v Verdict, cost int64) Result {
		return Result{ID: id, Family: "FRAM", Level: Must, Verdict: v, Failure: &Failure{Cost: cost}}
	}
	for _, c := range []struct {
		results []Result
		want    string
	}{
		{nil, ""},
		{[]Result{result("FRAM-1", Fail, 5), result("FRAM-2", Fail, 5)}, "FRAM-1"},
		{[]Result{result("FRAM-1", Fail, 5), result("FRAM-2", Warn, 4)}, "FRAM-1"},
		{[]Result{result("FRAM-1", Warn, 4), result("FRAM-2", Fail, 5)}, "FRAM-2"},
		{[]Result{result("FRAM-1", Warn, 5), result("FRAM-2", Warn, 4)}, "FRAM-2"},
		{[]Result{result("FRAM-1", Inconclusive, 1), result("FRAM-2", Fail, 4)}, "FRAM-2"},
		{[]Result{{ID: "FRAM-1", Verdict: Fail}, result("FRAM-2", Fail, 4)}, "FRAM-2"},
		{[]Result{result("FRAM-1", Fail, 0), result("FRAM-2", Fail, 0)}, "FRAM-1"},
	} {
		if got := concluded(&Report{Results: c.results}).First; got != c.want {
			t.Errorf("%+v: %s, not %s", c.results, got, c.want)
		}
	}
	one := consoleText(t, concluded(&Report{Results: []Result{result("FRAM-1", Fail, 5)}}), ConsoleOptions{})
	two := consoleText(t, concluded(&Report{Results: []Result{result("FRAM-1", Fail, 5), result("FRAM-2", Fail, 6)}}), ConsoleOptions{})
	if strings.Contains(one, "begin with") || !strings.Contains(two, "begin with FRAM-1: of 2 failures") {
		t.Errorf("%s\n%s", one, two)
	}
}

// TestCutsLines holds what is said of the cuts of a run, and of a requirement.
func TestCutsLines(t *testing.T) {
	for cuts, want := range map[Cuts]string{
		{1, 1}: "1 cut, all confirmed to be separate reads", {2, 1}: "2 cuts, 1 of them confirmed to be separate reads", {2, 2}: "2 cuts, all confirmed to be separate reads",
		{2, 0}: "2 cuts, likely separate reads: the server's end of the connection cannot be seen",
	} {
		r := runOf("FRAM-1 MUST pass")
		r.Results[0].Cuts = cuts
		if text := consoleText(t, concluded(r), ConsoleOptions{}); !strings.Contains(text, want+"\n") {
			t.Errorf("%v: %q is missing:\n%s", cuts, want, text)
		}
	}
	if text := consoleText(t, concluded(runOf("FRAM-1 MUST pass")), ConsoleOptions{}); strings.Contains(text, "cut") {
		t.Errorf("no cuts:\n%s", text)
	}
	for ms, want := range map[float64]bool{slow: false, slow + 1: true} {
		r := runOf("FRAM-1 MUST pass")
		r.Results[0].DurationMS = ms
		if text := consoleText(t, concluded(r), ConsoleOptions{}); strings.Contains(text, " ms") != want {
			t.Errorf("%v ms:\n%s", ms, text)
		}
	}
	for _, c := range []struct {
		f    Failure
		want string
	}{
		{Failure{}, ""}, {Failure{Runs: 1, Failed: 1}, "failed the one time it ran"}, {Failure{Runs: 1}, "failed 0 of 1 time"}, {Failure{Runs: 2, Failed: 1}, "failed 1 of 2 times"}, {Failure{Failed: 1}, ""},
		{Failure{Runs: 3, Failed: 1}, "failed 1 of 3 times: it hangs on more than the bytes and how they are cut"}, {Failure{Runs: 3, Failed: 2}, "failed 2 of 3 times"},
	} {
		if got := repeats(&c.f); got != c.want {
			t.Errorf("%d of %d: %q", c.f.Failed, c.f.Runs, got)
		}
	}
}

func TestExcerpt(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), 10_000)
	for _, c := range []struct {
		around, offset int64
		length         int
	}{
		{0, 0, ExcerptLimit}, {-5, 0, ExcerptLimit}, {50_000, 50_000 - ExcerptLimit/2, ExcerptLimit},
		{100_000, 100_000 - ExcerptLimit, ExcerptLimit}, {1 << 62, 100_000 - ExcerptLimit, ExcerptLimit},
	} {
		e := Excerpt(big, c.around)
		if e.Total != 100_000 || e.Offset != c.offset || !bytes.Equal(e.Text, big[c.offset:c.offset+int64(c.length)]) {
			t.Errorf("around %d: %d bytes at %d of %d", c.around, len(e.Text), e.Offset, e.Total)
		}
	}
	small := []byte("abc")
	e := Excerpt(small, 2)
	small[0] = 'X'
	if e.Total != 3 || e.Offset != 0 || string(e.Text) != "abc" {
		t.Errorf("a small excerpt is %+v", e)
	}
}
