package fuzzer

import (
	"context"
	"sync"

	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// maxKept bounds the plans that a guide keeps; the oldest make room.
const maxKept = 4096

// Novelty tells what reached something that nothing before it did.
type Novelty interface {
	// Fresh hears of a plan that was just played, and returns the plans that are worth keeping: itself, or it and some that
	// were played before it, or none.
	Fresh(ctx context.Context, p plan.Plan, played []player.Played) []plan.Plan
}

// A Guide keeps the plans that reached something new, and makes new ones of them.
type Guide struct {
	novelty Novelty
	keep    func(plan.Plan)
	share   int // of four plans, so many are made of those that were kept

	mu   sync.Mutex
	kept []plan.Plan
}

// NewGuide returns a guide that begins with what earlier runs have kept. Of four plans, it makes share of those that it has.
// keep hears of each plan that is kept; nil hears nothing.
func NewGuide(n Novelty, share int, corpus []plan.Plan, keep func(plan.Plan)) *Guide {
	return &Guide{novelty: n, share: share, kept: corpus, keep: keep}
}

// Len is how many plans are kept.
func (g *Guide) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.kept)
}

// next is the next plan: drawn anew, or one that was kept, changed.
func (g *Guide) next(d dialect.Dialect, src Source, limits Limits) plan.Plan {
	if src.IntN(4) >= g.share {
		return Draw(d, src, limits)
	}
	g.mu.Lock()
	n := len(g.kept)
	if n == 0 {
		g.mu.Unlock()
		return Draw(d, src, limits)
	}
	// What was kept last is where something new begins: half of the choices are among the last eight.
	i := src.IntN(n)
	if one(src, 2) {
		i = n - 1 - src.IntN(min(n, 8))
	}
	of, other := g.kept[i], g.kept[src.IntN(n)]
	g.mu.Unlock()
	return Mutate(d, of, other, src, limits)
}

// learn keeps what reached something new.
func (g *Guide) learn(ctx context.Context, p plan.Plan, played []player.Played) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.novelty.Fresh(ctx, p, played) {
		if n := len(g.kept) - maxKept + 1; n > 0 {
			g.kept = append(g.kept[:0], g.kept[n:]...)
		}
		g.kept = append(g.kept, p)
		if g.keep != nil {
			g.keep(p)
		}
	}
}
