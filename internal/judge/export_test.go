package judge

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/rules"
)

// What tests of this package that need a server see of a run's inside: they stand outside of it, as what serves them does.

// Mixing is the requirement that a server breaks which mixes the bytes of its clients.
const Mixing = mixing

// Beyond says what lies beyond a border.
func Beyond(border int) string { return beyond(border) }

// Before is Reach that learns nothing yet.
func Before(ctx context.Context, cfg Config) (*Run, error) { return reach(ctx, cfg) }

// Learn learns of an exchange file what the server answers.
func (r *Run) Learn(ctx context.Context) *finding.Finding { return r.learn(ctx) }

// Border is the length of a message behind which the server is wrong.
func (r *Run) Border(ctx context.Context) int { return r.border(ctx) }

// Bench is what a case of that id works with.
func (r *Run) Bench(id, name string) *bench.Bench { return r.bench(id, name) }

// Play judges by one case, as the runner does.
func (r *Run) Play(ctx context.Context, c rules.Case) *finding.Finding { return r.run(ctx, c).found }

// Foreign says whether what a case comes to holds what another client has sent.
func (r *Run) Foreign(c rules.Case, f *finding.Finding) bool {
	return r.foreign(outcome{c: c, found: f})
}

// Mixes says whether the server is known to mix what its clients say.
func (r *Run) Mixes() bool { return r.mixes() }

// Invent has the run judge by these requirements, and by these cases of each.
func (r *Run) Invent(requirements []contract.Requirement, cases func(requirement string) []rules.Case) {
	r.requirements, r.cases = requirements, cases
}

// Pass has the gate be passed, whatever it found.
func (r *Run) Pass() { r.gate = gate{} }
