package unlike

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestTurnover: a server that serves so many clients in its life, and nobody behind them, does not serve the next one (LIFE-2), however few
// cases have begun when it serves no more; where it can be started again, all else is judged, and shown.
func TestTurnover(t *testing.T) {
	for _, most := range []int32{60, 100, 200, 1000} {
		for _, again := range []bool{false, true} {
			judgetest.Virtually(t, fmt.Sprintf("%d, again: %v", most, again), func(t *testing.T) {
				var served atomic.Int32
				cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
					if served.Add(1) <= most {
						_, _ = io.Copy(c, c) // the client sees how far it comes
						_ = c.CloseWrite()
					} else {
						_, _ = io.Copy(io.Discard, c) // until its client leaves
					}
				})
				cfg.Only = "LIFE-1..2,FRAM-1,CLOS-1"
				if again {
					cfg.Restart = func(context.Context) error { served.Store(0); return nil }
				}
				rep := judgetest.Judge(t, cfg)
				if most == 1000 { // which nobody has asked for
					if len(judgetest.Having(rep, report.Fail, report.Warn)) > 0 {
						t.Error(judgetest.Told(rep))
					}
					return
				}
				if broken := strings.Join(judgetest.Having(rep, report.Fail, report.Warn), " "); broken != "LIFE-2" || again != strings.Contains(rep.Likely, "uses something up") {
					t.Errorf("broken %q: %s", broken, judgetest.Told(rep))
				}
			})
		}
	}
}
