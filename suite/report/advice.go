package report

import "fmt"

// Advice says where to begin with a report whose requirements are told one by one: the likely cause, and the failure that is
// the simplest to follow; "" where there is nothing to say.
func Advice(r *Report) string {
	text := ""
	if r.Likely != "" {
		text = "likely cause: " + r.Likely
	}
	if n := r.Summary.Fail + r.Summary.Warn; n > 1 && r.First != "" {
		if text != "" {
			text += "\n"
		}
		text += fmt.Sprintf("begin with %s: of %d failures, it is the simplest to follow", r.First, n)
	}
	return text
}
