package observed

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/match"
)

// Names are what names between braces mean on a connection: its own, conn, and what was captured of its answers.
type Names map[string]string

// A Scope knows what names mean.
type Scope interface {
	// Named is what a name means; the name between braces where it means nothing.
	Named(name string) string
}

// Connected are the names of a connection of which nothing was captured.
func Connected(conn string) Names { return Names{"conn": conn} }

// Named is what a name means.
func (n Names) Named(name string) string {
	if value, ok := n[name]; ok {
		return value
	}
	return "{{" + name + "}}"
}

// With returns the names with one more.
func (n Names) With(name, value string) Names {
	all := maps.Clone(n)
	all[name] = value
	return all
}

// Without returns the names without some.
func (n Names) Without(names ...string) Names {
	if len(names) == 0 || n == nil {
		return n
	}
	all := maps.Clone(n)
	for _, name := range names {
		delete(all, name)
	}
	return all
}

// A Mask is something that varies in answers.
type Mask struct {
	Name    string
	Pattern *match.Pattern
	expr    string
	found   *regexp.Regexp // by which it is looked for: bytes are characters of the same numbers to it
}

// NewMask makes a mask of an expression that somebody has written. The error is a sentence for him.
func NewMask(name, expr string) (Mask, error) {
	p, err := match.Regexp(expr, name)
	switch {
	case err != nil:
		return Mask{}, err
	case p.Matches(nil):
		return Mask{}, errors.New("the pattern matches nothing at all: a mask must take at least one byte")
	}
	return Mask{Name: name, Pattern: p, expr: expr, found: regexp.MustCompile(latin1([]byte(expr)))}, nil
}

// newMask is NewMask of an expression of this package's own.
func newMask(name, expr string) *Mask {
	m, err := NewMask(name, expr)
	if err != nil {
		panic(err)
	}
	return &m
}

// String is the mask's expression.
func (m Mask) String() string { return m.expr }

// First returns what the first group of the mask's expression takes where it is first found in b, or all that it takes where it has
// none.
func (m Mask) First(b []byte) (value string, ok bool) {
	found := m.found.FindStringSubmatch(latin1(b))
	if found == nil {
		return "", false
	}
	wide := found[0]
	if len(found) > 1 {
		wide = found[1]
	}
	var narrow strings.Builder
	for _, r := range wide {
		narrow.WriteByte(byte(r))
	}
	return narrow.String(), true
}

// find returns where the mask is found in b, as pairs of offsets. It finds bytes, whatever they are.
func (m *Mask) find(b []byte) [][]int {
	if ascii(b) {
		return m.found.FindAllIndex(b, -1)
	}
	wide := latin1(b)
	found := m.found.FindAllStringIndex(wide, -1)
	seen, runes := 0, 0 // bytes of wide, and how many characters they are
	for _, at := range found {
		for k, i := range at {
			runes += utf8.RuneCountInString(wide[seen:i])
			seen, at[k] = i, runes
		}
	}
	return found
}

// latin1 turns each byte into the character of the same number.
func latin1(b []byte) string {
	var wide strings.Builder
	wide.Grow(len(b))
	for _, v := range b {
		wide.WriteRune(rune(v))
	}
	return wide.String()
}

func ascii(b []byte) bool {
	return !slices.ContainsFunc(b, func(v byte) bool { return v >= utf8.RuneSelf })
}
