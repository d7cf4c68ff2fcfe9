package judge_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// hooks is a Progress that calls.
type hooks struct {
	start func(id string)
	done  func(r report.Result)
}

func (h hooks) Start(id string)      { h.start(id) }
func (h hooks) Done(r report.Result) { h.done(r) }

// TestInterrupt: a run that is interrupted, at the gate or later, ends soon and reports what it knows.
func TestInterrupt(t *testing.T) {
	for _, c := range []struct{ name, dialect, at string }{
		{"in a plain case", "script", "FRAM-5"},
		{"in a case alone", "echo", "ROBU-1"},
		{"at the end", "line", "ROBU-6"},
		{"where nothing is answered", "echo", ""},
	} {
		if testing.Short() && c.at == "ROBU-6" {
			continue // it is a whole run
		}
		judgetest.Virtually(t, c.name, func(t *testing.T) {
			cfg := judgetest.Serving(t, c.dialect, func(judgetest.Conn, int) { <-t.Context().Done() })
			if c.at != "" {
				cfg = judgetest.InMemory(t, judgetest.Near(), c.dialect, reference.Config{}, nil)
			}
			rep, took := interrupted(t, cfg, c.at)
			if took > time.Millisecond { // a nap between two looks ends first
				t.Errorf("the run ended %s after the interrupt", took)
			}
			holdInterrupted(t, rep)
			if c.at == "ROBU-6" && judgetest.Result(t, rep, "FRAM-2").Verdict != report.Pass {
				t.Errorf("what was known is lost: %s", judgetest.Told(rep))
			}
		})
	}
}

// TestInterruptWithAProcess is TestInterrupt while a case waits for a process of its own, that does not listen yet.
func TestInterruptWithAProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cfg := judgetest.Running(t, "echo", time.Minute, func(s *judgetest.Served) int {
			if s.Nth == 2 {
				cancel()
				<-s.Killed.Done()
				return 1
			}
			return s.Reference("echo", time.Second, nil)
		})
		cfg.Only = "LIFE-9"
		rep, err := judge.Judge(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if r := judgetest.Result(t, rep, "LIFE-9"); !rep.Interrupted || r.Verdict != report.Inconclusive || !strings.Contains(r.Reason, "interrupted") {
			t.Errorf("interrupted %t: %s: %s", rep.Interrupted, r.Verdict, r.Reason)
		}
	})
}

// holdInterrupted holds what is true of the report of every run that was interrupted.
func holdInterrupted(t *testing.T, rep *report.Report) {
	t.Helper()
	judgetest.Complete(t, rep)
	if !rep.Interrupted || rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Sentence, "interrupted") && rep.Trouble == "" {
		t.Errorf("interrupted %t: %s", rep.Interrupted, judgetest.Told(rep))
	}
	if broken := judgetest.Having(rep, report.Fail, report.Warn); len(broken) > 0 {
		t.Errorf("the interrupt broke %q: %s", broken, judgetest.Told(rep))
	}
	finished := map[string]bool{}
	for _, r := range rep.Results {
		finished[r.ID] = true
	}
	if len(finished) != len(rep.Results) || len(finished) < 30 {
		t.Errorf("%d results, %d different ones", len(rep.Results), len(finished))
	}
}

