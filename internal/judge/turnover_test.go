package judge

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamspec/streamspec/suite/report"
)

// TestTurnover: a server that serves so many clients in its life, and nobody behind them, does not serve the next one (LIFE-2), however few
// cases have begun when it serves no more; where it can be started again, all else is judged, and shown.
func TestTurnover(t *testing.T) {
	for _, most := range []int32{60, 100, 200, 1000} {
		for _, again := range []bool{false, true} {
			virtually(t, fmt.Sprintf("%d, again: %v", most, again), func(t *testing.T) {
				var served atomic.Int32
				cfg := serving(t, "echo", func(c conn, _ int) {
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
				rep := judge(t, cfg)
				if most == 1000 { // which nobody has asked for
					if len(having(rep, report.Fail, report.Warn)) > 0 {
						t.Error(told(rep))
					}
					return
				}
				if broken := strings.Join(having(rep, report.Fail, report.Warn), " "); broken != "LIFE-2" || again != strings.Contains(rep.Likely, "uses something up") {
					t.Errorf("broken %q: %s", broken, told(rep))
				}
			})
		}
	}
}
