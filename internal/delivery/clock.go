package delivery

import (
	"runtime"
	"time"
)

// A wait counts the time in which this process ran. While it is kept from running, as by a laptop that sleeps, a container
// that has used up its share of the processor, a virtual machine that is moved, or Ctrl-Z, the system's clock goes on, and that
// is nobody's silence: the server may have been kept from running too.

// keptFor returns how long this process was kept from running when it looks at the clock so late.
func keptFor(late time.Duration) time.Duration { return max(late-lateness, 0) }

// A clock lets time pass where the runtime's timers are too coarse. What else this package knows of time it has from package
// time.
type Clock interface {
	Nap(d time.Duration) // sleeps for d or somewhat longer
	Yield()              // lets other goroutines run
}

// systemClock is the machine's.
type systemClock struct{}

// Nap sleeps for d or somewhat longer, as exactly as the system can.
func (systemClock) Nap(d time.Duration) { nap(d) }

// Yield lets other goroutines run, and no other process.
func (systemClock) Yield() { runtime.Gosched() }

// breathe lets time pass between a look, counted from 0, and the next.
func breathe(k Clock, look int) {
	switch {
	case look < yieldLooks:
		k.Yield()
	case look < yieldLooks+shortLooks:
		k.Nap(shortNap)
	default:
		k.Nap(longNap)
	}
}

// A stopwatch tells a loop that hardly sleeps how long it has been running.
type stopwatch struct {
	looked time.Time // when passed was last called
	ran    time.Duration
}

func newStopwatch() stopwatch { return stopwatch{looked: time.Now()} }

// passed returns how long this process has run since the stopwatch was made.
func (w *stopwatch) passed() time.Duration {
	now := time.Now()
	away := now.Sub(w.looked)
	w.ran += away - keptFor(away)
	w.looked = now
	return w.ran
}