// interrupted is a run that is interrupted when the requirement begins, or else while it waits for the baseline's answer. It
// says how long the run went on.
func interrupted(t *testing.T, cfg judge.Config, at string) (*report.Report, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended atomic.Pointer[time.Time]
	interrupt := func() {
		now := time.Now()
		if ended.CompareAndSwap(nil, &now) {
			cancel()
		}
	}
	cfg.Progress = hooks{
		func(id string) {
			if id == at {
				interrupt()
			}
		},
		func(report.Result) {},
	}
	if at == "" {
		time.AfterFunc(300*time.Millisecond, interrupt)
	}
	rep, err := judge.Judge(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if ended.Load() == nil {
		t.Fatalf("%s was not reached: %s", at, rep.Sentence)
	}
	return rep, time.Since(*ended.Load())
}

// TestProgress: every requirement begins once and ends once.
func TestProgress(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	begun, ended := map[string]int{}, map[string]int{}
	cfg := judgetest.InProcess(t, "right", "greet")
	cfg.Only, cfg.Workers = "FRAM-1..6,CLOS,LIFE-1..3,CONC-1", 8
	cfg.Progress = hooks{
		func(id string) { mu.Lock(); begun[id]++; mu.Unlock() },
		func(r report.Result) {
			mu.Lock()
			defer mu.Unlock()
			if ended[r.ID]++; begun[r.ID] != 1 || r.Verdict != report.Pass {
				t.Errorf("%s ended with %s after %d beginnings", r.ID, r.Verdict, begun[r.ID])
			}
		},
	}
	rep := judgetest.Judge(t, cfg)
	for _, r := range rep.Results {
		if begun[r.ID] != 1 || ended[r.ID] != 1 {
			t.Errorf("%s began %d times and ended %d times", r.ID, begun[r.ID], ended[r.ID])
		}
	}
	if len(begun) != len(rep.Results) || len(begun) == 0 {
		t.Errorf("%d began, %d results", len(begun), len(rep.Results))
	}
}

// invented is a run over requirements that a test makes up, each with one case, against the server of a configuration.
func invented(t *testing.T, cfg judge.Config, cases ...rules.Case) *judge.Run {
	t.Helper()
	r, err := judge.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(context.WithoutCancel(t.Context())) })
	var requirements []contract.Requirement
	for i := range cases {
		cases[i].Requirement = fmt.Sprintf("TEST-%d", i+1)
		cases[i].ID = cases[i].Requirement + "/" + cmp.Or(cases[i].ID, "case")
		requirements = append(requirements, contract.Requirement{ID: cases[i].Requirement, Level: report.Must})
	}
	r.Invent(requirements, func(id string) []rules.Case {
		return slices.DeleteFunc(slices.Clone(cases), func(c rules.Case) bool { return c.Requirement != id })
	})
	return r
}

// TestOrder: what talks to a server of its own runs beside what wants the target alone, and begins only then where it does not wait; what
// ran beside another that brought the target down is run again.
func TestOrder(t *testing.T) {
	t.Parallel()
	begun, busy := make(chan struct{}), make(chan struct{})
	var apart, alone int
	var shared atomic.Bool
	var r *judge.Run
	r = invented(t, judgetest.InProcess(t, "right", "echo"),
		rules.Case{Needs: rules.Exec, Waits: true, Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
			apart++
			select {
			case <-begun:
			case <-ctx.Done():
				return finding.Ended(ctx)
			}
			if apart == 1 {
				r.Server.StartedAgain()
				return finding.NewBroken("disturbed")
			}
			return nil
		}},
		rules.Case{Needs: rules.Exec, Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
			close(busy)
			if !shared.Load() {
				return finding.NewBroken("it began beside what shares the target")
			}
			select {
			case <-begun:
				return nil
			case <-ctx.Done():
				return finding.Ended(ctx)
			}
		}},
		rules.Case{Needs: rules.Alone, Run: func(ctx context.Context, _ *bench.Bench) *finding.Finding {
			alone++
			select {
			case <-busy:
			case <-ctx.Done():
				return finding.Ended(ctx)
			}
			close(begun)
			return nil
		}},
		rules.Case{Run: func(context.Context, *bench.Bench) *finding.Finding {
			shared.Store(true)
			return nil
		}})
	rep := r.Begin(t.Context()).Report()
	for _, id := range []string{"TEST-1", "TEST-2", "TEST-3", "TEST-4"} {
		if r := judgetest.Result(t, rep, id); r.Verdict != report.Pass {
			t.Errorf("%s: %s: %s", id, r.Verdict, r.Reason)
		}
	}
	if apart != 2 || alone != 1 {
		t.Errorf("apart %d times, alone %d times", apart, alone)
	}
}

// TestOrderOfWorn has what is on servers of its own run beside what comes, one after another, to a server that serves so many clients, and not
// again where that was started again meanwhile, to have room for them: a failure that is found is one.
func TestOrderOfWorn(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	var apart, shared int
	var r *judge.Run
	r = invented(t, judgetest.InProcess(t, "right", "echo"),
		rules.Case{Needs: rules.Exec, Waits: true, Run: func(ctx context.Context, _ *bench.Bench) *finding.Finding {
			apart++
			select {
			case <-begun:
				r.Server.StartedAgain()
				return finding.NewBroken("found once")
			case <-ctx.Done():
				return finding.Ended(ctx)
			}
		}},
		rules.Case{Run: func(context.Context, *bench.Bench) *finding.Finding {
			if shared++; shared == 1 {
				close(begun)
			}
			return nil
		}})
	r.Server.Wears(1000)
	rep := r.Begin(t.Context()).Report()
	if r := judgetest.Result(t, rep, "TEST-1"); r.Verdict != report.Fail || r.Reason != "found once" || apart != 1 {
		t.Errorf("%s: %s, of %d times", r.Verdict, r.Reason, apart)
	}
	if r := judgetest.Result(t, rep, "TEST-2"); r.Verdict != report.Pass || shared != 1 {
		t.Errorf("%s: %s, of %d times", r.Verdict, r.Reason, shared)
	}
}

