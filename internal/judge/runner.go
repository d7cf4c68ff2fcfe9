package judge

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// A Judgement is under way, or done: results are there as soon as they are known.
type Judgement struct {
	run     *Run
	known   map[string]chan struct{} // closed when the result of that requirement is known
	results []report.Result
	report  *report.Report
	done    chan struct{}

	mu        sync.Mutex
	own       []ended // what has not shown what it was to show, on servers of its own
	broke     bool    // one of the disturbed has met a server that serves nobody
	disturbed []job   // by what others did to the server, perhaps: they are run again, each alone
	suspected []suspect
	mixed     *outcome   // that shows best that the server mixes its clients; nil where none does
	held      *pending   // of CONC-1; nil where that is not judged
	lasts     []*pending // of what tells how the server's lives end, which may be known at the end only
}

// ended is a job that has ended, and what it came to.
type ended struct {
	job job
	was outcome
}

// Begin begins to judge every selected requirement, cases beside one another where they
// may be. When ctx ends, what was not judged yet is inconclusive: interrupted.
func (r *Run) Begin(ctx context.Context) *Judgement {
	r.Server.Until, r.Server.Patience.OneByOne = ctx, r.facts.OneAtATime()
	j := &Judgement{run: r, results: make([]report.Result, len(r.requirements)), known: map[string]chan struct{}{}, done: make(chan struct{})}
	for _, req := range r.requirements {
		j.known[req.ID] = make(chan struct{})
	}
	go func() {
		defer close(j.done)
		j.judge(ctx)
		j.report = r.report(ctx, j.results)
		r.diagnose(ctx, j.report)
	}()
	return j
}

// Result waits for the result of a requirement, and returns it; ok is false where it was not selected.
func (j *Judgement) Result(id string) (res report.Result, ok bool) {
	known, ok := j.known[id]
	if !ok {
		return res, false
	}
	<-known
	i := slices.IndexFunc(j.run.requirements, func(r contract.Requirement) bool { return r.ID == id })
	return j.results[i], true
}

// Report waits for the end, and returns the report.
func (j *Judgement) Report() *report.Report {
	<-j.done
	return j.report
}

// judge runs all cases.
func (j *Judgement) judge(ctx context.Context) {
	o := j.order()
	var apart sync.WaitGroup
	j.all(ctx, &apart, o.apart)
	j.pool(ctx, j.run.cfg.Workers, o.beside, o.waiting)
	j.again(ctx)
	j.all(ctx, &apart, o.meanwhile)
	for _, akin := range o.alone {
		j.pool(ctx, len(akin), akin, nil)
		j.again(ctx)
	}
	apart.Wait()
	j.again(ctx)
	j.run.unnoticed(ctx)
	j.apart(ctx)
	j.alone(ctx)
	j.release()
	j.tell()
}

// An order is which cases run beside which.
type order struct {
	apart   []job   // on a server of their own, from the beginning, beside all others
	waiting []job   // from the beginning, each without a worker
	beside  []job   // on the workers
	alone   [][]job // one after another, or those that are akin beside one another, once all but those apart have ended
	// meanwhile are on a server of their own too, and busy: they run beside the alone ones, most of which only wait.
	meanwhile []job
}

