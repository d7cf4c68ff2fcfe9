package judge

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// gate is what is found out before anything is judged, beside the facts.
type gate struct {
	baseline *finding.Finding // of the plain session
	breaks   string           // the requirement that it breaks
	refused  *finding.Finding // of a plain session behind others that were answered, where a limit of clients may be the cause
	dead     *finding.Finding // of a plain session that was not answered any more behind many others
	trouble  string           // the one message of a run that cannot judge
	reason   string           // the same, short, for those that were not judged
}

// passGate goes through the gate: one plain session must be answered rightly; then
// it is found out whether the server answers while its client's side is open,
// whether it serves clients side by side, and whether it keeps them apart. A panic in it is trouble of our own, and no verdict.
func (r *Run) passGate(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			r.gate.trouble, r.gate.reason = finding.Mistake(v).Problem, "the suite itself failed"
		}
	}()
	r.Server.Until = ctx
	if f := r.learn(ctx); f != nil {
		r.refuse(ctx, f, 0)
		return
	}
	quickest, ok := r.baseline(ctx)
	if !ok {
		return
	}
	r.Server.Patience = r.Server.Patience.Measured(quickest)
	b := r.bench("gate", "gate")
	defer b.Done()
	if unseen := r.look(ctx, b); !r.Server.Sees {
		r.note("the cuts could not be confirmed (%s): each was acknowledged and followed by a pause, so that they are likely separate reads", unseen)
	}
	r.probe(ctx)
	if r.lives.Expires() != nil {
		return
	}
	if f := r.gate.refused; f != nil && !r.Server.Refuses() {
		r.refuse(ctx, f, 1)
		return
	}
	switch f, others := r.gate.dead, r.facts.Turnover; {
	case !f.Fact(), r.Server.Restart != nil: // of which it is known then how many it serves
		r.facts.Turnover = 0
	case bench.Unanswered(f) && !r.Server.ServesNow(ctx), !r.Server.Look(ctx, true).Serves: // nor can it be had again
		if others > 0 {
			f = f.During(fmt.Sprintf("behind %d plain sessions, one after another, ", others))
		}
		r.refuse(ctx, f, 1)
		return
	default:
		r.facts.Turnover = others + beforeTurnover
	}
	if r.Server.Patience.Slow() && r.Server.Worn() == 0 && !r.facts.OneAtATime() && !r.Server.Refuses() && ctx.Err() == nil {
		r.Server.Patience = r.Server.Patience.Beside(b.CrowdTime(ctx))
	}
	if r.cfg.Workers == 0 {
		r.cfg.Workers = r.Server.Patience.Cases(r.Server.Sees)
	}
	if r.facts.OneAtATime() || r.oneByOne() || r.Server.Worn() > 0 {
		r.cfg.Workers = 1
	}
}

// beforeTurnover is more clients than the gate has before it finds out how many may come one after another.
const beforeTurnover = 100

// baseline has some plain sessions answered, and returns how long the quickest took; ok is false where they were not answered
// rightly, or too slowly.
func (r *Run) baseline(ctx context.Context) (took time.Duration, ok bool) {
	b := r.bench("gate", "gate")
	defer b.Done()
	var quickest patience.Quickest
	slow := func() bool { return r.Server.Patience.TooSlow(quickest.Took) && !r.Server.NeverCloses() }
	first := time.Now()
	seems := func() bool {
		return slow() || r.Server.Patience.Measured(quickest.Took).Slow() && time.Since(first) < patience.Baseline
	}
	for served := 0; served < 3 && !quickest.Alike || served < 8 && seems(); served++ {
		began := time.Now()
		d := player.Delivery{Options: delivery.Options{ConfirmCap: patience.MostCut}}
		f := b.Deliver(ctx, b.Dialect.Plain("baseline"), d)
		if words, refused := player.Refusal(f); served > 0 && refused && !r.Server.Refuses() && r.Server.Readmits(ctx) {
			r.Server.Limited(1, words) // it may take few clients, and count them a while longer: how many, is found out
			r.gate.refused = f
			continue
		}
		if f != nil {
			r.unserved(ctx, f, served)
			return 0, false
		}
		quickest.Note(time.Since(began))
	}
	if slow() {
		r.gate.reason = "the server is too slow"
		r.gate.trouble = patience.Slowness(quickest.Took, len(b.Dialect.Plain("baseline").Request))
		return 0, false
	}
	return quickest.Took, true
}

// unserved refuses a server that did not serve one of the first plain sessions. One that had served others, and can be started again, may
// end by itself, or serve only so many.
func (r *Run) unserved(ctx context.Context, f *finding.Finding, served int) {
	r.refuse(ctx, f, served)
	if served == 0 || r.Server.Restart == nil || ctx.Err() != nil {
		return
	}
	after := r.Server.Look(ctx, f.Fact())
	if after.ServedOn || !after.Serves || !r.ofItself(ctx, after.Life) {
		return
	}
	if known := r.lives.Expires(); known != nil {
		r.gate.baseline, r.gate.breaks = known, living
		r.gate.trouble = fmt.Sprintf("a plain session of the dialect %s was served, and a later one was not: %s", r.cfg.Dialect, known.Problem)
	}
}

