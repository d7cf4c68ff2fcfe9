package web

// hchk shows the family HCHK.
var hchk = []Rule{}
