package unlike

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// TestSlowOneAtATime: a right server that serves one client at a time, and takes its time for each, or for the next one, gets its verdict in good
// time too, though nothing can be judged beside anything else.
func TestSlowOneAtATime(t *testing.T) {
	if testing.Short() {
		t.Skip("it is some whole runs, of which the race detector sees one elsewhere")
	}
	const ms = time.Millisecond
	for name, config := range map[string]func(t *testing.T) judge.Config{
		"refuses for 100 ms": func(t *testing.T) judge.Config {
			return judgetest.Serving(t, "line", (&judgetest.Limited{Most: 1, Late: 100 * ms, Refuse: judgetest.Resets}).Serve)
		},
		"answers after 100 ms": func(t *testing.T) judge.Config {
			return judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{MaxConnections: 1}, func(c judgetest.Conn) net.Conn { return judgetest.Late{Conn: c, By: 100 * ms, Over: nil} })
		},
		"answers after 200 ms": func(t *testing.T) judge.Config {
			return judgetest.InMemory(t, judgetest.Near(), "echo", reference.Config{MaxConnections: 1}, func(c judgetest.Conn) net.Conn { return judgetest.Late{Conn: c, By: 200 * ms, Over: nil} })
		},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := config(t)
			cfg.Skip = "LIFE-4,LINE-5,CODE"
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > mostVirtual {
				t.Errorf("it took %s", took)
				for _, r := range rep.Results {
					t.Logf("%s took %.1f s, %s %s", r.ID, r.DurationMS/1000, r.Verdict, r.Observed)
				}
			}
			judgetest.Unbroken(t, rep)
			if !strings.Contains(strings.Join(rep.Notes, "; "), "one client at a time") || judgetest.Result(t, rep, "FRAM-2").Verdict != report.Pass {
				t.Errorf("notes %q: %s", rep.Notes, judgetest.Told(rep))
			}
		})
	}
}
