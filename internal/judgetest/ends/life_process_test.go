package ends

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestServerThatIsSlowToStart: a second server has not said within ten seconds that its address is taken. One that is started
// on a free address needs as long, so that it is not blamed.
func TestServerThatIsSlowToStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Running(t, "echo", time.Minute, func(s *judgetest.Served) int {
			player.Sleep(s.Killed, patience.Stop+time.Second)
			return s.Reference("echo", time.Second, nil)
		})
		cfg.Only = "LIFE-8"
		if r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-8"); r.Verdict != report.Pass {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	})
}

// TestSecondServerThatStays: it goes on although its address is taken, and is blamed for that.
func TestSecondServerThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Running(t, "echo", time.Minute, func(s *judgetest.Served) int {
			status := s.Reference("echo", time.Second, nil)
			if status != 0 {
				<-s.Stopping.Done()
			}
			return status
		})
		cfg.Only = "LIFE-8"
		if r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-8"); r.Verdict != report.Fail || !strings.Contains(r.Reason, "was still running") {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	})
}

// TestServerThatSaysThatItStarts: a server listens, and tells its first clients that it is not ready yet, each time that it is started. No
// case is for those.
func TestServerThatSaysThatItStarts(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "starting", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	file := judgetest.ExchangeFile(t, judgetest.AskFile+"    expect: \"ask {{conn}}\\n\"\npipelines: true\n")
	rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "test.yaml", Exchange: file, Only: "LIFE-1,LIFE-9,LIFE-10,ROBU-7"})
	if rep.Conclusion != report.Conformant || len(judgetest.Having(rep, report.Fail, report.Warn, report.Inconclusive)) > 0 {
		t.Errorf("%s: %s", rep.Conclusion, judgetest.Reasons(rep))
	}
}

