package delivery

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// capState lowers the cap of the wait for a confirmation when cuts stay unconfirmed, so that a server that does not read
// costs little.
type capState struct {
	unconfirmed int // in this play
}

// limit returns the cap for the next wait.
func (s *capState) limit(most time.Duration) time.Duration {
	switch {
	case s.unconfirmed >= manyUnconfirmed:
		return min(most, manyCap)
	case s.unconfirmed >= fewUnconfirmed:
		return min(most, fewCap)
	}
	return most
}

// Cut waits until the server has read everything that was sent, and says how sure that is. Where the server's end is seen it
// returns [Confirmed] as soon as the end has received all and its receive queue is empty; elsewhere [Likely] once the bytes
// were acknowledged and a pause of 1 to 5 ms, the longer the farther the server, has followed. It returns [Unconfirmed] when
// the options' cap ran out, when the server's end of the stream left bytes unread, or when the context or the connection ended;
// the cap leaves out the time in which this process was kept from running.
func (c *Conn) Cut(ctx context.Context) Confirmation { return c.CutWithin(ctx, 0) }

// CutWithin is [Conn.Cut] with another cap, where that is longer than the options'.
func (c *Conn) CutWithin(ctx context.Context, most time.Duration) Confirmation {
	how := c.settle(ctx, waiting{least: most})
	c.made.Add(1)
	if how == Confirmed {
		c.confirmed.Add(1)
	}
	c.log.Add(timeline.KindCut, nil, 0, how, "")
	c.said.cut()
	return how
}

// waiting is how long a cut is waited for.
type waiting struct {
	least time.Duration // past the cap
	free  time.Duration // past the cap, where the server is seen to be free to read: no answer of its own holds it up
}

// settle waits until the server has read what was sent: for the cap, and as long as w says.
func (c *Conn) settle(ctx context.Context, w waiting) Confirmation {
	if c.closed.Load() {
		return Unconfirmed
	}
	most := max(c.caps.limit(c.options.ConfirmCap), w.least)
	c.delay.waits(sending, max(min(most, mostBetween), w.least, w.free))
	defer c.delay.waited(sending)
	how, decided := Unconfirmed, false
	if !c.view.blind() {
		how, decided = c.watch(ctx, w, most)
	}
	if !decided {
		c.delay.extends(sending, 2*most+3*c.socket.RoundTrip()+mostPause) // it was looked for in vain before
		how = c.acknowledge(ctx, most)
	}
	if how == Unconfirmed {
		if c.Sees() {
			c.delay.unheeded(sending, max(most-max(mostBetween, w.least), 0))
		}
		c.caps.unconfirmed++
	}
	return how
}

// watch looks at the server's end until it has read everything, at most for so long. It decides nothing when that end cannot be seen.
func (c *Conn) watch(ctx context.Context, w waiting, most time.Duration) (how Confirmation, decided bool) {
	target := c.sent.Load()
	waited := newStopwatch()
	arrived := false
	for i := 0; ; i++ {
		s, sight := c.view.look()
		switch sight {
		case unseeable:
			return Unconfirmed, false
		case absent:
			if !c.Sees() {
				if i >= unseenLooks && c.socket.Unacknowledged() == 0 {
					c.view.giveUp()
					return Unconfirmed, false
				}
				break
			}
			if how, gone := c.departed(); gone {
				return how, true
			}
		case present:
			// The kernel reads the queue before the count. So a queue is only known to be empty of these bytes in a look after
			// the one that counted them.
			if arrived && s.Queue == 0 {
				c.taken.Store(target)
				return Confirmed, true
			}
			if s.Received >= target && !arrived {
				arrived = true
				if s.Queue == 0 {
					continue
				}
			}
		}
		if i >= yieldLooks { // the first looks, which take no time, are at the server's end alone
			switch c.PeerClosed() {
			case RST:
				return Unconfirmed, true
			case FIN:
				most = min(most, waited.passed()+lingering)
				w.free = 0
			}
		}
		if past := waited.passed(); past >= most && (past >= w.free || s.Unsent > 0) || ctx.Err() != nil || c.closed.Load() {
			return Unconfirmed, c.Sees()
		}
		breathe(c.clock, i)
	}
}

