package unlike

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// TestSmallLimits: a server that takes few clients, refuses others at once, and counts those that have left a while longer is right, whatever
// its way to refuse is, and however late it counts.
func TestSmallLimits(t *testing.T) {
	judgetest.Table(t)
	for how, refuse := range map[string]func(judgetest.Conn){"busy": judgetest.SaysBusy, "FIN": func(judgetest.Conn) {}, "RST": judgetest.Resets} {
		for _, most := range []int{1, 2, 3, 5, 11} {
			for _, late := range []time.Duration{0, 3 * time.Millisecond, 40 * time.Millisecond, time.Second} {
				judgetest.Virtually(t, fmt.Sprintf("%s beside %d, %s late", how, most, late), func(t *testing.T) {
					server := &judgetest.Limited{Most: most, Late: late, Refuse: refuse}
					cfg := judgetest.Serving(t, "line", server.Serve)
					cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,ROBU-3", "LIFE-4,LINE-5"
					rep := judgetest.Judge(t, cfg)
					judgetest.Unbroken(t, rep)
					says := fmt.Sprintf("takes %d clients at once, and refuses others", most)
					if most == 1 {
						says = "one client at a time"
					}
					if text := strings.Join(rep.Notes, "; "); !strings.Contains(text, says) || strings.Contains(text, "mixes") {
						t.Errorf("the notes do not say that it %s: %s", says, text)
					}
				})
			}
		}
	}
}

// TestCountedLong: a server that takes many clients, and counts each for seconds after it has left, is right.
func TestCountedLong(t *testing.T) {
	for how, refuse := range map[string]func(judgetest.Conn){"busy": judgetest.SaysBusy, "FIN": func(judgetest.Conn) {}, "RST": judgetest.Resets} {
		judgetest.Virtually(t, how, func(t *testing.T) {
			server := &judgetest.Limited{Most: 100, Late: 10 * time.Second, Refuse: refuse}
			cfg := judgetest.Serving(t, "line", server.Serve)
			cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,CLOS,ROBU", "LIFE-4,LINE-5,ROBU-2,ROBU-6"
			rep := judgetest.Judge(t, cfg)
			judgetest.Unbroken(t, rep)
			if text := strings.Join(rep.Notes, "; "); !strings.Contains(text, "refuses clients that come quickly one after another") {
				t.Errorf("the notes do not say that it refuses others: %s", text)
			}
		})
	}
}

// TestNoLimit: a server that refuses clients though they are not too many is blamed, also where that looks like a limit: it refuses every
// so-manieth. So is one with a limit that ends connections for another reason.
func TestNoLimit(t *testing.T) {
	for every := 2; every <= 20; every++ {
		judgetest.Virtually(t, fmt.Sprintf("every %d", every), func(t *testing.T) {
			cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, number int) {
				if number%every == 0 {
					judgetest.Resets(c)
					return
				}
				(&judgetest.Limited{Most: 1}).Serve(c, number)
			})
			cfg.Only = "LIFE-1..2,FRAM-1..3"
			if rep := judgetest.Judge(t, cfg); len(judgetest.Having(rep, report.Fail)) == 0 {
				t.Errorf("nothing is broken: %s, %q", rep.Conclusion, rep.Notes)
			}
		})
	}
	judgetest.Virtually(t, "a limit, and more", func(t *testing.T) {
		server := &judgetest.Limited{Most: 3, Late: 3 * time.Millisecond, Refuse: judgetest.Resets}
		cfg := judgetest.Serving(t, "line", func(c judgetest.Conn, number int) { server.Serve(&oneRead{Conn: c}, number) })
		cfg.Only = "FRAM-2"
		if rep := judgetest.Judge(t, cfg); judgetest.Result(t, rep, "FRAM-2").Verdict != report.Fail {
			t.Errorf("broken: %q, %q", judgetest.Having(rep, report.Fail), rep.Notes)
		}
	})
}

// oneRead is a connection that ends where a line has not come in one read.
type oneRead struct{ judgetest.Conn }

func (c *oneRead) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && p[n-1] != '\n' {
		return 0, io.EOF
	}
	return n, err
}

// TestLimitOfClients: a server that takes a number of clients, refuses others, and serves again when they have left is right: ROBU-3 says
// how many, and how to say it, and what comes next is judged when it serves again. One that does not serve again is blamed, and that once.
func TestLimitOfClients(t *testing.T) {
	for name, test := range map[string]struct {
		blind  time.Duration
		refuse func(judgetest.Conn)
		robu3  report.Verdict
		says   string
	}{
		"recovers":       {6 * time.Second, judgetest.SaysBusy, report.Pass, "it takes 100 clients at once, refuses others, and serves again when they have left: say so by limits: {clients: 100}, or --clients 100"},
		"resets others":  {6 * time.Second, judgetest.Resets, report.Pass, "it takes 100 clients at once, refuses others, and serves again when they have left"},
		"never recovers": {time.Hour, judgetest.SaysBusy, report.Fail, "it took 100 of 500 clients, and refused others also when they had left: "},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			server := &judgetest.Limited{Most: 100, Blind: test.blind, Refuse: test.refuse}
			cfg := judgetest.Serving(t, "line", server.Serve)
			cfg.Only = "FRAM-1,FRAM-2,ROBU-3,ROBU-4"
			rep := judgetest.Judge(t, cfg)
			r := judgetest.Result(t, rep, "ROBU-3")
			if r.Verdict != test.robu3 || !strings.Contains(r.Observed+r.Reason, test.says) {
				t.Errorf("ROBU-3: %s: %s%s", r.Verdict, r.Reason, r.Observed)
			}
			if r := judgetest.Result(t, rep, "ROBU-4"); test.robu3 == report.Pass && r.Verdict != report.Pass {
				t.Errorf("ROBU-4, behind it: %s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestSaidLimit: what is said of the number of clients is kept to.
func TestSaidLimit(t *testing.T) {
	for _, most := range []int{1, 3, 40} {
		judgetest.Virtually(t, fmt.Sprint(most), func(t *testing.T) {
			server := &judgetest.Limited{Most: most}
			cfg := judgetest.Serving(t, "line", server.Serve)
			cfg.Only, cfg.Clients, cfg.Skip = "LIFE-1..5,LIFE-12,CONC,FRAM-1..7,ROBU", most, "LIFE-4,ROBU-2,ROBU-6"
			if broken := judgetest.Having(judgetest.Judge(t, cfg), report.Fail, report.Inconclusive); len(broken) > 0 {
				t.Errorf("of a server of %d clients, which is known: %q", most, broken)
			}
		})
	}
}
