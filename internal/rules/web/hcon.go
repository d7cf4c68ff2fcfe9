package web

import "github.com/streamspec/streamspec/internal/rules/web/ask"

// hcon shows the family HCON.
var hcon = []ask.Rule{}
