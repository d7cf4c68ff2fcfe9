package judge_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestInterruptedAtAnyTime: a run that ends early blames nobody for what it was still waiting for: a server that is full, and serves again some
// seconds later, is right, and what it refused meanwhile is not known then.
func TestInterruptedAtAnyTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it is a table of runs: the race detector sees one elsewhere")
	}
	for name, server := range map[string]func() *judgetest.Limited{
		"counts those that have left": func() *judgetest.Limited { return &judgetest.Limited{Most: 100, Late: 10 * time.Second} },
		"counts some of them longer": func() *judgetest.Limited {
			return &judgetest.Limited{Most: 40, Late: time.Second, From: 130, Longer: 12 * time.Second}
		},
		"looks for them later": func() *judgetest.Limited { return &judgetest.Limited{Most: 100, Blind: 6 * time.Second} },
	} {
		for after := 500 * time.Millisecond; after < time.Minute; after += time.Second {
			judgetest.Virtually(t, fmt.Sprintf("%s/%s", name, after), func(t *testing.T) {
				cfg := judgetest.Serving(t, "line", server().Serve)
				cfg.Only = "LIFE-1,CONC-3,ROBU-3,ROBU-5"
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				time.AfterFunc(after, interrupt)
				rep, err := judge.Judge(ctx, cfg)
				if err != nil {
					t.Fatal(err)
				}
				if broken := judgetest.Having(rep, report.Fail); len(broken) > 0 {
					t.Errorf("broken: %q: %s", broken, judgetest.Told(rep))
				}
			})
		}
	}
}

// TestOwnServerOfAnInterruptedCase: a server that the suite started for a case, and stops as the run ends, has not ended of what the case did.
func TestOwnServerOfAnInterruptedCase(t *testing.T) {
	t.Parallel()
	tg, err := target.Start(t.Context(), judgetest.Launcher(t, "right", "echo"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(context.WithoutCancel(t.Context()))
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	run := invented(t, judge.Config{Target: tg, Dialect: "echo"}, rules.Case{ID: "ends", Needs: rules.PID, Run: func(ctx context.Context, b *bench.Bench) *finding.Finding {
		own, f := b.Instance(ctx)
		if f != nil {
			return f
		}
		interrupt()
		for own.Alive() == nil { // it is stopped as the run is
			time.Sleep(time.Millisecond)
		}
		return own.Gone(t.Context(), nil, "of what the case did")
	}})
	res := run.Begin(ctx).Report().Results[0]
	if res.Verdict != report.Inconclusive || res.Reason != "interrupted" {
		t.Errorf("%s: %s", res.Verdict, res.Reason)
	}
}
