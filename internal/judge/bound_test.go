package judge

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
)

// TestBoundOfASlowServer: a case has time for every session that it plays, as long as that takes with this server.
func TestBoundOfASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes = 2 * time.Second
		p := patience.New(10 * time.Second).Measured(takes)
		var played atomic.Int64 // which b.Counted counts under a lock
		ctx, stop := bounded(t.Context(), func() time.Duration { return p.Bound(patience.Work{Exchanges: int(played.Load())}) })
		defer stop()
		for range 100 {
			time.Sleep(takes)
			played.Add(1)
		}
		if err := ctx.Err(); err != nil {
			t.Fatalf("after %d sessions: %v", played.Load(), err)
		}
		time.Sleep(p.Bound(patience.Work{Exchanges: int(played.Load())}) - time.Duration(played.Load())*takes)
		synctest.Wait()
		if f := finding.Ended(ctx); f == nil || f.Kind != finding.Late {
			t.Fatalf("a case that plays nothing more has not ended: %v", f)
		}
	})
}

// TestBoundEnds: a bounded context ends with the one that it was made of, and is told apart from one whose time was over.
func TestBoundEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run, interrupt := context.WithCancel(t.Context())
		ctx, stop := bounded(run, func() time.Duration { return time.Minute })
		interrupt()
		if f := finding.Ended(ctx); f == nil || f.Kind != finding.Interrupted {
			t.Errorf("an interrupted case is said to be %v", f)
		}
		if limit := stop(); limit != time.Minute {
			t.Errorf("it had %s", limit)
		}
		ctx, stop = bounded(t.Context(), func() time.Duration { return time.Minute })
		defer stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("a case whose time is over ended for %v", context.Cause(ctx))
		}
	})
}
