package web

import (
	"runtime"
	"slices"
	"strings"
)

// Rules are those of all families, in the order of the contract.
func Rules() []Rule { return slices.Concat(hreq, hfld, hlen, hchk, hcon, hsem, smug) }

// A place is a line of a file.
type place struct {
	file string
	line int
}

// tables are where the tables of the families stand, by the families' names.
var tables = map[string]place{}

// table notes that the table of a family stands where it is called.
func table(family string) bool {
	_, file, line, _ := runtime.Caller(1)
	tables[family] = place{file, line}
	return true
}

// Location returns where the table of the rule's family stands.
func (r Rule) Location() (file string, line int) {
	family, _, _ := strings.Cut(r.Requirement, "-")
	p := tables[family]
	return p.file, p.line
}
