package judge

import (
	"context"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
)

// outcome is what one case came to.
type outcome struct {
	c       rules.Case
	found   *finding.Finding
	counted player.Counts
	elapsed time.Duration
	bound   time.Duration // what the case had
	// disturbed says that the server had to be started again meanwhile, which may be for what another case did to it. One that serves so
	// many clients is, to have room for the next case: that disturbs nobody who has a server of his own.
	disturbed bool
	after     player.Aftermath
	doings    []plan.Client // what its clients did last, where the server did not serve on
	poured    bool          // one of them sent more than is remembered
}

// broke says whether the server serves nobody behind the case, or had to be started again for that, though it had not ended.
func (o outcome) broke() bool { return o.found != nil && !o.after.ServedOn && !o.died() }

// open says whether it was left open what the case shows.
func (o outcome) open() bool {
	return o.found != nil && !o.found.Fact() && !o.found.Is(finding.NotShown)
}

// divided divides jobs into those of whose cases something holds, and the others.
func divided(jobs []job, holds func(rules.Case) bool) (those, others []job) {
	for _, one := range jobs {
		if holds(one.c) {
			those = append(those, one)
		} else {
			others = append(others, one)
		}
	}
	return those, others
}

// run runs one case, within its bound, and never panics.
func (r *Run) run(ctx context.Context, c rules.Case) (o outcome) {
	o = outcome{c: c}
	if r.gate.baseline != nil && c.Requirement == r.gate.breaks {
		o.found, o.counted.Checks = r.gate.baseline, 1
		return o
	}
	if f := r.lifeOf(c.Requirement); f != nil {
		o.found, o.counted.Checks = f, 1
		return o
	}
	if o.found = r.lacks(c); o.found != nil {
		return o
	}
	if c.Needs.Has(rules.Big) {
		select {
		case r.big <- struct{}{}:
			defer func() { <-r.big }()
		case <-ctx.Done():
		}
	}
	if o.found = finding.Ended(ctx); o.found != nil { // the run may have been interrupted while the case waited for the others
		return o
	}
	began, life, run := time.Now(), r.Server.Lives(), ctx
	b := r.bench(c.ID, c.Tag)
	if !r.apart(c) { // what has a server of its own goes on when the other has stopped
		var done context.CancelFunc
		ctx, done = r.untilStopped(ctx)
		defer done()
		r.flight.add(c.Requirement, 1)
		defer r.flight.add(c.Requirement, -1)
	}
	ctx, stop := bounded(ctx, func() time.Duration {
		work := patience.Work{Bytes: c.Bytes, Exchanges: b.Counted().Checks}
		return r.Server.Patience.Bound(work) + 3*r.Server.Target.StartTime().Round(time.Second) // it may start three servers
	})
	b.ResetWhen(ctx.Err)
	defer func() {
		o.bound = stop()
		b.Done()
		o.elapsed, o.counted = time.Since(began), b.Counted()
		if o.counted.Exceeded && !o.found.Fact() {
			o.found = finding.NewNotShown("%s", player.WornWords(r.Server.Worn()))
		}
		r.after(run, &o)
		if o.died() {
			o.doings, o.poured = b.Doings(), b.Poured()
		}
		o.disturbed = o.died() || o.found != nil && r.Server.Lives() != life && !(r.apart(c) && r.Server.Worn() > 0)
	}()
	o.found = guarded(ctx, b, c)
	if r.apart(c) && ctx.Err() != nil && o.found.Fact() {
		o.found = finding.Ended(ctx) // the servers of its own are stopped then: that they end is no fact about them
	}
	if o.found == nil && c.Needs.Has(rules.Alone) {
		o.found = b.Accepted(ctx).Pulse(ctx) // connections that have left are still the server's to accept
	}
	return o
}

// guarded runs a case; a panic in it is trouble of our own, and no verdict. What it found missing is asked for again.
func guarded(ctx context.Context, b *bench.Bench, c rules.Case) (f *finding.Finding) {
	defer func() {
		if v := recover(); v != nil {
			f = finding.Mistake(v)
		}
	}()
	alone := c.Needs.Has(rules.Alone)
	f = b.InTime(ctx, func() *finding.Finding {
		b.Thin(alone)
		return c.Run(ctx, b)
	})
	if !f.Waited() {
		return f
	}
	return b.Ask(ctx, f, func(ctx context.Context, wait time.Duration) *finding.Finding {
		b.Thin(alone) // anew: what was missing is to be asked for, and not left out
		return c.Run(ctx, b.Waiting(wait))
	})
}