// order makes the jobs of all cases. Where little is known of what clients do to one another, fewer run beside others.
func (j *Judgement) order() order {
	r := j.run
	var o order
	for i, req := range r.requirements {
		cases := r.cases(req.ID)
		p := &pending{index: i, left: len(cases), outcomes: make([]outcome, len(cases))}
		switch {
		case req.ID == mixing:
			j.hold(p)
		case r.Server.Restart != nil && (req.ID == living || req.ID == turning):
			p.left++
			j.lasts = append(j.lasts, p)
		}
		for k, c := range cases {
			one := job{c: c, p: p, slot: k}
			to := &o.beside
			switch {
			case r.alone(c):
				o.alone = r.withAkin(o.alone, one)
				continue
			case r.apart(c) && (c.Waits || r.Server.Patience.Slow()): // with a slow server every case waits
				to = &o.apart
			case c.Waits:
				to = &o.waiting
			}
			*to = append(*to, one)
		}
	}
	switch {
	case r.facts.OneAtATime():
		o.beside = slices.Concat(o.beside, o.apart, o.waiting)
		o.apart, o.waiting = nil, nil
	case r.oneByOne(): // one server may share something with another, too
		private, others := divided(o.beside, func(c rules.Case) bool { return c.Private })
		o.alone = slices.Concat(singly(others), o.alone)
		o.waiting = slices.Concat(o.apart, o.waiting)
		o.beside, o.apart = private, nil
		for _, jobs := range [][]job{o.waiting, o.beside} {
			for i := range jobs {
				jobs[i].crowded = len(private) > 0 && !r.apart(jobs[i].c)
			}
		}
	case r.Server.Worn() > 0: // one after another, but those on servers of their own
		o.beside, o.waiting = slices.Concat(o.beside, o.waiting), nil
		o.meanwhile, o.beside = divided(o.beside, r.apart)
	case r.learned():
		o.waiting, o.apart = slices.Concat(o.apart, o.waiting), nil
	default:
		o.meanwhile, o.beside = divided(o.beside, r.apart)
	}
	if r.cfg.Workers > 1 && len(o.beside) > 1 || len(o.apart)+len(o.waiting)+len(o.meanwhile) > 0 {
		for _, jobs := range [][]job{o.apart, o.waiting, o.beside, o.meanwhile} {
			for i := range jobs {
				jobs[i].together, jobs[i].doubted = true, r.learned() && r.Server.Patience.Slow()
			}
		}
	}
	for _, akin := range o.alone {
		for i := range akin {
			akin[i].together, akin[i].doubted = len(akin) > 1, true
		}
	}
	return o
}

// withAkin adds a case to those that run alone: beside those that do the same to the server, where that serves many and is slow, or
// where they wait and the server can be started again, so that each can be asked by itself whether it was that which ended it.
func (r *Run) withAkin(alone [][]job, one job) [][]job {
	if one.c.Akin != "" && (one.c.Waits && r.Server.Restart != nil || r.Server.Patience.Slow()) && !r.facts.OneAtATime() {
		for i, akin := range alone {
			if akin[0].c.Akin == one.c.Akin {
				alone[i] = append(akin, one)
				return alone
			}
		}
	}
	return append(alone, []job{one})
}

// singly has each of the jobs run by itself.
func singly(jobs []job) (all [][]job) {
	for _, one := range jobs {
		all = append(all, []job{one})
	}
	return all
}

// alone reports whether nothing else may talk to the server while c runs.
func (r *Run) alone(c rules.Case) bool {
	return c.Needs.Has(rules.Alone) || c.Needs.Has(rules.PID) && !r.apart(c)
}

// apart reports whether c talks to servers of its own, which the suite starts for it, and disturbs nobody.
func (r *Run) apart(c rules.Case) bool {
	return r.Server.Launcher != nil && (c.Needs.Has(rules.Exec) || c.Needs.Has(rules.PID))
}

// A job is a case that is to be run.
type job struct {
	c        rules.Case
	p        *pending
	slot     int
	together bool // it runs beside others, which may disturb it
	itself   bool // it is run again, by itself
	doubted  bool // what it finds then may come of them: it counts only when it is found by the case alone
	crowded  bool // some of them are hostile: what is left open then is judged by the case alone
}

// pending gathers the outcomes of one requirement.
type pending struct {
	mu       sync.Mutex
	begun    bool
	index    int
	left     int
	outcomes []outcome
}

// all runs each of the jobs at once.
func (j *Judgement) all(ctx context.Context, wg *sync.WaitGroup, jobs []job) {
	for _, one := range jobs {
		wg.Go(func() { j.do(ctx, one) })
	}
}

// again runs those that were disturbed, in the order of the contract, when it is known whether the server stops serving by itself.
func (j *Judgement) again(ctx context.Context) {
	j.mu.Lock()
	jobs := j.disturbed
	j.disturbed, j.broke = nil, false
	j.mu.Unlock()
	if life, ok := j.run.overs.Take(); ok && ctx.Err() == nil {
		j.run.ofItself(ctx, life)
	}
	slices.SortFunc(jobs, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.p.index, b.p.index), cmp.Compare(a.slot, b.slot))
	})
	for _, one := range jobs {
		one.together, one.itself = false, true
		if ctx.Err() == nil && j.run.stoppedBy.Load() == nil {
			j.run.ready(ctx, one.c.Requirement)
		}
		j.do(ctx, one)
	}
}

