package load

import (
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

func TestLoadOf(t *testing.T) {
	for _, c := range []struct {
		used, ready float64
		want        Load
	}{
		{0, 0, Resting}, {0.03, 0.6, Resting}, {0.19, 0.69, Resting}, {0.2, 0.2, Spinning}, {1, 1, Spinning},
		{0.04, 0.7, Spinning}, {0.039, 0.7, Starved}, {0, 1, Starved},
	} {
		if got := (Share{c.used, c.ready}).Load(); got != c.want {
			t.Errorf("%.2f of a core, ready for %.2f of the time: %d, want %d", c.used, c.ready, got, c.want)
		}
	}
}

// TestStarvedIsNotAtRest: what waits for a processor all the time has not run, and does not rest.
func TestStarvedIsNotAtRest(t *testing.T) {
	at := func(cpu, ready time.Duration, runnable bool) kernel.Figures {
		return kernel.Figures{CPU: cpu * time.Millisecond, Ready: ready * time.Millisecond, Runnable: runnable}
	}
	for name, c := range map[string]struct {
		before, after kernel.Figures
		want          Load
	}{
		"it rests":                 {at(50, 60, false), at(50, 60, false), Resting},
		"it rested, and gets up":   {at(50, 60, false), at(50, 60, true), Resting},
		"it spins":                 {at(50, 60, true), at(1050, 1060, true), Spinning},
		"it has had little":        {at(50, 60, true), at(100, 1010, true), Spinning},
		"it has had nothing yet":   {at(50, 60, true), at(50, 60, true), Starved},
		"it has had next to none":  {at(50, 60, true), at(50, 960, true), Starved},
		"it was done, and waits":   {at(50, 60, true), at(60, 90, true), Resting},
		"it has been done for now": {at(50, 60, true), at(60, 90, false), Resting},
	} {
		if got := Between(c.before, c.after, time.Second).Load(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestOwed: a server may be at work for as long again as its clients had it work, and no longer.
func TestOwed(t *testing.T) {
	for _, c := range []struct {
		load          Load
		since, before time.Duration
		want          bool
	}{
		{Spinning, 0, time.Second, true}, {Spinning, 999 * time.Millisecond, time.Second, true},
		{Spinning, time.Second, time.Second, false}, {Spinning, 0, 0, false},
		{Starved, 0, time.Second, true}, {Starved, 2 * time.Second, time.Second, false},
		{Resting, 0, time.Second, false},
	} {
		if got := c.load.Owed(c.since, c.before); got != c.want {
			t.Errorf("under load %d, %s since and %s before: %t", c.load, c.since, c.before, got)
		}
	}
}
