package delivery

import (
	"time"

	"golang.org/x/sys/unix"
)

// nappers holds a token for each goroutine that naps in the kernel, which takes a thread: beyond these the runtime's timers
// serve, which are coarser.
var nappers = make(chan struct{}, 32)

// nap sleeps for d or somewhat longer. The kernel's timer is exact to its slack of 50 µs, the runtime's only to a millisecond.
func nap(d time.Duration) {
	select {
	case nappers <- struct{}{}:
		ts := unix.NsecToTimespec(int64(d))
		_ = unix.Nanosleep(&ts, nil) // a signal makes it shorter, which does no harm
		<-nappers
	default:
		time.Sleep(d)
	}
}
