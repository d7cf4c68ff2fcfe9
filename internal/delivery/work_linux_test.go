package delivery

import (
	"cmp"
	"net"
	"testing"
	"time"
)

// TestWork looks at how long an answer is waited for that is late, by what the server works meanwhile.
func TestWork(t *testing.T) {
	const idle = 200 * time.Millisecond
	for _, test := range []struct {
		name     string
		did      time.Duration // what the server worked, whenever it is asked
		last     int           // at which question the rest of the answer is sent; 0 for never
		want     Want
		patience time.Duration // 0 for three times idle
		state    State
		asked    int // how often; 0 for any number
		atLeast  time.Duration
	}{
		{name: "at work", did: time.Hour, last: 3, patience: time.Minute, state: Right, atLeast: idle + 2*workWindow},
		{name: "not at work", did: time.Millisecond, state: Short, asked: 2, atLeast: idle + workWindow},
		{name: "at work for longer than it is waited for", did: time.Hour, state: Short, atLeast: 3 * idle},
		{name: "at work, and waited for as long already", did: time.Hour, want: Want{Idle: 3 * idle}, state: Short, asked: 1, atLeast: 3 * idle},
		{name: "at work beyond the time in all", did: time.Hour, want: Want{Total: 3 * idle}, patience: time.Minute, state: Short, atLeast: 3 * idle},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			addr := serve(t, func(nc *net.TCPConn) {
				defer nc.Close()
				_, _ = nc.Write([]byte("at "))
				select {
				case <-release:
					_, _ = nc.Write([]byte("last"))
				case <-t.Context().Done():
				}
			})
			asked := 0
			c := dial(t, addr, Options{Patience: cmp.Or(test.patience, 3*idle), Worked: func() time.Duration {
				if asked++; asked == test.last {
					close(release)
				}
				return test.did
			}})
			test.want.Any, test.want.Idle = [][]byte{[]byte("at last")}, cmp.Or(test.want.Idle, idle)
			a := c.Receive(t.Context(), test.want)
			if a.State != test.state || a.TimedOut != (test.state == Short) || a.Elapsed < test.atLeast || a.Elapsed > 10*time.Second {
				t.Errorf("%v after %v, want %v after %v: %+v", a.State, a.Elapsed, test.state, test.atLeast, a)
			}
			if test.asked != 0 && asked != test.asked {
				t.Errorf("it was asked %d times what the server works, want %d", asked, test.asked)
			}
		})
	}
	t.Run("there when the wait is over", func(t *testing.T) { // as where the client's process was kept from running meanwhile
		release := make(chan struct{})
		addr := serve(t, func(nc *net.TCPConn) {
			defer nc.Close()
			<-release
			_, _ = nc.Write([]byte("at last"))
			<-t.Context().Done()
		})
		var c *Conn
		asked := 0
		c = dial(t, addr, Options{Patience: 3 * idle, Worked: func() time.Duration {
			if asked++; asked == 2 {
				close(release)
				eventually(t, "the answer arrives", func() bool { n, _, _ := c.Arrived(); return n == 7 })
			}
			return 0
		}})
		if a := c.Receive(t.Context(), Want{Any: [][]byte{[]byte("at last")}, Idle: idle}); a.State != Right || asked != 2 {
			t.Errorf("it was asked %d times: %+v", asked, a)
		}
	})
	t.Run("behind its answer", func(t *testing.T) {
		addr := serve(t, func(nc *net.TCPConn) {
			defer nc.Close()
			_, _ = nc.Write([]byte("at last"))
			<-t.Context().Done()
		})
		c := dial(t, addr, Options{Patience: 3 * idle, Worked: func() time.Duration {
			t.Error("it was asked what the server works")
			return time.Hour
		}})
		a := c.Receive(t.Context(), Want{Any: [][]byte{[]byte("at last")}, ToEnd: true, Idle: idle, EndIdle: idle / 4})
		if a.State != Right || a.Ending != StillOpen {
			t.Errorf("%+v", a)
		}
	})
}
