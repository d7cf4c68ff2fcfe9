package contract

import "slices"

// http is the contract's part about HTTP/1.1 in its own order: which bytes of a connection are a request, which requests are
// refused, and which answer belongs to which. "Refused" means a 4xx or 5xx that is not what the server says to this very
// target and method when nothing is wrong, or a connection that was closed without an answer.
//
// The families stand apart from those of Families until cases show them: what is listed, explained and counted there
// can be shown.
var http = []Family{hreq, hfld, hlen, hchk, hcon, hsem, smug}

// HTTP returns the families about HTTP/1.1 with their requirements, in the order of the contract.
func HTTP() []Family { return slices.Clone(http) }
