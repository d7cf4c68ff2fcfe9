package web

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/grammar"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
)

// budget is how many times a draw may be played to make it small.
const budget = 400

// A Found is something wrong, with the smallest draw that shows it.
type Found struct {
	Draw
	Wrong
	Finding *finding.Finding // with the evidence
	First   Key              // of what led to it
	Played  int              // how many times it was played to make it small
}

// Look makes what is wrong with a draw small, and asks for it again by the rule of retries, with the suite's own waits. The finding is that of
// the last: what is not shown again is told by it, and found is nil then.
func (p Player) Look(ctx context.Context, d Draw, w *Wrong) (found *Found, f *finding.Finding) {
	bounded, cancel := context.WithTimeout(ctx, patience.Look)
	hasty := p
	hasty.hasty = true
	s := &shrinker{Draw: d, at: p.Service.Target, fails: func(d Draw) bool {
		now, f := hasty.Play(bounded, d, p.Wait())
		return f == nil && now.like(w)
	}}
	s.shrink()
	cancel()
	for _, one := range []Draw{s.Draw, d} {
		if found, f = p.confirmed(ctx, one, w); found != nil {
			found.Played, found.First = s.played, w.Key()
			return found, nil
		}
	}
	return nil, f
}

// Small is a draw as small as it still fails, as fails says, which is asked so often at the most; and how often it was.
func (p Player) Small(d Draw, fails func(Draw) bool, most int) (Draw, int) {
	s := &shrinker{Draw: d, at: p.Service.Target, fails: fails, played: budget - most}
	s.shrink()
	return s.Draw, s.played - (budget - most)
}

// confirmed asks for what is wrong with a draw again.
func (p Player) confirmed(ctx context.Context, d Draw, w *Wrong) (*Found, *finding.Finding) {
	found, f := p.Again(ctx, d)
	if found == nil || !found.like(w) {
		return nil, f
	}
	return found, nil
}

// Again plays a draw by the rule of retries: found is what is wrong, and where that is nil, the finding says why nothing is known, if anything
// does.
func (p Player) Again(ctx context.Context, d Draw) (found *Found, f *finding.Finding) {
	f = p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		wrong, f := p.Play(ctx, d, wait)
		if wrong == nil {
			return f
		}
		found = &Found{Draw: d, Wrong: *wrong}
		return wrong.finding
	})
	if !f.Fact() {
		return nil, f
	}
	if found != nil {
		found.Finding = f
	}
	return found, f
}

// like says whether two wrongs may have one cause: what is nearly valid is so in the same way, and breaks the same; and what hangs on the cut
// does. That a valid message is wrong explains whatever is wrong with one that is not.
func (w *Wrong) like(other *Wrong) bool {
	return w != nil && (w.Class == other.Class && w.Requirement == other.Requirement || w.Class == nil)
}

// A shrinker makes a draw small, as long as it fails.
type shrinker struct {
	Draw
	at     http1.Target
	fails  func(Draw) bool
	played int
}

func (s *shrinker) try(smaller Draw) bool {
	if s.played == budget {
		return false
	}
	s.played++
	if !s.fails(smaller) {
		return false
	}
	s.Draw = smaller
	return true
}

// shrink leaves out messages and parts of them, makes others simpler, and leaves cuts out.
func (s *shrinker) shrink() {
	size := func(of grammar.Stream) int { return len(of.At(s.at).Bytes) }
	cut := func() bool { return len(s.Cuts.Cuts) > 0 }
	if cut() && !s.try(Draw{Stream: s.Stream}) {
		_ = s.try(Draw{s.Stream, delivery.EveryByte(size(s.Stream))}) // which stays so when the stream becomes smaller
	}
	for again := true; again; {
		again = false
		for _, smaller := range s.Stream.Smaller() {
			n, now := size(smaller), size(s.Stream)
			if n >= now || n < 2 {
				continue
			}
			d := Draw{Stream: smaller}
			switch {
			case len(s.Cuts.Cuts) == now-1:
				d.Cuts = delivery.EveryByte(n)
			case cut():
				d.Cuts = fitting(s.Cuts, n)
			}
			if again = s.try(d); again {
				break
			}
		}
	}
	if len(s.Cuts.Cuts) < 2 {
		return
	}
	for at := 1; at < size(s.Stream); at++ {
		if s.try(Draw{s.Stream, delivery.CutAt(at)}) {
			return
		}
	}
}

// fitting are those of the cuts that a stream of n bytes can have.
func fitting(cuts delivery.Segments, n int) delivery.Segments {
	var at []int
	for _, cut := range cuts.Cuts {
		if cut.At < n {
			at = append(at, cut.At)
		}
	}
	return delivery.CutAt(at...)
}

// Fitting are those of the cuts that a stream can have as it is sent to this server.
func (p Player) Fitting(s grammar.Stream, cuts delivery.Segments) delivery.Segments {
	return fitting(cuts, len(s.At(p.Service.Target).Bytes))
}

// Plan is a draw as the plan of one client, who sends what follows its messages too.
func (p Player) Plan(d Draw) plan.Plan {
	w := d.Stream.At(p.Service.Target)
	c := plan.Client{Cuts: d.Cuts.Cuts, End: delivery.HalfClose}
	from := 0
	for _, to := range append(slices.Clone(w.Ends), len(w.Bytes)) {
		if to > from {
			c.Requests = append(c.Requests, plan.Of(string(w.Bytes[from:to])))
		}
		from = to
	}
	if !w.Closes && p.Service.Pipelines {
		c.Requests = append(c.Requests, plan.Of(string(p.Service.FollowUp("f").Bytes)))
	}
	return plan.Plan{Dialect: service.Name, Drawn: d.Stream.Text(), Clients: []plan.Client{c}}
}
