package bench

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
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

// TestLengthen: what takes the server time, and its processor none, as a wait for each part does, is not made longer and longer until minutes are
// over; what takes its processor enough is found.
func TestLengthen(t *testing.T) {
	const least, most, enough, bound = 4 << 10, 64 << 20, time.Second, 28 * time.Second
	for name, c := range map[string]struct {
		wait, work float64 // of a second for 64 KiB
		n          int
		slow       bool
	}{
		"a wait for each part":      {0.2, 0, 8 << 20, true},
		"no wait":                   {0, 0, most, false},
		"work for each part":        {0, 0.1, 1 << 20, false},
		"a wait for each, and work": {0.2, 0.1, 1 << 20, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				n, _, f := lengthen(least, most, enough, bound, func(n int) (time.Duration, *finding.Finding) {
					parts := float64(n) / (64 << 10) * float64(time.Second)
					time.Sleep(time.Duration(parts * (c.wait + c.work)))
					return time.Duration(parts * c.work), nil
				})
				if n != c.n || f.Is(finding.NotShown) != c.slow {
					t.Errorf("%d bytes: %+v", n, f)
				}
				if took := time.Since(began); took > 2*bound {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
