package web

// hsem shows the family HSEM.
var hsem = []Rule{}
