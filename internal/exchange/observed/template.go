// Package observed makes templates of answers that were heard: what was the same in all of them must be the same, and what varied may. The
// package is pure.
package observed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/match"
)

// A Template is an answer as it was observed: texts, names, and fields that vary.
type Template struct {
	pieces []slot
	names  []string // of the fields that were masked, each once
}

// A slot is a piece of a template: the first of these that is set.
type slot struct {
	name   string // what that name means stands here
	mask   *Mask  // of a field; text is an example
	part   Part   // that a file describes
	coding match.Coding
	of     *Template // of a coded part, its content
	text   []byte
}

// A Part of an answer is one that is not learned.
type Part interface {
	// Right returns an example of it, and its pattern, nil where it does not vary.
	Right(Scope) (example []byte, like *match.Pattern)
	// Show shows a visitor the pieces of an example.
	Show(Visitor)
}

// Of returns the template of one part.
func Of(p Part) *Template { return &Template{pieces: []slot{{part: p}}} }

// Coded returns the template of a part of which the content alone counts.
func Coded(c match.Coding, content *Template) *Template {
	return &Template{pieces: []slot{{coding: c, of: content}}, names: content.names}
}

// Append puts what was learned of the next part of the answer behind the template.
func (t *Template) Append(next *Template) {
	t.pieces = append(t.pieces, next.pieces...)
	for _, name := range next.names {
		if !slices.Contains(t.names, name) {
			t.names = append(t.names, name)
		}
	}
}

// A Visitor is shown the pieces of a template, in their order.
type Visitor interface {
	Name(name string)    // what that name means
	Text(text []byte)    // these bytes
	Pattern(expr string) // what was masked
}

// Show shows a visitor the pieces.
func (t *Template) Show(v Visitor) {
	for _, s := range t.pieces {
		switch {
		case s.mask != nil:
			v.Pattern(s.mask.expr)
		case s.name != "":
			v.Name(s.name)
		case s.part != nil:
			s.part.Show(v)
		case s.of != nil:
			content, _ := s.of.In(Names{})
			v.Text(s.coding.Example(content))
		default:
			v.Text(s.text)
		}
	}
}

// For returns the answer on the connection of that name: an example, and the
// pattern of every right one; the pattern is nil where nothing varies.
func (t *Template) For(conn string) (example []byte, like *match.Pattern) {
	return t.In(Connected(conn))
}

// In is For where names mean that.
func (t *Template) In(sc Scope) ([]byte, *match.Pattern) {
	texts, parts := make([][]byte, 0, len(t.pieces)), make([]*match.Pattern, 0, len(t.pieces))
	varies := false
	for _, s := range t.pieces {
		text, p := s.in(sc)
		if varies = varies || p != nil; p == nil {
			p = match.Text(text)
		}
		texts, parts = append(texts, text), append(parts, p)
	}
	example := bytes.Join(texts, nil) // which, of megabytes, does not clear first what it writes
	if !varies {
		return example, nil
	}
	return example, match.Join(parts...)
}

// plain says whether the piece is a text.
func (s slot) plain() bool { return s.name == "" && s.mask == nil && s.part == nil && s.of == nil }

// in is Template.In of one piece.
func (s slot) in(sc Scope) (example []byte, like *match.Pattern) {
	switch {
	case s.name != "":
		return []byte(sc.Named(s.name)), nil
	case s.mask != nil:
		return s.text, s.mask.Pattern
	case s.part != nil:
		return s.part.Right(sc)
	case s.of != nil:
		content, like := s.of.In(sc)
		if like == nil {
			like = match.Text(content)
		}
		return s.coding.Example(content), match.Coded(s.coding, like)
	}
	return s.text, nil
}

// Masked names what varies in the answer and was masked.
func (t *Template) Masked() []string { return t.names }

// Empty reports whether the answer is empty.
func (t *Template) Empty() bool { return len(t.pieces) == 0 }

