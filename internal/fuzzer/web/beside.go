package web

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/grammar"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
	"github.com/streamspec/streamspec/suite/report"
)

// Two are servers that the same is given to.
type Two struct {
	A, B Player
	// Names are what they are called in texts.
	Names [2]string
	Seed  uint64
	// Draws is after how many draws to end; 0 is when ctx ends.
	Draws int
	// New hears of each difference as it is found, Played of each draw; nil hears nothing.
	New    func(*Difference)
	Played func(draws, differences int)
}

// mostDifferences ends a comparison: who has so many knows enough.
const mostDifferences = 50

// A Difference is a request that two servers frame otherwise, as small as it is.
type Difference struct {
	Requirement string // what the request is about
	Text        string // what was drawn, in words
	Stream      grammar.Stream
	Evidence    report.Failure
}

// Compared is what a comparison came to.
type Compared struct {
	Draws       int
	Differences []*Difference
	Unsure      int    // draws that were framed otherwise, and not when they were given again
	Trouble     string // why it could not go on; "" where it could
}

// Comparable says why a server does not show where it ends a message; "" where it does.
func Comparable(s *service.Service) string {
	switch {
	case Usable(s) != "":
		return Usable(s)
	case s.Closes:
		return "the server ends the connection behind every answer: where it takes a message to end does not show"
	case !s.Pipelines:
		return "the server does not answer what came together with the request before it: where it takes a message to end does not show"
	}
	return ""
}

// Compare gives draws to both servers until they are over, or ctx ends, and finds what they frame otherwise.
func (t Two) Compare(ctx context.Context) *Compared {
	c := &Compared{}
	known := map[[3]any]bool{}
	for n := uint64(0); (t.Draws == 0 || c.Draws < t.Draws) && len(c.Differences) < mostDifferences && ctx.Err() == nil; n++ {
		s := drawn(t.Seed, n, t.A.Service, t.B.Service).Stream
		a, b, f := t.both(ctx, s, false)
		if f == nil && parted(a, b) && (a.waited() || b.waited()) { // one of them may only have been slow
			a, b, f = t.both(ctx, s, true)
		}
		if ctx.Err() != nil {
			break
		}
		if f != nil {
			c.Trouble = f.Problem
			break
		}
		c.Draws++
		if key := [3]any{a.wire.Class, a.way, b.way}; parted(a, b) && !known[key] {
			switch d := t.look(ctx, s); {
			case d != nil:
				known[key] = true
				c.Differences = append(c.Differences, d)
				if t.New != nil {
					t.New(d)
				}
			case ctx.Err() == nil:
				c.Unsure++
			}
		}
		if t.Played != nil {
			t.Played(c.Draws, len(c.Differences))
		}
	}
	return c
}

// both gives a stream to both servers, and waits for each with its whole patience where that is said.
func (t Two) both(ctx context.Context, s grammar.Stream, patiently bool) (a, b came, f *finding.Finding) {
	ask := func(p Player, name string) (came, *finding.Finding) {
		wait := p.Patience.Answer
		if patiently {
			wait++
		}
		c, f := p.ask(ctx, s, delivery.Whole(), wait)
		return c, f.During(name + ": ")
	}
	if a, f = ask(t.A, t.Names[0]); f == nil {
		b, f = ask(t.B, t.Names[1])
	}
	return a, b, f
}

// parted says whether two servers frame a stream otherwise. One that refuses a message does not frame it; and where one ends a message behind
// which it ends the connection shows by what it took for the body alone, as long as the other does what the RFC lets it do.
func parted(a, b came) bool {
	if a.refused || b.refused || unreadable(a.seen.Outcome) || unreadable(b.seen.Outcome) {
		return false
	}
	if a.content != nil && b.content != nil && *a.content != *b.content {
		return true
	}
	for _, two := range [][2]came{{a, b}, {b, a}} {
		if ends, other := two[0], two[1]; ends.way == grammar.End && (ends.requests == other.requests || other.wire.Ways.Has(other.way)) {
			return false
		}
	}
	return a.requests != b.requests || a.next != b.next
}

