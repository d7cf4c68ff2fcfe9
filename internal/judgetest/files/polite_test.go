package files

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// polite answers each line, and keeps a connection while no more than so many are open: of the others it says that it closes, and does, as
// servers of HTTP do that have so many workers.
func polite(most int64) func(c judgetest.Conn, _ int) {
	var open atomic.Int64
	return func(c judgetest.Conn, _ int) {
		open.Add(1)
		defer open.Add(-1)
		for lines := bufio.NewScanner(c); lines.Scan(); {
			closes := open.Load() > most
			answer := "you said " + lines.Text()
			if closes {
				answer += ", and I close"
			}
			if _, err := fmt.Fprintln(c, answer); err != nil || closes {
				return
			}
		}
	}
}

// TestPoliteLimit: a server that tells who is too many that it closes, and answers it, mixes nothing: CONC-3 says how many it holds, and all else
// keeps to that.
func TestPoliteLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Serving(t, "lines", polite(10))
		cfg.Dialect, cfg.Exchange = "test.yaml", judgetest.ExchangeFile(t, "protocol: lines\npipelines: true\nexchanges:\n  - {name: ask, send: \"ask\\n\"}\n")
		cfg.Only = "LIFE-1..2,CONC,FRAM-1..5,CLOS-1,ROBU-3"
		rep := judgetest.Judge(t, cfg)
		judgetest.Unbroken(t, rep)
		if warned := judgetest.Having(rep, report.Warn); !slices.Equal(warned, []string{"CONC-3"}) || judgetest.Result(t, rep, "CONC-3").Observed != "held 10" {
			t.Errorf("warned of %q: %s", warned, judgetest.Told(rep))
		}
		if text := strings.Join(rep.Notes, "; "); !strings.Contains(text, "takes 10 clients at once, and refuses others") || strings.Contains(text, "mixes") {
			t.Errorf("the notes say: %s", text)
		}
	})
}
