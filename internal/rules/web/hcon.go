package web

// hcon shows the family HCON.
var hcon = []Rule{}
