package odd

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// times do everything later than they could.
var times = []plant.Control{{
	Name:     "late-30ms",
	Sentence: "an answer leaves 30 ms after what it answers was read; from a connection's 20th on, every tenth alone",
	Dialects: plant.EveryDialect,
	Plant:    plantLate,
}, {
	Name:     "random-delays",
	Sentence: "one read or write in ten, drawn by chance, begins up to 10 ms late",
	Dialects: plant.EveryDialect,
	Plant:    plantRandomDelays,
}}

func plantLate(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &late{Conn: conn, writing: deadline{set: conn.SetWriteDeadline}}
	}
}

// When late waits, and how long. Every answer of an echo of 16 MiB would make 8 s.
const (
	lateBy      = 30 * time.Millisecond
	lateAnswers = 20
	lateEach    = 10
)

// late waits before the first write that follows a read.
type late struct {
	plant.Conn
	writing deadline
	asked   bool // something was read since the last write
	answers int
}

func (c *late) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.asked = c.asked || n > 0
	return n, err
}

func (c *late) Write(p []byte) (int, error) {
	if c.asked {
		c.asked = false
		c.answers++
		if c.answers < lateAnswers || c.answers%lateEach == 0 {
			c.writing.wait(lateBy)
		}
	}
	return c.Conn.Write(p)
}

func (c *late) SetWriteDeadline(t time.Time) error {
	return c.writing.change(t)
}

func plantRandomDelays(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &delayed{
			Conn:    conn,
			reading: deadline{set: conn.SetReadDeadline},
			writing: deadline{set: conn.SetWriteDeadline},
		}
	}
}

// How often delayed waits, one time in delayEach, and how long at most.
const (
	delayEach = 10
	delayMost = 10 * time.Millisecond
)

// delayed waits now and then.
type delayed struct {
	plant.Conn
	reading, writing deadline
}

func (c *delayed) Read(p []byte) (int, error) {
	waitByChance(&c.reading)
	return c.Conn.Read(p)
}

func (c *delayed) Write(p []byte) (int, error) {
	waitByChance(&c.writing)
	return c.Conn.Write(p)
}

func (c *delayed) SetReadDeadline(t time.Time) error {
	return c.reading.change(t)
}

func (c *delayed) SetWriteDeadline(t time.Time) error {
	return c.writing.change(t)
}

func waitByChance(d *deadline) {
	if rand.IntN(delayEach) == 0 {
		d.wait(rand.N(delayMost + 1))
	}
}

// A deadline of a connection is put off by what the server waits of its own
// accord: the client is not to pay for it.
type deadline struct {
	set func(time.Time) error // the connection's own

	mu sync.Mutex
	at time.Time
}

func (d *deadline) change(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = t
	return d.set(t)
}

// wait waits. A deadline that had passed before, or that was set meanwhile to end
// a wait at once, stays.
func (d *deadline) wait(long time.Duration) {
	began := time.Now()
	time.Sleep(long)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at.After(began) {
		d.at = d.at.Add(time.Since(began))
		_ = d.set(d.at) // fails on a closed connection alone, as what follows does
	}
}
