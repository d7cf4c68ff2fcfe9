package unlike

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judgetest"
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
		server  *judgetest.Limited
		clients int    // as --clients says
		limit   string // as --limit says
		want    int    // 0: nothing is said
	}{
		{"counts late", "line", &judgetest.Limited{Most: 100, Late: 10 * time.Second}, 0, "", 100},
		{"counts late, and resets", "line", &judgetest.Limited{Most: 100, Late: 10 * time.Second, Refuse: judgetest.Resets}, 0, "", 100},
		{"counts late", exchanged, &judgetest.Limited{Most: 100, Late: 10 * time.Second}, 0, "", 100},
		{"counts at once", exchanged, &judgetest.Limited{Most: 100}, 0, "", 100},
		{"few", "line", &judgetest.Limited{Most: 5}, 0, "", 5},
		{"few, and resets", exchanged, &judgetest.Limited{Most: 3, Refuse: judgetest.Resets}, 0, "", 3},
		{"counts some longer", "line", &judgetest.Limited{Most: 100, Late: 3 * time.Second, From: 90, Longer: 5 * time.Second}, 0, "", 100},
		{"said", "line", &judgetest.Limited{Most: 100, Late: 10 * time.Second}, 100, "", 0},
		{"said, few", "line", &judgetest.Limited{Most: 5}, 5, "", 0},
		{"said, and counts late", exchanged, &judgetest.Limited{Most: 100, Late: 10 * time.Second}, 0, "clients=100", 0},
		{"said", exchanged, &judgetest.Limited{Most: 100}, 0, "clients=100", 0},
		{"said, few", exchanged, &judgetest.Limited{Most: 5}, 0, "clients=5", 0},
	} {
		judgetest.Virtually(t, test.name+"/"+test.dialect, func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", test.server.Serve)
			if test.dialect == exchanged {
				cfg.Dialect, cfg.Exchange = "test.yaml", judgetest.ExchangeFile(t, judgetest.LineFile)
			}
			cfg.Clients = test.clients
			if test.limit != "" {
				file := filepath.Join(t.TempDir(), "line.yaml")
				if err := os.WriteFile(file, []byte(judgetest.LineFile), 0o600); err != nil {
					t.Fatal(err)
				}
				cfg.Dialect, cfg.Exchange, cfg.Adds = file, nil, exchange.Additions{Limits: []string{test.limit}}
			}
			cfg.Only = "FRAM-1,FRAM-2,ROBU-3,ROBU-4,ROBU-5"
			rep := judgetest.Judge(t, cfg)
			judgetest.Unbroken(t, rep)
			want, r := "", judgetest.Result(t, rep, "ROBU-3")
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
	judgetest.Virtually(t, "ten a second", func(t *testing.T) {
		server := &throttled{}
		cfg := judgetest.Serving(t, "line", server.serve)
		cfg.Only = "LIFE-1,LIFE-2,FRAM-1,ROBU-3"
		cfg.Restart = func(context.Context) error { return errors.New("it has not stopped serving") }
		rep := judgetest.Judge(t, cfg)
		judgetest.Unbroken(t, rep)
		if r := judgetest.Result(t, rep, "ROBU-3"); strings.Contains(r.Observed+r.Reason, "clients at once") {
			t.Errorf("ROBU-3: %s: %s%s", r.Verdict, r.Reason, r.Observed)
		}
		if t.Failed() {
			t.Log(judgetest.Told(rep))
		}
	})
}

// throttled is a line server that resets who comes within a tenth of a second behind another that it has served.
type throttled struct {
	mu   sync.Mutex
	last time.Time
}

func (p *throttled) serve(c judgetest.Conn, number int) {
	p.mu.Lock()
	early := time.Since(p.last) < 100*time.Millisecond
	if !early {
		p.last = time.Now()
	}
	p.mu.Unlock()
	if early {
		judgetest.Resets(c)
		return
	}
	(&judgetest.Limited{Most: 1}).Serve(c, number)
}
