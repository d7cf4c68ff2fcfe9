package fuzzer

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/internal/signs"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

const (
	// repeats is how often a plan that failed is played again to tell how often it fails.
	repeats = 4
	// budget is how many deliveries may be spent on making a plan small.
	budget = 100
)

// failure looks into a plan that failed: nil where nothing is wrong that could be shown. The server is left serving, or the run
// is halted.
func (w worker) failure(ctx context.Context, d drawn, failed *finding.Finding) *Failure {
	if text := w.behind(); text != "" {
		w.stop(text)
		return nil
	}
	if failed.Is(finding.Gone) || !w.serves(ctx) {
		if serves, restarted := w.revive(ctx); restarted || !serves {
			return w.death(ctx, d, failed, serves)
		}
	}
	x := &inquiry{worker: w, failed: failed, wait: min(patience.Short(0), w.run.Server.Patience.Answer)}
	x.kind = kind{missing: failed.Waited(), alone: len(d.due) == 1, fails: handlerFails(d.due)}
	if x.kind.missing {
		x.wait = min(w.quick, x.wait)
	}
	bounded, cancel := context.WithTimeout(ctx, patience.Look)
	defer cancel()
	fails := func(p plan.Plan) bool { return x.fails(bounded, p) }
	again := times(fails, d.plan, repeats)
	f := &Failure{Plan: d.plan, Failed: again + 1, Runs: repeats + 1}
	switch {
	case ctx.Err() != nil && x.kind.missing:
		return nil // no time is left to ask again
	case ctx.Err() != nil: // a wrong byte is one
		w.describe(f, failed)
		return f
	case again == 0 && x.kind.missing:
		w.result.Late++
		return nil
	}
	if again == 0 {
		if beside, ok := w.beside(d.plan, fails); ok {
			f.Plan, again = beside, repeats
		} else if after, ok := x.after(bounded, d.plan); ok {
			f.Plan, again = after, repeats
			fails = func(p plan.Plan) bool { return x.failsAnew(bounded, p) }
		}
	}
	if again*2 >= repeats {
		// What fails now and then is played until it does, as often as it takes.
		tries := 1 + 2*(repeats-again)
		f.Plan, f.Deliveries = Shrink(f.Plan, func(p plan.Plan) bool {
			for range tries {
				if fails(p) {
					return true
				}
			}
			return false
		}, budget)
		f.Failed, f.Runs = 1+times(fails, f.Plan, repeats), 1+repeats
	}
	if !w.confirm(ctx, f, x.failed) {
		return nil
	}
	if !w.serves(ctx) {
		serves, restarted := w.revive(ctx)
		f.Died = restarted || !serves
		if !serves {
			w.stop(notServing)
		}
	}
	return f
}

// Gone is the problem of a plan that a server died of.
const Gone = "after this, the server is gone"

// notServing ends a run.
const notServing = "the server does not serve any more, and could not be started again: give --exec, so that the fuzzer can"

// An inquiry plays plans that are made of one that failed.
type inquiry struct {
	worker
	kind   kind
	wait   time.Duration
	failed *finding.Finding // of the last plan that failed
}

// fails plays a plan, and says whether it fails in the same way.
func (x *inquiry) fails(ctx context.Context, p plan.Plan) bool {
	due, err := x.run.Server.Due(p)
	if err != nil || x.kind.alone && handlerFails(due) != x.kind.fails {
		return false
	}
	found := x.once(ctx, drawn{plan: p, due: due}, x.wait)
	if !found.Failed() || !x.kind.missing && found.Waited() || ctx.Err() != nil {
		return false
	}
	x.failed = found
	return true
}

// times counts how often a plan fails of n times.
func times(fails func(plan.Plan) bool, p plan.Plan, n int) int {
	failed := 0
	for range n {
		if fails(p) {
			failed++
		}
	}
	return failed
}

// measure finds out how long a plan that went without an answer is waited for while it is made small: many times as long as a
// plain session takes. What is found by it is asked for once more, with the suite's own waits.
func (f *fuzzer) measure(ctx context.Context) {
	f.quick = patience.Short(0)
	for range 5 {
		e := f.run.Server.Player("fuzz")
		began := time.Now()
		if _, found := e.Play(ctx, plain(e.Dialect), f.run.Server.Patience.Answer); found == nil {
			f.quick = min(f.quick, patience.Short(time.Since(began)))
		}
		e.Done()
	}
}

