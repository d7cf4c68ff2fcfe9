package match

import (
	"math/bits"
	"regexp/syntax"
	"slices"
)

// GoesOn says whether a right answer may be the beginning of a longer one, so that it is not known to be whole before the server falls
// silent. before is such an answer to the part that lets it, where one was found.
func (p *Pattern) GoesOn() (before []byte, ok bool) {
	for i := len(p.parts) - 1; i >= 0; i-- {
		only := p.parts[i]
		switch {
		case only.aside:
			continue // it does not belong to the answer
		case only.machine != nil:
			return goesOn(only.machine)
		case only.prog == nil:
			return nil, false
		}
		if before, ok := only.prog.goesOn(); ok {
			return before, true
		}
		if empty := (&Pattern{parts: []part{only}}).Matches(nil); !empty {
			return nil, false
		}
	}
	return nil, false
}

// goesOn is GoesOn of a machine: of those that are made of patterns.
func goesOn(m machine) (before []byte, ok bool) {
	var of []*Pattern
	switch m := m.(type) {
	case *choice:
		of = m.of
	case *unordered:
		of = m.of
	}
	for _, p := range of {
		if before, ok := p.GoesOn(); ok {
			return before, true
		}
	}
	return nil, false
}

// mostCompared bounds the pairs of places that are looked at, so that no pattern takes long.
const mostCompared = 1 << 18

// goesOn looks for an answer that the program matches, and that begins a longer one: two ways through it by the same bytes, of which
// one is at the end and the other is not. Of a program for which that takes too long nothing is said.
func (p *program) goesOn() (before []byte, ok bool) {
	alphabet := p.alphabet()
	takes := make([][4]uint64, len(p.insts)) // of each kind of bytes, whether a place takes it
	for pc := range p.insts {
		switch inst := &p.insts[pc]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for k, b := range alphabet {
				if inst.MatchRune(rune(b)) {
					takes[pc][k/64] |= 1 << (k % 64)
				}
			}
		}
	}
	leads, spent := map[uint32][]uint32{}, 0
	behind := func(pc uint32) []uint32 { // the places that take a byte, and the end, to which a place leads without one
		if all, known := leads[pc]; known {
			return all
		}
		t := &threads{sparse: make([]uint32, len(p.insts))}
		p.add(t, pc)
		all := slices.DeleteFunc(t.dense, func(pc uint32) bool { return takes[pc] == [4]uint64{} && p.insts[pc].Op != syntax.InstMatch })
		leads[pc], spent = all, spent+len(all)
		return all
	}
	type pair [2]uint32
	type from struct {
		before pair
		by     byte
		first  bool
	}
	came := map[pair]from{}
	var queue []pair
	reach := func(as, bs []uint32, how from) (pair, bool) {
		for _, a := range as {
			for _, b := range bs {
				at := pair{min(a, b), max(a, b)}
				if spent++; spent > mostCompared {
					return pair{}, false
				} else if a == b && p.insts[a].Op == syntax.InstMatch {
					continue
				}
				if _, known := came[at]; known {
					continue
				}
				came[at], queue = how, append(queue, at)
				if (p.insts[a].Op == syntax.InstMatch) != (p.insts[b].Op == syntax.InstMatch) {
					return at, true
				}
			}
		}
		return pair{}, false
	}
	found, ok := reach(behind(p.start), behind(p.start), from{first: true})
	for n := 0; !ok && n < len(queue) && spent < mostCompared; n++ {
		a, b := queue[n][0], queue[n][1]
		for i, kinds := range takes[a] {
			if both := kinds & takes[b][i]; both != 0 && !ok {
				found, ok = reach(behind(p.insts[a].Out), behind(p.insts[b].Out), from{before: queue[n], by: alphabet[64*i+bits.TrailingZeros64(both)]})
			}
		}
	}
	if !ok {
		return nil, false
	}
	before = []byte{}
	for how := came[found]; !how.first; how = came[how.before] {
		before = append(before, how.by)
	}
	slices.Reverse(before)
	return before, true
}
