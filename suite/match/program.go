package match

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// The bounds of a regular expression.
const (
	mostExpr  = 4 << 10 // bytes of its text
	mostInsts = 10_000
)

// A program is a regular expression over bytes, compiled. A byte is the rune of the same number.
type program struct {
	insts []syntax.Inst
	start uint32
}

// compile compiles an expression. The errors of the expression's author are sentences for him.
func compile(expr string) (*program, error) {
	if len(expr) > mostExpr {
		return nil, fmt.Errorf("the pattern is %d bytes long: %d at most", len(expr), mostExpr)
	}
	re, err := syntax.Parse(bytewise(expr), syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	compiled, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, fmt.Errorf("the pattern is no regular expression: %v", err)
	}
	p := &program{compiled.Inst, uint32(compiled.Start)}
	if len(p.insts) > mostInsts {
		return nil, errors.New("the pattern is too large: repeat less in it")
	}
	for _, inst := range p.insts {
		if inst.Op == syntax.InstEmptyWidth {
			return nil, errors.New(`the pattern has ^, $, \A, \z, \b or \B: it stands for the whole answer, and needs none of them`)
		}
	}
	return p, p.useful()
}

// bytewise turns each byte of the expression into the rune of the same number.
func bytewise(expr string) string {
	runes := make([]rune, len(expr))
	for i := range len(expr) {
		runes[i] = rune(expr[i])
	}
	return string(runes)
}

// useful says what is wrong with a pattern that can tell nothing: it matches
// no answer, or every one. It looks at the first states only, which is where those show.
func (p *program) useful() error {
	const most = 64
	scratch := &threads{sparse: make([]uint32, len(p.insts))}
	p.add(scratch, p.start)
	queue := [][]uint32{slices.Clone(scratch.dense)}
	matches, always, all := scratch.matched, true, true
	seen := map[string]bool{}
	for n := 0; n < len(queue) && all; n++ {
		for b := range 256 {
			scratch.clear()
			p.advance(&threads{dense: queue[n]}, scratch, byte(b))
			matches, always = matches || scratch.matched, always && scratch.matched
			if key := fmt.Sprint(scratch.dense); len(scratch.dense) > 0 && !seen[key] {
				seen[key] = true
				queue = append(queue, slices.Clone(scratch.dense))
			}
		}
		all = n+1 < most
	}
	switch {
	case all && !matches:
		return errors.New("the pattern matches no answer at all")
	case all && always:
		return errors.New("the pattern matches every answer: it can show nothing, and not say where an answer ends")
	}
	return nil
}

// threads is a set of places in a program that a thread stands before, each of which takes a byte.
type threads struct {
	dense   []uint32
	sparse  []uint32
	stack   []uint32 // of closure, kept for the next one
	matched bool     // the end was reached
}

func (t *threads) has(pc uint32) bool {
	i := t.sparse[pc]
	return i < uint32(len(t.dense)) && t.dense[i] == pc
}

// clear empties the set.
func (t *threads) clear() { t.dense, t.matched = t.dense[:0], false }

// add puts the place pc into the set, and all that it leads to without a byte.
func (p *program) add(t *threads, pc uint32) {
	t.stack = append(t.stack[:0], pc)
	for len(t.stack) > 0 {
		pc := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		if t.has(pc) {
			continue
		}
		t.sparse[pc] = uint32(len(t.dense))
		t.dense = append(t.dense, pc)
		switch inst := &p.insts[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			t.stack = append(t.stack, inst.Arg, inst.Out)
		case syntax.InstCapture, syntax.InstNop:
			t.stack = append(t.stack, inst.Out)
		case syntax.InstMatch:
			t.matched = true
		}
	}
}

// advance adds to a set what from leads to by the byte b.
func (p *program) advance(from, to *threads, b byte) {
	for _, pc := range from.dense {
		switch inst := &p.insts[pc]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(rune(b)) {
				p.add(to, inst.Out)
			}
		}
	}
}

// open reports whether a set can take one more byte.
func (p *program) open(t *threads) bool {
	for _, pc := range t.dense {
		switch p.insts[pc].Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			return true
		}
	}
	return false
}
