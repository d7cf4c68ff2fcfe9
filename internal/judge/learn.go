package judge

import (
	"context"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/learning"
)

// learn makes the dialect of an exchange file what the server answers. Its finding is that of [learning.Learn]. In another dialect there is
// nothing to learn.
func (r *Run) learn(ctx context.Context) *finding.Finding {
	x, ok := r.Server.Dialect.(*exchange.Dialect)
	if !ok {
		return nil
	}
	b := r.bench("gate/learn", "gate/learn")
	defer b.Done()
	learned, f := learning.Learn(ctx, b, x)
	if f != nil {
		return f
	}
	r.Server.Dialect = learned
	for _, line := range learned.Masked() {
		r.note("masked in the answers to %s", line)
	}
	for _, err := range learned.Unusable() {
		if !finding.From(err).Fact() {
			r.note("left out: %v", err)
		}
	}
	for _, w := range x.File.Warnings {
		r.note("%v", &w)
	}
	return nil
}
