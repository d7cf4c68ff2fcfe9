package ends

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestServerOfSoManyClientsIsJudgedSoon: however few clients a server serves in each of its lives, and whatever the gate was finding out
// when it stopped, the run takes no more than half a minute, and blames nobody else.
func TestServerOfSoManyClientsIsJudgedSoon(t *testing.T) {
	judgetest.Table(t)
	for _, way := range overWays {
		for _, most := range []int{3, 4, 5, 6, 8, 13, 20, 40, 300} {
			judgetest.Virtually(t, fmt.Sprintf("%s after %d", way, most), func(t *testing.T) {
				cfg := mortalLife(t, way, 0, func(number int, _ time.Duration) bool { return number > most })
				began := time.Now()
				rep := judgetest.Judge(t, cfg)
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("it took %s", took)
				}
				if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"LIFE-2"}) {
					t.Errorf("blamed: %q: %s", broken, judgetest.Told(rep))
				}
			})
		}
	}
}
