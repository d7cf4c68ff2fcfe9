//go:build !linux

package delivery

import (
	"runtime"
	"time"
)

// yield lets other goroutines run.
func yield() { runtime.Gosched() }

// nap sleeps for d or somewhat longer.
func nap(d time.Duration) { time.Sleep(d) }
