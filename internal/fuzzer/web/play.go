package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/grammar"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/player"
)

// A Draw is a stream, and how it is cut beside being sent whole.
type Draw struct {
	Stream grammar.Stream
	Cuts   delivery.Segments // without any, it is sent whole alone
}

// mostBefore is how many messages a draw has before its last.
const mostBefore = 4

// mostCut is up to how many bytes a stream is cut at each.
const mostCut = 600

// Drawn is the draw of that number among those of a seed, for what was learned of a server.
func Drawn(s *service.Service, seed, number uint64) Draw { return drawn(seed, number, s) }

// drawn is Drawn for several servers.
func drawn(seed, number uint64, all ...*service.Service) Draw {
	src := rand.New(rand.NewPCG(seed, number))
	limits := grammar.Limits{Before: mostBefore, Posts: true}
	for _, s := range all {
		limits.Posts, limits.Old = limits.Posts && !s.EndsPosts, limits.Old || s.Old
		switch {
		case s.Closes || !s.Pipelines:
			limits.Before = 0
		case s.Requests > 0:
			limits.Before = max(min(limits.Before, s.Requests-3), 0)
		}
	}
	d := Draw{Stream: grammar.Draw(src, limits)}
	n := len(d.Stream.At(all[0].Target).Bytes)
	switch src.IntN(6) {
	case 0, 1:
		if n <= mostCut {
			d.Cuts = delivery.EveryByte(n)
		}
	case 2, 3, 4:
		at := []int{}
		for range 1 + src.IntN(3) {
			at = append(at, 1+src.IntN(n-1))
		}
		slices.Sort(at)
		d.Cuts = delivery.CutAt(slices.Compact(at)...)
	}
	return d
}

// Usable says why draws show nothing of a server; "" where they do.
func Usable(s *service.Service) string {
	if s == nil {
		return "of the server nothing was learned"
	}
	return ""
}

// Shows says why a stream shows nothing of a server; "" where it does.
func Shows(s *service.Service, of grammar.Stream) string {
	if why := Usable(s); why != "" {
		return why
	}
	if s.Old && of.Modern() {
		return "the server speaks HTTP/1.0, which has neither the codings nor the expectations that were drawn"
	}
	return ""
}

// Notes say what is not drawn for a server; none where all is.
func Notes(s *service.Service) (all []string) {
	if s.Old {
		all = append(all, "the server speaks HTTP/1.0: of HTTP/1.1's grammar neither chunks, nor other codings, nor expectations are drawn")
	}
	return all
}

// A Player plays draws to one server.
type Player struct {
	*player.Player
	Service *service.Service
	hasty   bool // what was missing is not asked for again, which is done before it is told
}

// A Key is what of wrongs is the same where they most likely are: the class, and the requirement that is broken.
type Key struct {
	class       *grammar.Class
	requirement string
}

// Key is that of what was drawn, before anything was left out of it.
func (w *Wrong) Key() Key { return Key{w.Class, w.Requirement} }

// A Wrong is what a server must not have made of a draw.
type Wrong struct {
	Requirement string
	Class       *grammar.Class // of what was drawn; nil where that is valid
	Name        string         // of that, in words
	Problem     string
	Waited      bool // the server may only have been slow
	finding     *finding.Finding
}

// Finding is what it was found by, with the evidence.
func (w *Wrong) Finding() *finding.Finding { return w.finding }

// ask sends a stream in one delivery. What a server waits for is asked for again with all of the wait for an answer where it may not wait.
func (p Player) ask(ctx context.Context, s grammar.Stream, how delivery.Segments, wait time.Duration) (came, *finding.Finding) {
	w := s.At(p.Service.Target)
	q := service.Question{}
	q.Name, q.Bytes, q.Asked, q.Ends = w.Name, w.Bytes, w.Asked, w.Closes
	seen, f := p.Service.Ask(ctx, p.Player, q, how, wait)
	if f != nil {
		return came{}, f
	}
	return sorted(p.Service, w, seen), nil
}

