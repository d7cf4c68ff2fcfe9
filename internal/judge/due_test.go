package judge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestDueOfWhatIsAnsweredWronglyWhole: of requests that are answered wrongly when they come whole, nothing is said to be due. It is known at
// once, and not asked for again at each byte.
func TestDueOfWhatIsAnsweredWronglyWhole(t *testing.T) {
	for _, name := range []string{"first-line-only", "lines-joined"} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			began := time.Now()
			cfg := judgetest.FaultyInMemory(t, name, "line")
			cfg.Only = "FRAM-9"
			r := judgetest.Result(t, judgetest.Judge(t, cfg), "FRAM-9")
			if r.Verdict != report.Skip || !strings.Contains(r.Reason, "answered wrongly when it comes whole") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
