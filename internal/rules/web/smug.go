package web

import "github.com/streamspec/streamspec/internal/rules/web/ask"

// smug shows the family SMUG.
var smug = []ask.Rule{}
