// Package faulty is the reference server with one planted fault at a time. Each
// fault breaks one requirement of the contract, so that the suite can be shown to
// catch it. Faults are wrappers around the right code: none is inside it.
package faulty

import (
	"slices"
	"strings"
)

// A Fault is one mistake, planted in the reference server.
type Fault struct {
	Name        string
	Sentence    string   // what a client sees
	Requirement string   // the requirement that it breaks first of all
	Mistake     string   // how people come to make it
	Dialects    []string // the dialects in which it shows
	Rare        bool     // it shows by chance alone, now and then
	Trivial     bool     // it does not serve at all

	plant func(p *plan)
}

// Where a fault shows.
var (
	byteDialects = []string{"echo", "greet"}
	everyDialect = []string{"echo", "greet", "line", "script"}
	lineDialects = []string{"line", "script"}
	scriptAlone  = []string{"script"}
)

// All returns every fault, sorted by name.
func All() []Fault {
	faults := slices.Concat(
		lifeFaults, concFaults, framFaults, readFaults, lineFaults, codeFaults, sendFaults,
		closFaults, flowFaults, robuFaults, rareFaults, trivialFaults,
	)
	for i := range faults {
		faults[i].Dialects = slices.Clone(faults[i].Dialects)
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Name, b.Name) })
	return faults
}

// Lookup returns the fault of that name.
func Lookup(name string) (Fault, bool) {
	faults := All()
	i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return faults[i], true
}
