package selftest

import (
	"slices"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/report"
)

// Merge returns the matrix with what a newer one, of runs that judged by some requirements alone, says of these: what they catch is
// taken from the newer, and what the others catch is kept. Which catches a fault first is the newer's to say, where that has judged by
// the one that did before too (see [Matrix.Contest]). A server that only one of the two has is as that one says. Without ids the newer
// runs judged by all, and their servers are as the newer says.
func (m Matrix) Merge(newer Matrix, ids []string) Matrix {
	theirs := newer.cells()
	var all []Outcome
	for _, o := range m.Outcomes {
		if t, ok := theirs[o.Key()]; ok {
			if len(ids) > 0 {
				t = o.merged(t, ids)
			}
			o = t
			delete(theirs, o.Key())
		}
		all = append(all, o)
	}
	for _, o := range newer.Outcomes {
		if _, left := theirs[o.Key()]; left {
			all = append(all, o)
		}
	}
	return NewMatrix(all)
}

// Contest returns by which requirements a subject is judged so that it is known what these catch, and whether they catch it first:
// by these, and by the one that caught it first before. It returns none for a subject in whose dialect none of these can be shown.
func (m Matrix) Contest(ids []string) func(Subject) []string {
	cells := m.cells()
	return func(s Subject) []string {
		d := s.judged()
		shown := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return d == nil || len(rules.For(id, d)) == 0 })
		if first := cells[s.String()].First; len(shown) > 0 && first != "" && !slices.Contains(shown, first) {
			shown = append(shown, first)
		}
		return shown
	}
}

func (o Outcome) merged(newer Outcome, ids []string) Outcome {
	judged := func(id string) bool { return slices.Contains(ids, id) }
	conclusion := report.Conformant
	if o.fails(func(id string) bool { return !judged(id) }) || newer.fails(judged) {
		conclusion = report.NotConformant
	}
	o.Kind, o.Requirement = newer.Kind, newer.Requirement
	o.Broken = replaced(o.Broken, newer.Broken, ids)
	o.Inconclusive = replaced(o.Inconclusive, newer.Inconclusive, ids)
	switch {
	case newer.First != "":
		o.First = newer.First
	case slices.Contains(ids, o.First):
		o.First = firstOf(o.Broken)
	}
	if neither := report.NoVerdict; o.Conclusion != neither || newer.Conclusion != neither || len(o.Broken) > 0 { // one that cannot be judged is not by more
		if o.Conclusion = conclusion; conclusion == report.Conformant && slices.ContainsFunc(o.Inconclusive, must) {
			o.Conclusion = neither
		}
	}
	s := Subject{Name: o.Name, Kind: o.Kind, Dialect: o.Dialect, Requirement: o.Requirement}
	for _, c := range faulty.Controls() {
		if c.Name == o.Name {
			s.Warned = c.Warned
		}
	}
	o.Problem = problem(s, o, newer.Passed, o.sentence())
	return o
}

// replaced is which requirements are so, in the order of the contract: of these ids as the newer list says, of all others as the older.
func replaced(older, newer, ids []string) []string {
	var all []string
	for _, r := range contract.All() {
		list := older
		if slices.Contains(ids, r.ID) {
			list = newer
		}
		if slices.Contains(list, r.ID) {
			all = append(all, r.ID)
		}
	}
	return all
}

func firstOf(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// fails says whether the run failed the server for one of these MUST. Of what a conformant one broke it was warned.
func (o Outcome) fails(these func(id string) bool) bool {
	return o.Conclusion == report.NotConformant && slices.ContainsFunc(o.Broken, func(id string) bool { return these(id) && must(id) })
}

func must(id string) bool {
	r, _ := contract.Lookup(id)
	return r.Level == report.Must
}