// TestServerThatIsSlowToStartAgain: started again on its port, a server does not listen in time. It is blamed where one that is
// started on a free port is quicker.
func TestServerThatIsSlowToStartAgain(t *testing.T) {
	for name, row := range map[string]struct {
		slow func(nth int) bool
		want report.Verdict
	}{ // the second is the one that is stopped
		"once":       {func(nth int) bool { return nth == 3 }, report.Warn},
		"from there": {func(nth int) bool { return nth >= 3 }, report.Inconclusive},
		"never":      {func(int) bool { return false }, report.Pass},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			const ready = 5 * time.Second
			cfg := judgetest.Running(t, "echo", ready, func(s *judgetest.Served) int {
				if row.slow(s.Nth) {
					player.Sleep(s.Killed, ready+time.Second)
				}
				return s.Reference("echo", time.Second, nil)
			})
			cfg.Only = "LIFE-9"
			r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-9")
			if r.Verdict != row.want || r.Verdict != report.Pass && !strings.Contains(r.Reason, "did not listen on") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestOrphans: a process that a server leaves behind may hold the address for the moment that it needs to end, and no longer. That is told
// once: it is not how the server binds.
func TestOrphans(t *testing.T) {
	for holds, want := range map[time.Duration]report.Verdict{
		patience.Orphan - 100*time.Millisecond: report.Pass,
		patience.Orphan + 100*time.Millisecond: report.Fail,
	} {
		judgetest.Virtually(t, holds.String(), func(t *testing.T) {
			cfg := judgetest.Running(t, "echo", time.Second, func(s *judgetest.Served) int {
				status := s.Reference("echo", time.Second, nil)
				if status == 0 {
					s.Orphan(holds)
				}
				return status
			})
			cfg.Only = "LIFE-6,LIFE-9"
			rep := judgetest.Judge(t, cfg)
			if r := judgetest.Result(t, rep, "LIFE-9"); r.Verdict == report.Warn || want == report.Fail && !strings.Contains(r.Reason, "LIFE-6") {
				t.Errorf("LIFE-9: %s: %s", r.Verdict, r.Reason)
			}
			if r := judgetest.Result(t, rep, "LIFE-6"); r.Verdict != want || want == report.Fail && !strings.Contains(r.Reason, "another process holds it") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestAnswersOfAServerThatWaitsBriefly: a server goes on for some seconds when it is asked to stop, and writes slowly. That is too
// short for a large answer, and not what the requirement is about; where it writes nothing more, it is.
func TestAnswersOfAServerThatWaitsBriefly(t *testing.T) {
	for name, row := range map[string]struct {
		rate, most int
		grace      time.Duration
		want       report.Verdict
	}{
		"slow": {200 << 10, 1 << 20, time.Minute, report.Pass}, // it closes before
		"mute": {0, 0, 1200 * time.Millisecond, report.Warn},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Running(t, "script", time.Second, func(s *judgetest.Served) int {
				return s.Reference("script", row.grace, func(c judgetest.Conn) net.Conn {
					return &judgetest.StoppedWrites{Conn: c, Ctx: s.Stopping, Over: s.Over, Rate: row.rate, Most: row.most}
				})
			})
			cfg.Only = "LIFE-7"
			r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-7")
			if r.Verdict != row.want || row.want == report.Warn && !strings.Contains(r.Reason, "asked to stop in mid-answer") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestStopOfAServerThatReadsSlowly: it has finished its answer by the time that a slow server takes for it.
func TestStopOfAServerThatReadsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := judgetest.Running(t, "line", time.Second, func(s *judgetest.Served) int {
			return s.Reference("line", 1200*time.Millisecond, func(c judgetest.Conn) net.Conn { return judgetest.SlowReads{Conn: c, Rate: 400 << 10} })
		})
		cfg.Only = "LIFE-7"
		if r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-7"); r.Verdict != report.Pass {
			t.Errorf("%s: %s: %s", r.Verdict, r.Reason, r.Observed)
		}
	})
}

// TestAnswerThatTheKernelTakes: a server whose kernel takes the whole answer has finished it, for all that it knows, when it is
// asked to stop. That shows nothing of what it does with one in progress, and a larger one is asked for, where there is one.
func TestAnswerThatTheKernelTakes(t *testing.T) {
	judgetest.Table(t)
	for name, row := range map[string]struct {
		buffer int
		slow   bool
		want   report.Verdict
	}{
		"more than any": {64 << 20, false, report.Skip},
		"more":          {6 << 20, false, report.Pass},
		"slow samples":  {1400 << 10, true, report.Pass},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Running(t, "script", time.Second, func(s *judgetest.Served) int {
				return s.Reference("script", 3*time.Second, func(c judgetest.Conn) net.Conn {
					_ = c.(*inmemory.Server).SetWriteBuffer(row.buffer) // which returns no error
					if row.slow {
						return slowSamples{c}
					}
					return c
				})
			})
			cfg.Only = "LIFE-7"
			r := judgetest.Result(t, judgetest.Judge(t, cfg), "LIFE-7")
			if r.Verdict != row.want || row.want == report.Skip && !strings.Contains(r.Reason, "took the whole answer") {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// slowSamples is slow with answers as large as those by which the suite finds out how slow a server is, as one on a machine that
// is busy just then.
type slowSamples struct{ judgetest.Conn }

func (c slowSamples) Write(p []byte) (int, error) {
	if len(p) >= 200<<10 && len(p) <= 300<<10 {
		judgetest.Paced(len(p), 700<<10)
	}
	return c.Conn.Write(p)
}

// TestDescriptorsOfAServerThatDies: no early answer saves a server from a reset that comes before it has read anything, so that the
// verdict does not hang on which of the two was first.
func TestDescriptorsOfAServerThatDies(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process is observed on Linux alone")
	}
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "until-reset", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "echo", Only: "LIFE-10"})
	if r := judgetest.Result(t, rep, "LIFE-10"); r.Verdict != report.Inconclusive || !strings.Contains(r.Reason, "did not survive clients that left") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// TestServerThatEndsWhenItIsFull: a server that ends of an accept that fails has shown it, whatever is seen of its end first.
func TestServerThatEndsWhenItIsFull(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process is observed on Linux alone")
	}
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "until-full", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	for range 5 {
		r := judgetest.Result(t, judgetest.Judge(t, judge.Config{Target: tg, Dialect: "echo", Only: "LIFE-13"}), "LIFE-13")
		if r.Verdict != report.Fail || !strings.Contains(r.Reason, "did not survive that its descriptors were used up") || !strings.Contains(r.Reason, "it cannot accept") {
			t.Errorf("%s: %s", r.Verdict, r.Reason)
		}
	}
}
