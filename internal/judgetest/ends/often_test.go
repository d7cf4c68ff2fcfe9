package ends

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestServerThatRefusesWhoComesSoon: one that resets every client that comes within a tenth of a second of the last one that it served is
// right. It is taken for one that serves nobody any more neither where the suite can start it again, nor where it cannot.
func TestServerThatRefusesWhoComesSoon(t *testing.T) {
	for _, restarts := range []bool{true, false} {
		judgetest.Virtually(t, fmt.Sprintf("can be started again: %t", restarts), func(t *testing.T) {
			lives := 0
			cfg := revived(t, "echo", func(l *inmemory.TCPListener) func() {
				lives++
				var mu sync.Mutex
				var served time.Time
				return judgetest.On(t, l, func(c judgetest.Conn) {
					mu.Lock()
					soon := time.Since(served) < 100*time.Millisecond
					if !soon {
						served = time.Now()
					}
					mu.Unlock()
					if soon {
						_ = c.SetLinger(0)
						return
					}
					judgetest.Echo(c)
				}).Die
			})
			if !restarts {
				cfg.Restart = nil
			}
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > 3*time.Minute {
				t.Errorf("it took %s", took)
			}
			if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); len(broken) > 0 || rep.Conclusion != report.Conformant {
				t.Errorf("%s", judgetest.Told(rep))
			}
			if lives > 1 {
				t.Errorf("it was started %d times", lives)
			}
		})
	}
}
