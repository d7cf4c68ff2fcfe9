package lives

import (
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/player"
)

// TestAlike: two lives are alike that may have been over at the same age. The end of a process is known to the moment, and a busy machine may
// begin a life later; of one that hangs it is known when it was last seen to serve, and when no more.
func TestAlike(t *testing.T) {
	const s = time.Second
	ended := func(at time.Duration) player.Life { return player.Life{Over: at, Ended: true} }
	hung := func(served, over time.Duration) player.Life { return player.Life{Served: served, Over: over} }
	for _, c := range []struct {
		a, b player.Life
		want bool
	}{
		{ended(2 * s), ended(2 * s), true}, {ended(2 * s), ended(3 * s), true}, {ended(2 * s), ended(20 * s), false},
		{ended(s / 100), ended(s / 10), true}, {ended(2 * s), hung(s, 3*s), false},
		{hung(0, 3*s), hung(2*s, 5*s), true}, {hung(0, 2*s), hung(3*s, 5*s), false},
	} {
		if alike(c.a, c.b) != c.want || alike(c.b, c.a) != c.want {
			t.Errorf("%+v and %+v: alike is to be %t", c.a, c.b, c.want)
		}
	}
}
