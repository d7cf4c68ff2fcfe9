package judge_test

import (
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
)

// TestEveryFailureHasItsTimeline: also where the answer itself was right, and something else was not, whose events are kept only then.
func TestEveryFailureHasItsTimeline(t *testing.T) {
	for _, fault := range []string{"read-is-message", "adds-newline", "fail-hangs", "fail-answers"} {
		judgetest.Virtually(t, fault, func(t *testing.T) {
			rep := judgetest.Judge(t, judgetest.FaultyInMemory(t, fault, "script"))
			shown := 0
			for _, r := range rep.Results {
				if r.Failure == nil || r.Failure.Delivery == "" {
					continue
				}
				shown++
				if events := r.Failure.Timeline; len(events) == 0 || events[0].Kind != "connect" {
					t.Errorf("%s: no timeline of %q", r.ID, r.Failure.Problem)
				}
			}
			if shown == 0 {
				t.Errorf("nothing failed: %s", judgetest.Told(rep))
			}
		})
	}
}