// TestInterruptedConnections: what is closed because the run was interrupted is reset, so that the server need not work on for it.
func TestInterruptedConnections(t *testing.T) { synctest.Test(t, testInterruptedConnections) }

func testInterruptedConnections(t *testing.T) {
	ended := make(chan error, 1)
	cfg := judgetest.Serving(t, "echo", func(c judgetest.Conn, _ int) {
		b := make([]byte, 64)
		n, err := c.Read(b)
		if string(b[:n]) != "held" {
			return
		}
		for err == nil {
			_, err = c.Read(b)
		}
		ended <- err
	})
	for _, interrupt := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		r := invented(t, cfg, rules.Case{Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
			c, f := b.Dial(ctx, delivery.Options{})
			if f != nil {
				return f
			}
			defer c.Close()
			if c.SendPart(ctx, []byte("held")); interrupt {
				cancel()
			}
			return nil
		}})
		r.Pass() // a server that answers nothing is well enough here
		r.Begin(ctx).Report()
		cancel()
		select {
		case err := <-ended:
			if errors.Is(err, syscall.ECONNRESET) != interrupt || errors.Is(err, io.EOF) == interrupt {
				t.Errorf("interrupted %t: %v", interrupt, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("interrupted %t: the connection was not ended", interrupt)
		}
	}
}

// TestPanic: a mistake of the suite's own is no verdict on the server.
func TestPanic(t *testing.T) {
	for name, run := range map[string]func(context.Context, *bench.Bench) *finding.Finding{
		"panic":   func(context.Context, *bench.Bench) *finding.Finding { panic("a mistake") },
		"runtime": func(context.Context, *bench.Bench) *finding.Finding { return (*player.Trial)(nil).Judge(t.Context()) },
		"nil":     nil,
	} {
		res := invented(t, judgetest.InProcess(t, "right", "echo"), rules.Case{ID: name, Run: run}).Begin(t.Context()).Report().Results[0]
		if res.Verdict != report.Inconclusive || !strings.Contains(res.Reason, "a mistake of streamspec's own") || strings.Contains(res.Reason, "\n") {
			t.Errorf("%s: %s: %s", name, res.Verdict, res.Reason)
		}
	}
}

// turnsPanic is a dialect that fails where the gate asks for its turns.
type turnsPanic struct{ dialect.Echo }

func (turnsPanic) Turns(string, int) []dialect.Turn { panic("a mistake") }

// TestPanicInTheGate: it is the trouble of the run, and no verdict on the server.
func TestPanicInTheGate(t *testing.T) {
	cfg := judgetest.InProcess(t, "right", "echo")
	cfg.Speaks = turnsPanic{}
	rep, err := judge.Judge(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Conclusion == report.Conformant || rep.Conclusion == report.NotConformant || !strings.Contains(rep.Trouble, "a mistake of streamspec's own: a mistake") {
		t.Errorf("%s: %s", rep.Conclusion, rep.Trouble)
	}
}

// TestBig: of cases that hold much memory one runs at a time, and one that waits for that ends with the run.
func TestBig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		begun := 0
		big := rules.Case{Needs: rules.Big, Waits: true, Run: func(context.Context, *bench.Bench) *finding.Finding {
			if begun++; begun == 2 { // while the third waits
				time.AfterFunc(time.Second, interrupt)
			}
			before := begun
			if time.Sleep(time.Minute); begun != before {
				return finding.NewBroken("another began meanwhile")
			}
			return nil
		}}
		cfg := judgetest.InMemory(t, judgetest.Near(), "echo", reference.Config{}, nil)
		var mu sync.Mutex
		var ends []time.Duration
		began := time.Now()
		cfg.Progress = hooks{func(string) {}, func(report.Result) {
			mu.Lock()
			defer mu.Unlock()
			ends = append(ends, time.Since(began).Truncate(time.Second))
		}}
		r := invented(t, cfg, big, big, big)
		began = time.Now()
		rep := r.Begin(ctx).Report()
		if begun != 2 || len(judgetest.Having(rep, report.Fail)) > 0 {
			t.Errorf("%d begun: %s", begun, judgetest.Told(rep))
		}
		if want := []time.Duration{time.Minute, time.Minute + time.Second, 2 * time.Minute}; !slices.Equal(ends, want) {
			t.Errorf("they ended after %v, want %v", ends, want)
		}
	})
}
