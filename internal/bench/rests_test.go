package bench

import (
	"testing"
	"time"
)

func TestLoadOf(t *testing.T) {
	for _, c := range []struct {
		used, ready float64
		want        Load
	}{
		{0, 0, Resting}, {0.03, 0.6, Resting}, {0.19, 0.69, Resting}, {0.2, 0.2, Spinning}, {1, 1, Spinning},
		{0.04, 0.7, Spinning}, {0.039, 0.7, Starved}, {0, 1, Starved},
	} {
		if got := LoadOf(c.used, c.ready); got != c.want {
			t.Errorf("%.2f of a core, ready for %.2f of the time: %d, want %d", c.used, c.ready, got, c.want)
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
		if got := c.load.owed(c.since, c.before); got != c.want {
			t.Errorf("under load %d, %s since and %s before: %t", c.load, c.since, c.before, got)
		}
	}
}
