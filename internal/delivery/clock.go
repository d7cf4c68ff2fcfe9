package delivery

import "time"

// A wait counts the time in which this process ran. While it is kept from running, as by a laptop that sleeps, a container
// that has used up its share of the processor, a virtual machine that is moved, or Ctrl-Z, the system's clock goes on, and that
// is nobody's silence: the server may have been kept from running too.

const (
	// mostAsleep is how long a wait sleeps at most, before it looks whether it was woken when it was to be.
	mostAsleep = 50 * time.Millisecond
	// lateness is how late a machine that is only busy may wake a process.
	lateness = 20 * time.Millisecond
)

// keptFor returns how long this process was kept from running when it looks at the clock so late.
func keptFor(late time.Duration) time.Duration { return max(late-lateness, 0) }

// A clock tells a loop that hardly sleeps how long it has been running.
type clock struct {
	looked time.Time // when passed was last called
	ran    time.Duration
}

func newClock() clock { return clock{looked: time.Now()} }

// passed returns how long this process has run since the clock was made.
func (c *clock) passed() time.Duration {
	now := time.Now()
	away := now.Sub(c.looked)
	c.ran += away - keptFor(away)
	c.looked = now
	return c.ran
}
