package report

import (
	"strings"
	"testing"
)

// TestRemarkOfSpaces: a remark in which there is nothing to see is none, also beside a title that takes its column.
func TestRemarkOfSpaces(t *testing.T) {
	for _, observed := range []string{" ", "\t", "\u00a0", "  seen"} {
		r := &Report{Results: []Result{{ID: "LIFE-1", Family: "LIFE", Level: Must, Title: "a a aaa aaaaaaaaaaaaaa a a", Verdict: Pass, Observed: observed, Cuts: Cuts{Made: 1}}}}
		Conclude(r)
		var text strings.Builder
		if err := WriteConsole(&text, r, ConsoleOptions{Width: 33}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), "aaaaaaaaaaaaaa") || strings.Contains(observed, "seen") && !strings.Contains(text.String(), "seen") {
			t.Errorf("%q: %s", observed, text.String())
		}
	}
}