// lacks says why the target cannot show the case, or nil.
func (r *Run) lacks(c rules.Case) *finding.Finding {
	t := r.Server.Target
	observable := r.Server.Launcher != nil || t.PID() != 0
	switch {
	case r.gate.trouble != "":
		return finding.NewNotShown("%s", r.gate.reason)
	case c.Needs.Has(rules.Exec) && r.Server.Launcher == nil:
		return finding.NewNotShown("the suite must start and stop the server itself: give --exec")
	case c.Needs.Has(rules.PID) && !observable:
		return finding.NewNotShown("the server's process must be known: give --pid or --exec")
	case c.Needs.Has(rules.InProcess) && r.cfg.Reader == nil:
		return finding.NewNotShown("the wire cannot show it: it needs the server's operations in this process")
	case c.Needs.Has(rules.Together) && r.facts.Serial:
		return finding.NewNotShown("the server serves one client at a time (CONC-2)")
	case c.Needs.Has(rules.Together) && r.mixes() && c.Requirement != "CONC-1":
		return finding.NewNotShown("the server mixes the bytes of its clients (CONC-1)")
	case c.Needs.Has(rules.Turns) && r.facts.Late:
		return finding.NewNotShown("the server does not answer a request while its client's side is open (%s)", r.openRequirement())
	}
	if why := r.gaveUp.Load(); why != nil {
		return finding.NewNotShown("%s", *why)
	} else if by := r.stoppedBy.Load(); by != nil {
		return finding.NewNotShown("the server had stopped serving: see %s", *by)
	}
	return nil
}

// openRequirement is the requirement that a server breaks which answers only
// when its client's side has ended.
func (r *Run) openRequirement() string {
	if len(rules.For("FLOW-3", r.Server.Dialect)) > 0 {
		return "FLOW-3"
	}
	return "FRAM-1"
}

// untilStopped is ctx until the run stops since its server serves no more: what is judged then shows nothing more.
func (r *Run) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(r.serving, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}

// stop notes that the server serves no more, and cannot be started again, since a requirement was judged; false where that was known.
func (r *Run) stop(requirement string) bool {
	defer r.stopped()
	if !r.stoppedBy.CompareAndSwap(nil, &requirement) {
		return false
	}
	r.beside.Store(r.flight.but(requirement))
	return true
}

// A flight is which requirements are being judged, by cases that talk to the same server.
type flight struct {
	mu    sync.Mutex
	under map[string]int
}

// add counts cases of a requirement that have begun, or ended.
func (f *flight) add(requirement string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.under == nil {
		f.under = map[string]int{}
	}
	f.under[requirement] += n
}

// but are the requirements that are being judged, without one.
func (f *flight) but(requirement string) *[]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var others []string
	for id, n := range f.under {
		if n > 0 && id != requirement {
			others = append(others, id)
		}
	}
	return &others
}

// after looks at the server behind a case that did not show what it was to show. One that has ended, or serves nobody any more, is started
// again where the suite can, and what follows is judged on that; else the run stops.
func (r *Run) after(ctx context.Context, o *outcome) {
	met := o.found != nil && !r.apart(o.c) && ctx.Err() == nil // what it found may come from what another has done to the server
	if met && (o.counted.Checks > 0 || !o.found.Is(finding.NotShown)) {
		o.after = r.Server.Look(ctx, o.found.Fact())
	} else {
		o.after = r.Server.After(ctx, nil)
	}
	r.overs.Add(o.after)
	if end := o.after.End; end != nil {
		r.noteEnd(end)
		if met && o.found.Failed() {
			o.found = player.Died(o.found, end)
		}
	} else if met && !o.after.ServedOn {
		r.brokeBy.CompareAndSwap(nil, &o.c.Requirement)
		if o.found.Fact() {
			o.found.Costing(0) // it has brought the server down: nothing is simpler than that
		}
	}
	if !o.after.Serves && !r.stop(o.c.Requirement) && met {
		o.found = finding.NewNotShown("the server stopped serving while this was judged beside others: see %s", *r.stoppedBy.Load())
	}
}
