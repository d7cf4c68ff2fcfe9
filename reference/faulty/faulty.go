// Package faulty is the reference server with one planted fault at a time. Each
// fault breaks one requirement of the contract, so that the suite can be shown to
// catch it. Faults are wrappers around the right code: none is inside it. The
// controls beside them are right servers that look odd, which a suite must not blame.
package faulty

import (
	"slices"
	"strings"

	"github.com/streamspec/streamspec/reference/faulty/internal/conduct"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/stream"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// A Fault is one mistake, planted in the reference server.
type Fault struct {
	Name        string
	Sentence    string   // what a client sees
	Requirement string   // the requirement that it breaks first of all
	Mistake     string   // how people come to make it
	Dialects    []string // the dialects in which it shows
	Exchanged   bool     // it shows too where its first dialect is judged by an exchange file
	Rare        bool     // it shows by chance alone, now and then
	Trivial     bool     // it does not serve at all
	Spins       bool     // it works for ever, and takes its process the time to do anything else

	plant func(*plant.Changes)
}

// All returns every fault, sorted by name.
func All() []Fault {
	var faults []Fault
	for _, f := range slices.Concat(stream.Faults(), conduct.Faults(), web.Faults(), web.Constant()) {
		faults = append(faults, Fault{
			Name: f.Name, Sentence: f.Sentence, Requirement: f.Requirement, Mistake: f.Mistake,
			Dialects: slices.Clone(f.Dialects), Exchanged: f.Exchanged, Rare: f.Rare, Trivial: f.Trivial, Spins: f.Spins, plant: f.Plant,
		})
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