// handlerFails says whether a handler fails in the plan, by design.
func handlerFails(owed []due.Client) bool {
	return slices.ContainsFunc(owed, func(d due.Client) bool { return d.Session.End == dialect.ByFailure })
}

// beside makes a plan of several clients who do what the failing one did, where that fails twice in a row.
func (w worker) beside(p plan.Plan, fails func(plan.Plan) bool) (plan.Plan, bool) {
	const most = 8
	if w.limits.Clients < 2 {
		return p, false
	}
	alone := p
	p = p.Clone()
	for len(p.Clients)+len(alone.Clients) <= most {
		p.Clients = append(p.Clients, alone.Clone().Clients...)
	}
	for range 3 {
		if twice(fails, p) {
			return p, true
		}
	}
	return p, false
}

// after makes a plan of those that were played before the failing one, and that one, each when the one before is done, where that
// fails twice.
func (x *inquiry) after(ctx context.Context, p plan.Plan) (plan.Plan, bool) {
	x.lastMu.Lock()
	before := slices.Clone(x.last)
	x.lastMu.Unlock()
	before = slices.DeleteFunc(before, func(d drawn) bool { return d.plan.Equal(p) })
	x.kind.alone = false
	fails := func(p plan.Plan) bool { return x.failsAnew(ctx, p) }
	for _, most := range []int{2, 8, recent * defaultClients} {
		chain := plan.Plan{Dialect: p.Dialect, Seed: p.Seed}
		for _, d := range before[max(0, len(before)-most):] {
			chain = behind(chain, d.plan)
		}
		if chain = behind(chain, p); chain.Validate() == nil && twice(fails, chain) {
			return chain, true
		}
		if most >= len(before) {
			break
		}
	}
	return p, false
}

// behind puts the clients of a plan behind those of another, where they begin when these are done.
func behind(p, next plan.Plan) plan.Plan {
	at := len(p.Clients)
	p.Clients = append(p.Clients, next.Clone().Clients...)
	p.Clients[at].Then = at > 0
	return p
}

// failsAnew is fails, behind a plain session that takes what the clients of the last plan may have left.
func (x *inquiry) failsAnew(ctx context.Context, p plan.Plan) bool {
	return x.serves(ctx) && x.fails(ctx, p)
}

// twice says whether a plan fails two times in a row.
func twice(fails func(plan.Plan) bool, p plan.Plan) bool {
	for range 2 {
		if !fails(p) {
			return false
		}
	}
	return true
}

// confirm gives a failure its evidence, and names the requirement that it breaks. What is missing, and not known yet, is asked
// for again as the suite does, with its own waits; false is that it came then, or that the run is over.
func (w worker) confirm(ctx context.Context, f *Failure, failed *finding.Finding) bool {
	w.describe(f, failed)
	if !failed.Waited() || slices.ContainsFunc(w.result.Failures, f.same) {
		return true
	}
	e := w.run.Server.Player("fuzz")
	defer e.Done()
	found := e.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		_, found := e.Play(ctx, f.Plan, wait)
		return found
	})
	if !found.Failed() {
		if ctx.Err() == nil {
			w.result.Late++
		}
		return false
	}
	w.describe(f, found)
	return true
}

// describe gives a failure what a finding shows.
func (w worker) describe(f *Failure, found *finding.Finding) {
	f.Problem, f.Evidence = found.Problem, *found.Evidence
	f.Requirement = signs.Breaks(signs.Shrunk{Plan: f.Plan, Dialect: w.run.Dialect(), Came: f.Evidence})
	f.Plan.Requirement = f.Requirement
}

