package fuzzer

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/internal/signs"
	"github.com/streamspec/streamspec/suite/dialect"
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
