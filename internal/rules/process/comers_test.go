package process

import (
	"testing"
	"time"
)

// TestAfforded: as many come as have room in the time that there is, and never too few to show anything, nor more than were wanted.
func TestAfforded(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		n, least   int
		each, most time.Duration
		want       int
	}{
		{100, 10, 0, time.Second, 100},
		{100, 10, 10 * ms, time.Second, 100},
		{100, 10, 11 * ms, time.Second, 90},
		{100, 10, 270 * ms, time.Second, 10},
		{8, 10, 270 * ms, time.Second, 8},
	} {
		if got := afforded(c.n, c.least, c.each, c.most); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