// drained says whether the server's end is seen to have read everything that was sent.
func (c *Conn) drained() bool {
	sent := c.sent.Load()
	if c.taken.Load() == sent {
		return true
	}
	if c.view.blind() {
		return false
	}
	if s, sight := c.view.look(); sight != present || s.Received < sent {
		return false
	}
	s, sight := c.view.look() // after the count, as watch does
	if sight != present || s.Queue != 0 {
		return false
	}
	c.taken.Store(sent)
	return true
}

// Taken returns how many of the bytes that were sent the server has read, as far as that can be seen, else how many its
// kernel has acknowledged; and how many are left. Where the system tells neither, none are left.
func (c *Conn) Taken() (read, left int64) {
	sent := c.Sent()
	if c.taken.Load() == uint64(sent) {
		return sent, 0
	}
	if c.Sees() {
		if s, sight := c.view.look(); sight == present {
			read = min(int64(s.Received)-int64(s.Queue), sent) // a FIN is counted, and is no byte
			return read, sent - read
		}
	}
	n := int64(max(c.socket.Unacknowledged(), 0))
	if c.finSent.Load() {
		n = max(n-1, 0)
	}
	return sent - n, n
}

// Held returns how many bytes of its answers the server has written that the client's kernel has not taken: where the client
// does not read, they wait in the server's kernel. It returns false where that cannot be seen.
func (c *Conn) Held() (int64, bool) {
	if !c.Sees() {
		return 0, false
	}
	s, sight := c.view.look()
	return int64(s.Unsent), sight == present
}

// Written returns how many bytes of its answers the server has written, read by the client or not. It returns false where that
// cannot be seen. It is exact where nothing is on its way, and what has arrived may count twice until it is acknowledged.
func (c *Conn) Written() (int64, bool) {
	arrived, _, ok := c.Arrived()
	held, sees := c.Held()
	return int64(arrived) + held, ok && sees
}

// departed judges a server's end that was seen before and is no more. A server that closes with bytes unread sends a RST, so
// one that sent a FIN, and whose kernel acknowledged everything, has read it. It decides nothing while the client's end has not
// seen the server leave.
func (c *Conn) departed() (how Confirmation, gone bool) {
	switch c.PeerClosed() {
	case RST:
		return Unconfirmed, true
	case FIN:
		if c.socket.Unacknowledged() > 0 {
			return Unconfirmed, true
		}
		return Confirmed, true
	}
	return Unconfirmed, false
}

// acknowledge waits until the server's kernel has acknowledged everything, at most for so long and two round trips, and then
// for a pause.
func (c *Conn) acknowledge(ctx context.Context, most time.Duration) Confirmation {
	rtt := c.socket.RoundTrip()
	if !c.acknowledged(ctx, most+2*rtt) {
		return Unconfirmed
	}
	wait(ctx, min(max(rtt, leastPause), mostPause))
	if ctx.Err() != nil || c.PeerClosed() == RST {
		return Unconfirmed
	}
	return Likely
}

// acknowledged waits until the server's kernel has acknowledged everything, at most for so long, and says whether it has.
func (c *Conn) acknowledged(ctx context.Context, most time.Duration) bool {
	waited := newStopwatch()
	for i := 0; ; i++ {
		switch n := c.socket.Unacknowledged(); {
		case n == 0:
			return true
		case c.closed.Load():
			return false
		case n < 0: // the system does not tell
			wait(ctx, mostPause)
			return ctx.Err() == nil
		}
		if c.PeerClosed() == RST || waited.passed() >= most || ctx.Err() != nil {
			return false
		}
		breathe(c.clock, i)
	}
}
