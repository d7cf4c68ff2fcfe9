package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/report"
)

// TestLimitIsSaid: ROBU-3 says how many clients a server takes that refuses others, and how to say it, however the limit was found out;
// also where those count for a long time that have left, so that what the gate saw of the limit is less. What is said already is not said
// again, and what is no limit of clients is none.
func TestLimitIsSaid(t *testing.T) {
	const says = "it takes %d clients at once, refuses others, and serves again when they have left: say so by limits: {clients: %d}, or --clients %d"
	for _, test := range []struct {
		name    string
		dialect string
		server  *limited
		clients int    // as --clients says
		limit   string // as --limit says
		want    int    // 0: nothing is said
	}{
		{"counts late", "line", &limited{most: 100, late: 10 * time.Second}, 0, "", 100},
		{"counts late, and resets", "line", &limited{most: 100, late: 10 * time.Second, refuse: resets}, 0, "", 100},
		{"counts late", exchanged, &limited{most: 100, late: 10 * time.Second}, 0, "", 100},
		{"counts at once", exchanged, &limited{most: 100}, 0, "", 100},
		{"few", "line", &limited{most: 5}, 0, "", 5},
		{"few, and resets", exchanged, &limited{most: 3, refuse: resets}, 0, "", 3},
		{"counts some longer", "line", &limited{most: 100, late: 3 * time.Second, from: 90, longer: 5 * time.Second}, 0, "", 100},
		{"said", "line", &limited{most: 100, late: 10 * time.Second}, 100, "", 0},
		{"said, few", "line", &limited{most: 5}, 5, "", 0},
		{"said, and counts late", exchanged, &limited{most: 100, late: 10 * time.Second}, 0, "clients=100", 0},
		{"said", exchanged, &limited{most: 100}, 0, "clients=100", 0},
		{"said, few", exchanged, &limited{most: 5}, 0, "clients=5", 0},
	} {
		virtually(t, test.name+"/"+test.dialect, func(t *testing.T) {
			cfg := serving(t, "line", test.server.serve)
			if test.dialect == exchanged {
				cfg.Dialect, cfg.Exchange = "test.yaml", exchangeFile(t, lineFile)
			}
			cfg.Clients = test.clients
			if test.limit != "" {
				file := filepath.Join(t.TempDir(), "line.yaml")
				if err := os.WriteFile(file, []byte(lineFile), 0o600); err != nil {
					t.Fatal(err)
				}
				cfg.Dialect, cfg.Exchange, cfg.Adds = file, nil, exchange.Additions{Limits: []string{test.limit}}
			}
			cfg.Only = "FRAM-1,FRAM-2,ROBU-3,ROBU-4,ROBU-5"
			rep := judge(t, cfg)
			unbroken(t, rep)
			want, r := "", result(t, rep, "ROBU-3")
			if test.want > 0 {
				want = fmt.Sprintf(says, test.want, test.want, test.want)
			}
			if r.Verdict != report.Pass || !strings.Contains(r.Observed, want) || (want == "") != !strings.Contains(r.Observed, "say so by") {
				t.Errorf("ROBU-3: %s: %s%s", r.Verdict, r.Reason, r.Observed)
			}
		})
	}
}

// TestPacedClients: a server that takes so many clients in a time, and refuses others, has no limit of those that are there at once.
func TestPacedClients(t *testing.T) {
	virtually(t, "ten a second", func(t *testing.T) {
		server := &throttled{}
		cfg := serving(t, "line", server.serve)
		cfg.Only = "LIFE-1,LIFE-2,FRAM-1,ROBU-3"
		cfg.Restart = func(context.Context) error { return errors.New("it has not stopped serving") }
		rep := judge(t, cfg)
		unbroken(t, rep)
		if r := result(t, rep, "ROBU-3"); strings.Contains(r.Observed+r.Reason, "clients at once") {
			t.Errorf("ROBU-3: %s: %s%s", r.Verdict, r.Reason, r.Observed)
		}
		if t.Failed() {
			t.Log(told(rep))
		}
	})
}

// throttled is a line server that resets who comes within a tenth of a second behind another that it has served.
type throttled struct {
	limited
	last time.Time
}

func (p *throttled) serve(c conn, number int) {
	p.mu.Lock()
	early := time.Since(p.last) < 100*time.Millisecond
	if !early {
		p.last = time.Now()
	}
	p.mu.Unlock()
	if early {
		resets(c)
		return
	}
	(&limited{most: 1}).serve(c, number)
}
