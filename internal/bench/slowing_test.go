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

// TestInWords: what took less than a step of processor time is not told to have taken none.
func TestInWords(t *testing.T) {
	for _, c := range []struct {
		took   time.Duration
		worked bool
		want   string
	}{
		{0, true, "less than 10ms"}, {10 * time.Millisecond, true, "10ms"}, {1370 * time.Millisecond, true, "1.37s"},
		{0, false, "0s"}, {123456 * time.Nanosecond, false, "100µs"}, {4 * time.Millisecond, false, "4ms"},
	} {
		if got := inWords(c.took, c.worked); got != c.want {
			t.Errorf("%s, of the processor's time %v: %q, want %q", c.took, c.worked, got, c.want)
		}
	}
}
