package fuzzer

import (
	"context"
	"slices"
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
	played := drawn{plan: p.Plan(d), life: life, web: &d}
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
		w.lookWeb(ctx, played, wrong)
	}
}

// lookWeb looks into requests of which the server has made what it must not, while nothing else is played.
func (w worker) lookWeb(ctx context.Context, d drawn, wrong *web.Wrong) {
	w.playing.take()
	defer w.playing.yield()
	switch {
	case d.life != w.lives.Load():
		return
	case w.knowsWeb(wrong):
		if wrong.Waited {
			w.keep(ctx)
		}
		return
	case w.halted.Load() && len(w.result.Failures) > 0 || ctx.Err() != nil:
		w.result.Unexplained++
		return
	}
	begin := time.Now()
	w.tell(nil, true)
	defer func() { w.looking += time.Since(begin) }()
	if wrong.Waited && !w.serves(ctx) { // whatever is played to it now goes without an answer
		w.deathWeb(ctx, d, wrong)
		return
	}
	p := web.Player{Player: w.run.Server.Player("fuzz"), Service: w.web}
	defer p.Done()
	found, f := p.Look(ctx, *d.web, wrong)
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

// deathWeb looks into requests behind which the server serves nobody any more, or that came to one which did not before.
func (w worker) deathWeb(ctx context.Context, d drawn, wrong *web.Wrong) {
	serves, restarted := w.revive(ctx)
	if serves && !restarted { // it was slow
		w.result.Late++
		return
	}
	if ctx.Err() != nil {
		w.result.Unexplained++
		return
	}
	f := w.death(ctx, d, wrong.Finding(), serves)
	f.After = int(w.plans.Load())
	w.note(f)
}

// deadly is a failure that is known of what was drawn of HTTP/1.1's grammar and that the server died of, where some of the same was played in the
// life that is over; nil where none was.
func (w worker) deadly(last []drawn, life int64) *Failure {
	for _, f := range w.result.Failures {
		if f.Died && f.Drawn != "" && slices.ContainsFunc(last, func(d drawn) bool {
			return d.web != nil && d.life == life && d.web.Stream.At(w.web.Target).Name == f.Drawn
		}) {
			return f
		}
	}
	return nil
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
