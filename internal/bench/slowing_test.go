package bench

import (
	"testing"
	"time"
)

// TestEver: only what takes sixteen times as long for four times as much, from the small parts on, is gone over with each part.
func TestEver(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		all, quarter, sixteenth time.Duration
		want                    bool
	}{
		"all is gone over":                     {4000 * ms, 250 * ms, 16 * ms, true},
		"a linear one":                         {4000 * ms, 1000 * ms, 250 * ms, false},
		"one that waits before it answers":     {6000 * ms, 10 * ms, 10 * ms, false},
		"one that lets a client have so much":  {4000 * ms, 800 * ms, 10 * ms, false},
		"too quick to be told from no time":    {40 * ms, 3 * ms, ms / 10, false},
		"as much as a linear part beside that": {4000 * ms, 400 * ms, 60 * ms, true},
	} {
		times := [3]time.Duration{c.all, c.quarter, c.sixteenth}
		if got := ever(times, times, false); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if c.want && !ever(times, times, true) {
			t.Errorf("%s: not by the processor's time", name)
		}
	}
}
