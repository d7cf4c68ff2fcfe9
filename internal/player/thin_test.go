package player

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
)

// thinning is a player to a server whose plain session takes so long; its case has begun where begun says so.
func thinning(exchange time.Duration, begun bool) *Player {
	p := &Player{Server: &Server{Patience: patience.New(0).Measured(exchange)}, tally: newTally()}
	if begun {
		p.Thin(false)
	}
	return p
}

// TestThinning offers a delivery each second: all are made at first, then a half of them, and so on; none is left out of a quick
// server's, nor outside of a case.
func TestThinning(t *testing.T) {
	for _, c := range []struct {
		name     string
		exchange time.Duration
		begun    bool
		each     int   // seconds
		made     []int // in so many of them, one such time after another
	}{
		{"slow", 50 * time.Millisecond, true, 6, []int{6, 3, 1, 1}},
		{"slower", 500 * time.Millisecond, true, 5, []int{5, 3, 1, 1}},
		{"slowest", 3 * time.Second, true, 2, []int{2, 1, 0, 1, 0, 0}},
		{"quick", 50*time.Millisecond - 1, true, 6, []int{6, 6, 6, 6}},
		{"slow, outside of a case", time.Second, false, 6, []int{6, 6, 6, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := thinning(c.exchange, c.begun)
				left := 0
				for i, want := range c.made {
					made := 0
					for range c.each {
						if p.LeavesOut() {
							left++
						} else {
							made++
						}
						time.Sleep(time.Second)
					}
					if made != want {
						t.Errorf("in part %d %d deliveries are made, want %d", i, made, want)
					}
				}
				if got := p.Counted().LeftOut; got != left {
					t.Errorf("%d are counted as left out, and %d were", got, left)
				}
			})
		})
	}
}

// TestFirstIsMade: where a case has taken its time before its first delivery, that one is made, and the next is left out.
func TestFirstIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := thinning(time.Second, true)
		time.Sleep(10 * time.Second)
		if first, second := p.LeavesOut(), p.LeavesOut(); first || !second {
			t.Errorf("the first is left out: %t; the second: %t", first, second)
		}
	})
}

// TestCutLess spreads the cuts of a delivery that a slow server would read for too long: the first and the last of them stay.
func TestCutLess(t *testing.T) {
	d := Delivery{Segments: delivery.EveryByte(101)}
	if got := thinning(time.Millisecond, true).thinned(d); len(got.Segments.Cuts) != 100 {
		t.Errorf("a quick server's has %d cuts", len(got.Segments.Cuts))
	}
	if got := thinning(time.Second, false).thinned(d); len(got.Segments.Cuts) != 100 {
		t.Errorf("outside of a case it has %d cuts", len(got.Segments.Cuts))
	}
	p := thinning(time.Second, true)
	got := p.thinned(d).Segments
	if n := len(got.Cuts); n != 8 || got.Cuts[0].At != 1 || got.Cuts[n-1].At != 100 || got.Validate(101) != nil || p.Counted().LeftOut != 1 {
		t.Errorf("%v, %d left out", got.Cuts, p.Counted().LeftOut)
	}
	if got := p.thinned(Delivery{Segments: delivery.CutAt(1, 2)}); len(got.Segments.Cuts) != 2 {
		t.Errorf("of two cuts there are %d", len(got.Segments.Cuts))
	}
}