// unstable makes the error of two answers of which neither may vary in what comes first and differs.
func unstable(one, other Sample, masks []Mask) *Unstable {
	a, b := scan(one, masks), scan(other, masks)
	at := [2]int{}
	for !a.ended() && !b.ended() {
		at = [2]int{a.at, b.at}
		s, t := a.next(), b.next()
		alike := s.kind == t.kind && (bytes.Equal(s.text, t.text) || s.kind >= isConn || varying([]token{s, t}, a.ended(), len(s.text) == len(t.text)) != nil)
		if !alike {
			n := 0
			for n < min(len(s.text), len(t.text)) && s.text[n] == t.text[n] {
				n++
			}
			at[0], at[1] = at[0]+n, at[1]+n
			break
		}
		at = [2]int{a.at, b.at}
	}
	said := func(s Sample, at int) []byte {
		return append([]byte{}, s.Answer[max(at-8, 0):min(at+32, len(s.Answer))]...)
	}
	return &Unstable{At: at[0], Said: [2][]byte{said(one, at[0]), said(other, at[1])}}
}

// Learn makes the template of answers to the same message. What the masks take
// varies; so do dates; and so does a counter or an id that was seen to. Where anything else differs the error is *Unstable.
func Learn(samples []Sample, masks []Mask) (*Template, error) {
	t, err := learnTokens(samples, masks)
	if u := (*Unstable)(nil); errors.As(err, &u) {
		if found := suggest(samples, masks); len(found) > 0 {
			u.Masks = pasted(found)
		}
	}
	return t, err
}

// learnTokens is Learn that suggests no masks.
func learnTokens(samples []Sample, masks []Mask) (*Template, error) {
	t := &Template{}
	if len(samples) == 0 {
		return t, nil
	}
	scanners := make([]*scanner, len(samples))
	for i, s := range samples {
		scanners[i] = scan(s, masks)
	}
	tokens := make([]token, len(samples))
	for {
		ended := scanners[0].ended()
		for _, sc := range scanners {
			if sc.ended() != ended {
				return differing(samples, 0, masks)
			}
		}
		if ended {
			return t, t.ends()
		}
		for i, sc := range scanners {
			tokens[i] = sc.next()
		}
		mask, other := variation(tokens, scanners[0].ended())
		if other > 0 {
			return differing(samples, other, masks)
		}
		t.add(tokens[0], mask)
	}
}

// ends says what is wrong with the end of the template: where a mask that can go on is there, no answer would be known to be whole before
// the server is silent.
func (t *Template) ends() error {
	if len(t.pieces) == 0 {
		return nil
	}
	m := t.pieces[len(t.pieces)-1].mask
	if m == nil {
		return nil
	}
	if _, goesOn := m.Pattern.GoesOn(); !goesOn {
		return nil
	}
	return fmt.Errorf("the answer ends in what varies, %s by %s, which can go on, so that no answer is known to be whole: say by expect or a mask what ends it, or how long it is, such as {8} in place of + and *", m.Name, m.expr)
}

// variation returns what lets a token of some answers vary, or nil where it does not. Where it varies and nothing lets it, it returns the
// number of an answer in which it is another than in the first.
func variation(tokens []token, last bool) (m *Mask, other int) {
	first := tokens[0]
	same, widths := true, true
	for i, o := range tokens[1:] {
		same = same && o.kind == first.kind && (bytes.Equal(o.text, first.text) || first.kind == isConn && o.name == first.name || first.kind == isMask && o.mask.expr == first.mask.expr)
		widths = widths && len(o.text) == len(first.text)
		if (o.kind != first.kind && !(o.kind.wordy() && first.kind.wordy())) || !first.kind.wordy() && !same {
			return nil, i + 1
		}
	}
	if same {
		return first.mask, 0
	}
	if m = varying(tokens, last, widths); m == nil {
		for i, o := range tokens[1:] {
			if !bytes.Equal(o.text, first.text) {
				return nil, i + 1
			}
		}
	}
	return m, 0
}