// patiently is ask, again with the whole patience where it went without something that the stream's model wants.
func (p Player) patiently(ctx context.Context, s grammar.Stream, how delivery.Segments, wait time.Duration) (came, *finding.Finding) {
	c, f := p.ask(ctx, s, how, wait)
	if f == nil && c.waited() && !p.hasty && !allowed(p.Service, c.wire).Has(c.way) && wait <= p.Patience.Answer {
		c, f = p.ask(ctx, s, how, p.Patience.Answer+1)
	}
	return c, f
}

// Play plays a draw: whole, and then cut. What is wrong is nil where all is right, or where the finding says that the server is gone.
func (p Player) Play(ctx context.Context, d Draw, wait time.Duration) (*Wrong, *finding.Finding) {
	whole, f := p.patiently(ctx, d.Stream, delivery.Whole(), wait)
	if f != nil {
		return nil, f
	}
	if wrong := p.judged(whole); wrong != nil || len(d.Cuts.Cuts) == 0 {
		return wrong, nil
	}
	cut, f := p.patiently(ctx, d.Stream, d.Cuts, wait)
	if f != nil {
		return nil, f
	}
	if wrong := p.judged(cut); wrong != nil {
		if wrong.Class == nil { // of a valid message that is answered rightly in one segment, the cut is what is wrong
			wrong.Requirement = "FRAM-2"
		}
		return wrong, nil
	}
	if !differ(whole, cut) || !p.Service.Pipelines && whole.wire.Requests > 1 { // which it loses where they come together
		return nil, nil
	}
	if !p.hasty && (whole.waited() || cut.waited()) { // it may have been slow, and not have waited for more
		if whole, f = p.ask(ctx, d.Stream, delivery.Whole(), p.Patience.Answer+1); f == nil {
			cut, f = p.ask(ctx, d.Stream, d.Cuts, p.Patience.Answer+1)
		}
		if f != nil || !differ(whole, cut) {
			return nil, f
		}
	}
	return p.wrong(cut, "FRAM-2", fmt.Sprintf("in one segment the server %s, and cut it %s: what it takes hangs on how the bytes come", whole.words(), cut.words())), nil
}

// differ says whether a server took a stream in one delivery, and did not in another.
func differ(a, b came) bool {
	took := func(c came) bool { return c.next && !c.refused }
	not := func(c came) bool { return c.refused || c.way == grammar.Wait }
	return took(a) && not(b) || not(a) && took(b)
}

// judged is what is wrong with what came of a stream.
func (p Player) judged(c came) *Wrong {
	ways := allowed(p.Service, c.wire)
	if ways.Has(c.way) {
		return nil
	}
	requirement, problem := c.wire.Requirement, fmt.Sprintf("the server %s", c.words())
	if kept := c.kept(); kept != "" {
		requirement = kept
	}
	if moved := c.moved(); moved != "" {
		problem = "request smuggling: " + moved + " (" + c.seen.Statuses() + ")"
	}
	wrong := p.wrong(c, requirement, problem)
	e := wrong.finding.Evidence
	if e.Pattern = fmt.Sprintf("that the server %s (RFC %s)", ways, section(c.wire.Source)); e.Actual.Total == 0 { // of which no pattern is shown
		e.Case = "right is " + e.Pattern
	}
	return wrong
}

// kept is the requirement that is broken where the message was read as it may be, and the connection went on; "" where that is the message's own.
func (c came) kept() string {
	if c.way.Has(grammar.Take | grammar.Keep) {
		return c.wire.Kept
	}
	return ""
}

// section is a source as people read it: "9112, 6.3" for "12 §6.3".
func section(source string) string {
	number := map[string]string{"12": "9112", "10": "9110"}[source[:2]]
	return number + ", " + strings.ReplaceAll(source[len("12 "):], "§", "")
}

func (p Player) wrong(c came, requirement, problem string) *Wrong {
	problem = c.wire.Name + ": " + problem
	w := &Wrong{Requirement: requirement, Class: c.wire.Class, Name: c.wire.Name, Problem: problem, Waited: c.waited()}
	if w.finding = c.seen.Trial.Broken(problem); c.waited() {
		w.finding = c.seen.Trial.Missing(problem)
	}
	return w
}
