package unlike

import (
	"bytes"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/report"
)

// slowLater is told when judging begins.
type slowLater struct{ begun atomic.Bool }

func (s *slowLater) Start(string)       { s.begun.Store(true) }
func (s *slowLater) Done(report.Result) {}

// TestCutsAgain has a server that reads at once in the gate, and late from then on, as one that a busy machine keeps from
// reading: its cuts are made again with more time, or have it at once where they cannot be, and are confirmed then.
func TestCutsAgain(t *testing.T) { synctest.Test(t, testCutsAgain) }

func testCutsAgain(t *testing.T) {
	later := new(slowLater)
	cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
		b := make([]byte, 4096)
		for {
			if later.begun.Load() {
				time.Sleep(patience.New(0).Cut * 3 / 2)
			}
			n, err := c.Read(b)
			if n > 0 {
				_, _ = c.Write(b[:n])
			}
			if err != nil {
				if err == io.EOF {
					_ = c.CloseWrite()
				}
				return
			}
		}
	})
	cfg.Only, cfg.Workers, cfg.Progress = "FRAM-3,CONC-1", 4, later
	r := judgetest.Judge(t, cfg)
	for _, res := range r.Results {
		if res.Verdict != report.Pass || res.Cuts.Made == 0 || res.Cuts.Confirmed < res.Cuts.Made {
			t.Errorf("%s: %s, with %d of %d cuts confirmed: %s", res.ID, res.Verdict, res.Cuts.Confirmed, res.Cuts.Made, res.Reason)
		}
	}
}

// TestCutThatWasMissed has a server that takes a read for a line, and reads one time late: its answer is right then, since
// the cut was no separate read. That shows nothing, and the simplest failure is found all the same.
func TestCutThatWasMissed(t *testing.T) { synctest.Test(t, testCutThatWasMissed) }

func testCutThatWasMissed(t *testing.T) {
	later := new(slowLater)
	var missed atomic.Bool
	cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
		b := make([]byte, 4096)
		if later.begun.Load() && !missed.Swap(true) {
			time.Sleep(patience.New(0).Cut * 3 / 2)
		}
		for {
			n, err := c.Read(b)
			for _, line := range bytes.FieldsFunc(b[:n], func(r rune) bool { return r == '\n' }) {
				_, _ = c.Write(append(bytes.TrimSpace(line), '\n'))
			}
			if err != nil {
				return
			}
		}
	})
	cfg.Only, cfg.Workers, cfg.Progress = "FRAM-2", 1, later
	res := judgetest.Judge(t, cfg).Results[0]
	if res.Verdict != report.Fail || res.Failure.Request.Total != 3 || res.Cuts.Confirmed < res.Cuts.Made || !missed.Load() {
		t.Errorf("%s, %+v: %+v", res.Verdict, res.Cuts, res.Failure)
	}
}
