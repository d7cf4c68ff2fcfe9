package bench

import "testing"

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
