package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// What a case comes to beside other clients may be those clients' doing: bytes come that are another's, or what fails beside others does
// not fail when it is played alone. A server that mixes what its clients say breaks CONC-1, wherever that is seen, and nothing else by it.

// mixing is the requirement that a server breaks which mixes the bytes of its clients.
const mixing = "CONC-1"

// A suspect is an outcome that other clients may have made.
type suspect struct {
	job     job
	was, is outcome // what it came to, and what it comes to alone
	foreign bool    // bytes of another client came
	repeats bool    // it fails alone too
	again   bool    // the case was run alone
	beside  bool    // its own clients make it fail beside one another, and not alone
}

// hold keeps the result of CONC-1 back until all else is known.
func (j *Judgement) hold(p *pending) {
	p.left++
	j.held = p
}

// suspects keeps an outcome back that other clients may have made, until nobody else talks to the server.
func (j *Judgement) suspects(ctx context.Context, one job, o outcome) bool {
	r := j.run
	if one.c.Requirement == mixing && o.found.Fact() && !o.died() && !o.found.Is(finding.Gone) && (r.foreign(o) || !byChance(o.found)) {
		r.mingles.Store(true)
	}
	if one.c.Requirement == mixing || r.lifeOf(one.c.Requirement) != nil || r.gate.baseline != nil || !o.found.Fact() || o.found.Is(finding.Gone) || o.died() || r.stoppedBy.Load() != nil || ctx.Err() != nil {
		return false
	}
	foreign := r.foreign(o)
	if !foreign && !errors.Is(o.found.Cause, bench.ErrBeside) && !(one.together && !r.apart(one.c)) {
		return false
	}
	if foreign {
		r.mingles.Store(true)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.suspected = append(j.suspected, suspect{job: one, was: o, is: o, foreign: foreign, beside: errors.Is(o.found.Cause, bench.ErrBeside)})
	return true
}

// alone finds out what the suspected outcomes come to alone, and who is to blame for them. Nobody else may talk to the server.
func (j *Judgement) alone(ctx context.Context) {
	j.mu.Lock()
	all := j.suspected
	j.suspected = nil
	j.mu.Unlock()
	// A slow server of which much is wrong, and the same alone as far as that was tried, need not be asked of all of it.
	began, alike := time.Now(), true
	for _, answered := range []bool{true, false} {
		for i := range all {
			// What got no answer may be held up by much: it is played again where the server is known to mix its clients.
			s := &all[i]
			switch {
			case s.was.found.Answered() != answered, !answered && !s.foreign && !j.run.mixes():
			case alike && !s.foreign && !s.beside && time.Since(began) >= patience.Suspected:
				s.repeats = true
			default:
				j.playedAlone(ctx, s)
				alike = alike && s.repeats && !s.foreign
			}
		}
	}
	for _, s := range all {
		j.conclude(s.job, j.blamed(s))
	}
}

// playedAlone finds out what a suspected outcome comes to alone.
func (j *Judgement) playedAlone(ctx context.Context, s *suspect) {
	r := j.run
	switch {
	case s.beside, r.stoppedBy.Load() != nil, ctx.Err() != nil:
	case !s.foreign && r.repeats(ctx, s.was.found.Evidence.Plan):
		s.repeats = true
	default:
		if again := r.run(ctx, s.job.c); ctx.Err() == nil && r.stoppedBy.Load() == nil {
			again.elapsed += s.was.elapsed
			s.is, s.again = again, true
			s.beside = again.found.Fact() && errors.Is(again.found.Cause, bench.ErrBeside)
			s.repeats = again.found.Fact() && !s.beside
			s.foreign = s.foreign || r.foreign(again)
		}
	}
	if r.mixed(s) {
		if j.mixed == nil || r.tells(s.was, *j.mixed) {
			j.mixed = &outcome{c: s.was.c, found: s.was.found}
		}
		r.mingles.Store(true)
	}
}

// tells says whether an outcome tells more of mixed clients than another, by bytes of another client, or in less.
func (r *Run) tells(o, other outcome) bool {
	if more := r.foreign(o); more != r.foreign(other) {
		return more
	}
	return o.found.Evidence.Cost < other.found.Evidence.Cost
}

// mixes says whether the server mixes what its clients say, as far as the gate, or a case, has seen that.
func (r *Run) mixes() bool { return r.facts.Mixes || r.mingles.Load() }

// repeats says whether a plan fails alone.
func (r *Run) repeats(ctx context.Context, text string) bool {
	pl, err := plan.Parse([]byte(text))
	if err != nil {
		return false
	}
	due, err := r.Server.Due(pl)
	if err != nil {
		return false
	}
	p := r.Server.Player("alone")
	defer p.Done()
	_, f := p.PlayDue(ctx, pl, due, p.Wait())
	return f.Fact()
}

// mixed says whether a suspect shows that the server mixes what its clients say. In an exchange file a value that connections share by its
// own words does as much, unless it is another connection's name that came.
func (r *Run) mixed(s *suspect) bool {
	return s.foreign || !s.repeats && !r.learned() && (s.beside || besideOnly(s.was.found) && !s.is.open())
}

// byChance says whether what was asked for again was not always so: that it was wrong beside others may be chance then.
func byChance(f *finding.Finding) bool { return f.Evidence.Failed < f.Evidence.Runs }

// besideOnly says whether bytes came again and again beside others that are not those of the answer.
func besideOnly(f *finding.Finding) bool {
	e := f.Evidence
	return f.Answered() && e.Runs > 1 && e.Failed == e.Runs && e.FirstDifference >= 0 && e.FirstDifference < e.Actual.Total
}

// blamed is what a suspect is told to have come to.
func (j *Judgement) blamed(s suspect) outcome {
	o, f := s.is, s.was.found
	foreign := fmt.Sprintf("bytes of another client came (%s): %s", mixing, f.Problem)
	switch {
	case s.foreign && j.held == nil: // it is not judged by what it is about
		o = s.was
		o.found.Problem = foreign
	case s.foreign && (s.repeats || !s.again):
		o.found = finding.NewNotShown("%s", foreign)
	case s.repeats, s.foreign:
	case s.again && j.run.mixes():
	case s.is.open() && f.Answered(): // the machine has kept it from being told alone
	case j.run.learned() && f.Answered():
		o.found = f.Because(finding.Undecided, "%s; it did so beside other clients, and not alone: connections may share something, which {{conn}} in the file would tell apart", f.Problem)
	case j.held != nil && (s.beside || besideOnly(f)):
		o.found = finding.NewNotShown("beside other clients, and not alone (%s), %s", mixing, f.Problem)
	default:
		return s.was
	}
	return o
}

// release lets the result of CONC-1 go, with what others have shown of it.
func (j *Judgement) release() {
	if j.held == nil {
		return
	}
	p := j.held
	last := job{p: p, slot: len(p.outcomes)}
	if j.mixed != nil {
		f := *j.mixed.found
		evidence := *f.Evidence
		how := "beside other clients, and not alone"
		if j.run.foreign(*j.mixed) {
			how, evidence.Cost = "bytes of another client came", 0 // whatever else is wrong may come from it
		}
		f.Evidence, f.Kind, f.Problem = &evidence, finding.Broken, fmt.Sprintf("%s, of what %s sends: %s", how, j.mixed.c.ID, f.Problem)
		p.mu.Lock()
		p.outcomes = append(p.outcomes, outcome{c: p.outcomes[0].c, found: &f})
		p.mu.Unlock()
	}
	j.concluded(last)
}

// ids are the texts that cases send ([player.Player.ID]), whose length is the same for all; tags are what each of them begins with.
var (
	ids  = regexp.MustCompile(`[A-Z]{4}-[0-9]+[a-z]\.[0-9]+`)
	tags = regexp.MustCompile(`[A-Z]{4}-[0-9]+[a-z]\.`)
)

// foreign says whether what came holds what another client has sent, or is to get.
func (r *Run) foreign(o outcome) bool {
	if !o.found.Fact() || o.found.Evidence == nil {
		return false
	}
	e := o.found.Evidence
	if errors.Is(o.found.Cause, bench.ErrForeign) {
		return true
	}
	own := slices.Concat(e.Request.Text, []byte("\n"), e.Expected.Text)
	if _, named := r.Server.Dialect.(dialect.Learner); named {
		return r.Server.OtherName(e.Actual.Text, own)
	}
	const length = 14
	whole := e.Request.Total == int64(len(e.Request.Text)) && sent(e) <= e.Request.Total // and nothing before it on the connection
	for _, id := range ids.FindAll(e.Actual.Text, -1) {
		same := bytes.HasPrefix(id, []byte(o.c.Tag+"."))
		if len(id) == length && !bytes.Contains(own, id) && (!same || whole && !player.Rearranged(id, ids.FindAll(own, -1))) {
			return true
		}
	}
	// Of what a client left in its middle a part may come: it is another's where the case sends nothing that this can be made of.
	return slices.ContainsFunc(tags.FindAll(e.Actual.Text, -1), func(tag []byte) bool {
		family, _, _ := bytes.Cut(tag, []byte("-"))
		return !bytes.HasPrefix(tag, []byte(o.c.Tag)) && !bytes.Contains(own, family)
	})
}

// sent is how many bytes were sent in all, as the timeline has it.
func sent(f *report.Failure) (n int64) {
	for _, e := range f.Timeline {
		if e.Kind == "send" {
			n += e.Count
		}
	}
	return n
}
