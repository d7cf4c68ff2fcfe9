package judge_test

import (
	"bytes"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestHalvesJoinedOnce: a server that takes a read for a message is not said to mix its clients' bytes because it was slow to
// read, and got the first request in halves, the control, as a whole.
func TestHalvesJoinedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool // it reads the next request when the whole of it has come
		var joined, halves atomic.Int64
		cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
			half := func() bool {
				waiting := c.(*inmemory.Server).Peek()
				return len(waiting) > 0 && !bytes.HasSuffix(waiting, []byte("\n"))
			}
			buf := make([]byte, 64<<10)
			for {
				time.Sleep(time.Millisecond) // until something may have come
				if half() && slow.CompareAndSwap(true, false) {
					for joined.Add(1); half(); {
						time.Sleep(time.Millisecond)
					}
				}
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if joined.Load() > 0 && !bytes.HasSuffix(buf[:n], []byte("\n")) {
					halves.Add(1)
				}
				_, _ = c.Write(append(bytes.TrimSpace(buf[:n]), '\n')) // the client sees how far it comes
			}
		})
		cfg.Only, cfg.Progress = "CONC-1", hooks{func(string) { slow.Store(true) }, func(report.Result) {}}
		if r := judgetest.Result(t, judgetest.Judge(t, cfg), "CONC-1"); r.Verdict == report.Fail {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
		if joined.Load() != 1 || halves.Load() == 0 {
			t.Errorf("%d requests were joined, %d came in halves behind that", joined.Load(), halves.Load())
		}
	})
}
