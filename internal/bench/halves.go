package bench

import (
	"context"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
)

// Halves is a control: a request in halves on the only connection. Where that is wrong already, nothing is blamed on other
// clients. It reports whether it was shown to be right: the cut was real, or nobody can know that.
func (b *Bench) Halves(ctx context.Context) (shown bool, f *finding.Finding) {
	turns, f := b.Turns(1)
	if f != nil {
		return false, f
	}
	s, wait := b.Dialect.Joined(turns), b.Wait()
	d := player.Delivery{Segments: CutAt(len(s.Request), len(s.Request)/2)}
	var last player.Attempt
	for range 4 {
		a := b.Admitted(ctx, s, d, wait)
		joined := a.Cuts.Confirmed < a.Cuts.Made
		b.Replaces(last, a, joined)
		last = a
		switch {
		case ctx.Err() != nil:
			return false, finding.Ended(ctx)
		case a.Finding.Fact():
			return false, finding.NewNotShown("a request in halves is answered wrongly on a connection of its own already (FRAM-2)")
		case a.Finding == nil && (!joined || !b.Sees):
			return true, nil
		case a.Finding != nil && wait == b.LongWait():
			return false, nil // it does not answer
		case a.Finding != nil: // or the machine is busy
			wait = b.LongWait()
		default:
			b.MorePatience()
		}
	}
	return false, nil
}
