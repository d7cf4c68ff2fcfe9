package suite

import (
	"context"
	"sync"

	"github.com/streamspec/streamspec/suite/report"
)

// Run judges every selected requirement, cases beside one another where they
// may be, and returns the report. When ctx ends, what was not judged yet is inconclusive: interrupted.
func (s *Suite) Run(ctx context.Context) *report.Report {
	r := &run{s: s, results: make([]report.Result, len(s.requirements))}
	var beside, waiting, alone []job
	for i, req := range s.requirements {
		cases := req.casesFor(s.dialect)
		p := &pending{index: i, left: len(cases), outcomes: make([]outcome, len(cases))}
		for k, c := range cases {
			j := job{c: c, p: p, slot: k}
			switch {
			case s.alone(c):
				alone = append(alone, j)
			case c.Waits:
				waiting = append(waiting, j)
			default:
				beside = append(beside, j)
			}
		}
	}
	switch {
	case s.oneAtATime():
		beside, waiting = append(beside, waiting...), nil
	case s.exchanges(): // what clients share of their server is not known
		alone = append(beside, alone...)
		beside = nil
	}
	r.together = s.cfg.Workers > 1 && len(beside) > 1 || len(waiting) > 0
	r.pool(ctx, s.cfg.Workers, beside, waiting)
	r.together = false
	r.pool(ctx, 1, r.disturbed, nil)
	r.pool(ctx, 1, alone, nil)
	rep := s.Report(ctx, r.results)
	rep.Likely = s.diagnose(ctx, rep)
	return rep
}

// alone reports whether nothing else may talk to the server while c runs. What
// is measured on a server of the case's own disturbs nobody.
func (s *Suite) alone(c Case) bool {
	if c.Needs.Has(PID) && s.target.Launcher() != nil {
		return false
	}
	return c.Needs.Has(Alone) || c.Needs.Has(PID) && !c.Needs.Has(Exec)
}

type job struct {
	c    Case
	p    *pending
	slot int
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

	together  bool // cases run beside one another
	mu        sync.Mutex
	disturbed []job // by what another did to the server, perhaps: they are run again, each alone
}

// pool runs the beside jobs on n workers, one at the least, and each of the waiting ones at once.
func (r *run) pool(ctx context.Context, n int, beside, waiting []job) {
	var wg sync.WaitGroup
	for _, j := range waiting {
		wg.Go(func() { r.do(ctx, j) })
	}
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
	if o.disturbed && r.together && r.s.stopped.Load() == nil {
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
