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

// limited is a line server that serves so many clients at once, and refuses others. It counts a client for some time after that has left,
// and where it was full it finds out only some time later that its clients have left.
type limited struct {
	most   int
	blind  time.Duration
	late   time.Duration
	from   int           // clients from this number on are counted longer, where it is not 0
	longer time.Duration // so much longer
	refuse func(conn)    // nil: it says busy
	mu     sync.Mutex
	open   int
	until  time.Time // when it looks for clients that have left
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

func (l *limited) serve(c conn, number int) {
	if !l.enter() {
		if l.refuse == nil {
			l.refuse = saysBusy
		}
		l.refuse(c)
		return
	}
	defer func() {
		_ = c.Close()
		time.Sleep(l.late)
		if l.from > 0 && number >= l.from {
			time.Sleep(l.longer)
		}
		l.leave()
	}()
	for lines := bufio.NewScanner(c); lines.Scan(); {
		_, _ = fmt.Fprintln(c, strings.Trim(lines.Text(), " \t\n\v\f\r")) // the client sees how far it comes
	}
}

func saysBusy(c conn) { _, _ = io.WriteString(c, "busy\n") } // the client sees how far it comes

func resets(c conn) {
	_ = c.SetLinger(0) // in memory it is always possible
	_ = c.Close()
}

// unbroken holds that nothing is broken, and nothing left open.
func unbroken(t *testing.T, rep *report.Report) {
	t.Helper()
	if broken := having(rep, report.Fail, report.Inconclusive); len(broken) > 0 {
		t.Errorf("broken: %q: %s", broken, told(rep))
	}
}

// TestSmallLimits: a server that takes few clients, refuses others at once, and counts those that have left a while longer is right, whatever
// its way to refuse is, and however late it counts.
func TestSmallLimits(t *testing.T) {
	table(t)
	for how, refuse := range map[string]func(conn){"busy": saysBusy, "FIN": func(conn) {}, "RST": resets} {
		for _, most := range []int{1, 2, 3, 5, 11} {
			for _, late := range []time.Duration{0, 3 * time.Millisecond, 40 * time.Millisecond, time.Second} {
				virtually(t, fmt.Sprintf("%s beside %d, %s late", how, most, late), func(t *testing.T) {
					server := &limited{most: most, late: late, refuse: refuse}
					cfg := serving(t, "line", server.serve)
					cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,ROBU-3", "LIFE-4,LINE-5"
					rep := judge(t, cfg)
					unbroken(t, rep)
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
	for how, refuse := range map[string]func(conn){"busy": saysBusy, "FIN": func(conn) {}, "RST": resets} {
		virtually(t, how, func(t *testing.T) {
			server := &limited{most: 100, late: 10 * time.Second, refuse: refuse}
			cfg := serving(t, "line", server.serve)
			cfg.Only, cfg.Skip = "LIFE-1..5,CONC,FRAM-1..7,LINE,CLOS,ROBU", "LIFE-4,LINE-5,ROBU-2,ROBU-6"
			rep := judge(t, cfg)
			unbroken(t, rep)
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
		virtually(t, fmt.Sprintf("every %d", every), func(t *testing.T) {
			cfg := serving(t, "line", func(c conn, number int) {
				if number%every == 0 {
					resets(c)
					return
				}
				(&limited{most: 1}).serve(c, number)
			})
			cfg.Only = "LIFE-1..2,FRAM-1..3"
			if rep := judge(t, cfg); len(having(rep, report.Fail)) == 0 {
				t.Errorf("nothing is broken: %s, %q", rep.Conclusion, rep.Notes)
			}
		})
	}
	virtually(t, "a limit, and more", func(t *testing.T) {
		server := &limited{most: 3, late: 3 * time.Millisecond, refuse: resets}
		cfg := serving(t, "line", func(c conn, number int) { server.serve(&oneRead{conn: c}, number) })
		cfg.Only = "FRAM-2"
		if rep := judge(t, cfg); result(t, rep, "FRAM-2").Verdict != report.Fail {
			t.Errorf("broken: %q, %q", having(rep, report.Fail), rep.Notes)
		}
	})
}

// oneRead is a connection that ends where a line has not come in one read.
type oneRead struct{ conn }

func (c *oneRead) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
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
		refuse func(conn)
		robu3  report.Verdict
		says   string
	}{
		"recovers":       {6 * time.Second, saysBusy, report.Pass, "it takes 100 clients at once, refuses others, and serves again when they have left: say so by limits: {clients: 100}, or --clients 100"},
		"resets others":  {6 * time.Second, resets, report.Pass, "it takes 100 clients at once, refuses others, and serves again when they have left"},
		"never recovers": {time.Hour, saysBusy, report.Fail, "it took 100 of 500 clients, and refused others also when they had left: "},
	} {
		virtually(t, name, func(t *testing.T) {
			server := &limited{most: 100, blind: test.blind, refuse: test.refuse}
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
