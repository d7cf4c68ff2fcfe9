package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// families names the contract's families, in its order.
var families = []struct{ code, name string }{
	{"LIFE", "the server's life"},
	{"CONC", "clients beside one another"},
	{"FRAM", "framing"},
	{"READ", "reading"},
	{"LINE", "lines"},
	{"CODE", "encoding"},
	{"SEND", "sending"},
	{"CLOS", "closing"},
	{"FLOW", "flow"},
	{"ROBU", "abuse"},
	{"HREQ", "the request line"},
	{"HFLD", "the fields"},
	{"HLEN", "the length of a body"},
	{"HCHK", "chunked bodies"},
	{"HCON", "the connection"},
	{"HSEM", "the answers"},
	{"SMUG", "request smuggling"},
}

// familyRank is the place of a family among all; those the contract does not
// know come last.
func familyRank(code string) int {
	for i, f := range families {
		if f.code == code {
			return i
		}
	}
	return len(families)
}

// familyName is the family's name in words, empty where the contract has none.
func familyName(code string) string {
	if i := familyRank(code); i < len(families) {
		return families[i].name
	}
	return ""
}

// family is the results of one family.
type family struct {
	code    string
	results []Result
}

// byFamily groups results: families in the contract's order, requirements by
// their number.
func byFamily(results []Result) []family {
	var groups []family
	for _, r := range results {
		i := slices.IndexFunc(groups, func(f family) bool { return f.code == r.Family })
		if i < 0 {
			i = len(groups)
			groups = append(groups, family{code: r.Family})
		}
		groups[i].results = append(groups[i].results, r)
	}
	slices.SortStableFunc(groups, func(a, b family) int {
		return cmp.Compare(familyRank(a.code), familyRank(b.code))
	})
	for _, g := range groups {
		slices.SortStableFunc(g.results, func(a, b Result) int {
			return cmp.Compare(number(a.ID), number(b.ID))
		})
	}
	return groups
}

// number is the number in a requirement's id, 0 where there is none.
func number(id string) int {
	n, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
	if err != nil {
		return 0
	}
	return n
}
