package unlike

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// A whole is what the whole suite says of a right server, in one dialect.
type whole struct {
	dialect   string
	blamed    string // what fails, or warns; apart by spaces, as the others
	undecided string // what is inconclusive
}

// mostVirtual is how long a run takes at the most that judges a server which is slow, far, or has few workers.
const mostVirtual = 3 * time.Minute

// exchanged stands for the line server that is judged by an exchange file, among the dialects.
const exchanged = "exchange file"

// judging is the config for a server of the dialect.
func (w whole) judging(t *testing.T, l *inmemory.TCPListener, server reference.Config, wrap func(judgetest.Conn) net.Conn) judge.Config {
	if w.dialect != exchanged {
		return judgetest.InMemory(t, l, w.dialect, server, wrap)
	}
	cfg := judgetest.InMemory(t, l, "line", server, wrap)
	cfg.Dialect, cfg.Exchange = "test.yaml", judgetest.ExchangeFile(t, judgetest.LineFile)
	return cfg
}

// TestWholeSuite judges right servers that are slow, far, or have few workers by every case that applies to a server without a
// process. A right server is to pass: what is listed is what is not so yet, and whatever is not listed must stay as it is.
func TestWholeSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("it is many whole runs, of which the race detector sees one elsewhere")
	}
	const ms = time.Millisecond
	all := []whole{{"echo", "", ""}, {"greet", "", ""}, {"line", "", ""}, {"script", "", ""}, {exchanged, "", ""}}
	few := []whole{ // CONC-3 says how many it served
		{"echo", "CONC-3", ""},
		{"greet", "CONC-3", ""},
		{"line", "CONC-3", ""},
		{"script", "CONC-3", ""},
	}
	many := []whole{{"line", "CONC-3 ROBU-3", ""}}
	for _, server := range []struct {
		name    string
		flight  time.Duration // of a segment
		cfg     reference.Config
		late    time.Duration
		timeout time.Duration
		note    string // how it begins
		says    []whole
	}{
		{"is far, 50 ms there and back", 25 * ms, reference.Config{}, 0, 0, "the cuts could not be confirmed", all},
		{"is far, 200 ms there and back", 100 * ms, reference.Config{}, 0, 3 * time.Second, "the cuts could not be confirmed", all},
		{"answers after 200 ms", 0, reference.Config{}, 200 * ms, 0, "", all},
		{"answers after 2 s", 0, reference.Config{}, 2 * time.Second, 10 * time.Second, "", all},
		{"has two workers", 0, reference.Config{MaxConnections: 2}, 0, 0, "the server serves 2 clients at once, and another when one of them has left", few},
		{"has five workers", 0, reference.Config{MaxConnections: 5}, 0, 0, "the server serves 5 clients at once", few},
		{"has eleven workers", 0, reference.Config{MaxConnections: 11}, 0, 0, "the server serves 11 clients at once", few},
		{"has seventeen workers", 0, reference.Config{MaxConnections: 17}, 0, 0, "", many},
	} {
		for _, says := range server.says {
			judgetest.Virtually(t, server.name+"/"+says.dialect, func(t *testing.T) {
				l := inmemory.ListenTCP(server.flight)
				if server.flight > 0 {
					l.Elsewhere()
				}
				cfg := says.judging(t, l, server.cfg, func(c judgetest.Conn) net.Conn { return judgetest.Late{Conn: c, By: server.late, Over: nil} })
				cfg.Timeout = server.timeout
				began := time.Now()
				rep := judgetest.Judge(t, cfg)
				if took := time.Since(began); took > mostVirtual {
					t.Errorf("it took %s", took)
				}
				says.hold(t, rep, server.flight == 0, server.note)
			})
		}
	}
}

// hold compares a report with what is said.
func (w whole) hold(t *testing.T, rep *report.Report, sees bool, note string) {
	t.Helper()
	if blamed := judgetest.Having(rep, report.Fail, report.Warn); !slices.Equal(blamed, strings.Fields(w.blamed)) {
		t.Errorf("blamed for %q, want %q", blamed, w.blamed)
	}
	if undecided := judgetest.Having(rep, report.Inconclusive); !slices.Equal(undecided, strings.Fields(w.undecided)) {
		t.Errorf("no verdict on %q, want %q", undecided, w.undecided)
	}
	if seen := rep.Target.Cuts == "confirmed"; seen != sees || len(rep.Notes) != map[bool]int{true: 0, false: 1}[note == ""] || !strings.HasPrefix(strings.Join(rep.Notes, "; "), note) {
		t.Errorf("cuts %s, notes %q", rep.Target.Cuts, rep.Notes)
	}
	for _, r := range rep.Results {
		lacks := strings.Contains(r.Reason, "give --") || w.dialect == exchanged && slices.Contains([]string{"FRAM-12", "CLOS-2", "CLOS-3", "CLOS-4"}, r.ID)
		if r.Verdict == report.Skip && !lacks && !(strings.HasPrefix(r.Reason, "the server is slow") && slices.Contains([]string{"CONC-3", "FLOW-1", "FLOW-4", "ROBU-2"}, r.ID)) {
			t.Errorf("%s was skipped: %s", r.ID, r.Reason)
		}
	}
	if t.Failed() {
		t.Log(fmt.Sprint(rep.Cuts) + judgetest.Told(rep))
	}
}

// TestTooFar: what the user has not asked for is no verdict, and the report says what to ask for.
func TestTooFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rep := judgetest.Judge(t, judgetest.InMemory(t, inmemory.ListenTCP(100*time.Millisecond).Elsewhere(), "line", reference.Config{}, nil))
		if rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Trouble, "the server took 600ms to answer a plain session") || !strings.HasSuffix(rep.Trouble, "give it a --timeout of 3s") {
			t.Errorf("%s", judgetest.Told(rep))
		}
	})
}

// TestFilling judges a right server that is so slow that the buffers of a client that does not read are not filled in good time: what was
// not shown does not pass.
func TestFilling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.InMemory(t, judgetest.Near(), "echo", reference.Config{}, func(c judgetest.Conn) net.Conn { return judgetest.Late{Conn: c, By: 5 * time.Second, Over: nil} })
		cfg.Only, cfg.Timeout = "FLOW-2,ROBU-6", 25*time.Second
		r := judgetest.Judge(t, cfg)
		for _, res := range r.Results {
			if res.Verdict != report.Skip || !strings.HasPrefix(res.Reason, "the server is slow, and to fill the buffers") {
				t.Errorf("%s: %s %s", res.ID, res.Verdict, res.Reason)
			}
		}
	})
}
