package rules

import "testing"

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		used, ready float64
		want        loads
	}{
		{0, 0, resting}, {0.03, 0.6, resting}, {0.19, 0.69, resting}, {0.2, 0.2, spinning}, {1, 1, spinning},
		{0.04, 0.7, spinning}, {0.039, 0.7, starved}, {0, 1, starved},
	} {
		if got := load(c.used, c.ready); got != c.want {
			t.Errorf("%.2f of a core, ready for %.2f of the time: %d, want %d", c.used, c.ready, got, c.want)
		}
	}
}
