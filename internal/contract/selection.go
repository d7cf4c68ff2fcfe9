package contract

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/internal/hint"
)

// A Selection is a set of requirements, written as words between commas: an id
// (FRAM-2), a family (FRAM), a pattern (FRAM-*, *-1), a range (FRAM-2..5), a
// level (MUST, SHOULD, MAY), or HTTP for the families about HTTP/1.1, in either
// case of letters.
type Selection map[string]bool

// Select reads an expression. Its error names the nearest right word.
func Select(expr string) (Selection, error) {
	set := Selection{}
	for word := range strings.SplitSeq(expr, ",") {
		word = strings.TrimSpace(word)
		ids := matching(strings.ToUpper(word))
		if len(ids) == 0 {
			return nil, errors.New(hint.Unknown("requirement", word, selectable()))
		}
		for _, id := range ids {
			set[id] = true
		}
	}
	return set, nil
}

// allHTTP is the word for the families about HTTP/1.1.
const allHTTP = "HTTP"

// matching returns the ids that one word of an expression names.
func matching(word string) []string {
	first, last, isRange := strings.Cut(word, "..")
	var ids []string
	for _, r := range All() {
		match, err := path.Match(word, r.ID)
		if isRange {
			match = inRange(r.ID, first, last)
		}
		if err == nil && match || word == r.Family() || word == string(r.Level) || word == allHTTP && ofHTTP(r) {
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

// selectable are the words that select something.
func selectable() []string {
	words := []string{"MUST", "SHOULD", "MAY", allHTTP}
	for _, f := range families {
		words = append(words, f.ID)
		for _, r := range f.Requirements {
			words = append(words, r.ID)
		}
	}
	return words
}
