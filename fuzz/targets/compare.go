package targets

import "strconv"

// result shows what an operation returned.
func result(text string, err error) string {
	if err != nil {
		return strconv.Quote(text) + ", " + err.Error()
	}
	return strconv.Quote(text)
}
