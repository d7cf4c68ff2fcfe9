package delivery

import (
	"sync/atomic"
	"time"
)

// epoch is what the instants of progress are counted from.
var epoch = time.Now()

// progress tells the receiving half of an exchange how the playing half is getting on. The zero value is a play that has
// not begun.
type progress struct {
	last atomic.Int64 // when the play last moved, or will have paused, since epoch
	over atomic.Bool  // last is when the play ended
}

// touch says that the play moved, and will not move for the pause that follows.
func (p *progress) touch(pause time.Duration) {
	p.last.Store(int64(time.Since(epoch) + pause))
}

// finish says that the play is over.
func (p *progress) finish() {
	p.touch(0)
	p.over.Store(true)
}

// seen returns when the play last moved, and whether it is over; over is true for a nil progress, which never moved.
func (p *progress) seen() (last time.Time, over bool) {
	if p == nil {
		return time.Time{}, true
	}
	over = p.over.Load() // before the instant, so that the instant of a play that is over is its last
	return epoch.Add(time.Duration(p.last.Load())), over
}
