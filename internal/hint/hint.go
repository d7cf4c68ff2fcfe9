// Package hint finds the word that was meant.
package hint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// longest is how much of a word is looked at, and said again.
const longest = 64

// Unknown is the sentence for a word that is none of known: it names the nearest right one.
func Unknown(what, word string, known []string) string {
	if nearest := Nearest(word, known); nearest != "" {
		return fmt.Sprintf("unknown %s %q: did you mean %s?", what, Clipped(word), nearest)
	}
	const most = 20
	text := fmt.Sprintf("unknown %s %q: it is one of %s", what, Clipped(word), strings.Join(known[:min(len(known), most)], ", "))
	if len(known) > most {
		text += fmt.Sprintf(", or of %d more", len(known)-most)
	}
	return text
}

// Nearest returns the word of known that is most like word, the longer of two that are as like it, or "" when none is alike.
func Nearest(word string, known []string) string {
	if len(word) > longest || len(known) == 0 {
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

// Clipped is the word as a sentence says it again.
func Clipped(word string) string {
	if len(word) > longest {
		return word[:longest] + "…"
	}
	return word
}
