package suite

import (
	"context"
	"slices"
	"sync"

	"github.com/streamspec/streamspec/suite/report"
)

// Run judges every selected requirement, cases beside one another where they
// may be, and returns the report. When ctx ends, what was not judged yet is inconclusive: interrupted.
func (s *Suite) Run(ctx context.Context) *report.Report {
	r := &run{s: s, results: make([]report.Result, len(s.requirements))}
	o := r.order()
	var apart sync.WaitGroup
	r.all(ctx, &apart, o.apart)
	r.pool(ctx, s.cfg.Workers, o.beside, o.waiting)
	r.again(ctx)
	r.pool(ctx, 1, o.alone, nil)
	apart.Wait()
	r.again(ctx)
	rep := s.Report(ctx, r.results)
	rep.Likely = s.diagnose(ctx, rep)
	return rep
}

// An order is which cases run beside which.
type order struct {
	apart   []job // on a server of their own, from the beginning, beside all others
	waiting []job // from the beginning, each without a worker
	beside  []job // on the workers
	alone   []job // one after another, once all but those apart have ended
}

// order makes the jobs of all cases. Where little is known of what clients do to one another, fewer run beside others.
func (r *run) order() order {
	s := r.s
	var o order
	for i, req := range s.requirements {
		cases := req.casesFor(s.dialect)
		p := &pending{index: i, left: len(cases), outcomes: make([]outcome, len(cases))}
		for k, c := range cases {
			j := job{c: c, p: p, slot: k}
			to := &o.beside
			switch {
			case s.alone(c):
				to = &o.alone
			case c.Waits && s.apart(c):
				to = &o.apart
			case c.Waits:
				to = &o.waiting
			}
			*to = append(*to, j)
		}
	}
	switch {
	case s.oneAtATime():
		o.beside = slices.Concat(o.beside, o.apart, o.waiting)
		o.apart, o.waiting = nil, nil
	case s.exchanges(): // what clients share of their server, and one server with another, is not known
		o.alone = slices.Concat(o.beside, o.alone)
		o.waiting = slices.Concat(o.apart, o.waiting)
		o.beside, o.apart = nil, nil
	}
	if s.cfg.Workers > 1 && len(o.beside) > 1 || len(o.apart)+len(o.waiting) > 0 {
		for _, jobs := range [][]job{o.apart, o.waiting, o.beside} {
			for i := range jobs {
				jobs[i].together = true
			}
		}
	}
	return o
}

// alone reports whether nothing else may talk to the server while c runs.
func (s *Suite) alone(c Case) bool {
	return c.Needs.Has(Alone) || c.Needs.Has(PID) && !s.apart(c)
}

// apart reports whether c talks to servers of its own, which the suite starts for it, and disturbs nobody.
func (s *Suite) apart(c Case) bool {
	return s.target.Launcher() != nil && (c.Needs.Has(Exec) || c.Needs.Has(PID))
}

type job struct {
	c        Case
	p        *pending
	slot     int
	together bool // it runs beside others, which may disturb it
}

// pending gathers the outcomes of one requirement.
type pending struct {
	mu       sync.Mutex
	begun    bool
	index    int
	left     int
	outcomes []outcome
}

type run struct {
	s       *Suite
	results []report.Result

	mu        sync.Mutex
	disturbed []job // by what another did to the server, perhaps: they are run again, each alone
}

// all runs each of the jobs at once.
func (r *run) all(ctx context.Context, wg *sync.WaitGroup, jobs []job) {
	for _, j := range jobs {
		wg.Go(func() { r.do(ctx, j) })
	}
}

// again runs those that were disturbed.
func (r *run) again(ctx context.Context) {
	r.mu.Lock()
	jobs := r.disturbed
	r.disturbed = nil
	r.mu.Unlock()
	for _, j := range jobs {
		j.together = false
		r.do(ctx, j)
	}
}

// pool runs the beside jobs on n workers, one at the least, and each of the waiting ones at once.
func (r *run) pool(ctx context.Context, n int, beside, waiting []job) {
	var wg sync.WaitGroup
	r.all(ctx, &wg, waiting)
	queue := make(chan job)
	for range max(n, 1) {
		wg.Go(func() {
			for j := range queue {
				r.do(ctx, j)
			}
		})
	}
	for _, j := range beside {
		queue <- j
	}
	close(queue)
	wg.Wait()
}

// do runs one job; the last of a requirement makes its result.
func (r *run) do(ctx context.Context, j job) {
	req := r.s.requirements[j.p.index]
	progress := r.s.cfg.Progress
	j.p.mu.Lock()
	if !j.p.begun && progress != nil {
		progress.Start(req.ID)
	}
	j.p.begun = true
	j.p.mu.Unlock()
	o := r.s.run(ctx, j.c)
	if o.disturbed && j.together && r.s.stopped.Load() == nil {
		r.mu.Lock()
		r.disturbed = append(r.disturbed, j)
		r.mu.Unlock()
		return
	}
	j.p.mu.Lock()
	defer j.p.mu.Unlock()
	j.p.outcomes[j.slot] = o
	if j.p.left--; j.p.left > 0 {
		return
	}
	r.results[j.p.index] = r.s.verdict(req, j.p.outcomes)
	if progress != nil {
		progress.Done(r.results[j.p.index])
	}
}