// facing has the gate find something out by a server that serves: one that stops doing so is started again, and asked once more, behind as
// many others as it serves. Of one that does so twice nothing is found out.
func (r *Run) facing(ctx context.Context, name string, probe func(*bench.Bench) *finding.Finding) (f *finding.Finding) {
	for range 2 {
		if ctx.Err() != nil || r.stoppedBy.Load() != nil || r.Server.Worn() > 0 && !r.renew(ctx, turning) {
			return nil
		}
		b := r.bench("gate/"+name, "gate/"+name)
		f = probe(b)
		b.Done()
		if r.Server.Restart == nil {
			return f
		}
		after := r.Server.After(ctx, f)
		if after.ServedOn {
			return f
		}
		if after.End != nil {
			r.noteEnd(after.End)
		}
		r.ofItself(ctx, after.Life)
	}
	return nil
}

// probe finds out the facts, each by a bench that knows those before it.
func (r *Run) probe(ctx context.Context) {
	by := func(name string, probe func(*bench.Bench) *finding.Finding) *finding.Finding {
		return r.facing(ctx, name, probe)
	}
	left := by("left", func(b *bench.Bench) *finding.Finding { return b.Leftovers(ctx) })
	open := func(name string) {
		r.facts.Late, r.facts.Shown = false, nil
		late := by(name, func(b *bench.Bench) *finding.Finding { return b.AnswersLate(ctx) })
		if _, refused := player.Refusal(late); late.Fact() && !(refused && r.Server.Refuses()) {
			r.facts.Late, r.facts.Shown = true, late
		}
	}
	open("open")
	if r.facts.Late && r.Server.Restart == nil { // it may answer nobody any more
		if dead := by("served", func(b *bench.Bench) *finding.Finding { return b.Afterwards(ctx) }); bench.Unanswered(dead) {
			r.facts.Late, r.facts.Shown, r.gate.dead = false, nil, dead
			return
		}
	}
	if ctx.Err() != nil {
		return
	}
	if r.facts.Serial = r.cfg.Clients == 1; !r.facts.Serial {
		r.facts.Serial = by("serial", func(b *bench.Bench) *finding.Finding { return b.HeldUp(ctx) }).Fact()
	}
	if !r.facts.Serial {
		by("workers", func(b *bench.Bench) *finding.Finding { return r.capacity(ctx, b) })
	}
	if left != nil && r.Server.Refuses() { // it may have been a refusal
		left = by("left again", func(b *bench.Bench) *finding.Finding { return b.Leftovers(ctx) })
	}
	if r.facts.Late && r.Server.Refuses() {
		open("open again")
	}
	if r.facts.Serial {
		r.note("the server serves one client at a time: it was judged one connection at a time")
	} else {
		if left == nil && !r.facts.Late && !r.gate.dead.Fact() {
			left = by("mixed", func(b *bench.Bench) *finding.Finding { return b.Crosstalk(ctx) })
		}
	}
	if r.facts.Mixes = left != nil; r.facts.Mixes {
		r.note("the server mixes the bytes of its clients: it was judged one connection at a time")
	}
}

// capacity notes how many clients the server serves at once, as far as these are few: what its user says, or what is found out. It returns
// what a plain session comes to where nobody is served any more.
func (r *Run) capacity(ctx context.Context, b *bench.Bench) (dead *finding.Finding) {
	if said := r.cfg.Clients; said > 0 {
		r.Server.LimitSaid(said, nil)
		if !r.Server.Patience.Slow() { // what it says to others, and how long it counts those that have left
			if found, dead, _ := b.Turnover(ctx, false); found.Refuses {
				r.Server.LimitSaid(said, found.Words)
				r.Server.Patience = r.Server.Patience.Measured(max(r.Server.Patience.Exchange, r.Server.Late()/time.Duration(said)))
			} else if dead.Fact() {
				return dead
			}
		}
		if said <= bench.MostWorkers {
			r.facts.Workers = said
			r.note("the server takes %d clients at once, as was said: it was judged by no more at a time", said)
		}
		return nil
	}
	found := b.Capacity(ctx)
	if found.Gone {
		r.lives.Refuses()
	}
	if r.gate.dead = found.Dead; r.gate.dead == nil && found.Clients == 0 && !r.Server.Patience.Slow() {
		found, r.gate.dead, r.facts.Turnover = b.Turnover(ctx, found.Gone)
		if found.Gone {
			r.lives.Refuses()
		}
	}
	if !found.Refuses {
		r.Server.Unlimited()
	} else {
		r.Server.Limited(found.Clients, found.Words)
	}
	if found.Clients > 0 { // so long each session takes that waits for one that has left
		r.Server.Patience = r.Server.Patience.Measured(max(r.Server.Patience.Exchange, r.Server.Late()/time.Duration(found.Clients)))
	}
	switch {
	case found.Clients == 1:
		r.facts.Serial, r.facts.Most = true, 1
	case found.Clients > bench.MostWorkers:
		r.facts.Most = found.Clients
		r.note("the server refuses clients that come quickly one after another, as if those that have left still counted: it was judged by %d in %s, and no more", found.Clients, patience.Text(r.Server.Late()))
	case found.Clients > 0 && found.Refuses:
		r.facts.Workers = found.Clients
		r.note("the server takes %d clients at once, and refuses others: it was judged by no more at a time", found.Clients)
	case found.Clients > 0:
		r.facts.Workers = found.Clients
		r.note("the server serves %d clients at once, and another when one of them has left: it was judged by no more at a time", found.Clients)
	}
	return r.gate.dead
}