// death finds the plan that the server died of: the one that failed, or one that was played just before. Each is played to a
// server that was started again; serves says that it was.
func (w worker) death(ctx context.Context, d drawn, failed *finding.Finding, serves bool) *Failure {
	f := &Failure{Plan: d.plan, Failed: 1, Runs: 1, Died: true, Problem: failed.Problem, Evidence: *failed.Evidence}
	f.Evidence.FirstDifference = -1
	w.name(f)
	if !serves {
		w.stop(notServing)
		return f
	}
	var end error // how it ended the last time
	kills := func(p plan.Plan) bool {
		due, err := w.run.Server.Due(p)
		if err != nil || ctx.Err() != nil || w.halted.Load() && w.result.Trouble != "" {
			return false
		}
		_ = w.once(ctx, drawn{plan: p, due: due}, patience.Short(0))
		if w.servesOn(ctx) {
			return false
		}
		if ended := w.run.Server.Target.Alive(); ended != nil {
			end = ended
		}
		serves, restarted := w.revive(ctx)
		if !serves {
			w.stop(notServing)
		}
		return restarted || !serves
	}
	w.lastMu.Lock()
	candidates := append([]drawn{d}, slices.Clone(w.last)...)
	w.lastMu.Unlock()
	slices.Reverse(candidates[1:])
	var once *drawn // killed it, and not again
	for i, c := range candidates {
		if !kills(c.plan) {
			continue
		}
		if !kills(c.plan) { // it may have died late, of the one before
			if once == nil {
				once = &candidates[i]
			}
			continue
		}
		w.blame(f, c, end, 2)
		if small, n := Shrink(c.plan, kills, budget/2); kills(small) {
			f.Plan, f.Deliveries = small, n
			if due, err := w.run.Server.Due(small); err == nil {
				w.blame(f, drawn{plan: small, due: due}, end, 2)
			}
		}
		return f
	}
	if once != nil {
		w.blame(f, *once, end, 1)
		return f
	}
	f.Problem, f.Runs = "the server ended, and did not when the last plans were played again: "+f.Problem, 2
	return f
}

// blame says that the server died of a plan, so many of two times, and how.
func (w worker) blame(f *Failure, d drawn, end error, times int) {
	f.Plan, f.Problem = d.plan, Gone
	f.Failed, f.Runs = times, 2
	f.Evidence = evidenceOf(d.plan, d.due[0].Session.Request)
	if ended, text := player.EndedBy(end); ended != nil {
		f.Problem, f.Evidence.Ended = text, ended
	}
	w.name(f)
}

// name names the requirement that a server breaks which died of the failure's plan.
func (w worker) name(f *Failure) {
	f.Requirement = signs.Breaks(signs.Shrunk{Plan: f.Plan, Dialect: w.run.Dialect(), Came: f.Evidence, Died: true})
	f.Plan.Requirement = f.Requirement
}

// evidenceOf is the evidence of a plan after which nothing is answered any more.
func evidenceOf(p plan.Plan, request []byte) report.Failure {
	c := p.Clients[0]
	f := report.Failure{Delivery: c.Delivery().Describe(len(request)), Request: report.Excerpt(request, 0), FirstDifference: -1, Failed: 1, Runs: 1}
	for i, cut := range c.Cuts {
		if i == 64 {
			break
		}
		f.Cuts = append(f.Cuts, cut.At)
	}
	return f
}

// serves says whether a plain session is answered now.
func (w worker) serves(ctx context.Context) bool {
	e := w.run.Server.Player("fuzz")
	defer e.Done()
	for _, wait := range []time.Duration{patience.Short(0), w.run.Server.Patience.Answer} {
		_, found := e.Play(ctx, plain(e.Dialect), wait)
		if found == nil || !found.Waited() && !found.Is(finding.Gone) {
			return true
		}
		if found.Is(finding.Gone) {
			return false
		}
	}
	return false
}

// servesOn says whether a plain session is answered now, and a moment later still: a server may need that to die.
func (w worker) servesOn(ctx context.Context) bool {
	if !w.serves(ctx) {
		return false
	}
	select {
	case <-ctx.Done():
	case <-time.After(patience.Dying):
	}
	return w.serves(ctx)
}

// plain is the plan of a plain session.
func plain(d dialect.Dialect) plan.Plan {
	s := d.Plain("pulse")
	r := plan.Request{Pieces: []plan.Piece{{Text: s.Request}}}
	if len(s.Exchanges) > 0 {
		r = plan.Request{Exchange: s.Exchanges[0]}
	}
	c := plan.Client{Requests: []plan.Request{r}, End: delivery.HalfClose}
	if len(s.Exchanges) > 0 {
		c.End = delivery.Open
	}
	return plan.Plan{Dialect: d.Name(), Clients: []plan.Client{c}}
}

// stop ends the run; playing is held.
func (f *fuzzer) stop(why string) {
	if f.result.Trouble == "" {
		f.result.Trouble = why
	}
	f.halted.Store(true)
}

// kind is in what way a plan fails: what is made smaller must fail in the same, or more plainly.
type kind struct {
	missing bool // something did not come in time
	alone   bool // of one client
	fails   bool // a handler fails, by design
}
