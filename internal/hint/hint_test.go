package hint

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	known := []string{"echo", "greet", "line", "script"}
	for word, want := range map[string]string{
		"ech": "echo", "Echo": "echo", "ehco": "echo", "scrip": "script", "lines": "line", "great": "greet", "skript": "script",
		"": "", "x": "", "http1": "", "zzzzzzzz": "", strings.Repeat("line", 100): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
	if got := Nearest("echo", nil); got != "" {
		t.Errorf("of nothing, %q is the nearest", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String().Draw(t, "word")
		words := rapid.SliceOfN(rapid.String(), 0, 5).Draw(t, "known")
		if got := Nearest(word, words); got != "" && !slices.Contains(words, got) {
			t.Fatalf("Nearest(%q, %q) = %q", word, words, got)
		}
		if text := Unknown("word", word, words); strings.ContainsAny(text, "\n\r") && !strings.ContainsAny(strings.Join(words, ""), "\n\r") {
			t.Fatalf("Unknown(%q) is more than a line: %q", word, text)
		}
	})
}
