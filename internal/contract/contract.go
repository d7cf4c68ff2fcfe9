// Package contract holds the requirements as values: what each asks for, why, and where it comes from. How they are shown is the
// rules' matter.
package contract

import (
	"slices"
	"strings"

	"github.com/streamspec/streamspec/suite/report"
)

// A Family is a group of requirements about one side of a server's behaviour.
// Each family stands in a file of its own.
type Family struct {
	ID           string // "FRAM"
	Name         string // "framing"
	Summary      string // what the family is about, in one sentence
	Requirements []Requirement
}

// A Requirement is one numbered rule of the contract.
type Requirement struct {
	ID        string       // "FRAM-2"; numbers are never reused for another meaning
	Level     report.Level // MUST, SHOULD or MAY as in RFC 2119
	Title     string       // a few words, for lists
	Sentence  string       // the rule, in one sentence with its RFC 2119 word
	Rationale string       // why it matters: what goes wrong in the world where it is broken
	Citation  string       // where the rule comes from
	Causes    []string     // what usually breaks it, most likely first
	// ByCuts says that cuts show it: without cuts that are real nothing is shown.
	ByCuts bool
	// Pair says that it is about a front end and the server behind it: `streamspec pair` shows it, and no case does.
	Pair bool
}

// Family returns the part of the id before the number.
func (r Requirement) Family() string { return FamilyOf(r.ID) }

// FamilyOf returns the part of an id before the number.
func FamilyOf(id string) string {
	family, _, _ := strings.Cut(id, "-")
	return family
}

// families is the contract in its own order: those of every server, and those of [HTTP] of which all can be shown.
var families = []Family{life, conc, fram, read, line, code, send, clos, flow, robu, hreq, hfld, hlen, hchk, hcon, hsem, smug}

// Families returns every family with its requirements, in the order of the contract.
func Families() []Family { return slices.Clone(families) }

// All returns every requirement in the order of the contract.
func All() []Requirement {
	var all []Requirement
	for _, f := range families {
		all = append(all, f.Requirements...)
	}
	return all
}

// IDs returns the id of every requirement in the order of the contract.
func IDs() []string {
	var all []string
	for _, r := range All() {
		all = append(all, r.ID)
	}
	return all
}

// Lookup finds a requirement by its id, in either case of letters.
func Lookup(id string) (Requirement, bool) {
	for _, f := range families {
		for _, r := range f.Requirements {
			if strings.EqualFold(r.ID, id) {
				return r, true
			}
		}
	}
	return Requirement{}, false
}
