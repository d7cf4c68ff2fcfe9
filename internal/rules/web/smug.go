package web

// smug shows the family SMUG.
var smug = []Rule{}
