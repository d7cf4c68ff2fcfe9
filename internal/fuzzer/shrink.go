package fuzzer

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
)

// Shrink makes a plan smaller for as long as it still fails, and returns the smallest and how many deliveries that took. fails
// plays a plan and says whether it fails in the same way; it is called at most budget times. What is taken away are clients,
// requests, cuts, bytes, pauses and awaits, the largest parts first (delta debugging: Zeller and Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", 2002). The result fails, if p does.
func Shrink(p plan.Plan, fails func(plan.Plan) bool, budget int) (smallest plan.Plan, deliveries int) {
	s := &shrinker{best: p.Clone(), fails: fails, left: budget, seen: map[string]bool{p.String(): true}}
	for before := ""; s.left > 0 && before != s.best.String(); {
		before = s.best.String()
		s.clients()
		s.plain()
		s.requests()
		s.sizes()
		s.cuts()
		s.awaits()
		s.counted()
		s.bytes()
		s.simple()
	}
	return s.best, budget - s.left
}

// A shrinker holds the smallest plan so far that fails.
type shrinker struct {
	best  plan.Plan
	fails func(plan.Plan) bool
	left  int
	seen  map[string]bool // what was played, and is not played again
}

// try plays a candidate, and keeps it when it fails.
func (s *shrinker) try(p plan.Plan) bool {
	if s.left == 0 || p.Validate() != nil {
		return false
	}
	key := p.String()
	if s.seen[key] {
		return false
	}
	s.seen[key] = true
	s.left--
	if !s.fails(p) {
		return false
	}
	s.best = p
	return true
}

// change tries the smallest plan with one client changed.
func (s *shrinker) change(client int, f func(c *plan.Client)) bool {
	p := s.best.Clone()
	f(&p.Clients[client])
	return s.try(p)
}

// clients leaves clients out.
func (s *shrinker) clients() {
	if n := len(s.best.Clients); n > 1 {
		for i := range n {
			p := s.best.Clone()
			p.Clients = []plan.Client{p.Clients[i]}
			p.Clients[0].Then = false
			if s.try(p) {
				return
			}
		}
	}
	reduce(len(s.best.Clients), 1, func(from, to int) bool {
		p := s.best.Clone()
		p.Clients = slices.Delete(p.Clients, from, to)
		p.Clients[0].Then = false
		return s.try(p)
	})
}

// plain tries what is plainest at once: no cuts, no pauses, no awaits, the most common end.
func (s *shrinker) plain() {
	for i := range s.best.Clients {
		if len(s.best.Clients[i].Cuts) > 0 {
			s.change(i, func(c *plan.Client) { c.Cuts = nil })
		}
		if slices.ContainsFunc(s.best.Clients[i].Cuts, func(c delivery.Cut) bool { return c.Pause > 0 }) {
			s.change(i, func(c *plan.Client) {
				for k := range c.Cuts {
					c.Cuts[k].Pause = 0
				}
			})
		}
		if len(s.best.Clients[i].Awaits) > 0 {
			s.change(i, func(c *plan.Client) { c.Awaits = nil })
		}
		if !s.best.Clients[i].Exchanges() && s.best.Clients[i].End != delivery.HalfClose {
			s.change(i, func(c *plan.Client) { c.End = delivery.HalfClose })
		}
	}
}

// requests leaves requests out.
func (s *shrinker) requests() {
	for i := range s.best.Clients {
		reduce(len(s.best.Clients[i].Requests), 1, func(from, to int) bool {
			return s.change(i, func(c *plan.Client) { without(c, from, to) })
		})
	}
}

// cuts leaves cuts out.
func (s *shrinker) cuts() {
	for i := range s.best.Clients {
		reduce(len(s.best.Clients[i].Cuts), 0, func(from, to int) bool {
			return s.change(i, func(c *plan.Client) { c.Cuts = slices.Delete(c.Cuts, from, to) })
		})
	}
}

// awaits leaves awaits out.
func (s *shrinker) awaits() {
	for i := range s.best.Clients {
		reduce(len(s.best.Clients[i].Awaits), 0, func(from, to int) bool {
			return s.change(i, func(c *plan.Client) { c.Awaits = slices.Delete(c.Awaits, from, to) })
		})
	}
}

// sizes makes generated pieces shorter, and writes out those that are short.
func (s *shrinker) sizes() {
	for i := range s.best.Clients {
		for r := 0; r < len(s.best.Clients[i].Requests); r++ {
			for k := 0; k < len(s.best.Clients[i].Requests[r].Pieces); k++ {
				s.size(i, r, k)
			}
		}
	}
}

