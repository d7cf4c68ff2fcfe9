package web

// hreq shows the family HREQ.
var hreq = []Rule{}
