package ask

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
)

// Patiently has an attempt that went without something be made again with all of the wait for an answer, and that one count: a question is
// first waited for as long as a quick server takes by far, which a busy one may take longer than now and then.
func (a *Asker) Patiently(attempt func(context.Context, time.Duration) *finding.Finding) func(context.Context, time.Duration) *finding.Finding {
	return func(ctx context.Context, wait time.Duration) *finding.Finding {
		f := attempt(ctx, wait)
		if f.Is(finding.Missing) && wait <= a.Patience.Answer && ctx.Err() == nil {
			f = attempt(ctx, a.Patience.Answer+1) // for as long, and not for a part of it
		}
		return f
	}
}
