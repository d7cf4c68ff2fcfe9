package fuzzer

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// meetWeb has requests of HTTP/1.1's grammar be played beside the plans, where the server speaks that.
func (f *fuzzer) meetWeb() {
	d, ok := f.run.Dialect().(*service.Dialect)
	if !ok || f.cfg.Draw != nil {
		return
	}
	if why := web.Usable(d.Service); why != "" {
		f.result.Notes = append(f.result.Notes, why)
		return
	}
	f.result.Notes = append(f.result.Notes, web.Notes(d.Service)...)
	f.web = d.Service
}

// playWeb plays the requests of a number.
func (w worker) playWeb(ctx context.Context, n uint64, remembered int) {
	d := web.Drawn(w.web, w.cfg.Suite.Seed, n)
	w.playing.join()
	life := w.lives.Load()
	p := web.Player{Player: w.run.Server.Player("fuzz"), Service: w.web}
	wrong, gone := p.Play(ctx, d, w.run.Server.Patience.Answer)
	cuts := p.Counted().Cuts
	w.made.Add(int64(cuts.Made))
	w.confirmed.Add(int64(cuts.Confirmed))
	p.Done()
	played := drawn{plan: p.Plan(d), life: life}
	played.plan.Seed, played.plan.Drawn = w.cfg.Suite.Seed, "" // where the server ends of it, that is no matter of what it is
	var err error
	if played.due, err = w.run.Server.Due(played.plan); err == nil {
		w.remember(played, remembered)
	}
	w.playing.leave()
	w.plans.Add(1)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.trouble("requests were drawn that cannot be played: " + err.Error() + " (please report it)")
	case gone.Failed():
		w.look(ctx, played, gone)
	case wrong != nil:
		w.lookWeb(ctx, d, wrong, life)
	}
}

// lookWeb looks into requests of which the server has made what it must not, while nothing else is played.
func (w worker) lookWeb(ctx context.Context, d web.Draw, wrong *web.Wrong, life int64) {
	w.playing.take()
	defer w.playing.yield()
	switch {
	case life != w.lives.Load():
		return
	case w.knowsWeb(wrong):
		return
	case w.halted.Load() && len(w.result.Failures) > 0 || ctx.Err() != nil:
		w.result.Unexplained++
		return
	}
	begin := time.Now()
	w.tell(nil, true)
	defer func() { w.looking += time.Since(begin) }()
	p := web.Player{Player: w.run.Server.Player("fuzz"), Service: w.web}
	defer p.Done()
	found, f := p.Look(ctx, d, wrong)
	switch {
	case found != nil:
		w.noteWeb(p, found)
	case ctx.Err() != nil:
		w.result.Unexplained++
	case f == nil || f.Is(finding.Undecided):
		w.result.Late++
	}
	if !w.serves(ctx) && ctx.Err() == nil {
		if serves, _ := w.revive(ctx); !serves {
			w.stop(notServing)
		}
	}
}

// knowsWeb counts what is known already, without another look.
func (w worker) knowsWeb(wrong *web.Wrong) bool {
	f := w.seenWeb[wrong.Key()]
	if f == nil {
		return false
	}
	f.Seen++
	return true
}

// noteWeb reports what was found; what leads to it again is known.
func (w worker) noteWeb(p web.Player, found *web.Found) {
	f := &Failure{
		Requirement: found.Requirement, Drawn: found.Name, Problem: found.Problem, Plan: p.Plan(found.Draw), Evidence: *found.Finding.Evidence,
		After: int(w.plans.Load()), Deliveries: found.Played,
	}
	f.Plan.Seed, f.Plan.Requirement = w.cfg.Suite.Seed, f.Requirement
	f.Failed, f.Runs = f.Evidence.Failed, f.Evidence.Runs
	w.note(f)
	for _, known := range w.result.Failures {
		if known.same(f) {
			w.seenWeb[found.First] = known
		}
	}
}