// look makes a difference small, and finds it again twice; nil where it is not there again.
func (t Two) look(ctx context.Context, s grammar.Stream) *Difference {
	bounded, cancel := context.WithTimeout(ctx, patience.Look)
	k := &shrinker{Draw: Draw{Stream: s}, at: t.A.Service.Target, fails: func(d Draw) bool {
		a, b, f := t.both(bounded, d.Stream, false)
		return f == nil && parted(a, b)
	}}
	k.shrink()
	cancel()
	for _, one := range []grammar.Stream{k.Stream, s} {
		if d := t.confirmed(ctx, one); d != nil {
			return d
		}
	}
	return nil
}

func (t Two) confirmed(ctx context.Context, s grammar.Stream) *Difference {
	const times = 2
	var a, b came
	for range times {
		var f *finding.Finding
		if a, b, f = t.both(ctx, s, true); f != nil || !parted(a, b) {
			return nil
		}
	}
	d := &Difference{Requirement: a.wire.Requirement, Text: a.wire.Name, Stream: s}
	problem := fmt.Sprintf("%s %s; %s %s", t.Names[0], a.framed(), t.Names[1], b.framed())
	d.Evidence = *a.seen.Trial.Broken(problem).Evidence
	e := &d.Evidence
	e.Problem = problem
	e.Case, e.Runs, e.Failed = d.Text, times, times // and that is what is told: a difference has no right side
	e.Expected, e.Actual, e.Timeline, e.Ending = report.Bytes{}, report.Bytes{}, nil, ""
	return d
}

// framed says what a server did, and where it ended the last message where that is not where the RFC ends it.
func (c came) framed() string {
	if moved := c.moved(); moved != "" {
		return c.words() + ": " + moved
	}
	if c.content != nil {
		return fmt.Sprintf("%s, and took %s for the body", c.words(), quoted(*c.content))
	}
	if c.way != grammar.Take {
		return c.words()
	}
	return fmt.Sprintf("%s, with the end of the message behind byte %d", c.words(), c.end())
}

// quoted is a text as a sentence has it.
func quoted(text string) string {
	const most = 32
	if len(text) <= most {
		return fmt.Sprintf("%+q", text)
	}
	return fmt.Sprintf("%+q and %d bytes more", text[:most], len(text)-most)
}

// Report is the difference as the result of a requirement.
func (d *Difference) Report(again string) report.Result {
	r := report.Result{ID: d.Requirement, Level: report.Must, Title: "the servers frame a request otherwise", Verdict: report.Fail}
	if known, ok := Requirement(d.Requirement); ok {
		r.Level = known.Level
	}
	evidence := d.Evidence
	evidence.Again = again
	r.Failure = &evidence
	return r
}

// Conclusion is what the comparison amounts to.
func (c *Compared) Conclusion() report.Conclusion {
	switch {
	case len(c.Differences) > 0:
		return report.NotConformant
	case c.Trouble != "" || c.Unsure > 0 || c.Draws == 0:
		return report.NoVerdict
	}
	return report.Conformant
}

// Sentence is the outcome in one sentence.
func (c *Compared) Sentence(seed uint64, elapsed time.Duration) string {
	what := fmt.Sprintf("%s of seed %d in %s", show.CountOf(c.Draws, "draw"), seed, elapsed.Round(100*time.Millisecond))
	switch {
	case len(c.Differences) > 0:
		return fmt.Sprintf("framed otherwise: %s of requests, in %s", show.CountOf(len(c.Differences), "kind"), what)
	case c.Trouble != "":
		return "no verdict: " + c.Trouble
	case c.Unsure > 0:
		return fmt.Sprintf("no verdict: %s seemed to be framed otherwise, and not when given again, in %s", show.CountOf(c.Unsure, "draw"), what)
	case c.Draws == 0:
		return "no verdict: the time was over before anything was given to both"
	}
	return "nothing framed otherwise in " + what
}

// Requirement is that of an id, of all families; those of HTTP are not in the catalogue yet.
func Requirement(id string) (contract.Requirement, bool) {
	for _, f := range contract.HTTP() {
		for _, r := range f.Requirements {
			if r.ID == id {
				return r, true
			}
		}
	}
	return contract.Lookup(id)
}
