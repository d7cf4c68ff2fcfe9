package fuzzer_test

import (
	"strings"
	"testing"

	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/plan"
)

// TestTableFitsATerminal of eighty columns: what was drawn is as long as a sentence, and has a line of its own.
func TestTableFitsATerminal(t *testing.T) {
	f := fuzz.Failure{Requirement: "HCHK-14", Plan: plan.Plan{Clients: make([]plan.Client, 4)}, After: 123_456, Seen: 12_345, Failed: 12, Runs: 13,
		Drawn: strings.Repeat("x", 75)}
	r := fuzz.Result{Failures: []*fuzz.Failure{&f}}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\n     "+f.Drawn+"\n") {
		t.Errorf("what was drawn has no line of its own:\n%s", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if n := len(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
