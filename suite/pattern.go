package suite

import (
	"regexp"
	"strings"
	"unicode"
)

// A pattern is what go test's flags -run and -skip say: alternatives, each an expression for each level of a test's name. What is
// selected here and not run costs time alone; what go test would run and is not selected here would have no subtest, and so
// pass unseen. In doubt a pattern selects.
type pattern [][]*regexp.Regexp

// parsePattern reads a pattern: slashes divide its levels and bars its alternatives, but inside of brackets. What cannot be read selects
// everything, since go test itself refuses it.
func parsePattern(text string) pattern {
	if text == "" {
		return nil
	}
	var p pattern
	for _, alternative := range split(text, '|') {
		var levels []*regexp.Regexp
		for _, level := range split(alternative, '/') {
			expr, err := regexp.Compile(strings.Map(spaceless, level))
			if err != nil {
				return nil
			}
			levels = append(levels, expr)
		}
		p = append(p, levels)
	}
	return p
}

// spaceless writes a space as go test does in the names of subtests, and in its patterns.
func spaceless(r rune) rune {
	if unicode.IsSpace(r) {
		return '_'
	}
	return r
}

// split divides an expression at a byte that stands in no brackets.
func split(text string, at byte) []string {
	var parts []string
	square, round, from := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '[':
			square++
		case c == ']' && square > 0:
			square--
		case c == '(' && square == 0:
			round++
		case c == ')' && square == 0:
			round--
		case c == at && square == 0 && round == 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// selects reports whether a test of that name, level by level, may be run.
func (p pattern) selects(name []string) bool {
	return p == nil || p.matches(name, false)
}

// leavesOut reports whether a test of that name is skipped for sure: all levels of an alternative must match.
func (p pattern) leavesOut(name []string) bool { return p.matches(name, true) }

func (p pattern) matches(name []string, whole bool) bool {
	for _, levels := range p {
		if whole && len(levels) > len(name) {
			continue
		}
		if agree(levels, name) {
			return true
		}
	}
	return false
}

// agree reports whether each level that has both an expression and a name matches.
func agree(levels []*regexp.Regexp, name []string) bool {
	for i := range min(len(levels), len(name)) {
		if !levels[i].MatchString(name[i]) {
			return false
		}
	}
	return true
}