// differing is what answers come to that differ, the first and the one of that number, 0 for any. Where they do not even have the same
// tokens, they may differ in ids alone that tokens do not show.
func differing(samples []Sample, other int, masks []Mask) (*Template, error) {
	n := count(samples[0], masks)
	for i, s := range samples[1:] {
		if count(s, masks) == n {
			continue
		}
		if t := alike(samples, masks); t != nil {
			return t, nil
		}
		return nil, unstable(samples[0], samples[i+1], masks)
	}
	return nil, unstable(samples[0], samples[other], masks)
}

// add puts a token behind the others; mask is what lets it vary, or nil.
func (t *Template) add(tok token, mask *Mask) {
	if last := len(t.pieces) - 1; mask == nil && tok.name == "" && last >= 0 && t.pieces[last].plain() {
		t.pieces[last].text = append(t.pieces[last].text, tok.text...)
		return
	}
	t.pieces = append(t.pieces, slot{text: append([]byte{}, tok.text...), name: tok.name, mask: mask})
	if mask != nil && !slices.Contains(t.names, mask.Name) {
		t.names = append(t.names, mask.Name)
	}
}

// addAll puts the tokens of an answer behind the others.
func (t *Template) addAll(s Sample, masks []Mask) {
	for sc := scan(s, masks); !sc.ended(); {
		tok := sc.next()
		t.add(tok, tok.mask)
	}
}

// varying returns the mask of a token, which was seen to vary; nil where it is neither a counter nor an id. last says that there is none
// behind it.
func varying(tokens []token, last, widths bool) *Mask {
	if !tokens[0].kind.wordy() {
		return nil
	}
	numbers, digits, shortest := true, false, len(tokens[0].text)
	for _, tok := range tokens {
		numbers = numbers && tok.kind == isNumber
		digits = digits || bytes.ContainsAny(tok.text, "0123456789")
		shortest = min(shortest, len(tok.text))
	}
	switch {
	case numbers && widths && last: // nothing behind it says where it ends
		return newMask("counter", fmt.Sprintf("[0-9]{%d}", shortest))
	case numbers:
		return newMask("counter", "[0-9]+")
	case widths && (shortest >= 16 || digits && shortest >= 4) && shortest <= 1000:
		return newMask("id", fmt.Sprintf("[0-9A-Za-z]{%d}", shortest))
	case digits && shortest >= 8 && !last:
		return newMask("id", "[0-9A-Za-z]+")
	}
	return nil
}

// alike makes the template of answers of one length that differ in ids alone,
// such as base64 has them: runs of at least 8 bytes, in all of them of an id's bytes. It returns nil where there are others.
func alike(samples []Sample, masks []Mask) *Template {
	first := samples[0].Answer
	differs := make([]bool, len(first))
	for _, s := range samples[1:] {
		if len(s.Answer) != len(first) {
			return nil
		}
		for i := range first {
			differs[i] = differs[i] || s.Answer[i] != first[i]
		}
	}
	idByte := func(i int) bool {
		for _, s := range samples {
			if !bytes.ContainsRune([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-"), rune(s.Answer[i])) {
				return false
			}
		}
		return true
	}
	var fields []span
	for i := 0; i < len(first); i++ {
		if !differs[i] {
			continue
		}
		from, to := i, i
		for from > 0 && idByte(from-1) {
			from--
		}
		for to < len(first) && idByte(to) {
			to++
		}
		if to-from < 8 || to-from > 1000 || !idByte(i) {
			return nil
		}
		fields = append(fields, span{from, to, token{kind: isMask, mask: newMask("id", fmt.Sprintf("[0-9A-Za-z+/_=-]{%d}", to-from))}})
		i = to
	}
	t := &Template{}
	at := 0
	for _, f := range fields {
		t.addAll(samples[0].Part(first[at:f.from]), masks)
		f.text = first[f.from:f.to]
		t.add(f.token, f.mask)
		at = f.to
	}
	t.addAll(samples[0].Part(first[at:]), masks)
	for _, s := range samples {
		example, like := t.In(s.Names())
		if like == nil && !bytes.Equal(example, s.Answer) || like != nil && !like.Matches(s.Answer) {
			return nil
		}
	}
	return t
}
