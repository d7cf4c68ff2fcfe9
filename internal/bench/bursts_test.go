package bench

import (
	"testing"
	"time"
)

// TestPartOf: the burst that takes the place of the smallest, for a server that is slow, is no larger than that, however quick the server
// seemed to be, and there is none where it is not known how long a message takes.
func TestPartOf(t *testing.T) {
	const size, messages, most = 1024, 32, 20 * time.Second
	for per, want := range map[time.Duration]int{
		-1: 0, 0: 0, 1: size, time.Millisecond: size, most / 64: size, most / 32: size / 2, time.Second: size * 10 / 32, time.Minute: size * 2 / 32,
	} {
		if n := partOf(size, messages, per, most); n != want {
			t.Errorf("%s for a message: %d bytes, want %d", per, n, want)
		}
	}
	if n := partOf(size, 0, time.Second, most); n != 0 {
		t.Errorf("%d bytes of no messages", n)
	}
}
