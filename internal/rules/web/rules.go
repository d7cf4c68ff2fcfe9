// Package web shows the requirements on HTTP/1.1: a file for each family, with a table of the messages by which each requirement is shown,
// and of what may come of them.
package web

import (
	"slices"

	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// Rules are those of all families, in the order of the contract.
func Rules() []ask.Rule { return slices.Concat(hreq, hfld, hlen, hchk, hcon, hsem, smug) }
