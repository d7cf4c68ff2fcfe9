package web

import "github.com/streamspec/streamspec/internal/rules/web/ask"

// hsem shows the family HSEM.
var hsem = []ask.Rule{}
