package main

import (
	"context"
	"os"
	"time"

	"github.com/streamspec/streamspec/internal/patience"
)

// heed has the first of the signals that ask for it end what runs, by cancel, which says what is known then, and the second end the program
// at once, by end. One that comes within a second of the first is the same: timeout(1) sends it to the group, and to us. It returns when ctx
// ends before the first.
func heed(ctx context.Context, signals <-chan os.Signal, cancel, end func()) {
	select {
	case <-signals:
		cancel()
	case <-ctx.Done():
		return
	}
	for first := time.Now(); ; {
		if <-signals; time.Since(first) >= patience.SameSignal {
			end()
			return
		}
	}
}
