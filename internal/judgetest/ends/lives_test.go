package ends

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// A mortal life is one that is over of something that no client has sent. From then on the server is over in its way.

// overWays are how it is over.
var overWays = []string{"answers nothing", "hangs", "closes", "resets", "is gone"}

// mortalLife is a config for a server that echoes and can be started again, each of whose lives is over as over says, which is called for each
// client, with its number in that life, and the life's age. So long each client waits first.
func mortalLife(t *testing.T, way string, takes time.Duration, over func(number int, age time.Duration) bool) judge.Config {
	return revived(t, "echo", func(l *inmemory.TCPListener) func() {
		began := time.Now()
		var clients atomic.Int64
		var b *judgetest.Handmade
		ready, dead := make(chan struct{}), make(chan struct{})
		end := sync.OnceFunc(func() {
			close(dead)
			b.Die()
		})
		b = judgetest.On(t, l, func(c judgetest.Conn) {
			<-ready
			number := int(clients.Add(1))
			time.Sleep(takes)
			for buf := make([]byte, 64<<10); ; {
				if over(number, time.Since(began)) {
					switch way {
					case "answers nothing":
						_, _ = io.Copy(io.Discard, c) // until its client leaves
					case "hangs":
						<-dead
					case "resets":
						_ = c.SetLinger(0)
					case "is gone":
						b.Die()
					}
					return
				}
				n, err := c.Read(buf)
				if over(number, time.Since(began)) {
					continue
				}
				if _, wrote := c.Write(buf[:n]); err != nil || wrote != nil {
					_ = c.CloseWrite() // the client sees it
					return
				}
			}
		})
		t.Cleanup(end)
		close(ready)
		return end
	})
}

// TestServerThatStopsByItself: a server that stops serving some time after its start, whatever is sent, breaks LIFE-1, and nobody else is
// blamed for it. Where LIFE-1 is not judged, there is no verdict.
func TestServerThatStopsByItself(t *testing.T) {
	judgetest.Table(t)
	for _, way := range overWays {
		for _, c := range []struct {
			age, takes time.Duration
			skip       string
		}{
			{2 * time.Second, 0, ""}, {3 * time.Second, 0, ""}, {2 * time.Second, 0, "LIFE-1"},
			{2 * time.Second, 10 * time.Millisecond, ""}, // it does not serve as many clients again, one after another
		} {
			age, skip := c.age, c.skip
			judgetest.Virtually(t, fmt.Sprintf("%s after %s, without %q, %s", way, age, skip, c.takes), func(t *testing.T) {
				cfg := mortalLife(t, way, c.takes, func(_ int, so time.Duration) bool { return so >= age })
				cfg.Skip = skip
				began := time.Now()
				rep := judgetest.Judge(t, cfg)
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("it took %s", took)
				}
				want, conclusion, said := []string{"LIFE-1"}, report.NotConformant, ""
				if skip != "" {
					want, conclusion, said = nil, report.NoVerdict, rep.Trouble
				} else {
					said = judgetest.Result(t, rep, "LIFE-1").Reason
				}
				if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, want) || rep.Conclusion != conclusion {
					t.Errorf("blamed: %q: %s", broken, judgetest.Told(rep))
				}
				if !strings.Contains(said, "by itself") || !strings.Contains(said, "whatever was sent") {
					t.Errorf("it is said: %q", said)
				}
			})
		}
	}
}

// TestServerOfSoManyClients: one that serves so many clients in each of its lives, and nobody behind them, breaks LIFE-2, and nobody else is
// blamed for it. What takes no more is judged, and the same in every run.
func TestServerOfSoManyClients(t *testing.T) {
	judgetest.Table(t)
	for _, way := range overWays {
		for _, most := range []int{5, 20, 40, 300} {
			judgetest.Virtually(t, fmt.Sprintf("%s after %d", way, most), func(t *testing.T) {
				var before []string
				runs := 1
				if way == overWays[0] { // what is left out of a run is the same for each way
					runs = 2
				}
				for range runs {
					cfg := mortalLife(t, way, 0, func(number int, _ time.Duration) bool { return number > most })
					began := time.Now()
					rep := judgetest.Judge(t, cfg)
					if took := time.Since(began); took > time.Minute {
						t.Errorf("it took %s", took)
					}
					if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"LIFE-2"}) || rep.First != "LIFE-2" {
						t.Errorf("blamed: %q, begin with %s: %s", broken, rep.First, judgetest.Told(rep))
					}
					if r := judgetest.Result(t, rep, "LIFE-2"); !strings.Contains(r.Reason, fmt.Sprintf("behind %d plain sessions", most)) {
						t.Errorf("LIFE-2: %s", r.Reason)
					}
					shown := judgetest.Having(rep, report.Pass)
					if before != nil && !slices.Equal(before, shown) {
						t.Errorf("shown: %q, and before %q", shown, before)
					}
					before = shown
					for _, r := range rep.Results {
						if r.Verdict == report.Skip && !strings.Contains(r.Reason, "give --") && !strings.Contains(r.Reason, "(LIFE-2)") {
							t.Errorf("%s was skipped: %s", r.ID, r.Reason)
						}
					}
				}
				if len(before) < 8 {
					t.Errorf("only %q was shown", before)
				}
			})
		}
	}
}

// TestServerThatBreaksAgainAndAgain: what breaks a server that serves nobody then costs the waits for it, each time. Some of what breaks it
// is blamed, nothing else is, and the run ends soon: what was not judged is said, and the same in every run.
func TestServerThatBreaksAgainAndAgain(t *testing.T) {
	for _, workers := range []int{0, 8} {
		judgetest.Virtually(t, fmt.Sprintf("%d at once", workers), func(t *testing.T) {
			var before []string
			for range 2 {
				cfg := revived(t, "echo", func(l *inmemory.TCPListener) func() {
					b := &brittle{way: "answers nothing", breaks: func([]byte, int) bool { return false }}
					return judgetest.On(t, l, func(c judgetest.Conn) { b.serve(&counting{Conn: c, full: b.shatter}) }).Die
				})
				cfg.Workers = workers
				began := time.Now()
				rep := judgetest.Judge(t, cfg)
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("it took %s", took)
					for _, r := range rep.Results {
						t.Logf("%-8s %-12s %6.0f ms", r.ID, r.Verdict, r.DurationMS)
					}
				}
				broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive)
				large := []string{"FRAM-8", "FRAM-11", "FRAM-12", "FLOW-1", "FLOW-2", "FLOW-3", "ROBU-2", "ROBU-6"} // which send as much on one connection
				if len(broken) == 0 || slices.ContainsFunc(broken, func(id string) bool { return !slices.Contains(large, id) }) || rep.Conclusion != report.NotConformant {
					t.Errorf("blamed: %q: %s", broken, judgetest.Told(rep))
				}
				if before != nil && !slices.Equal(broken, before) {
					t.Errorf("blamed: %q, and before %q", broken, before)
				}
				before = broken
				for _, r := range rep.Results {
					if r.Verdict == report.Skip && !strings.Contains(r.Reason, "give --") && !strings.Contains(r.Reason, "serves nobody any more behind what is sent for "+broken[0]) {
						t.Errorf("%s was skipped: %s", r.ID, r.Reason)
					}
				}
			}
		})
	}
}

// counting calls full when more than 100,000 bytes were read.
type counting struct {
	judgetest.Conn
	read int
	full func()
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.read += n; c.read > 100_000 {
		c.full()
	}
	return n, err
}

// shatter breaks the server.
func (b *brittle) shatter() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = true
}
