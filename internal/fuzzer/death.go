package fuzzer

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/signs"
	"github.com/streamspec/streamspec/suite/report"
)

// Gone is the problem of a plan that a server died of, or behind which it serves nobody.
const Gone = "after this, the server is gone"

// notServing ends a run.
const notServing = "the server does not serve any more, and could not be started again: give --exec, so that the fuzzer can"

// Nobody is the problem of a server that serves nobody any more, and cannot be started again: which plan it is that did it cannot be told.
const Nobody = "after one of the plans that were played last, the server serves nobody any more: give --exec, so that the fuzzer can start it again and find out which"

// unserving is the requirement that a server breaks which has not ended, and serves nobody behind what it was sent.
const unserving = "LIFE-2"

// A killer looks for the plan that a server died of, or behind which it serves nobody any more, by playing plans to one that was started again.
type killer struct {
	worker
	end  error // how it ended the last time; nil where it has not, and serves nobody
	over func() bool
}

// death finds the plan that the server died of, or behind which it serves nobody any more: the one that failed, or one that was played just
// before. Each is played to a server that was started again, for as long as a failure is looked into; serves says that it was.
func (w worker) death(ctx context.Context, d drawn, failed *finding.Finding, serves bool) *Failure {
	f := &Failure{Plan: d.plan, Failed: 1, Runs: 1, Died: true, Problem: failed.Problem, Evidence: *failed.Evidence}
	f.Evidence.FirstDifference = -1
	w.name(f)
	candidates := w.suspects(d)
	if !serves {
		if !failed.Is(finding.Gone) && w.run.Server.Target.Alive() == nil {
			w.nobody(f, candidates)
		}
		w.stop(notServing)
		return f
	}
	if known := w.deadly(candidates, d.life); known != nil {
		return known
	}
	bounded, cancel := context.WithTimeout(ctx, patience.Look)
	defer cancel()
	k := &killer{worker: w, over: func() bool { return bounded.Err() != nil || w.halted.Load() && w.result.Trouble != "" }}
	var once *drawn // killed it, and not again
	for i, c := range candidates {
		if !k.kills(bounded, c.plan, k.again) {
			continue
		}
		if !k.kills(bounded, c.plan, k.surely) { // it may have died late, of the one before
			if once == nil {
				once = &candidates[i]
			}
			continue
		}
		k.blame(f, c, k.end, 2)
		k.shrink(bounded, f, c)
		return f
	}
	if once != nil {
		w.blame(f, *once, k.end, 1)
		return f
	}
	f.Problem, f.Runs = "the server ended, and did not when the last plans were played again: "+f.Problem, 2
	return f
}

// suspects are the plan that failed and those that were played last, the latest first: what was drawn of HTTP/1.1's grammar whole too, as it was
// played before it was cut.
func (w worker) suspects(d drawn) (all []drawn) {
	w.lastMu.Lock()
	last := append(slices.Clone(w.last), d)
	w.lastMu.Unlock()
	slices.Reverse(last)
	for _, one := range last {
		if one.web != nil && len(one.web.Cuts.Cuts) > 0 {
			whole := one
			whole.web = &web.Draw{Stream: one.web.Stream}
			whole.plan = one.plan.Clone()
			whole.plan.Clients[0].Cuts = nil
			all = append(all, whole)
		}
		all = append(all, one)
	}
	return all
}

// kills says whether the server ends of a plan, or serves nobody behind it, and dead agrees, which leaves it serving.
func (k *killer) kills(bounded context.Context, p plan.Plan, dead func(context.Context) bool) bool {
	due, err := k.run.Server.Due(p)
	if err != nil || k.over() {
		return false
	}
	_ = k.once(bounded, drawn{plan: p, due: due}, patience.Short(0))
	ctx := context.WithoutCancel(bounded) // it is left serving
	if k.servesOn(ctx) {
		return false
	}
	end := k.run.Server.Target.Alive()
	if !dead(ctx) {
		return false
	}
	k.end = end
	return true
}

// surely waits for the server with the whole patience before it is started again; false where it serves after all.
func (k *killer) surely(ctx context.Context) bool {
	serves, restarted := k.revive(ctx)
	if !serves {
		k.stop(notServing)
	}
	return restarted || !serves
}

// again starts the server again without another look.
func (k *killer) again(ctx context.Context) bool {
	k.worker.again(ctx)
	return true
}

// shrink makes the plan of a failure small for half of the time: it is told where it kills the server again.
func (k *killer) shrink(bounded context.Context, f *Failure, c drawn) {
	half, cancel := context.WithTimeout(bounded, patience.Look/2)
	defer cancel()
	kills := func(p plan.Plan) bool { return k.kills(half, p, k.again) }
	if c.web == nil {
		if small, n := Shrink(c.plan, kills, budget/2); k.kills(bounded, small, k.again) {
			f.Plan, f.Deliveries = small, n
			if due, err := k.run.Server.Due(small); err == nil {
				k.blame(f, drawn{plan: small, due: due}, k.end, 2)
			}
		}
		return
	}
	p := web.Player{Player: k.run.Server.Player("fuzz"), Service: k.web}
	defer p.Done()
	played := func(d web.Draw) drawn {
		c := drawn{plan: p.Plan(d), web: &d}
		c.plan.Seed, c.plan.Drawn = k.cfg.Suite.Seed, ""
		return c
	}
	small, n := p.Small(*c.web, func(d web.Draw) bool { return kills(played(d).plan) }, budget/2)
	s := played(small)
	if due, err := k.run.Server.Due(s.plan); err == nil && k.kills(bounded, s.plan, k.again) {
		s.due, f.Deliveries = due, n
		k.blame(f, s, k.end, 2)
	}
}

// nobody tells of a server that serves nobody any more and cannot be started again, by all that was played last: whoever plays that to it when it
// serves again sees which it is.
func (w worker) nobody(f *Failure, last []drawn) {
	f.Requirement, f.Problem = unserving, Nobody
	chain := last[0].plan.Clone()
	for _, d := range last[1:] {
		if d.plan.Equal(last[0].plan) || d.web != nil && len(d.web.Cuts.Cuts) > 0 { // which is there whole
			continue
		}
		longer := behind(d.plan.Clone(), chain)
		if longer.Validate() != nil {
			break
		}
		chain = longer
	}
	f.Plan = chain
	f.Plan.Requirement = f.Requirement
}

// again starts a server again that has ended, or serves nobody, and counts that; the run is over where it does not serve then.
func (w worker) again(ctx context.Context) {
	if w.run.Server.Restart == nil || !w.run.Server.Renew(ctx) {
		w.stop(notServing)
		return
	}
	w.lives.Add(1)
	w.result.Restarts++
}

// keep has the server serve behind what is known, or ends the run.
func (w worker) keep(ctx context.Context) {
	if ctx.Err() == nil && !w.halted.Load() && !w.serves(ctx) && ctx.Err() == nil {
		w.again(ctx)
	}
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
	if d.web == nil {
		return
	}
	if of := d.web.Stream.At(w.web.Target); of.Class != nil { // which says more than that it serves nobody
		f.Drawn, f.Problem, f.Requirement = of.Name, of.Name+": "+f.Problem, of.Requirement
		f.Plan.Drawn, f.Plan.Requirement = d.web.Stream.Text(), f.Requirement
	}
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
