package unlike

import (
	"bytes"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestPausesOfASlowServer: of a slow server that takes each read for whole lines, the first session that it answers wrongly with pauses tells
// that alone too, and the others are not played again for it, one after another.
func TestPausesOfASlowServer(t *testing.T) {
	judgetest.Virtually(t, "100 ms a read", func(t *testing.T) {
		began := time.Now()
		cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
			for b := make([]byte, 64<<10); ; {
				time.Sleep(100 * time.Millisecond)
				n, err := c.Read(b)
				if err != nil {
					_ = c.CloseWrite()
					return
				}
				for line := range bytes.SplitSeq(bytes.TrimRight(b[:n], "\n"), []byte("\n")) {
					if line = bytes.TrimSpace(line); len(line) == 0 {
						_ = c.CloseWrite()
						return
					}
					if _, err := c.Write(append(line, '\n')); err != nil {
						return
					}
				}
			}
		})
		cfg.Only = "FRAM-7"
		r, err := judge.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close(t.Context()) }()
		gate := time.Since(began)
		rep := r.Begin(t.Context()).Report()
		if res := judgetest.Result(t, rep, "FRAM-7"); res.Verdict != report.Fail {
			t.Errorf("FRAM-7: %s %s", res.Verdict, res.Reason)
		}
		if took := time.Since(began) - gate; took > 12*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
