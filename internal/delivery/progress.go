package delivery

import (
	"sync/atomic"
	"time"
)

// progress tells the receiving half of an exchange how the playing half is getting on. A nil progress is one that nobody
// follows, and stands for a play that is over.
type progress struct {
	start time.Time    // when the play began
	last  atomic.Int64 // when the play last moved, or will have paused, in nanoseconds since start
	over  atomic.Bool  // last is when the play ended
}

// newProgress returns the progress of a play that begins now.
func newProgress() *progress { return &progress{start: time.Now()} }

// touch says that the play moved, and will not move for the pause that follows.
func (p *progress) touch(pause time.Duration) {
	if p == nil {
		return
	}
	p.last.Store(int64(time.Since(p.start) + pause))
}

// finish says that the play is over.
func (p *progress) finish() {
	p.touch(0)
	p.over.Store(true)
}

// seen returns when the play last moved, and whether it is over; a nil progress never moved.
func (p *progress) seen() (last time.Time, over bool) {
	if p == nil {
		return time.Time{}, true
	}
	over = p.over.Load() // before the instant, so that the instant of a play that is over is its last
	return p.start.Add(time.Duration(p.last.Load())), over
}
