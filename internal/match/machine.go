package match

import (
	"bytes"
	"fmt"
	"strings"
)

// A machine is a part that is neither a text nor an expression. It has at least one byte.
type machine interface {
	// start returns a walker before the first byte.
	start() walker
	// words says what it stands for, as a sentence would.
	words() string
}

// A walker is how far an answer has come in a machine.
type walker interface {
	// step takes a byte. whole says that the part is whole with it, and open that it may go on.
	step(b byte) (whole, open bool)
	// run takes as many bytes as leave the part neither whole nor wrong, as far as it knows at once.
	run(b []byte) int
}

// Quoted writes bytes as evidence has them, between double quotes.
func quoted(b []byte) string {
	const most = 64
	if len(b) > most {
		return fmt.Sprintf("%q…", b[:most])
	}
	return fmt.Sprintf("%q", b)
}

// ends is whatever comes up to the first of some ends.
type ends struct {
	all    [][]byte
	firsts [256]bool // the bytes with which they begin
}

// Until returns the pattern of whatever comes up to the first of these ends, and that end itself. An empty end is no end; without any it
// is the empty answer.
func Until(all ...[]byte) *Pattern {
	e := &ends{}
	for _, end := range all {
		if len(end) > 0 {
			e.all, e.firsts[end[0]] = append(e.all, bytes.Clone(end)), true
		}
	}
	if len(e.all) == 0 {
		return &Pattern{}
	}
	return &Pattern{parts: []part{{machine: e, name: "anything"}}}
}

func (e *ends) words() string {
	var all []string
	for _, end := range e.all {
		all = append(all, quoted(end))
	}
	return "anything up to " + strings.Join(all, " or ")
}

func (e *ends) start() walker {
	u := &untilEnd{ends: e, pos: make([]int, len(e.all))}
	for _, end := range e.all {
		u.back = append(u.back, failures(end))
	}
	return u
}

// failures are for each place of a text the longest beginning of it that ends before that place too.
func failures(text []byte) []int {
	back := make([]int, len(text))
	for i, k := 1, 0; i < len(text); i++ {
		back[i] = k
		for k > 0 && text[i] != text[k] {
			k = back[k]
		}
		if text[i] == text[k] {
			k++
		}
	}
	return back
}

// untilEnd looks for ends: where one does not agree, the search goes on at its back.
type untilEnd struct {
	*ends
	back [][]int
	pos  []int // how many bytes of each came last
}

func (u *untilEnd) step(b byte) (whole, open bool) {
	for i, end := range u.all {
		p := u.pos[i]
		for p > 0 && end[p] != b {
			p = u.back[i][p]
		}
		if end[p] == b {
			p++
		}
		if u.pos[i] = p; p == len(end) {
			return true, false
		}
	}
	return false, true
}

// key is the same for walkers that go on alike: 0 for one that is as at its start, and -1 where it would be too large a number.
func (u *untilEnd) key() (key int) {
	for i, p := range u.pos {
		if key = key*len(u.all[i]) + p; key > 1<<40 {
			return -1
		}
	}
	return key
}

func (u *untilEnd) run(b []byte) int {
	for _, p := range u.pos {
		if p > 0 {
			return 0
		}
	}
	if len(u.all) == 1 {
		if n := bytes.IndexByte(b, u.all[0][0]); n >= 0 {
			return n
		}
		return len(b)
	}
	for i, v := range b {
		if u.firsts[v] {
			return i
		}
	}
	return len(b)
}

// choice is one of several patterns.
type choice struct{ of []*Pattern }

// Either returns the pattern of an answer that one of these is. None of them is empty.
func Either(of ...*Pattern) *Pattern {
	return &Pattern{parts: []part{{machine: &choice{of}, name: "one of " + fmt.Sprint(len(of))}}}
}

func (c *choice) words() string {
	var all []string
	for _, p := range c.of {
		all = append(all, p.Words())
	}
	return "either " + strings.Join(all, ", or ")
}

func (c *choice) start() walker {
	var w chosen
	for _, p := range c.of {
		w.states = append(w.states, p.Start())
	}
	return &w
}

// chosen are those of a choice that agree so far.
type chosen struct{ states []*State }

func (c *chosen) step(b byte) (whole, open bool) {
	var living []*State
	for _, s := range c.states {
		if s.Take([]byte{b}) == 0 {
			continue
		}
		whole = whole || s.Complete()
		if s.More() {
			living = append(living, s)
		}
	}
	c.states = living
	return whole, len(living) > 0
}

func (c *chosen) run(b []byte) int {
	if len(c.states) == 1 {
		return c.states[0].run(b)
	}
	return 0
}

// MostUnordered is of how many patterns the order may be free.
const MostUnordered = 8

// unordered are several patterns, each once, in any order.
type unordered struct{ of []*Pattern }

// Unordered returns the pattern of these, one behind the other in any order. None of them is empty, and they are [MostUnordered] at most.
func Unordered(of ...*Pattern) *Pattern {
	return &Pattern{parts: []part{{machine: &unordered{of}, name: fmt.Sprint(len(of)) + " in any order"}}}
}

func (u *unordered) words() string {
	var all []string
	for _, p := range u.of {
		all = append(all, p.Words())
	}
	return "in any order " + strings.Join(all, ", and ")
}

func (u *unordered) start() walker {
	o := &orders{of: u.of}
	o.begin(0)
	return o
}

// orders are the orders that agree so far.
type orders struct {
	of      []*Pattern
	threads []order
}

// An order is one that agrees: which were whole before or are now, and how far the last of them is.
type order struct {
	had  uint
	last int
	*State
}

// begin adds those that may come next, behind those of a set.
func (o *orders) begin(had uint) {
	for i, p := range o.of {
		if had&(1<<i) == 0 {
			o.threads = append(o.threads, order{had | 1<<i, i, p.Start()})
		}
	}
}

func (o *orders) step(b byte) (whole, open bool) {
	before := o.threads
	o.threads = nil
	began := map[uint]bool{}
	for _, t := range before {
		if t.Take([]byte{b}) == 0 {
			continue
		}
		switch all := uint(1)<<len(o.of) - 1; {
		case !t.Complete():
		case t.had == all:
			whole = true
		case !began[t.had]:
			began[t.had] = true
			o.begin(t.had)
		}
		if t.More() {
			o.threads = append(o.threads, t)
		}
	}
	return whole, len(o.threads) > 0
}

func (o *orders) run(b []byte) int {
	if len(o.threads) == 1 {
		return o.threads[0].run(b)
	}
	return 0
}
