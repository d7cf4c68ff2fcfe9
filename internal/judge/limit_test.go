package judge

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamspec/streamspec/suite/report"
)

// limited is a line server that serves so many clients at once, says busy to others, and finds out only some time after it was full that
// its clients have left.
type limited struct {
	most  int
	blind time.Duration
	mu    sync.Mutex
	open  int
	until time.Time // when it looks for clients that have left
}

func (l *limited) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.most || time.Now().Before(l.until) {
		return false
	}
	if l.open++; l.open == l.most {
		l.until = time.Now().Add(l.blind)
	}
	return true
}

func (l *limited) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}

func (l *limited) serve(c conn, _ int) {
	if !l.enter() {
		_, _ = io.WriteString(c, "busy\n") // the client sees how far it comes
		return
	}
	defer l.leave()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		_, _ = fmt.Fprintln(c, strings.TrimSpace(lines.Text())) // the client sees how far it comes
	}
}

// TestLimitOfClients: a server that takes a number of clients, refuses others, and serves again when they have left is right: ROBU-3 says
// how many, and how to say it, and what comes next is judged when it serves again. One that does not serve again is blamed, and that once.
func TestLimitOfClients(t *testing.T) {
	for name, test := range map[string]struct {
		blind time.Duration
		robu3 report.Verdict
		says  string
	}{
		"recovers":       {6 * time.Second, report.Pass, "it takes 100 clients at once, refuses others, and serves again when they have left: say so by limits: {clients: 100}, or --clients 100"},
		"never recovers": {time.Hour, report.Fail, "it took 100 of 500 clients, and refused others also when they had left: "},
	} {
		virtually(t, name, func(t *testing.T) {
			server := &limited{most: 100, blind: test.blind}
			cfg := serving(t, "line", server.serve)
			cfg.Only = "FRAM-1,FRAM-2,ROBU-3,ROBU-4"
			rep := judge(t, cfg)
			r := result(t, rep, "ROBU-3")
			if r.Verdict != test.robu3 || !strings.Contains(r.Observed+r.Reason, test.says) {
				t.Errorf("ROBU-3: %s: %s%s", r.Verdict, r.Reason, r.Observed)
			}
			if r := result(t, rep, "ROBU-4"); test.robu3 == report.Pass && r.Verdict != report.Pass {
				t.Errorf("ROBU-4, behind it: %s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestSaidLimit: what is said of the number of clients is kept to.
func TestSaidLimit(t *testing.T) {
	for _, most := range []int{1, 3, 40} {
		virtually(t, fmt.Sprint(most), func(t *testing.T) {
			server := &limited{most: most}
			cfg := serving(t, "line", server.serve)
			cfg.Only, cfg.Clients, cfg.Skip = "LIFE-1..5,LIFE-12,CONC,FRAM-1..7,ROBU", most, "LIFE-4,ROBU-2,ROBU-6"
			if broken := having(judge(t, cfg), report.Fail, report.Inconclusive); len(broken) > 0 {
				t.Errorf("of a server of %d clients, which is known: %q", most, broken)
			}
		})
	}
}
