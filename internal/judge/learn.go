package judge

import (
	"context"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/learning"
)

// learn makes the dialect of an exchange file what the server answers. Its finding is that of [learning.Learn]. In another dialect there is
// nothing to learn.
func (r *Run) learn(ctx context.Context) *finding.Finding {
	if d, ok := r.Server.Dialect.(*service.Dialect); ok {
		if f := r.visit(ctx, d); f != nil {
			return f
		}
	}
	x, ok := exchange.Of(r.Server.Dialect)
	if !ok {
		return nil
	}
	before := r.Server.Dialect
	b := r.bench("gate/learn", "gate/learn")
	defer b.Done()
	learned, f := learning.Learn(ctx, b, x)
	if f != nil {
		return f
	}
	r.Server.Dialect = learned
	if d, ok := before.(*service.Dialect); ok {
		r.Server.Dialect = d.Learned(learned)
	}
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

// visit learns a server of HTTP/1.1 as its own families ask it.
func (r *Run) visit(ctx context.Context, d *service.Dialect) *finding.Finding {
	b := r.bench("gate/visit", "gate/visit")
	defer b.Done()
	s := service.New(r.Server.Target.Current(), d.Options)
	if b.Launcher != nil {
		s.Warm(ctx, b.Player)
	}
	if f := s.Learn(ctx, b.Player); f != nil {
		return f
	}
	for _, line := range s.Notes() {
		r.note("%s", line)
	}
	known, err := d.Knowing(s)
	if err != nil {
		return finding.Mistake(err)
	}
	r.Server.Dialect = known
	return nil
}