// learned says whether what the server answers was learned of itself: what its clients share is not known then.
func (r *Run) learned() bool {
	_, ok := r.Server.Dialect.(dialect.Learner)
	return ok
}

// oneByOne says whether the cases run one after another, since it is not known what clients share of their server. With a slow server
// that takes many of them this would take too long: there they run beside one another, and what one finds is looked for again alone.
func (r *Run) oneByOne() bool {
	const many = 64 // clients: as many cases may run beside one another, some of which have more than one
	limit := dialect.LimitsOf(r.Server.Dialect).Clients
	return r.learned() && (!r.Server.Patience.Slow() || limit > 0 && limit < many || r.facts.Most > 0 && r.facts.Most < many)
}

// breaks names the requirement that a baseline breaks which came after so many that were served: a
// server that answers nothing does not serve, and one that answers wrongly is wrong to the whole request.
func breaks(f *finding.Finding, served int) string {
	switch {
	case !f.Fact() || f.Answered():
		return "FRAM-1"
	case served > 0:
		return "LIFE-2"
	}
	return "LIFE-1"
}

// look finds out, by a plain session in two segments, whether the server's end
// of a connection can be seen, and how long it takes to read. It returns why that end is not seen.
func (r *Run) look(ctx context.Context, b *bench.Bench) (unseen string) {
	c, f := b.Dial(ctx, delivery.Options{ConfirmCap: patience.MostCut})
	if f != nil {
		return "no connection was made"
	}
	p := c.Bind(b.Dialect.Plain(b.ID()))
	if f := c.Open(ctx, p.Opening, b.Patience.Answer); f != nil {
		return "no session was begun"
	}
	p = c.Bind(p)
	half := len(p.Request) / 2
	reading := time.Duration(0)
	if err := c.Send(ctx, p.Request[:half]); err == nil {
		began := time.Now()
		c.Cut(ctx) // decides what can be seen
		reading = time.Since(began)
	}
	if c.Finish(ctx, p, half) { // what does not answer may not read either
		r.Server.Patience = r.Server.Patience.Reading(reading)
	}
	r.Server.Sees = c.Sees()
	return c.Unseen()
}

// refuse notes a baseline that was not answered rightly, after so many that were served, and words the trouble of it.
func (r *Run) refuse(ctx context.Context, f *finding.Finding, served int) {
	r.gate.baseline, r.gate.breaks = f, breaks(f, served)
	if ctx.Err() != nil {
		r.gate.trouble, r.gate.reason = "interrupted before the baseline exchange was answered", "interrupted"
		return
	}
	r.gate.reason = "the baseline exchange failed"
	r.gate.trouble = fmt.Sprintf("the baseline exchange, a plain session of the dialect %s sent whole, was not answered rightly: %s", r.cfg.Dialect, f.Problem)
	if r.gate.breaks == "LIFE-2" {
		r.gate.trouble = fmt.Sprintf("a plain session of the dialect %s was served, and the next one was not: %s", r.cfg.Dialect, f.Problem)
	}
	if f.Is(finding.Undecided) {
		r.gate.trouble = fmt.Sprintf("the baseline exchange, each message of %s sent whole, could not be judged: %s", r.cfg.Dialect, f.Problem)
	}
	if other := r.guess(ctx, f); other != "" {
		r.gate.trouble += fmt.Sprintf("; its answers look like the dialect %s: try --dialect %s", other, other)
	}
	if text := r.Server.Target.Stderr(); text != "" {
		r.gate.trouble += "; see what the server wrote to stderr"
	}
}

// guess returns the dialect whose rich session the server answers rightly, or "".
func (r *Run) guess(ctx context.Context, baseline *finding.Finding) string {
	own, ok := r.Server.Dialect.(dialect.Predictor)
	if _, scripts := own.(dialect.Scripter); !ok || !baseline.Fact() || !baseline.Answered() && !scripts {
		return ""
	}
	b := r.bench("gate", "gate")
	defer b.Done()
	for _, d := range dialect.All() {
		if d.Name() == r.Server.Dialect.Name() || !distinct(d.Rich(), own) {
			continue
		}
		if _, f := b.Try(ctx, d.Rich(), player.Delivery{}, patience.Guess); f == nil {
			return d.Name()
		}
	}
	return ""
}

// distinct reports whether a session of another dialect would be answered otherwise by own.
func distinct(s dialect.Session, own dialect.Predictor) bool {
	for _, a := range own.Predict(s.Request).Answers {
		if bytes.Equal(a, s.Answer()) {
			return false
		}
	}
	return true
}
