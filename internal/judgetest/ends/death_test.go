package ends

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// ending is what is said of a server that ends.
type ending struct {
	how     string   // its status or signal
	problem string   // what the sentence says of it
	words   []string // what its last words must hold
}

var endings = map[string]ending{
	"by-status": {"exit status 3", "the server ended: exit status 3 (RangeError [ERR_BUFFER_OUT_OF_BOUNDS]: Attempt to access memory outside buffer bounds)", []string{trace}},
	"by-signal": {"signal: killed (SIGKILL)", "the server ended: signal: killed (SIGKILL)", nil},
	"by-panic":  {"exit status 2", `the server ended: exit status 2 (panic: no \u202eheader)`, []string{`panic: no \u202eheader`, "death_roles_test.go:", "lines more"}},
}

// TestServerThatEnds: whatever ends a server, the delivery that did it says so, with its status or signal and its last words whole,
// and carries a plan that ends it again. Nothing else is blamed.
func TestServerThatEnds(t *testing.T) {
	judgetest.Table(t)
	t.Parallel()
	for name, test := range map[string]struct {
		how, only string
		broken    []string
		first     string
	}{
		"ends-of-cuts":    {"by-status", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..3,CONC-3,FLOW-2,ROBU-1,ROBU-3,ROBU-7", []string{"FRAM-2", "FRAM-3"}, "FRAM-2"},
		"ends-of-resets":  {"by-signal", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..4,CONC-3,ROBU-3", []string{"LIFE-5"}, "LIFE-5"},
		"ends-of-clients": {"by-status", "LIFE-1..5,LIFE-12,FRAM-1..4,LINE-2,CONC-3,ROBU-3", []string{"LIFE-2"}, "LIFE-2"},
		"ends-of-rubbish": {"by-panic", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..4,CONC-3,ROBU-3,ROBU-4", []string{"ROBU-4"}, "ROBU-4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), judgetest.Launcher(t, name+" "+test.how, "line"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "line", Only: test.only})
			if broken := judgetest.Having(rep, report.Fail, report.Warn); !slices.Equal(broken, test.broken) || rep.First != test.first {
				t.Errorf("begin with %s: %s", rep.First, judgetest.Told(rep))
			}
			for _, id := range test.broken {
				holdEnding(t, judgetest.Result(t, rep, id), endings[test.how])
				holdPlan(t, tg, judgetest.Result(t, rep, id))
			}
		})
	}
}

// holdEnding holds what a result says of the server's end, and what a person reads of it.
func holdEnding(t *testing.T, r report.Result, e ending) {
	t.Helper()
	f := r.Failure
	if f == nil || f.Ended == nil {
		t.Fatalf("%s does not say that the server ended: %s", r.ID, r.Reason)
	}
	if f.Ended.How != e.how || !strings.Contains(r.Reason, e.problem) || f.Runs != 2 || f.Failed != 2 {
		t.Errorf("%s: ended by %q, %d of %d times: %s", r.ID, f.Ended.How, f.Failed, f.Runs, r.Reason)
	}
	text := report.FailureText(r, report.ConsoleOptions{Width: 200})
	for _, words := range e.words {
		if !strings.Contains(f.Ended.Words, words) {
			t.Errorf("%s: the last words are\n%s", r.ID, f.Ended.Words)
		}
		for line := range strings.Lines(words) {
			if !strings.Contains(text, strings.TrimSpace(line)) {
				t.Errorf("%s: %q is not shown:\n%s", r.ID, line, text)
			}
		}
	}
	if strings.Contains(f.Ended.Words, "logged before") || strings.Contains(text, "\u202e") {
		t.Errorf("%s: the last words are\n%s", r.ID, text)
	}
}

// holdPlan holds that the plan of a failure ends the server.
func holdPlan(t *testing.T, tg *target.Target, r report.Result) {
	t.Helper()
	p, err := plan.Parse([]byte(r.Failure.Plan))
	if err != nil {
		t.Fatalf("%s has no plan: %v", r.ID, err)
	}
	run, err := judge.Reach(t.Context(), judge.Config{Target: tg, Dialect: "line"})
	if err != nil {
		t.Fatal(err)
	}
	if end, serves := run.Server.Kills(t.Context(), p); end == nil || !serves {
		t.Errorf("%s: the plan does not end the server, which serves: %t\n%s", r.ID, serves, p)
	}
	if p.Requirement != r.ID {
		t.Errorf("%s: the plan is of %q", r.ID, p.Requirement)
	}
}

