package judge_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/suite/report"
)

// TestPrivate: of a server of which it is not known what its clients share, what concerns no other connection is judged beside what waits, and all
// else by itself. What is left open beside others is judged alone.
func TestPrivate(t *testing.T) {
	judgetest.Virtually(t, "private", func(t *testing.T) {
		cfg := judgetest.InMemory(t, judgetest.Near(), "line", reference.Config{}, nil)
		cfg.Exchange = judgetest.ExchangeFile(t, judgetest.LineFile)
		begun := make(chan struct{})
		var under, waited, private atomic.Int32
		r := invented(t, cfg,
			rules.Case{Waits: true, Run: func(ctx context.Context, _ *bench.Bench) *finding.Finding {
				under.Add(1)
				defer under.Add(-1)
				if waited.Add(1) > 1 {
					return nil
				}
				select {
				case <-begun:
				case <-ctx.Done():
				}
				return finding.NewUndecided("held up")
			}},
			rules.Case{Run: func(context.Context, *bench.Bench) *finding.Finding {
				if under.Load() > 0 {
					return finding.NewBroken("another is judged")
				}
				return nil
			}},
			rules.Case{Private: true, Run: func(context.Context, *bench.Bench) *finding.Finding {
				private.Add(1)
				close(begun)
				return nil
			}})
		rep := r.Begin(t.Context()).Report()
		if rep.Summary.Pass != 3 || waited.Load() != 2 || private.Load() != 1 {
			t.Errorf("judged %d times what waits, and %d times what is private: %s", waited.Load(), private.Load(), judgetest.Told(rep))
		}
		if res := judgetest.Result(t, rep, "TEST-2"); res.Verdict != report.Pass {
			t.Errorf("%s: %s", res.Verdict, res.Reason)
		}
	})
}
