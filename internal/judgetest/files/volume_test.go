package files

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestLongAnswerOfOneMessage: where the long answer of one message ends at a write that would block, a slow reader shows it, and the
// report begins with that.
func TestLongAnswerOfOneMessage(t *testing.T) {
	judgetest.Table(t)
	for name, s := range map[string]struct {
		blocks func(page bool) bool // whether a write may wait
		want   string
	}{
		"right":                         {func(bool) bool { return true }, ""},
		"no write of a page waits":      {func(page bool) bool { return !page }, "FLOW-1"},
		"no write of an answer waits":   {func(bool) bool { return false }, "FLOW-1"},
		"no write of a short one waits": {func(page bool) bool { return page }, "FLOW-1"},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "pages", func(c judgetest.Conn, _ int) {
				judgetest.Pages(c, func(answer []byte, page bool) bool {
					if !s.blocks(page) {
						_ = c.SetWriteDeadline(time.Now().Add(time.Millisecond))
					}
					_, err := c.Write(answer)
					_ = c.SetWriteDeadline(time.Time{})
					return err == nil
				})
			})
			cfg.Dialect, cfg.Exchange, cfg.Only, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, judgetest.PageFile), "FRAM-1..4,FRAM-11,FLOW-1", 1
			rep := judgetest.Judge(t, cfg)
			if rep.First != s.want || (rep.Conclusion == report.Conformant) != (s.want == "") || strings.Contains(rep.Likely, "does not take it at once") != (s.want != "") {
				t.Errorf("it begins with %q, and the likely cause is %q: %s", rep.First, rep.Likely, judgetest.Told(rep))
			}
		})
	}
}

// TestVolume: what is asked of a server on one connection is bounded by the bytes of its answers, which may be a hundred thousand times
// as long as the messages. One that reads ahead, and keeps in memory what it is asked for, is not asked for gigabytes.
func TestVolume(t *testing.T) {
	judgetest.Table(t)
	const most = 128 << 20
	const file = "protocol: pages\npipelines: true\nexchanges:\n  - {name: page, send: \"page {{conn}}\\n\"}\n"
	for name, ahead := range map[string]bool{"reads when it has answered": false, "reads ahead": true} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			var largest atomic.Int64
			cfg := judgetest.Serving(t, "pages", func(c judgetest.Conn, _ int) {
				asked := int64(0)
				queue := make(chan []byte, 1<<14) // more than are asked for on a connection
				gone := make(chan struct{})
				if ahead {
					go func() {
						defer close(gone)
						for answer := range queue {
							if _, err := c.Write(answer); err != nil {
								return
							}
						}
					}()
				}
				judgetest.Pages(c, func(answer []byte, _ bool) bool {
					if asked += int64(len(answer)); asked > largest.Load() {
						largest.Store(asked)
					}
					if !ahead {
						_, err := c.Write(answer)
						return err == nil
					}
					select {
					case queue <- answer:
						return true
					case <-gone:
						return false
					}
				})
				if close(queue); ahead {
					<-gone
				}
			})
			cfg.Dialect, cfg.Exchange, cfg.Seed = "test.yaml", judgetest.ExchangeFile(t, file), 1
			cfg.Only = "FRAM-4,FRAM-9,FRAM-11,FLOW,ROBU-1,ROBU-6,LIFE-5"
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != report.Conformant || largest.Load() > most || rep.DurationMS > 60_000 {
				t.Errorf("%d bytes of answers on one connection, %.0f ms: %s", largest.Load(), rep.DurationMS, judgetest.Told(rep))
			}
			if r := judgetest.Result(t, rep, "FRAM-9"); !strings.Contains(r.Observed, "in part: the answers are long") {
				t.Errorf("FRAM-9: %s", r.Observed)
			}
		})
	}
}
