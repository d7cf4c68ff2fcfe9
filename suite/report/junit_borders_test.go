package report

import (
	"math"
	"testing"
	"time"
)

// TestJUnitBorders holds the values that JUnit's attributes take at the borders of what they can hold.
func TestJUnitBorders(t *testing.T) {
	for year, want := range map[int]string{1: "", 2: "0002-01-01T00:00:00", 9999: "9999-01-01T00:00:00", 10000: ""} {
		if got := newSuite(&Report{Started: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}, "s").Timestamp; got != want {
			t.Errorf("of the year %d the timestamp is %q", year, got)
		}
	}
	for ms, want := range map[float64]string{-1: "0.000", 0: "0.000", 0.4: "0.000", 1: "0.001", 1500: "1.500", math.Inf(1): "0.000", math.Inf(-1): "0.000", math.NaN(): "0.000"} {
		if got := seconds(ms); got != want {
			t.Errorf("%v ms are %s s", ms, got)
		}
	}
	if got, want := classname("/09:@AZ[-", "`az{.é"), "streamspec._09__AZ_-._az___"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	for _, c := range []struct {
		r    Result
		want string
	}{
		{Result{}, ""}, {Result{Cases: 1}, "1 case"}, {Result{Cases: 2, Cuts: Cuts{Made: 1}, Observed: "o"}, "2 cases; 1 cut, 0 confirmed; o"}, {Result{Cuts: Cuts{Made: 2, Confirmed: 1}}, "2 cuts, 1 confirmed"},
	} {
		if got := shownBy(c.r); got != c.want {
			t.Errorf("%+v: %q", c.r, got)
		}
	}
}

// TestJUnitOfTheRun holds when a run as a whole has a testcase of its own, and what that says.
func TestJUnitOfTheRun(t *testing.T) {
	for _, c := range []struct {
		r                   Report
		kind, message, text string // no kind where there is none
	}{
		{Report{Conclusion: Conformant, Sentence: "s"}, "", "", ""},
		{Report{Conclusion: NotConformant, Sentence: "s"}, "", "", ""},
		{Report{Conclusion: NoVerdict, Sentence: "s"}, "no verdict", "s", "s\n"},
		{Report{Conclusion: NotConformant, Interrupted: true, Sentence: "s"}, "interrupted", "s", "s\n"},
		{Report{Conclusion: NotConformant, Trouble: "a\nb", Sentence: "s"}, "trouble", `a\nb`, "a\nb\ns\n"},
	} {
		s, ok := runSuite(&c.r)
		if ok != (c.kind != "") {
			t.Errorf("%+v has one: %t", c.r, ok)
			continue
		}
		if ok && (s.Errors != 1 || s.Cases[0].Error.Type != c.kind || s.Cases[0].Error.Message != c.message || s.Cases[0].Error.Text != c.text) {
			t.Errorf("%+v: %+v", c.r, s.Cases[0].Error)
		}
	}
}

// TestHexCharacters holds which bytes are shown as characters beside their numbers.
func TestHexCharacters(t *testing.T) {
	v := newHexView(ConsoleOptions{Width: 32}, 9)
	if got, want := v.side(whole("\x1f ~\x7f"), 0, red), "1f 20 7e 7f  · ~·"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
