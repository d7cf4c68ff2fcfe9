package fuzz

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite"
)

// minimiseBound is how long one plan is made smaller.
const minimiseBound = 10 * time.Second

// Minimise makes a plan that fails at the server of a suite smaller for as long as it still does. ok is false where it does not
// fail twice in a row when it is played by itself.
func Minimise(ctx context.Context, s *suite.Suite, p plan.Plan) (small plan.Plan, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, minimiseBound)
	defer cancel()
	fails := func(p plan.Plan) bool {
		e := s.Player("minimise")
		defer e.Done()
		_, err := e.Play(ctx, p, min(shortWait, s.Wait()))
		return suite.Evidence(err) != nil && !suite.IsGone(err) && ctx.Err() == nil
	}
	if !twice(fails, p) {
		return p, false
	}
	small, _ = Shrink(p, fails, budget)
	return small, true
}
