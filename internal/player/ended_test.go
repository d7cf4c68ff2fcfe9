package player

import (
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/report"
)

// TestDied holds which attempt is told of where the last met a server that had ended: the one before it, unless that could not even
// connect, and the delivery that was made last is known.
func TestDied(t *testing.T) {
	sent := func(f *finding.Finding, bytes string) *finding.Finding {
		f.Evidence.Request = report.Excerpt([]byte(bytes), 0)
		return f
	}
	gone := func() *finding.Finding {
		f := sent(finding.New(finding.Gone, "after this, the server ended"), "killer")
		f.Certain = true
		return f
	}
	for name, c := range map[string]struct {
		before *finding.Finding
		want   string // what had been sent
	}{
		"an answer was missing":     {sent(finding.New(finding.Missing, "nothing came"), "asked"), "asked"},
		"no connection was made":    {finding.New(finding.Missing, "no connection could be made"), "killer"},
		"all was right":             {finding.New(finding.Undecided, "the answer was late"), "killer"},
		"it had ended already then": {sent(finding.New(finding.Gone, "the server ended"), "asked"), "asked"},
	} {
		if f := died([]*finding.Finding{c.before, gone()}); string(f.Evidence.Request.Text) != c.want || !f.Fact() {
			t.Errorf("%s: %q had been sent, want %q; a fact: %t", name, f.Evidence.Request.Text, c.want, f.Fact())
		}
	}
}
