package fuzzer

import (
	"context"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
)

// Minimise makes a plan that fails at the server of a suite smaller for as long as it still does. ok is false where it does not
// fail twice in a row when it is played by itself. Of a plan that ended the server what is smaller must end it too.
func Minimise(ctx context.Context, s *judge.Run, p plan.Plan, ended bool) (small plan.Plan, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, patience.Minimise)
	defer cancel()
	fails := func(p plan.Plan) bool {
		e := s.Server.Player("minimise")
		defer e.Done()
		_, found := e.Play(ctx, p, min(patience.Short(0), s.Server.Patience.Answer))
		return found.Failed() && !found.Is(finding.Gone) && ctx.Err() == nil
	}
	if ended {
		serves := true
		fails = func(p plan.Plan) bool {
			if !serves || ctx.Err() != nil {
				return false
			}
			var end error
			end, serves = s.Server.Kills(ctx, p)
			return end != nil
		}
	}
	if !twice(fails, p) {
		return p, false
	}
	deliveries := budget
	if ended {
		deliveries /= 3 // each costs a start of the server
	}
	small, _ = Shrink(p, fails, deliveries)
	return small, true
}
