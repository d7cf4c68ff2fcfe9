package suite

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Selection is a set of requirements, written as words between commas: an id
// (FRAM-2), a family (FRAM), a pattern (FRAM-*, *-1), a range (FRAM-2..5) or a
// level (MUST, SHOULD, MAY), in either case of letters.
type Selection map[string]bool

// Select reads an expression. Its error is a *ConfigError that names the nearest right word.
func Select(expr string) (Selection, error) {
	set := Selection{}
	for word := range strings.SplitSeq(expr, ",") {
		word = strings.TrimSpace(word)
		ids := matching(strings.ToUpper(word))
		if len(ids) == 0 {
			return nil, &ConfigError{Unknown("requirement", word, selectable())}
		}
		for _, id := range ids {
			set[id] = true
		}
	}
	return set, nil
}

// matching returns the ids that one word of an expression names.
func matching(word string) []string {
	first, last, isRange := strings.Cut(word, "..")
	var ids []string
	for _, r := range Catalogue() {
		match, err := path.Match(word, r.ID)
		if isRange {
			match = inRange(r.ID, first, last)
		}
		if err == nil && match || word == r.Family() || word == string(r.Level) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// inRange reports whether id is first, FAMILY-m, or up to FAMILY-n, where last is n or FAMILY-n.
func inRange(id, first, last string) bool {
	family, m, ok := strings.Cut(first, "-")
	number, same := strings.CutPrefix(id, family+"-")
	from, err1 := strconv.ParseUint(m, 10, 16)
	to, err2 := strconv.ParseUint(strings.TrimPrefix(last, family+"-"), 10, 16)
	n, err3 := strconv.ParseUint(number, 10, 16)
	return ok && same && errors.Join(err1, err2, err3) == nil && from <= n && n <= to
}

func selectable() []string {
	words := []string{"MUST", "SHOULD", "MAY"}
	for _, f := range families {
		words = append(words, f.ID)
		for _, r := range f.Requirements {
			words = append(words, r.ID)
		}
	}
	return words
}

// selected returns the requirements that the configuration asks for, in the
// order of the contract. Requirements that the dialect cannot show are left out.
func (c *Config) selected(d dialect.Dialect) ([]Requirement, error) {
	only, skip := Selection(nil), Selection{}
	var err error
	if c.Only != "" {
		if only, err = Select(c.Only); err != nil {
			return nil, err
		}
	}
	if c.Skip != "" {
		if skip, err = Select(c.Skip); err != nil {
			return nil, err
		}
	}
	var all []Requirement
	for _, r := range Catalogue() {
		if r.In(d) && (only == nil || only[r.ID]) && !skip[r.ID] {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil, &ConfigError{fmt.Sprintf("the selection is empty: nothing of it can be shown in the dialect %s", d.Name())}
	}
	return all, nil
}

// Unknown is the sentence for a word that is none of known: it names the nearest right one.
func Unknown(what, word string, known []string) string {
	if nearest := Nearest(word, known); nearest != "" {
		return fmt.Sprintf("unknown %s %q: did you mean %s?", what, clipped(word), nearest)
	}
	const most = 20
	text := fmt.Sprintf("unknown %s %q: it is one of %s", what, clipped(word), strings.Join(known[:min(len(known), most)], ", "))
	if len(known) > most {
		text += fmt.Sprintf(", or of %d more", len(known)-most)
	}
	return text
}

// Nearest returns the word of known that is most like word, the longer of two that are as like it, or "" when none is alike.
func Nearest(word string, known []string) string {
	if len(word) > 64 || len(known) == 0 {
		return ""
	}
	distance := func(k string) int { return levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)) }
	nearest := slices.MinFunc(known, func(a, b string) int {
		return cmp.Or(distance(a)-distance(b), len(b)-len(a)) // a letter is left out more often than one too many is written
	})
	if distance(nearest) > max(2, len(nearest)/2) || distance(nearest) >= max(len(word), len(nearest)) {
		return ""
	}
	return nearest
}

func clipped(word string) string {
	if len(word) > 64 {
		return word[:64] + "…"
	}
	return word
}
