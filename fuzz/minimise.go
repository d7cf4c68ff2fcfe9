package fuzz

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/plan"
)

// minimiseBound is how long one plan is made smaller.
const minimiseBound = 10 * time.Second

// Minimise makes a plan that fails at the server of this configuration smaller for as long as it still does. ok is false where it
// does not fail twice when it is played by itself, or the server is not there.
func Minimise(ctx context.Context, cfg suite.Config, p plan.Plan) (small plan.Plan, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, minimiseBound)
	defer cancel()
	s, err := suite.Reach(ctx, cfg)
	if err != nil {
		return p, false
	}
	fails := func(p plan.Plan) bool {
		due, err := s.Due(p)
		if err != nil {
			return false
		}
		e := s.Player("minimise")
		defer e.Done()
		_, err = e.PlayDue(ctx, p, due, min(firstWait, s.Wait()))
		return suite.Evidence(err) != nil && !suite.IsGone(err) && ctx.Err() == nil
	}
	if !twice(fails, p) {
		return p, false
	}
	small, _ = Shrink(p, fails, budget)
	if !fails(small) {
		return p, true
	}
	return small, true
}
