package web

import "slices"

// Rules are those of all families, in the order of the contract.
func Rules() []Rule { return slices.Concat(hreq, hfld, hlen, hchk, hcon, hsem, smug) }
