package bench

import (
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
)

// TestEachTime: a server is not taken for one that serves one client at a time after one slow moment.
func TestEachTime(t *testing.T) {
	kinds := map[byte]func() *finding.Finding{
		'.': func() *finding.Finding { return nil },
		'b': func() *finding.Finding { return finding.NewBroken("held up") },
		'u': func() *finding.Finding { return finding.NewUndecided("who knows") },
	}
	for probes, want := range map[string]struct {
		asked int
		kind  finding.Kind
	}{
		"..": {1, finding.Shown}, "b.": {2, finding.Shown}, ".b": {1, finding.Shown}, "bb": {2, finding.Broken},
		"u.": {1, finding.Undecided}, "bu": {2, finding.Undecided},
	} {
		asked := 0
		f := eachTime(2, func() *finding.Finding {
			asked++
			return kinds[probes[asked-1]]()
		})
		if asked != want.asked || !f.Is(want.kind) {
			t.Errorf("%q: asked %d times, %+v", probes, asked, f)
		}
	}
}
