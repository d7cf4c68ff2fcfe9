package delivery

import (
	"context"
	"sync"
	"time"
)

// A delay is by how much longer than planned the client's own side of a connection was silent. A busy machine may keep a client from
// running for seconds in the middle of a request; a server with a time limit ends the connection then, and is right to.
type delay struct {
	mu     sync.Mutex
	total  time.Duration    // since the server last answered rightly
	before time.Duration    // up to then, since the answer before: a server may answer, and close for that
	unread time.Duration    // by how much waits for a server that did not read were longer than mostBetween: a reason to end, and no other
	due    [sides]time.Time // when a wait of the client's own that is under way is over, as planned; zero where none is
	last   time.Time        // when the client was last done with something on the connection
	over   bool             // the server has ended its stream: what is late from now on is no reason for that
}

// A side is a half of a client that waits by itself.
type side int

const (
	sending side = iota
	receiving
	sides
)

// waits notes that a wait of the client's own begins, which is to take so long at the most.
func (d *delay) waits(s side, most time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due[s] = time.Now().Add(most)
}

// extends has the wait that is under way take so much longer.
func (d *delay) extends(s side, by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.due[s].IsZero() {
		d.due[s] = d.due[s].Add(by)
	}
}

// unheeded notes that the wait that is under way was in vain, and so much longer than a client mostly lets its connection be.
func (d *delay) unheeded(s side, by time.Duration) {
	d.extends(s, by)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.unread += by
	}
}

// waited notes that it is over.
func (d *delay) waited(s side) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settle(s)
}

// settle takes the wait that is under way into account, as far as it was longer than planned. The caller holds mu.
func (d *delay) settle(s side) {
	now := time.Now()
	if due := d.due[s]; !d.over && !due.IsZero() {
		d.total += keptFor(now.Sub(due))
	}
	d.due[s], d.last = time.Time{}, now
}

// resumes notes that the client goes on with its part: whatever it has done since it was last at it, others may have been served
// meanwhile, but not for longer than most.
func (d *delay) resumes(most time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.total += max(time.Since(d.last)-most, 0)
	}
}

// add notes that the client was late by so much.
func (d *delay) add(late time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last = time.Now(); !d.over {
		d.total += late
	}
}

// answered notes that the server has answered rightly, which the client has found out so late.
func (d *delay) answered(late time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last = time.Now(); !d.over {
		d.before, d.total, d.unread = d.total, late, 0
	}
}

// ends notes that the server is seen to have ended its stream.
func (d *delay) ends() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.settle(sending)
		d.settle(receiving)
		d.over = true
	}
}

// Delay returns by how much longer than planned the client's own side was silent, up to the end of the server's stream where that has
// come, and since the right answer before the last. What the server takes by itself is no part of that.
func (c *Conn) Delay() time.Duration {
	c.delay.mu.Lock()
	defer c.delay.mu.Unlock()
	late := c.delay.before + c.delay.total
	if c.delay.over {
		late += c.delay.unread
	}
	return late
}

// rest waits for d, or until the context ends, and notes how late that was over. The server's end of its stream is seen meanwhile.
func (c *Conn) rest(ctx context.Context, s side, d time.Duration) {
	c.delay.waits(s, d)
	defer c.delay.waited(s)
	for until := time.Now().Add(d); ctx.Err() == nil; {
		left := time.Until(until)
		if left <= 0 {
			return
		}
		wait(ctx, min(left, mostAsleep))
		c.PeerClosed()
	}
}
