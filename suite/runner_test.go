package suite

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
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
	two := make(chan struct{}, 2) // beside many others, how soon a run ends is the machine's matter
	for _, c := range []struct{ name, fault, dialect, at string }{
		{"in a plain case", "right", "script", "FRAM-5"},
		{"in a case alone", "right", "echo", "ROBU-1"},
		{"at the end", "right", "line", "ROBU-6"},
		{"with a process of its own", "right", "echo", "LIFE-11"},
		{"where nothing is answered", "accept-hang", "echo", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			rep, took := interrupted(t, c.fault, c.dialect, c.at)
			for tries := 1; took > 2*time.Second && tries < 3; tries++ { // a busy machine may have kept it
				rep, took = interrupted(t, c.fault, c.dialect, c.at)
			}
			if took > 2*time.Second {
				t.Errorf("the run ended %s after the interrupt", took)
			}
			complete(t, rep)
			if !rep.Interrupted || rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Sentence, "interrupted") && rep.Trouble == "" {
				t.Errorf("interrupted %t: %s", rep.Interrupted, told(rep))
			}
			if broken := verdicts(rep, report.Fail, report.Warn); len(broken) > 0 {
				t.Errorf("the interrupt broke %q: %s", broken, told(rep))
			}
			finished := map[string]bool{}
			for _, r := range rep.Results {
				finished[r.ID] = true
			}
			if len(finished) != len(rep.Results) || len(finished) < 30 {
				t.Errorf("%d results, %d different ones", len(rep.Results), len(finished))
			}
			if c.at == "ROBU-6" && result(t, rep, "FRAM-2").Verdict != report.Pass {
				t.Errorf("what was known is lost: %s", told(rep))
			}
		})
	}
}

// interrupted is a run that is interrupted when the requirement begins, or else while it waits for the baseline's answer. It
// says how long the run went on.
func interrupted(t *testing.T, fault, dialect, at string) (*report.Report, time.Duration) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended atomic.Pointer[time.Time]
	interrupt := func() {
		now := time.Now()
		if ended.CompareAndSwap(nil, &now) {
			cancel()
		}
	}
	cfg := inProcess(t, fault, dialect)
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
	rep, err := Run(ctx, cfg)
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
	cfg := inProcess(t, "right", "greet")
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
	rep := judge(t, cfg)
	for _, r := range rep.Results {
		if begun[r.ID] != 1 || ended[r.ID] != 1 {
			t.Errorf("%s began %d times and ended %d times", r.ID, begun[r.ID], ended[r.ID])
		}
	}
	if len(begun) != len(rep.Results) || len(begun) == 0 {
		t.Errorf("%d began, %d results", len(begun), len(rep.Results))
	}
}

// TestOrder: what talks to a server of its own runs beside what wants the target alone, and what ran beside another that brought
// the target down is run again.
func TestOrder(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), inProcess(t, "right", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	begun := make(chan struct{})
	var apart, alone int
	requirement := func(id string, c Case) Requirement {
		c.ID, c.Requirement, c.Dialects, c.Timeout = id+"/case", id, "e", 10*time.Second
		return Requirement{ID: id, Level: report.Must, Dialects: "e", Cases: []Case{c}}
	}
	s.requirements = []Requirement{
		requirement("TEST-1", Case{Needs: Exec, Waits: true, Run: func(ctx context.Context, e *Env) error {
			apart++
			select {
			case <-begun:
			case <-ctx.Done():
				return ctx.Err()
			}
			if apart == 1 {
				e.suite.restarts.Add(1)
				return broken("disturbed")
			}
			return nil
		}}),
		requirement("TEST-2", Case{Needs: Alone, Run: func(context.Context, *Env) error {
			alone++
			close(begun)
			return nil
		}}),
	}
	rep := s.Run(t.Context())
	for _, id := range []string{"TEST-1", "TEST-2"} {
		if r := result(t, rep, id); r.Verdict != report.Pass {
			t.Errorf("%s: %s: %s", id, r.Verdict, r.Reason)
		}
	}
	if apart != 2 || alone != 1 {
		t.Errorf("apart %d times, alone %d times", apart, alone)
	}
}

// TestInterruptedConnections: what is closed because the run was interrupted is reset, so that the server need not work on for it.
func TestInterruptedConnections(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	addr := serving(t, func(c net.Conn, _ int) {
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
	s, err := Open(t.Context(), Config{Addr: addr, Dialect: "echo"})
	if err != nil {
		t.Fatal(err)
	}
	s.gate.trouble, s.gate.baseline = "", nil // a server that answers nothing is well enough here
	for _, interrupt := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		s.Check(ctx, Requirement{ID: "TEST-1", Level: report.Must, Dialects: "e", Cases: []Case{{
			ID: "TEST-1/case", Requirement: "TEST-1", Dialects: "e", Timeout: 10 * time.Second, Run: func(ctx context.Context, e *Env) error {
				c, err := e.Dial(ctx, delivery.Options{})
				if err != nil {
					return err
				}
				defer c.Close()
				err = c.Send(ctx, []byte("held"))
				if c.Cut(ctx); interrupt {
					cancel()
				}
				return err
			},
		}}})
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
	cfg := inProcess(t, "right", "echo")
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(context.Context, *Env) error{
		"panic":   func(context.Context, *Env) error { panic("a mistake") },
		"runtime": func(_ context.Context, e *Env) error { return (*trial)(nil).judge(t.Context(), e) },
		"nil":     nil,
	} {
		r := Requirement{ID: "TEST-1", Level: report.Must, Dialects: "e", Cases: []Case{{ID: "TEST-1/" + name, Requirement: "TEST-1", Dialects: "e", Timeout: time.Second, Run: run}}}
		res := s.Check(t.Context(), r)
		if res.Verdict != report.Inconclusive || !strings.Contains(res.Reason, "a mistake of streamspec's own") || strings.Contains(res.Reason, "\n") {
			t.Errorf("%s: %s: %s", name, res.Verdict, res.Reason)
		}
	}
	slow := Requirement{ID: "TEST-2", Level: report.Must, Dialects: "e", Cases: []Case{{ID: "TEST-2/slow", Requirement: "TEST-2", Dialects: "e", Timeout: 30 * time.Millisecond, Run: func(ctx context.Context, _ *Env) error {
		<-ctx.Done()
		return ctx.Err()
	}}}}
	if res := s.Check(t.Context(), slow); res.Verdict != report.Inconclusive || res.Reason != "TEST-2/slow was not done within 30ms" {
		t.Errorf("a case that takes longer than it may: %s: %s", res.Verdict, res.Reason)
	}
}
