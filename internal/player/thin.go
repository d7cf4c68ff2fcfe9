package player

import (
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
)

// A server that is slow, or far, gets fewer deliveries: of each case all that come in its first seconds, and then every second one,
// every fourth, and so on, so that what a case does is thinned out evenly, and it comes to its end.

// Thin has deliveries be left out from some seconds on, where the server is slow: of a case that runs alone sooner, since all others wait
// for it.
func (p *Player) Thin(alone bool) {
	p.tally.mu.Lock()
	defer p.tally.mu.Unlock()
	p.tally.began, p.tally.offered, p.tally.full = time.Now(), 0, p.Patience.Thinning()
	if alone {
		p.tally.full = max(p.tally.full/3, p.Patience.Exchange)
	}
}

// LeavesOut says whether the next delivery is to be left out, and counts it then.
func (p *Player) LeavesOut() bool {
	return p.Patience.Slow() && p.tally.leavesOut()
}

// LeaveOut counts so many deliveries that a case leaves out by itself, since the server is slow.
func (p *Player) LeaveOut(n int) {
	p.tally.mu.Lock()
	defer p.tally.mu.Unlock()
	p.tally.counted.LeftOut += n
}

// thinned is a delivery with as many of its cuts, evenly spread, as a slow server reads within the time that thinning begins with.
func (p *Player) thinned(d Delivery) Delivery {
	cuts := d.Segments.Cuts
	if !p.Patience.Slow() || len(cuts) < 2 {
		return d
	}
	most := max(int(2*p.Patience.Thinning()/p.Patience.Exchange), 2)
	if len(cuts) <= most || !p.tally.cutLess() {
		return d
	}
	d.Segments.Cuts = make([]delivery.Cut, most)
	for i := range most {
		d.Segments.Cuts[i] = cuts[i*(len(cuts)-1)/(most-1)]
	}
	return d
}

// cutLess counts a delivery that is cut less often; it returns false where that must not be.
func (t *tally) cutLess() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.began.IsZero() {
		return false
	}
	t.counted.LeftOut++
	return true
}

func (t *tally) leavesOut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.began.IsZero() {
		return false
	}
	t.offered++
	doubled := min(time.Since(t.began)/t.full, 16)
	if t.offered == 1 || t.offered%(1<<doubled) == 0 { // however late the first comes: without it nothing would be shown
		return false
	}
	t.counted.LeftOut++
	return true
}
