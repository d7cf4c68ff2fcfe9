// Package web shows the requirements on HTTP/1.1: a file for each family, with a table of the messages by which each requirement is shown,
// and of what may come of them.
package web

import (
	"embed"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// Rules are those of all families, in the order of the contract. The tables are made when they are asked for: most starts of the program are
// those of a server that is judged, or need no rule.
func Rules() []ask.Rule { return slices.Concat(hreq(), hfld(), hlen(), hchk(), hcon(), hsem(), smug()) }

// tables are the files that the rules stand in, a file for each family.
//
//go:embed hreq.go hfld.go hlen.go hchk.go hcon.go hsem.go smug.go fram.go
var tables embed.FS

// Place returns the file and line of a requirement's table: where a reader finds what is sent, and what may come of it. It is "" and 0 for one
// that has none.
func Place(requirement string) (file string, line int) {
	family, _, _ := strings.Cut(requirement, "-")
	name := strings.ToLower(family) + ".go"
	text, err := tables.ReadFile(name)
	before, _, found := strings.Cut(string(text), fmt.Sprintf("{Requirement: %q", requirement))
	if err != nil || !found {
		return "", 0
	}
	_, self, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(self), name), 1 + strings.Count(before, "\n")
}