// TestEndOfWhatWasSent: a server that ends of what a client sends, whether or not it takes the answers, or leaves, does not end of a client
// that leaves, or that never reads. Where nothing that is judged tells of what it ended, the run does, and there is no verdict.
func TestEndOfWhatWasSent(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "ends-of-volume by-status", "line"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "line", Only: "LIFE-1,LIFE-5,LIFE-12,ROBU-6..7"})
	for _, id := range []string{"LIFE-5", "ROBU-6", "ROBU-7"} {
		if r := judgetest.Result(t, rep, id); r.Verdict != report.Skip || !strings.Contains(r.Reason, "of as many requests whose answers were taken") {
			t.Errorf("%s: %s: %s", id, r.Verdict, r.Reason)
		}
	}
	if rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Trouble, endings["by-status"].problem) || !strings.Contains(rep.Trouble, "no requirement that was judged tells of what") {
		t.Errorf("%s: %s", rep.Trouble, judgetest.Told(rep))
	}
}

// TestEndOfABurst: a server of which no client that leaves, or does not read, is the end, but what one has sent, ends of ROBU-1's clients
// too: it says so, of what, and carries a plan that ends it again.
func TestEndOfABurst(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "ends-of-volume by-status", "line"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "line", Only: "LIFE-1,ROBU-1"})
	r := judgetest.Result(t, rep, "ROBU-1")
	if r.Verdict != report.Fail || rep.First != "ROBU-1" || !strings.Contains(r.Reason, "in the middle of, their answers") {
		t.Fatalf("begin with %s: %s", rep.First, judgetest.Told(rep))
	}
	holdEnding(t, r, endings["by-status"])
	holdPlan(t, tg, r)
	if !strings.Contains(r.Failure.Plan, "end half-close") { // a reset could come before the server has read what it ends of
		t.Errorf("the plan leaves it to the machine's speed whether the server ends:\n%s", r.Failure.Plan)
	}
}

// killing ends the server when the result of a requirement is known, as nothing does that is judged.
type killing struct {
	t  *testing.T
	tg *target.Target
	of string
}

func (killing) Start(string) {}

func (k killing) Done(r report.Result) {
	if r.ID != k.of {
		return
	}
	server, err := os.FindProcess(k.tg.PID())
	if err == nil {
		err = server.Kill()
	}
	if err != nil {
		k.t.Error(err)
	}
	for k.tg.Alive() == nil && k.t.Context().Err() == nil {
		time.Sleep(time.Millisecond) // its end is known a little after it
	}
}

// TestServerThatEndsUnnoticed: a server that ended when nothing was played to it, in the middle of the run or behind its last case, is
// said to have ended, and nothing is blamed for it.
func TestServerThatEndsUnnoticed(t *testing.T) {
	judgetest.Table(t)
	t.Parallel()
	for _, of := range []string{"FRAM-1", "ROBU-5"} {
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), judgetest.Launcher(t, "right", "echo"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			rep := judgetest.Judge(t, judge.Config{Target: tg, Dialect: "echo", Only: "FRAM-1,FRAM-2,ROBU-1,ROBU-5", Workers: 1, Progress: killing{t, tg, of}})
			if broken := judgetest.Having(rep, report.Fail, report.Warn); len(broken) > 0 || rep.Conclusion != report.NoVerdict {
				t.Errorf("blamed: %s", judgetest.Told(rep))
			}
			if !strings.Contains(rep.Trouble, "the server ended: signal: killed (SIGKILL)") {
				t.Errorf("the run says %q", rep.Trouble)
			}
		})
	}
}

// TestServerThatEndsForGood: where the suite cannot start the server again, the failure says that it ended, and what is left is skipped
// for that reason; where nothing else is broken it is no conformant server.
func TestServerThatEndsForGood(t *testing.T) {
	t.Parallel()
	p, err := judgetest.Launcher(t, "ends-of-resets by-status", "line").Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	rep := judgetest.Judge(t, judge.Config{Addr: p.Address(), PID: p.PID(), Dialect: "line", Only: "LIFE-5,LIFE-12,CONC-3,ROBU-3"})
	r := judgetest.Result(t, rep, "LIFE-5")
	if r.Verdict != report.Fail || r.Failure.Ended == nil || !strings.Contains(r.Reason, "the server ended: process ") {
		t.Errorf("LIFE-5: %s: %s", r.Verdict, r.Reason)
	}
	if _, err := plan.Parse([]byte(r.Failure.Plan)); err != nil {
		t.Errorf("LIFE-5 has no plan: %v", err)
	}
	if skipped := judgetest.Having(rep, report.Skip); !slices.Equal(skipped, []string{"LIFE-12", "CONC-3", "ROBU-3"}) {
		t.Errorf("what is left: %s", judgetest.Told(rep))
	}
	for _, id := range []string{"LIFE-12", "ROBU-3"} {
		if r := judgetest.Result(t, rep, id); r.Reason != "the server had stopped serving: see LIFE-5" {
			t.Errorf("%s: %s", id, r.Reason)
		}
	}
}
