package process

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
)

// TestBurden: a server that rested, and is at work all the time behind what it was sent, shows nothing by what comes of a client's leaving;
// one that is done with it in time does, and so does one that was at work before.
func TestBurden(t *testing.T) {
	for _, test := range []struct {
		name   string
		before time.Duration // how much of a second it works before it is sent something
		behind time.Duration // and then
		until  time.Duration // for so long
		want   finding.Kind
		took   time.Duration
	}{
		{"rests", 0, 0, time.Hour, finding.Shown, patience.HearWindow},
		{"is done in time", 0, time.Second, 3 * time.Second, finding.Shown, 3*time.Second + patience.HearWindow},
		{"is not done", 0, time.Second, time.Hour, finding.NotShown, patience.Kept},
		{"works a little", 100 * time.Millisecond, 400 * time.Millisecond, time.Hour, finding.Shown, patience.HearWindow},
		{"spun before", time.Second, time.Second, time.Hour, finding.Shown, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				share, ends, looked := test.before, time.Now().Add(time.Hour), time.Now()
				worked := func() time.Duration {
					now := time.Now()
					did := min(now.Sub(looked), max(ends.Sub(looked), 0))
					looked = now
					return time.Duration(float64(did) * share.Seconds())
				}
				b := newBurden(t.Context(), worked)
				share, ends = test.behind, time.Now().Add(test.until)
				began := time.Now()
				if f := b.Carried(t.Context()); !f.Is(test.want) || time.Since(began) != test.took {
					t.Errorf("after %s %+v, want %s after %s", time.Since(began), f, test.want, test.took)
				}
			})
		})
	}
	if f := newBurden(t.Context(), nil).Carried(t.Context()); f != nil {
		t.Errorf("of a server whose work is not seen: %+v", f)
	}
}
