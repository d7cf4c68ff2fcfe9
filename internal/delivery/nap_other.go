//go:build !linux

package delivery

import "time"

// nap sleeps for d or somewhat longer.
func nap(d time.Duration) { time.Sleep(d) }
