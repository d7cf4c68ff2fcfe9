package bench

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
)

// TurnTimes sends some requests on one connection, each when the one before was answered, and returns how long the answers took, the
// quickest first; that to the first request, on a connection that is new to the kernels, is left out.
func (b *Bench) TurnTimes(ctx context.Context, acks delivery.Acks) (times []time.Duration, f *finding.Finding) {
	const turns = 8
	all, f := b.Turns(1 + turns)
	if f != nil {
		return nil, f
	}
	c, f := b.Enter(ctx, delivery.Options{Acks: acks}, b.Wait())
	if f != nil {
		return nil, f
	}
	defer c.Close()
	for i, t := range all {
		began := time.Now()
		if f := c.Turn(ctx, t, delivery.Whole(), b.Wait()); f != nil {
			if f.Fact() {
				f = finding.NewNotShown("requests one after another on a connection are not answered rightly: %s", f.Problem)
			}
			return nil, f
		}
		if i > 0 {
			times = append(times, time.Since(began))
		}
	}
	slices.Sort(times)
	return times, nil
}
