package realtime

import (
	"context"
	"testing"
	"time"
)

// Bounded is a context for what takes as long as the machine needs for it: a whole run, a program, a compiler. It ends behind what
// the test does when it ends, and before go test ends the binary (-timeout), so that what was started ends too.
func Bounded(tb testing.TB) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	t, is := tb.(interface{ Deadline() (time.Time, bool) })
	if !is {
		return ctx
	}
	deadline, bounded := t.Deadline()
	if !bounded {
		return ctx
	}
	const left = 10 * time.Second // to end what was started
	ctx, cancel = context.WithDeadline(ctx, deadline.Add(-left))
	tb.Cleanup(cancel)
	return ctx
}
