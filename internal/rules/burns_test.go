package rules

import "testing"

// TestBurns: what a server takes of a core, and how long it is ready to run, tell whether it burns: beside others that take the machine
// a server that spins gets little, and one of which that cannot be told is not passed.
func TestBurns(t *testing.T) {
	for _, c := range []struct {
		used, ready float64
		want        verdict
	}{
		{0, 0, no}, {0.01, 0.1, no}, {0.19, 0.69, no}, {0.2, 0, yes}, {1, 0, yes}, {0.04, 0.7, yes}, {0.1, 0.9, yes}, {0.039, 0.7, unknown}, {0, 1, unknown},
	} {
		if got := burns(c.used, c.ready); got != c.want {
			t.Errorf("%.3f of a core, ready for %.3f of the time: %d, want %d", c.used, c.ready, got, c.want)
		}
	}
}
