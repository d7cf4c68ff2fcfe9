package delivery

import (
	"context"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// arrivals has the timeline show what has come by now, before the client goes on, and returns [Conn.PeerClosed].
func (c *Conn) arrivals() ServerEnd {
	end, n, ok := c.sight()
	if ok {
		c.log.Arrives(n)
	}
	if end == FIN {
		c.log.Ends(timeline.KindReceivedFIN)
	}
	return end
}

// sight is PeerClosed, and how much has arrived.
func (c *Conn) sight() (end ServerEnd, arrived uint64, ok bool) {
	if s, at := c.socket.(interface {
		sight() (ServerEnd, uint64, bool)
	}); at {
		if end, arrived, ok = s.sight(); end != StillOpen {
			c.delay.ends()
		}
		return end, arrived, ok
	}
	end = c.PeerClosed() // first: what came before it has arrived then
	arrived, _, ok = c.Arrived()
	return end, arrived, ok
}

// heed waits behind a cut until something has come, or as long as [Options.Heed] has it.
func (c *Conn) heed(ctx context.Context) {
	left := min(c.options.Heed-c.heeded, mostHeeded)
	if left <= 0 {
		return
	}
	before, _, ok := c.Arrived()
	if !ok {
		return
	}
	waited := newStopwatch()
	for i := 0; waited.passed() < left && ctx.Err() == nil && c.PeerClosed() == StillOpen; i++ {
		if now, _, _ := c.Arrived(); now > before || now > uint64(c.Received()) {
			break
		}
		breathe(c.clock, i)
	}
	c.heeded += waited.ran
	c.arrivals()
}
