package player

import (
	"os"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
)

// A Given is the time that a server has been given, since some moment, for what there was to do: while it waits for a processor that others
// take, it can do nothing, and none is given. Where that cannot be seen it is what passes by the clock.
type Given struct {
	began  time.Time
	pid    int // 0 where the clock alone tells
	before kernel.Work
	waited time.Duration // up to before
}

// Given begins to count the time that the server is given.
func (p *Player) Given() *Given {
	g := &Given{began: time.Now()}
	if p.pid == 0 || p.pid == os.Getpid() { // whose work is ours too
		return g
	}
	if w, ok := kernel.WorkOf(p.pid); ok {
		g.pid, g.before = p.pid, w
	}
	return g
}

// So says whether the server has been given so long; [patience.Accept] by the clock is enough, however busy the machine is.
func (g *Given) So(long time.Duration) bool {
	passed := time.Since(g.began)
	if g.pid == 0 || passed <= long {
		return passed > long
	}
	return passed-g.Waited() > long || passed > max(patience.Accept, long)
}

// Waited is for how long of that time the server has waited for processors that others took; 0 where that cannot be seen.
func (g *Given) Waited() time.Duration {
	if g.pid == 0 {
		return 0
	}
	if now, ok := kernel.WorkOf(g.pid); ok {
		g.waited += now.Waited(g.before)
		g.before = now
	}
	return g.waited
}
