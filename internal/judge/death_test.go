package judge

import (
	"context"
	"slices"
	"strings"
	"testing"

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
	t.Parallel()
	for name, test := range map[string]struct {
		how, only string
		broken    []string
		first     string
	}{
		"ends-of-cuts":    {"by-status", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..3,CONC-3,ROBU-3", []string{"FRAM-2", "FRAM-3"}, "FRAM-2"},
		"ends-of-resets":  {"by-signal", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..4,CONC-3,ROBU-3", []string{"LIFE-5"}, "LIFE-5"},
		"ends-of-rubbish": {"by-panic", "LIFE-2,LIFE-5,LIFE-12,FRAM-1..4,CONC-3,ROBU-3,ROBU-4", []string{"ROBU-4"}, "ROBU-4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg, err := target.Start(t.Context(), launcher(t, name+" "+test.how, "line"))
			if err != nil {
				t.Fatal(err)
			}
			defer tg.Close(context.WithoutCancel(t.Context()))
			rep := judge(t, Config{Target: tg, Dialect: "line", Only: test.only})
			if broken := having(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, test.broken) || rep.First != test.first {
				t.Errorf("begin with %s: %s", rep.First, told(rep))
			}
			for _, id := range test.broken {
				holdEnding(t, result(t, rep, id), endings[test.how])
				holdPlan(t, tg, result(t, rep, id))
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
	run, err := Reach(t.Context(), Config{Target: tg, Dialect: "line"})
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
