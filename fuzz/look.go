package fuzz

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/plan"
)

const (
	// lookBound is how long one failure is looked into.
	lookBound = 30 * time.Second
	// repeats is how often a plan that failed is played again to tell how often it fails.
	repeats = 4
	// budget is how many deliveries may be spent on making a plan small.
	budget = 100
)

// failure looks into a plan that failed: nil where nothing is wrong that could be shown. The server is left serving, or the run
// is halted.
func (w worker) failure(ctx context.Context, d drawn, failed error) *Failure {
	if suite.IsGone(failed) || !w.serves(ctx) {
		return w.death(ctx, d, failed)
	}
	k := kind{missing: suite.IsMissing(failed), alone: len(d.due) == 1, fails: handlerFails(d.due)}
	wait := min(firstWait, w.suite.Wait())
	if k.missing {
		wait = min(w.quick, wait)
	}
	fails := func(p plan.Plan) bool {
		due, err := w.suite.Due(p)
		if err != nil || k.alone && handlerFails(due) != k.fails {
			return false
		}
		err = w.once(ctx, drawn{plan: p, due: due}, wait)
		return suite.Evidence(err) != nil && (k.missing || !suite.IsMissing(err)) && ctx.Err() == nil
	}
	again := 0
	for range repeats {
		if fails(d.plan) {
			again++
		}
	}
	f := &Failure{Plan: d.plan, Failed: again + 1, Runs: repeats + 1}
	if ctx.Err() != nil && !k.missing { // no time is left, and a wrong byte is one
		w.describe(f, failed)
		return f
	}
	if again == 0 {
		if k.missing {
			w.result.Late++
			return nil
		}
		if beside, ok := w.beside(d, fails); ok {
			f.Plan, again = beside, repeats
			f.Failed, f.Runs = repeats, repeats
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
	}
	if !w.show(ctx, f, failed, wait) {
		w.result.Late++
		return nil
	}
	if !w.serves(ctx) {
		f.Died = true
		if !w.revive(ctx) {
			w.stop("the server does not serve any more, and could not be started again (give --exec)")
		}
	}
	return f
}

// measure finds out how long a plan that went without an answer is waited for while it is made small: many times as long as a
// plain session takes. What is found by it is asked for once more, with the suite's own waits.
func (f *fuzzer) measure(ctx context.Context) {
	f.quick = firstWait
	for range 5 {
		e := f.suite.Player("fuzz")
		began := time.Now()
		if _, err := e.Play(ctx, plain(e.Dialect), f.suite.Wait()); err == nil {
			f.quick = min(f.quick, max(40*time.Millisecond, 50*time.Since(began)))
		}
		e.Done()
	}
}

// handlerFails says whether a handler fails in the plan, by design.
func handlerFails(due []suite.Due) bool {
	return slices.ContainsFunc(due, func(d suite.Due) bool { return d.Session.End == dialect.ByFailure })
}

// beside makes a plan of several clients of the failing one and of what was played last beside it, where that fails.
func (w worker) beside(d drawn, fails func(plan.Plan) bool) (plan.Plan, bool) {
	if w.suite.Serial() {
		return plan.Plan{}, false
	}
	p := d.plan.Clone()
	for len(p.Clients) < 8 {
		p.Clients = append(p.Clients, d.plan.Clone().Clients...)
	}
	for range 3 {
		if twice(fails, p) {
			return p, true
		}
	}
	return p, false
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

// show plays the plan for the evidence, and names the requirement that it breaks. What is missing, and not known yet, is asked
// for again as the suite does, with its own waits; false is that it came then.
func (w worker) show(ctx context.Context, f *Failure, failed error, wait time.Duration) bool {
	due, err := w.suite.Due(f.Plan)
	if err == nil {
		if err := w.once(ctx, drawn{plan: f.Plan, due: due}, wait); suite.Evidence(err) != nil {
			failed = err
		}
	}
	w.describe(f, failed)
	if !suite.IsMissing(failed) || slices.ContainsFunc(w.result.Failures, f.same) {
		return true
	}
	e := w.suite.Player("fuzz")
	defer e.Done()
	err = e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		_, err := e.PlayDue(ctx, f.Plan, due, wait)
		return err
	})
	if suite.Evidence(err) == nil {
		return false
	}
	w.describe(f, err)
	return true
}

// describe gives a failure what an error shows.
func (w worker) describe(f *Failure, err error) {
	b := suite.Evidence(err)
	f.Problem, f.Evidence = b.Problem, b.Failure
	f.Requirement = w.requirement(f.Plan, b)
	f.Plan.Requirement = f.Requirement
}

// death finds the plan that the server died of: the one that failed, or one that was played just before. Each is played to a
// server that was started again.
func (w worker) death(ctx context.Context, d drawn, failed error) *Failure {
	b := suite.Evidence(failed)
	f := &Failure{Plan: d.plan, Failed: 1, Runs: 1, Died: true, Problem: b.Problem, Evidence: b.Failure, Requirement: "LIFE-2"}
	f.Evidence.FirstDifference = -1
	if !w.revive(ctx) {
		w.stop("the server has ended, and could not be started again: give --exec, so that the fuzzer can")
		f.Plan.Requirement = f.Requirement
		return f
	}
	kills := func(p plan.Plan) bool {
		due, err := w.suite.Due(p)
		if err != nil || ctx.Err() != nil {
			return false
		}
		_ = w.once(ctx, drawn{plan: p, due: due}, firstWait)
		if w.serves(ctx) {
			return false
		}
		return w.revive(ctx)
	}
	w.lastMu.Lock()
	candidates := append([]drawn{d}, slices.Clone(w.last)...)
	w.lastMu.Unlock()
	slices.Reverse(candidates[1:])
	for _, c := range candidates {
		if kills(c.plan) {
			f.Plan, f.Deliveries = Shrink(c.plan, kills, budget/2)
			f.Failed, f.Runs = 2, 2
			f.Problem = "after this, the server is gone"
			if due, err := w.suite.Due(f.Plan); err == nil {
				f.Evidence = evidenceOf(f.Plan, due[0].Session.Request)
			}
			break
		}
	}
	if f.Runs == 1 {
		f.Problem = "the server ended, and did not when the last plans were played again: " + f.Problem
		f.Runs = 2
	}
	f.Plan.Requirement = f.Requirement
	return f
}

// serves says whether a plain session is answered now.
func (w worker) serves(ctx context.Context) bool {
	e := w.suite.Player("fuzz")
	defer e.Done()
	for _, wait := range []time.Duration{firstWait, w.suite.Wait()} {
		_, err := e.Play(ctx, plain(e.Dialect), wait)
		if err == nil || !suite.IsMissing(err) && !suite.IsGone(err) {
			return true
		}
		if suite.IsGone(err) {
			return false
		}
	}
	return false
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