// size finds how short a piece can be, by halves, and writes it out where that is short.
func (s *shrinker) size(client, request, piece int) {
	at := func() plan.Piece { return s.best.Clients[client].Requests[request].Pieces[piece] }
	if at().Size == 0 {
		return
	}
	// What is at most low passes, or was not tried; what is high fails.
	for low := 0; at().Size-low > 1 && s.left > 0; {
		n := low + (at().Size-low)/2
		if low == 0 {
			n = max(1, at().Size/8)
		}
		// What is left out is in front of a cut near the end, or else at the end.
		if !s.change(client, func(c *plan.Client) { shorten(c, request, piece, n, true) }) &&
			!s.change(client, func(c *plan.Client) { shorten(c, request, piece, n, false) }) {
			low = n
		}
	}
	if p := at(); p.Size <= 256 {
		written := s.best.Clone()
		pieces := slices.Clone(written.Clients[client].Requests[request].Pieces)
		pieces[piece] = plan.Piece{Text: p.Bytes()}
		written.Clients[client].Requests[request].Pieces = pieces
		s.best = written // the same on the wire: nothing need be played
	}
}

// shorten makes a generated piece n bytes long, by what is at its front or at its end; cuts behind it move to the front, and a
// count that a command gives with it goes along.
func shorten(c *plan.Client, request, piece, n int, front bool) {
	r := &c.Requests[request]
	start := offset(c, request)
	for _, before := range r.Pieces[:piece] {
		start += before.Len()
	}
	old := r.Pieces[piece].Size
	r.Pieces = slices.Clone(r.Pieces)
	r.Pieces[piece].Size = n
	if front {
		removed(c, start, start+old-n)
	} else {
		removed(c, start+n, start+old)
	}
	if piece > 0 && len(r.Pieces[piece-1].Text) > 0 {
		before := r.Pieces[piece-1].Text
		if counted, ok := bytes.CutSuffix(before, fmt.Appendf(nil, " %d\n", old)); ok {
			text := fmt.Appendf(bytes.Clone(counted), " %d\n", n)
			r.Pieces[piece-1].Text = text
			moved(c, start, len(text)-len(before))
		}
	}
}

// without leaves requests out, and moves the cuts and awaits behind them.
func without(c *plan.Client, from, to int) {
	start := offset(c, from)
	end := start
	for _, r := range c.Requests[from:to] {
		end += r.Len()
	}
	c.Requests = slices.Delete(c.Requests, from, to)
	removed(c, start, end)
}

// offset is how many bytes the client sends before a request.
func offset(c *plan.Client, request int) int {
	n := 0
	for _, r := range c.Requests[:request] {
		n += r.Len()
	}
	return n
}

// removed moves the cuts and awaits when the bytes from start to end are gone, and leaves out those that fall together or outside.
func removed(c *plan.Client, start, end int) {
	displace(c, func(at int) int {
		switch {
		case at >= end:
			return at - (end - start)
		case at > start:
			return start
		}
		return at
	})
}

// moved moves the cuts and awaits at and behind an offset.
func moved(c *plan.Client, from, by int) {
	displace(c, func(at int) int {
		if at >= from {
			return at + by
		}
		return at
	})
}

// displace moves the cuts and awaits, and leaves out those that fall together, or lie outside of what is sent. Of an exchange only
// the file knows how long it is.
func displace(c *plan.Client, to func(at int) int) {
	n := c.Len()
	if c.Exchanges() {
		n = plan.MaxBytes
	}
	last := 0
	for i := range c.Cuts {
		c.Cuts[i].At = to(c.Cuts[i].At)
	}
	c.Cuts = slices.DeleteFunc(c.Cuts, func(cut delivery.Cut) bool {
		if cut.At <= last || cut.At >= n {
			return true
		}
		last = cut.At
		return false
	})
	last = 0
	for i := range c.Awaits {
		c.Awaits[i] = to(c.Awaits[i])
	}
	c.Awaits = slices.DeleteFunc(c.Awaits, func(at int) bool {
		if at <= last || at > n {
			return true
		}
		last = at
		return false
	})
}

// reduce leaves out parts of n things, as long as at least so many are left: first halves, then smaller parts, then single
// ones. without tries to leave out those from from to to, and says whether it did.
func reduce(n, least int, without func(from, to int) bool) {
	for size := max(n/2, 1); n > least; size /= 2 {
		for to := n; to > 0 && n > least; {
			from := max(to-size, 0)
			if n-(to-from) >= least && without(from, to) {
				n -= to - from
			}
			to = from
		}
		if size == 1 {
			return
		}
	}
}