// doubtful says whether a case came to something else than that all was shown, or that the server is too slow for it. One that has asked
// the server for nothing cannot have been disturbed.
func (o outcome) doubtful() bool {
	asked := o.counted.Checks > 0 || !o.found.Is(finding.NotShown)
	return o.found != nil && o.found.Cause != finding.ErrSlow && asked
}

// pool runs the beside jobs on n workers, one at the least, and each of the waiting ones at once. Once one has met a server that serves nobody,
// those that are under way come to their end first, and are run again: others would only meet the like, and wait for nothing. To a server
// that serves so many clients, and nobody behind them, they come one after another.
func (j *Judgement) pool(ctx context.Context, n int, beside, waiting []job) {
	var under sync.WaitGroup
	j.all(ctx, &under, waiting)
	places := make(chan struct{}, max(n, 1))
	beyond := len(waiting) > 0 // somebody else may be there
	for _, one := range beside {
		places <- struct{}{}
		if j.met() {
			under.Wait()
			j.again(ctx)
			beyond = false
		}
		if j.run.Server.Worn() > 0 {
			under.Wait()
			beyond = false
		}
		one.together = one.together && (beyond || n > 1 && j.run.Server.Worn() == 0)
		under.Go(func() {
			defer func() { <-places }()
			j.do(ctx, one)
		})
	}
	under.Wait()
}

// met says whether one of the disturbed has met a server that serves nobody.
func (j *Judgement) met() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.broke
}

// do runs one job.
func (j *Judgement) do(ctx context.Context, one job) {
	r, p := j.run, one.p
	req := r.requirements[p.index]
	progress := r.cfg.Progress
	p.mu.Lock()
	if !p.begun && progress != nil {
		progress.Start(req.ID)
	}
	p.begun = true
	p.mu.Unlock()
	within, done := ctx, func() {}
	if one.together && !r.apart(one.c) {
		within, done = r.Server.InLife(ctx)
	}
	o := r.runWithin(within, one.c)
	done()
	if one.together && (o.disturbed || one.doubted && o.doubtful() || one.crowded && o.open()) && r.stoppedBy.Load() == nil && ctx.Err() == nil {
		j.mu.Lock()
		j.disturbed = append(j.disturbed, one)
		j.broke = j.broke || o.broke()
		j.mu.Unlock()
		return
	}
	if r.apart(one.c) && r.Server.Restart != nil && o.found != nil && !o.found.Is(finding.NotShown) {
		j.mu.Lock()
		j.own = append(j.own, ended{one, o})
		j.mu.Unlock()
		return
	}
	j.settle(ctx, one, o)
}

// apart settles what has not shown what it was to show, on servers of its own: these may stop serving by themselves too.
func (j *Judgement) apart(ctx context.Context) {
	j.mu.Lock()
	all := j.own
	j.own = nil
	j.mu.Unlock()
	for _, one := range all {
		if why := j.run.gaveUp.Load(); why != nil && j.run.lives.Expires() != nil {
			one.was.found = finding.NewNotShown("%s", *why)
		}
		j.settle(ctx, one.job, one.was)
	}
}

// settle notes what a job came to, when it is known who is to blame for it.
func (j *Judgement) settle(ctx context.Context, one job, o outcome) {
	r := j.run
	o = r.settled(ctx, o, one.itself)
	if !j.suspects(ctx, one, o) {
		j.conclude(one, o)
	}
}

// conclude notes what a job came to.
func (j *Judgement) conclude(one job, o outcome) {
	one.p.mu.Lock()
	one.p.outcomes[one.slot] = o
	one.p.mu.Unlock()
	j.concluded(one)
}

// tell lets the results go of what tells how the server's lives end.
func (j *Judgement) tell() {
	for _, p := range j.lasts {
		if f := j.run.lifeOf(j.run.requirements[p.index].ID); f != nil {
			p.mu.Lock()
			p.outcomes = append(p.outcomes, outcome{c: p.outcomes[0].c, found: f})
			p.mu.Unlock()
		}
		j.concluded(job{p: p, slot: len(p.outcomes)})
	}
}

// concluded says that a job has ended; the last of a requirement makes its result.
func (j *Judgement) concluded(one job) {
	r, p := j.run, one.p
	req, progress := r.requirements[p.index], r.cfg.Progress
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left--; p.left > 0 {
		return
	}
	res := r.verdicts().of(req, p.outcomes)
	r.cfg.Known.Mark(&res, r.started)
	j.results[p.index] = res
	close(j.known[req.ID])
	if progress != nil {
		progress.Done(res)
	}
}
