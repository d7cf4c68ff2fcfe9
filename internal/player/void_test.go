package player

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
)

// TestVoid: an attempt in which the client's own side was late, and which failed, is none, whatever came of it: v is such a one. Where
// every attempt is, nothing is known.
func TestVoid(t *testing.T) {
	for attempts, want := range map[string]finding.Kind{
		"v.":      finding.Shown,
		"vvvvv.":  finding.Shown,
		"vvvvvv":  finding.Undecided,
		"vwww":    finding.Broken,
		"wvww":    finding.Broken,
		"vmvm":    finding.Broken,
		"mv.v.v.": finding.Undecided,
		"vG":      finding.Gone,
	} {
		p := nobody().Player("test")
		n := 0
		f := p.Confirm(t.Context(), func(context.Context, time.Duration) *finding.Finding {
			n++
			if n > len(attempts) {
				return nil
			}
			if attempts[n-1] == 'v' {
				f := finding.NewBroken("closed")
				f.Delay = time.Second
				return f
			}
			return found(attempts[n-1])
		})
		if n != len(attempts) || !f.Is(want) {
			t.Errorf("%q: after %d attempts %+v, want %s", attempts, n, f, want)
		}
		if f.Is(finding.Undecided) && strings.HasPrefix(attempts, "vv") && !strings.HasPrefix(f.Problem, "closed; but this machine kept the client from running, so that its own part came 1s later than planned (the last of 6 attempts)") {
			t.Errorf("%q: %s", attempts, f.Problem)
		}
	}
}
