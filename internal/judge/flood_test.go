package judge_test

import (
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/target"
)

// TestFloodBesideALoad: whether a server gets ever slower is told by its own processor's time, so that it is the same however busy the
// machine is. One that goes over all that has come is blamed also where 64 MiB take it some seconds; one that takes as long for each byte is
// not, where the machine gives it a tenth of its time, and where 64 MiB take it minutes then.
func TestFloodBesideALoad(t *testing.T) {
	const all = 64 << 20
	for name, s := range map[string]struct {
		ever  bool
		works time.Duration // for 64 MiB
		load  time.Duration // times as long as it works
		fails bool
	}{
		"ever slower":                         {true, 6500 * time.Millisecond, 1, true},
		"ever slower, on a busy machine":      {true, 6500 * time.Millisecond, 20, true},
		"slow for each byte":                  {false, 6500 * time.Millisecond, 1, false},
		"slow for each byte, and a busy one":  {false, 6500 * time.Millisecond, 20, false},
		"too quick to matter":                 {true, 500 * time.Millisecond, 1, false},
		"too quick to matter, and a busy one": {true, 500 * time.Millisecond, 200, false},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			var worked atomic.Int64
			cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, _ int) {
				came, line := 0.0, []byte(nil)
				for buf := make([]byte, 64<<10); ; {
					n, err := c.Read(buf)
					before := came
					came += float64(n)
					share := float64(n) / all
					if s.ever {
						share = (came*came - before*before) / all / all
					}
					work := time.Duration(share * float64(s.works))
					worked.Add(int64(work))
					time.Sleep(s.load * work)
					if err != nil {
						if err == io.EOF && len(line) > 0 {
							_, _ = c.Write(append(line, '\n'))
						}
						_ = c.CloseWrite()
						return
					}
					if n = len(line) + n; n < 4<<10 {
						line = append(line, buf[:n-len(line)]...)
					}
					if len(line) == n && line[n-1] == '\n' {
						if _, err := c.Write(line); err != nil {
							return
						}
						line, came = nil, 0
					}
				}
			})
			const nobody = 1 << 30 // no process has that id
			cfg.Target = target.InProcess("handmade", cfg.Target.Address, nil, nil, nobody)
			cfg.Figures = func(int) (kernel.Figures, error) {
				did := time.Duration(worked.Load()).Truncate(kernel.Step)
				return kernel.Figures{CPU: did, Ready: s.load * did}, nil
			}
			r, err := judge.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close(t.Context())
			c := rules.Of("ROBU-2")[0]
			f := r.Play(t.Context(), c)
			if f.Is(finding.Broken) != s.fails || s.fails && !strings.Contains(f.Problem, "gets ever slower") || !s.fails && f != nil && !f.Is(finding.NotShown) {
				t.Errorf("%s: %+v", c.ID, f)
			}
		})
	}
}
