package judge

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// TestServerOfSoManyClientsIsJudgedSoon: however few clients a server serves in each of its lives, and however it is over then, the run
// takes no more than half a minute.
func TestServerOfSoManyClientsIsJudgedSoon(t *testing.T) {
	table(t)
	for _, way := range overWays {
		for _, most := range []int{3, 4, 5, 8, 20, 40, 300} {
			virtually(t, fmt.Sprintf("%s after %d", way, most), func(t *testing.T) {
				cfg := mortalLife(t, way, 0, func(number int, _ time.Duration) bool { return number > most })
				began := time.Now()
				run, err := Open(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				opened := time.Since(began)
				rep := run.Begin(t.Context()).Report()
				took := time.Since(began)
				t.Logf("gate %v, all %v", opened, took)
				if took > 30*time.Second {
					for _, r := range rep.Results {
						if r.DurationMS > 400 {
							t.Logf("%-8s %-12s %6.0f ms", r.ID, r.Verdict, r.DurationMS)
						}
					}
					t.Errorf("it took %s", took)
				}
				if broken := having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"LIFE-2"}) {
					t.Errorf("blamed: %q: %s", broken, told(rep))
				}
			})
		}
	}
}
