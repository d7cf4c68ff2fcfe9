// Package match compares bytes with an answer part of which varies, while they
// arrive. It takes time linear in the bytes for any pattern, and says at which
// byte no right answer agrees any more. It knows no network and no clock.
package match

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A Pattern is a set of right answers: texts, and between them what varies. The
// zero value is the empty answer. Patterns are values that are not changed once they are made.
type Pattern struct {
	parts []part
}

// A part is a text, a regular expression, or a machine; the first that is set.
type part struct {
	text    []byte
	prog    *program
	machine machine
	name    string // how a part that varies is shown
	aside   bool   // what may be said unasked, any number of times: no answer waits for it
}

// Text returns the pattern of exactly these bytes, which must not be changed any more.
func Text(b []byte) *Pattern {
	if len(b) == 0 {
		return &Pattern{}
	}
	return &Pattern{parts: []part{{text: b}}}
}

// Regexp returns the pattern of a regular expression over bytes, in Go's syntax
// without (?flags that need lines) ^, $, \b and \B; it stands for the whole of
// its part. A dot is any byte but LF, as in Go. name is how the part is shown.
// The error says what is wrong with the expression: its syntax, its size, that it matches nothing, or everything.
func Regexp(expr, name string) (*Pattern, error) {
	p, err := compile(expr)
	if err != nil {
		return nil, err
	}
	return &Pattern{parts: []part{{prog: p, name: name}}}, nil
}

// Unasked returns the pattern of what may come any number of times, or not at all, beside an answer, as a keep-alive does.
// An answer that is complete before it is complete; where one of these has begun, its end belongs to it. The errors are those
// of [Regexp], and that the expression matches the empty text.
func Unasked(expr string) (*Pattern, error) {
	one, err := Regexp(expr, "")
	switch {
	case err != nil:
		return nil, err
	case one.Matches(nil):
		return nil, errors.New("the pattern matches nothing at all: what is said unasked has at least one byte")
	}
	many, err := compile("(?:" + expr + ")*")
	if err != nil {
		return nil, err
	}
	return &Pattern{parts: []part{{prog: many, aside: true}}}, nil
}

// Anything returns the pattern of whatever may come unasked.
func Anything() *Pattern {
	all, _ := compile("(?s:.)*") // the error is that it tells nothing, which is meant
	return &Pattern{parts: []part{{prog: all, aside: true}}}
}

// beginning returns how many bytes the longest beginning of b has that the pattern matches.
func (p *Pattern) beginning(b []byte) (longest int) {
	s := p.Start()
	for i := range b {
		if s.Take(b[i:i+1]) == 0 {
			break
		}
		if s.Complete() {
			longest = i + 1
		}
	}
	return longest
}

// Begins reports whether a right answer is at the beginning of b, whatever follows it.
func (p *Pattern) Begins(b []byte) bool { return p.beginning(b) > 0 }

// Trim returns b without what the pattern matches at its beginning, as much as there is, and at its end.
func (p *Pattern) Trim(b []byte) []byte {
	b = b[p.beginning(b):]
	for i := range b {
		if p.Matches(b[i:]) {
			return b[:i]
		}
	}
	return b
}

// Join returns the pattern of one after another. Texts that meet become one, and so does what is said unasked.
func Join(patterns ...*Pattern) *Pattern {
	var all, joined []part
	var texts [][]byte
	for _, p := range patterns {
		all = append(all, p.parts...)
	}
	for i := 0; i < len(all); i++ {
		next := all[i]
		if last := len(joined) - 1; last >= 0 && next.aside && joined[last].prog == next.prog {
			continue
		}
		if next.text != nil { // and those behind it become one
			for texts = texts[:0]; i < len(all) && all[i].text != nil; i++ {
				texts = append(texts, all[i].text)
			}
			if i--; len(texts) > 1 {
				next.text = bytes.Join(texts, nil)
			}
		}
		joined = append(joined, next)
	}
	return &Pattern{parts: joined}
}

// Varies reports whether anything in the pattern varies.
func (p *Pattern) Varies() bool {
	for _, part := range p.parts {
		if part.text == nil {
			return true
		}
	}
	return false
}

// Matches reports whether b, all of it, is a right answer.
func (p *Pattern) Matches(b []byte) bool {
	s := p.Start()
	return s.Take(b) == len(b) && s.Complete()
}

// String shows the pattern: its texts as they are, and what varies by name, such as ‹date›. What may come unasked is left out.
func (p *Pattern) String() string {
	var b strings.Builder
	for _, part := range p.parts {
		if part.text != nil {
			b.Write(part.text)
		} else if !part.aside {
			b.WriteString("‹" + part.name + "›")
		}
	}
	return b.String()
}

// Words says what the pattern stands for, one part behind the other; what comes several times in a row is said once. What may come unasked
// is left out.
func (p *Pattern) Words() string {
	const most = 12
	var all []string
	times, more := 0, false
	for _, part := range p.parts {
		words := part.words()
		switch {
		case words == "":
			continue
		case len(all) > 0 && words == all[len(all)-1]:
			times++
			continue
		}
		all = repeated(all, times)
		if times, more = 1, len(all) == most; more {
			break
		}
		all = append(all, words)
	}
	switch all = repeated(all, times); {
	case len(all) == 0:
		return "nothing"
	case more:
		return strings.Join(all, ", then ") + ", and so on"
	}
	return strings.Join(all, ", then ")
}

// repeated says of the last of all how often it comes.
func repeated(all []string, times int) []string {
	if times > 1 {
		all[len(all)-1] = fmt.Sprintf("%d times %s", times, all[len(all)-1])
	}
	return all
}

// words say what the part stands for; "" where it may come unasked.
func (p part) words() string {
	switch {
	case p.text != nil:
		return quoted(p.text)
	case p.aside:
		return ""
	case p.machine != nil:
		return p.machine.words()
	case p.name == "pattern":
		return "the pattern " + p.prog.expr
	}
	return "‹" + p.name + "›"
}
