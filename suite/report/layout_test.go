package report

import (
	"math"
	"slices"
	"testing"
)

// TestColumns holds the widths of characters, whatever the environment says of the ambiguous ones.
func TestColumns(t *testing.T) {
	t.Setenv("RUNEWIDTH_EASTASIAN", "1")
	for s, want := range map[string]int{
		"": 0, "abc": 3, "é·…–✓✗": 6, "α±→": 3, "日本語": 6, "한": 2, "ｱ": 1, "Ａ": 2, "😀": 2, "⌚": 2, "☂": 1, "㉈": 1, "〈": 2,
	} {
		if got := columns(s); got != want {
			t.Errorf("%q has %d columns, not %d", s, got, want)
		}
	}
}

// TestFit holds what is filled, shortened and broken at the borders of a width.
func TestFit(t *testing.T) {
	for _, c := range []struct {
		s         string
		width     int
		padded    string
		shortened string
		lines     []string
	}{
		{"", 3, "   ", "", []string{""}},
		{"ab", 3, "ab ", "ab", []string{"ab"}},
		{"abc", 3, "abc", "abc", []string{"abc"}},
		{"abcd", 3, "abcd", "ab…", []string{"abc", "d"}},
		{"ab cd", 3, "ab cd", "ab…", []string{"ab", "cd"}},
		{"a b c", 3, "a b c", "a…", []string{"a b", "c"}},
		{"a bc d", 4, "a bc d", "a b…", []string{"a bc", "d"}},
		{"日本", 3, "日本", "日…", []string{"日", "本"}},
		{"日本", 4, "日本", "日本", []string{"日本"}},
		{"a日", 2, "a日", "a…", []string{"a", "日"}},
		{"ab", 0, "ab", "", []string{"ab"}},
		{"ab", 1, "ab", "…", []string{"ab"}},
		{"abcdefg h", 3, "abcdefg h", "ab…", []string{"abc", "def", "g h"}},
	} {
		if got := pad(c.s, c.width); got != c.padded {
			t.Errorf("%q filled to %d columns is %q, not %q", c.s, c.width, got, c.padded)
		}
		if got := shorten(c.s, c.width); got != c.shortened {
			t.Errorf("%q shortened to %d columns is %q, not %q", c.s, c.width, got, c.shortened)
		}
		if got := wrap(c.s, c.width); !slices.Equal(got, c.lines) {
			t.Errorf("%q in %d columns is %q, not %q", c.s, c.width, got, c.lines)
		}
	}
	if got := padLeft("7", 3); got != "  7" {
		t.Errorf("%q", got)
	}
}

// TestDurations holds how durations are written, at the borders of their forms.
func TestDurations(t *testing.T) {
	inf := math.Inf(1)
	for ms, want := range map[float64]string{
		-1: "0 ms", 0: "0 ms", inf: "0 ms", 0.4: "0 ms", 1: "1 ms", 999.4: "999 ms", 999.5: "1.0 s", 99_949: "99.9 s", 99_950: "99 s", 1_234_567: "1,234 s", 1e300: "1,000,000,000 s",
	} {
		if got := duration(ms); got != want {
			t.Errorf("%v ms are written as %s, not %s", ms, got, want)
		}
	}
}
