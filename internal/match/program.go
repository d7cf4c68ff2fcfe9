package match

import (
	"encoding/binary"
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
	expr  string
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
	p := &program{expr, compiled.Inst, uint32(compiled.Start)}
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
// no answer, or every one. It looks at the first states only, which is where those show, and at fewer of them
// where each is large, so that no pattern takes long.
func (p *program) useful() error {
	const most, effort = 64, 1 << 20
	scratch := &threads{sparse: make([]uint32, len(p.insts))}
	p.add(scratch, p.start)
	queue := [][]uint32{slices.Clone(scratch.dense)}
	matches, always := scratch.matched, true
	alphabet, seen, spent := p.alphabet(), map[string]bool{}, 0
	for n := 0; n < len(queue); n++ {
		for _, b := range alphabet {
			scratch.clear()
			p.advance(&threads{dense: queue[n]}, scratch, b)
			if spent += len(queue[n]) + len(scratch.dense); n == most || spent > effort {
				return nil
			}
			matches, always = matches || scratch.matched, always && scratch.matched
			if key := scratch.key(); len(scratch.dense) > 0 && !seen[key] {
				seen[key] = true
				queue = append(queue, slices.Clone(scratch.dense))
			}
		}
	}
	switch {
	case !matches:
		return errors.New("the pattern matches no answer at all")
	case always:
		return errors.New("the pattern matches every answer: it can show nothing, and not say where an answer ends")
	}
	return nil
}

// alphabet returns one byte of each kind: bytes of one kind are the same to every part of the pattern.
func (p *program) alphabet() []byte {
	var kind [256]int
	kinds := 1
	for i := range p.insts {
		inst := &p.insts[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		default:
			continue
		}
		var matches, others [256]bool // the bytes that match; the kinds of which some do not
		for b, k := range kind {
			matches[b] = inst.MatchRune(rune(b))
			others[k] = others[k] || !matches[b]
		}
		var split [256]int // what those of a kind become that match, where others of it do not
		for b, k := range kind {
			if !matches[b] || !others[k] {
				continue
			}
			if split[k] == 0 {
				split[k] = kinds
				kinds++
			}
			kind[b] = split[k]
		}
	}
	var all []byte
	var has [256]bool
	for b, k := range kind {
		if !has[k] {
			has[k] = true
			all = append(all, byte(b))
		}
	}
	return all
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

// key is the same for sets of the same places that were reached in the same order.
func (t *threads) key() string {
	b := make([]byte, 0, 4*len(t.dense))
	for _, pc := range t.dense {
		b = binary.NativeEndian.AppendUint32(b, pc)
	}
	return string(b)
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
