package ends

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/realtime"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// dying is a config for a server that serves rightly until it has accepted so many connections, and is then gone.
func dying(t *testing.T, after int) judge.Config {
	var b *judgetest.Handmade
	ready := make(chan struct{})
	l := judgetest.Near()
	b = judgetest.On(t, l, func(c judgetest.Conn) {
		<-ready
		if b.Taken() > after {
			b.Die()
			return
		}
		judgetest.Echo(c)
	})
	close(ready)
	return judgetest.Meeting(l, "dying", "echo")
}

// TestServerThatDies: it is said once, of the requirement that was judged then; what comes
// after is not judged, and nothing is blamed on it. Where the gate has as many clients, the server does not serve the next one.
func TestServerThatDies(t *testing.T) {
	judgetest.Table(t)
	for _, after := range []int{20, 60, 300, 1000} {
		judgetest.Virtually(t, fmt.Sprint(after), func(t *testing.T) {
			cfg := dying(t, after)
			cfg.Workers = 1
			rep := judgetest.Judge(t, cfg)
			broken := judgetest.Having(rep, report.Fail, report.Warn)
			why := "the server had stopped serving: see "
			if after < 1000 {
				why = "the baseline exchange failed"
				if !slices.Equal(broken, []string{"LIFE-2"}) {
					t.Errorf("broken %q, want LIFE-2: %s", broken, judgetest.Told(rep))
				}
			}
			// What waits runs beside the others, and may see the death too. A server that stops serving is not conformant, whatever it was asked:
			// by a warning alone there is no verdict.
			want := report.NotConformant
			if len(judgetest.Having(rep, report.Fail)) == 0 {
				want = report.NoVerdict
			}
			if len(broken) < 1 || len(broken) > 4 || rep.Conclusion != want {
				t.Errorf("the server died, and the report says %s", judgetest.Told(rep))
			}
			left := 0
			for _, r := range rep.Results {
				if strings.Contains(r.Reason, why) {
					left++
					if by := r.Reason[strings.LastIndex(r.Reason, " ")+1:]; after == 1000 && !slices.Contains(broken, by) {
						t.Errorf("%s points to %s, which is not broken: %s", r.ID, by, judgetest.Told(rep))
					}
				}
			}
			if left < 5 {
				t.Errorf("only %d requirements were left out: %s", left, judgetest.Told(rep))
			}
		})
	}
}

// revived is a config for a server in memory that ends of something, and can be started again: start serves at a listener, and returns what
// ends it.
func revived(t *testing.T, dialect string, start func(l *inmemory.TCPListener) (end func())) judge.Config {
	var mu sync.Mutex
	l := judgetest.Near()
	end := start(l)
	cfg := judgetest.Meeting(l, "revived", dialect)
	cfg.Connect = func(ctx context.Context, addr string, o delivery.Options) (*delivery.Conn, error) {
		mu.Lock()
		current := l
		mu.Unlock()
		return delivery.DialOver(current.Connect)(ctx, addr, o)
	}
	cfg.Restart = func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		end()
		l = judgetest.Near()
		end = start(l)
		return nil
	}
	return cfg
}

// TestServerThatFailsIsStartedAgain: where the suite can start the server, what
// brought it down is named, and the rest judged on a new one.
func TestServerThatFailsIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := revived(t, "line", func(l *inmemory.TCPListener) func() {
			s, err := judgetest.NewServer("fail-kills", "line", reference.Config{})
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			go func() {
				defer close(served)
				_ = s.(interface{ Serve(net.Listener) error }).Serve(l) // until it is closed
			}()
			end := func() {
				_ = s.Close()
				<-served
			}
			t.Cleanup(end)
			return end
		})
		cfg.Only = "LIFE-1..5,LIFE-12,CONC-3,FRAM-1..3"
		rep := judgetest.Judge(t, cfg)
		if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"LIFE-4", "LIFE-5"}) { // a reset fails its handlers too
			t.Errorf("a server that its failing handlers end: %s", judgetest.Told(rep))
		}
		if r := judgetest.Result(t, rep, "CONC-3"); r.Verdict != report.Pass {
			t.Errorf("CONC-3 on the server that was started again: %s: %s", r.Verdict, r.Reason)
		}
	})
}

// mortal answers lines, and ends of one that is long.
func mortal(c judgetest.Conn, die func()) {
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if len(lines.Bytes()) > 1000 {
			die()
			return
		}
		if _, err := fmt.Fprintln(c, strings.TrimSpace(lines.Text())); err != nil {
			return
		}
	}
}

// TestBesideAFailure: what a case does to the server is not blamed on those that run beside it.
func TestBesideAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := revived(t, "line", func(l *inmemory.TCPListener) func() {
			var b *judgetest.Handmade
			ready := make(chan struct{})
			b = judgetest.On(t, l, func(c judgetest.Conn) {
				<-ready
				mortal(c, b.Die)
			})
			close(ready)
			return b.Die
		})
		cfg.Only, cfg.Workers = "FRAM", 8
		rep := judgetest.Judge(t, cfg)
		if broken := judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"FRAM-8", "FRAM-11", "FRAM-12"}) { // whose messages are long, too
			t.Errorf("of a server that ends of a long line: %s", judgetest.Told(rep))
		}
		if r := judgetest.Result(t, rep, "FRAM-7"); r.Verdict != report.Pass {
			t.Errorf("FRAM-7: %s: %s", r.Verdict, r.Reason)
		}
	})
}

// TestProcessThatIsStartedAgain is TestBesideAFailure of a process, whose end is known: what does not end it is not blamed. How far a busy
// machine comes with the others is no matter here.
func TestProcessThatIsStartedAgain(t *testing.T) {
	t.Parallel()
	ctx := realtime.Bounded(t)
	tg, err := target.Start(ctx, judgetest.Launcher(t, "mortal", "line"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(ctx)
	rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "line", Only: "FRAM-1..3,FRAM-8"})
	if broken := judgetest.Having(rep, report.Fail, report.Warn); !slices.Equal(broken, []string{"FRAM-8"}) || judgetest.Result(t, rep, "FRAM-8").Failure.Ended == nil {
		t.Errorf("of a server that ends of a long line: %s", judgetest.Told(rep))
	}
}
