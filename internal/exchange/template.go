package exchange

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/streamspec/streamspec/internal/match"
)

// A Template is an answer as it was observed: texts, the connection's name, and fields that vary.
type Template struct {
	pieces []slot
	names  []string // of the fields, each once
}

// A slot is a piece of a template.
type slot struct {
	text   []byte // of a text; of a field, an example
	conn   bool   // the connection's name
	mask   *Mask  // of a field; nil for a text
	expect Expect // of a field that the file describes
}

// For returns the answer on the connection of that name: an example, and the
// pattern of every right one; the pattern is nil where nothing varies.
func (t *Template) For(conn string) (example []byte, like *match.Pattern) {
	var parts []*match.Pattern
	varies := false
	for _, s := range t.pieces {
		text := s.text
		if s.conn {
			text = []byte(conn)
		}
		example = append(example, text...)
		switch {
		case s.expect != nil:
			parts, varies = append(parts, s.expect.For(conn)), true
		case s.mask != nil:
			parts, varies = append(parts, s.mask.Pattern), true
		default:
			parts = append(parts, match.Text(text))
		}
	}
	if example == nil {
		example = []byte{}
	}
	if !varies {
		return example, nil
	}
	return example, match.Join(parts...)
}

// Masked names what varies in the answer and was masked.
func (t *Template) Masked() []string { return t.names }

// Empty reports whether the answer is empty.
func (t *Template) Empty() bool { return len(t.pieces) == 0 }

// A Sample is one answer as it came on the connection of that name.
type Sample struct {
	Conn   string
	Answer []byte
}

// Unstable says that the server does not say the same to the same message.
type Unstable struct {
	At   int       // the first byte at which two answers differ
	Said [2][]byte // what each of the two says there, at most 40 bytes
}

// Error returns the sentence.
func (u *Unstable) Error() string {
	return fmt.Sprintf("the server's answers to the same whole message differ from byte %d on: %q, and %q", u.At, u.Said[0], u.Said[1])
}

// unstable makes the error of two answers, cut into tokens, of which neither may vary in what comes first and differs.
func unstable(a, b []token) *Unstable {
	at := [2]int{}
	k := 0
	for ; k < len(a) && k < len(b); k++ {
		alike := a[k].kind == b[k].kind && (bytes.Equal(a[k].text, b[k].text) || a[k].kind >= isConn || varying([][]token{a, b}, k, len(a[k].text) == len(b[k].text)) != nil)
		if !alike {
			break
		}
		at[0], at[1] = at[0]+len(a[k].text), at[1]+len(b[k].text)
	}
	for n := 0; k < len(a) && k < len(b) && n < min(len(a[k].text), len(b[k].text)) && a[k].text[n] == b[k].text[n]; n++ {
		at[0], at[1] = at[0]+1, at[1]+1
	}
	said := func(tokens []token, at int) []byte {
		all := []byte{}
		for _, t := range tokens {
			if all = append(all, t.text...); len(all) > at+32 {
				break
			}
		}
		return bytes.Clone(all[min(max(at-8, 0), len(all)):min(at+32, len(all))])
	}
	return &Unstable{At: at[0], Said: [2][]byte{said(a, at[0]), said(b, at[1])}}
}

// Learn makes the template of answers to the same message. What the masks take
// varies; so do dates; and so does a counter or an id that was seen to. Where anything else differs the error is *Unstable.
func Learn(samples []Sample, masks []Mask) (*Template, error) {
	if len(samples) == 0 {
		return &Template{}, nil
	}
	cut := make([][]token, len(samples))
	for i, s := range samples {
		cut[i] = tokenise(s, masks)
	}
	first := cut[0]
	for _, other := range cut[1:] {
		if len(other) != len(first) {
			if t := alike(samples, masks); t != nil {
				return t, nil
			}
			return nil, unstable(first, other)
		}
	}
	t := &Template{}
	for k, tok := range first {
		same, widths := true, true
		for i, other := range cut[1:] {
			o := other[k]
			same = same && o.kind == tok.kind && (bytes.Equal(o.text, tok.text) || tok.kind == isConn || tok.kind == isMask && o.mask.expr == tok.mask.expr)
			widths = widths && len(o.text) == len(tok.text)
			if (o.kind != tok.kind && !(o.kind.wordy() && tok.kind.wordy())) || !tok.kind.wordy() && !same {
				return nil, unstable(first, cut[i+1])
			}
		}
		if same {
			t.add(tok, tok.mask)
			continue
		}
		mask := varying(cut, k, widths)
		if mask == nil {
			for i, other := range cut[1:] {
				if !bytes.Equal(other[k].text, tok.text) {
					return nil, unstable(first, cut[i+1])
				}
			}
		}
		t.add(tok, mask)
	}
	return t, nil
}

// add puts a token behind the others; mask is what lets it vary, or nil.
func (t *Template) add(tok token, mask *Mask) {
	if last := len(t.pieces) - 1; mask == nil && tok.kind != isConn && last >= 0 && t.pieces[last].mask == nil && !t.pieces[last].conn {
		t.pieces[last].text = append(t.pieces[last].text, tok.text...)
		return
	}
	t.pieces = append(t.pieces, slot{text: bytes.Clone(tok.text), conn: tok.kind == isConn, mask: mask})
	if mask != nil && !slices.Contains(t.names, mask.Name) {
		t.names = append(t.names, mask.Name)
	}
}

// varying returns the mask of the token k, which was seen to vary; nil where it is neither a counter nor an id.
func varying(cut [][]token, k int, widths bool) *Mask {
	if !cut[0][k].kind.wordy() {
		return nil
	}
	numbers, digits, shortest := true, false, len(cut[0][k].text)
	for _, tokens := range cut {
		tok := tokens[k]
		numbers = numbers && tok.kind == isNumber
		digits = digits || bytes.ContainsAny(tok.text, "0123456789")
		shortest = min(shortest, len(tok.text))
	}
	last := k == len(cut[0])-1
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
		for _, tok := range tokenise(Sample{samples[0].Conn, first[at:f.from]}, masks) {
			t.add(tok, tok.mask)
		}
		f.text = first[f.from:f.to]
		t.add(f.token, f.mask)
		at = f.to
	}
	for _, tok := range tokenise(Sample{samples[0].Conn, first[at:]}, masks) {
		t.add(tok, tok.mask)
	}
	for _, s := range samples {
		example, like := t.For(s.Conn)
		if like == nil && !bytes.Equal(example, s.Answer) || like != nil && !like.Matches(s.Answer) {
			return nil
		}
	}
	return t
}

// newMask makes a mask of an expression of this package's own.
func newMask(name, expr string) *Mask {
	p, err := match.Regexp(expr, name)
	if err != nil {
		panic(err)
	}
	return &Mask{Name: name, Pattern: p, expr: expr}
}
