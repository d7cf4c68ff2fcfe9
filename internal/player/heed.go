package player

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
)

// heed is the key of contexts in which clients wait behind cuts for what comes too early.
type heed struct{}

// heeds is for how long the clients of a context do.
func heeds(ctx context.Context) time.Duration {
	d, _ := ctx.Value(heed{}).(time.Duration)
	return d
}

// proven has a failure that cuts have shown each time be shown once more by a client that takes its time: what the server answers before
// it has all of a request is the best evidence. It does not count as an attempt.
func (p *Player) proven(ctx context.Context, f *finding.Finding, attempt func(ctx context.Context, wait time.Duration) *finding.Finding) *finding.Finding {
	if !f.Is(finding.Broken) || f.Died() || ctx.Err() != nil {
		return f
	}
	e := f.Evidence
	early := e.FirstDifference >= 0 && e.FirstDifference < e.Actual.Total || e.Ending == string(delivery.FIN)
	if e.Proof != "" || len(e.Cuts) == 0 || !early || e.Failed < e.Runs {
		return f
	}
	again := attempt(context.WithValue(ctx, heed{}, patience.Heed), p.Wait())
	if again.Is(finding.Broken) && !again.Died() && !again.Unplanned && again.Evidence.Proof != "" && again.Problem == f.Problem {
		again.Evidence.Runs, again.Evidence.Failed = e.Runs, e.Failed
		f.Evidence = again.Evidence
	}
	return f
}
