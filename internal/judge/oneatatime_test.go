package judge

import (
	"net"
	"strings"
	"testing"
	"time"

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
	for name, config := range map[string]func(t *testing.T) Config{
		"refuses for 100 ms": func(t *testing.T) Config {
			return serving(t, "line", (&limited{most: 1, late: 100 * ms, refuse: resets}).serve)
		},
		"answers after 100 ms": func(t *testing.T) Config {
			return inMemory(t, near(), "line", reference.Config{MaxConnections: 1}, func(c conn) net.Conn { return late{c, 100 * ms, nil} })
		},
		"answers after 200 ms": func(t *testing.T) Config {
			return inMemory(t, near(), "echo", reference.Config{MaxConnections: 1}, func(c conn) net.Conn { return late{c, 200 * ms, nil} })
		},
	} {
		virtually(t, name, func(t *testing.T) {
			cfg := config(t)
			cfg.Skip = "LIFE-4,LINE-5,CODE"
			began := time.Now()
			rep := judge(t, cfg)
			if took := time.Since(began); took > mostVirtual {
				t.Errorf("it took %s", took)
				for _, r := range rep.Results {
					t.Logf("%s took %.1f s, %s %s", r.ID, r.DurationMS/1000, r.Verdict, r.Observed)
				}
			}
			unbroken(t, rep)
			if !strings.Contains(strings.Join(rep.Notes, "; "), "one client at a time") || result(t, rep, "FRAM-2").Verdict != report.Pass {
				t.Errorf("notes %q: %s", rep.Notes, told(rep))
			}
		})
	}
}
