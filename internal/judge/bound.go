package judge

import (
	"context"
	"time"
)

// bounded returns a context that ends when so much time has passed as limit says then, which may grow meanwhile. Its cause is
// context.DeadlineExceeded. stop ends it, and returns the last limit.
func bounded(ctx context.Context, limit func() time.Duration) (bounded context.Context, stop func() time.Duration) {
	began := time.Now()
	bounded, cancel := context.WithCancelCause(ctx)
	go func() {
		for left := limit(); left > 0; left = limit() - time.Since(began) {
			timer := time.NewTimer(left)
			select {
			case <-timer.C:
			case <-bounded.Done():
				timer.Stop()
				return
			}
		}
		cancel(context.DeadlineExceeded)
	}()
	return bounded, func() time.Duration {
		cancel(context.Canceled)
		return limit()
	}
}
