package suite

import (
	"slices"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/dialects"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// A Requirement is one numbered rule of the contract.
type Requirement struct {
	ID        string       // "FRAM-2"; numbers are never reused for another meaning
	Family    string       // "FRAM"
	Level     report.Level // MUST, SHOULD or MAY as in RFC 2119
	Title     string       // a few words, for lists
	Sentence  string       // the rule, in one sentence with its RFC 2119 word
	Rationale string       // why it matters: what goes wrong in the world where it is broken
	Citation  string       // where the rule comes from
	Causes    []string     // what usually breaks it, most likely first
	Dialects  []string     // those in which it can be shown; "exchange" stands for every exchange file
	Needs     []string     // what all of its cases need: "exec", "pid", "in-process"
}

// Catalogue returns every requirement in the order of the contract.
func Catalogue() []Requirement {
	var all []Requirement
	for _, r := range contract.All() {
		all = append(all, requirement(r))
	}
	return all
}

// Lookup finds a requirement by its id, in either case of letters.
func Lookup(id string) (Requirement, bool) {
	r, ok := contract.Lookup(id)
	if !ok {
		return Requirement{}, false
	}
	return requirement(r), true
}

// requirement is what the contract and the rules say of one.
func requirement(r contract.Requirement) Requirement {
	return Requirement{
		ID: r.ID, Family: r.Family(), Level: r.Level, Title: r.Title, Sentence: r.Sentence, Rationale: r.Rationale,
		Citation: r.Citation, Causes: slices.Clone(r.Causes), Dialects: dialectsOf(r.ID), Needs: rules.NeedsOf(r.ID).Tags(),
	}
}

// dialectsOf names the dialects in which a requirement can be shown.
func dialectsOf(id string) []string {
	var names []string
	for _, d := range dialects.All() {
		if len(rules.For(id, d)) > 0 {
			names = append(names, d.Name())
		}
	}
	return names
}

// Letters are those of the dialects in the contract: e echo, g greet, l line, s script, h http1, x an exchange file.
func (r Requirement) Letters() string {
	letters := ""
	for _, d := range r.Dialects {
		letter := d[:1]
		if d == dialects.Exchange {
			letter = "x"
		}
		letters += letter
	}
	return letters
}
