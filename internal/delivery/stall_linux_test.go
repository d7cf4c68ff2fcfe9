package delivery

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// TestReadingOnIsNoStall sends to a server that reads so slowly that its kernel makes no room for long: it is at work as long
// as it reads, and stalls when it reads no more.
func TestReadingOnIsNoStall(t *testing.T) {
	const stall = 600 * time.Millisecond // half of it is longer than a busy machine keeps the server from reading
	const slow = 2 * stall
	for _, stops := range []bool{false, true} {
		gone := make(chan struct{})
		addr := serve(t, func(nc *net.TCPConn) {
			for begin := time.Now(); time.Since(begin) < slow; time.Sleep(stall / 40) {
				if _, err := nc.Read(make([]byte, 16)); err != nil {
					return
				}
			}
			if stops {
				<-gone
				return
			}
			_, _ = io.Copy(io.Discard, nc)
		})
		c := dial(t, addr, Options{Stall: stall})
		begin := time.Now()
		err := c.Send(t.Context(), make([]byte, 64<<20))
		close(gone)
		if stops != errors.Is(err, ErrStalled) {
			t.Errorf("stops %v: %v after %v", stops, err, time.Since(begin))
		}
		if took := time.Since(begin); took < slow {
			t.Errorf("stops %v: over after %v", stops, took)
		}
	}
}
