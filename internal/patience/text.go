package patience

import (
	"strings"
	"time"
)

// Text is a time as people read it: three digits of it, and no unit of which there is none, "10s" for 10.001342773s, "1h" for 1h0m0s.
func Text(d time.Duration) string {
	exact := time.Nanosecond
	for size := d.Abs(); size >= 1000*exact && exact < time.Second; {
		exact *= 10
	}
	text := d.Round(exact).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
