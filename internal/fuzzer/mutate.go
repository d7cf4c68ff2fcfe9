package fuzzer

import (
	"bytes"
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Mutate returns a plan that is like p in most of it: some requests are left out, doubled, moved, changed in their bytes, drawn
// anew, or taken from another plan, and the cuts are mostly drawn anew. What is due to the result is known, as of [Draw].
func Mutate(d dialect.Dialect, p, other plan.Plan, src Source, limits Limits) plan.Plan {
	m, ok := d.(dialect.Model)
	if !ok {
		return Draw(d, src, limits) // of an exchange file, what can be drawn is few
	}
	p, other = p.Clone(), other.Clone()
	c := &p.Clients[src.IntN(len(p.Clients))]
	from := other.Clients[src.IntN(len(other.Clients))]
	recut := one(src, 2)
	for range 1 + src.IntN(3) {
		if mutateRequests(m, c, from, src) {
			recut = true
		}
	}
	if len(c.Requests) == 0 || p.Len() > 4<<20 || len(c.Requests) > 256 {
		return Draw(d, src, limits)
	}
	if recut {
		c.Cuts = cuts(src, c.Bytes(), borders(*c))
		waits := len(c.Awaits)
		c.Awaits = nil
		if waits > 0 {
			await(m, c, places(src, c, waits))
		}
	}
	if !known(m, *c) {
		c.Awaits = nil
		if c.End == delivery.Open {
			c.End = delivery.HalfClose
		}
	}
	p.Requirement = ""
	if p.Validate() != nil || !known(m, *c) {
		return Draw(d, src, limits)
	}
	return p
}

// mutateRequests changes the requests in one way, and says whether it did.
func mutateRequests(m dialect.Model, c *plan.Client, from plan.Client, src Source) bool {
	n := len(c.Requests)
	if n == 0 {
		return false
	}
	i := src.IntN(n)
	fresh := func() []plan.Request { return grammarOf(m)(src, false) }
	switch weighted(src, 25, 10, 10, 10, 15, 15, 15) {
	case 0: // drawn ones, behind or before
		all := fresh()
		c.Requests = slices.Insert(c.Requests, min(n, i+src.IntN(2)), all[src.IntN(len(all))])
	case 1:
		c.Requests = slices.Delete(c.Requests, i, i+1)
	case 2:
		c.Requests = slices.Insert(c.Requests, i, c.Requests[i])
	case 3:
		k := src.IntN(n)
		c.Requests[i], c.Requests[k] = c.Requests[k], c.Requests[i]
	case 4:
		all := fresh()
		c.Requests[i] = all[src.IntN(len(all))]
	case 5:
		if len(from.Requests) > 0 {
			k := src.IntN(len(from.Requests))
			c.Requests = append(c.Requests[:i:i], from.Requests[k:]...)
		}
	case 6:
		return mutateBytes(&c.Requests[i], src)
	}
	return true
}

// mutateBytes changes some bytes of a request that is written out: one is another, some are doubled, left out, or put in.
func mutateBytes(r *plan.Request, src Source) bool {
	text, ok := written(*r)
	if !ok || len(text) == 0 {
		return false
	}
	text = bytes.Clone(text)
	i := src.IntN(len(text))
	switch src.IntN(4) {
	case 0:
		text[i] = byte(src.IntN(128))
	case 1:
		text = slices.Insert(text, i, []byte(pick(src, texts))...)
	case 2:
		text = slices.Delete(text, i, min(len(text), i+1+src.IntN(4)))
	case 3:
		end := min(len(text), i+1+src.IntN(16))
		text = slices.Insert(text, i, bytes.Clone(text[i:end])...)
	}
	r.Pieces = nil
	if len(text) > 0 {
		r.Pieces = []plan.Piece{{Text: text}}
	}
	return true
}
