package contract

import "slices"

// http is the contract's part about HTTP/1.1 in its own order: which bytes of a connection are a request, which requests are
// refused, and which answer belongs to which. "Refused" means a 4xx or 5xx that is not what the server says to this very
// target and method when nothing is wrong, or a connection that was closed without an answer.
//
// A family stands among those of Families too when cases show it: what is listed, explained and counted there can be shown.
var http = []Family{hreq, hfld, hlen, hchk, hcon, hsem, smug}

// HTTP returns the families about HTTP/1.1 with their requirements, in the order of the contract.
func HTTP() []Family { return slices.Clone(http) }

// ofHTTP says whether a requirement is one about HTTP/1.1.
func ofHTTP(r Requirement) bool {
	return slices.ContainsFunc(http, func(f Family) bool { return f.ID == r.Family() })
}
