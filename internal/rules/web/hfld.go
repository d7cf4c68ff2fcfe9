package web

// hfld shows the family HFLD.
var hfld = []Rule{}
