package files

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// What cases that run beside one another find of a slow server, and what more of them at once would make of it.

// TestDoubted judges a slow server, by an exchange file, that says how many of its clients are in the middle of a request: its answers
// are the same as long as there is one. Cases run beside one another there, and what they find is no failure, since none finds it alone.
func TestDoubted(t *testing.T) {
	const file = "protocol: counts\npipelines: true\nexchanges:\n  - {name: one, send: \"one\\n\"}\n  - {name: two, send: \"more than one\\n\"}\n"
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int64
		cfg := judgetest.Serving(t, "test.yaml", func(c judgetest.Conn, _ int) {
			for {
				line := make([]byte, 0, 64)
				for one := make([]byte, 1); ; {
					if n, err := c.Read(one); n == 0 || err != nil {
						return
					}
					if line = append(line, one[0]); one[0] == '\n' {
						break
					}
				}
				n := busy.Add(1)
				most.Store(max(most.Load(), n))
				time.Sleep(time.Second)
				busy.Add(-1)
				if _, err := fmt.Fprintf(c, "%d of %d\n", len(line), n); err != nil {
					return
				}
			}
		})
		cfg.Exchange, cfg.Timeout, cfg.Only = judgetest.ExchangeFile(t, file), 5*time.Second, "FRAM-2,FRAM-3,FRAM-5"
		if r := judgetest.Judge(t, cfg); r.Conclusion != report.Conformant || most.Load() < 2 {
			t.Errorf("with %d at once: %s", most.Load(), judgetest.Told(r))
		}
	})
}
