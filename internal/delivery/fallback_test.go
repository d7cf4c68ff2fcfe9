package delivery

import (
	"fmt"
	"testing"
	"time"
)

// TestFallback confirms by acknowledgement and a pause what cannot be seen: the wait is the cap and two round trips, and the
// pause is the round trip within its bounds.
func TestFallback(t *testing.T) {
	for _, test := range []struct {
		name   string
		flight time.Duration
		trip   time.Duration
		set    func(f *fake)
		want   Confirmation
		took   time.Duration
	}{
		{"near", 0, 0, nil, Likely, leastPause},
		{"nearer than the least pause", 0, 900 * us, nil, Likely, leastPause},
		{"between the bounds", 1525 * us, 3050 * us, nil, Likely, 3100*us + 3050*us},
		{"farther than the longest pause", 10*ms + 25*us, 20*ms + 50*us, nil, Likely, 20*ms + 100*us + mostPause},
		{"acknowledged at last", 50*ms - 25*us, 20 * ms, nil, Likely, 100*ms + mostPause},
		{"acknowledged too late", 50*ms + 25*us, 20 * ms, nil, Unconfirmed, 100 * ms},
		{"never acknowledged", 0, 20 * ms, func(f *fake) { f.Request.Lost = true }, Unconfirmed, 100 * ms},
		{"not told", 0, 0, func(f *fake) { f.Untold = true }, Likely, mostPause + leastPause},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			f.Flight, f.Trip = test.flight, test.trip
			if test.set != nil {
				test.set(f)
			}
			c := f.connect(t, Options{Confirm: Never}, nil)
			send(t, c, "hello")
			expectCut(t, c, test.want, test.took)
			if c.Sees() || c.Unseen() != unwanted || c.Cuts() != (CutCount{1, 0}) {
				t.Errorf("seen: %v, %q, %+v", c.Sees(), c.Unseen(), c.Cuts())
			}
		})
	}
	for name, test := range map[string]struct {
		end  time.Duration
		took time.Duration
	}{
		"reset before the acknowledgement": {5*ms - 50*us, 5 * ms},
		"reset in the pause":               {21 * ms, 20*ms + 100*us + mostPause},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.Flight, f.Trip = 10*ms+25*us, 20*ms
			c := f.connect(t, Options{Confirm: Never}, func(s *fakeServer) {
				time.Sleep(test.end)
				s.f.Sever()
			})
			send(t, c, "hello")
			expectCut(t, c, Unconfirmed, test.took)
		})
	}
}

// TestUnseen looks for the server's end some times before it decides that the end is not to be found, and not before all was
// acknowledged: a connection may come to be with its first byte.
func TestUnseen(t *testing.T) {
	const looks = (unseenLooks - yieldLooks) * shortNap
	const elsewhere = "it is not in this network namespace: another host, a container, or behind a translated address"
	for _, test := range []struct {
		name   string
		hidden int // looks, one of them when connecting
		flight time.Duration
		want   Confirmation
		took   time.Duration
		unseen string
	}{
		{"never found", 1000, 0, Likely, looks + leastPause, elsewhere},
		{"never found, and far", 1000, 10*ms + 25*us, Likely, 20*ms + 100*us + leastPause, elsewhere},
		{"found at the last look", 1 + unseenLooks, 0, Confirmed, looks, ""},
		{"found while the bytes are on their way", 1 + unseenLooks + 10, 10*ms + 25*us, Confirmed, 10*ms + 100*us, ""},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			f.Hidden, f.Flight = test.hidden, test.flight
			c := f.connect(t, Options{}, func(s *fakeServer) { s.drain() })
			if c.Sees() || c.Unseen() != "" {
				t.Errorf("before any byte: %v, %q", c.Sees(), c.Unseen())
			}
			send(t, c, "hello")
			expectCut(t, c, test.want, test.took)
			if c.Sees() != (test.unseen == "") || c.Unseen() != test.unseen {
				t.Errorf("seen: %v, %q", c.Sees(), c.Unseen())
			}
		})
	}
}

// TestResetBeforeFound ends the wait for a server whose end was never found.
func TestResetBeforeFound(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		f := newFake()
		f.Hidden, f.Request.Lost = 1000, true
		c := f.connect(t, Options{}, func(s *fakeServer) { time.Sleep(10*ms - 50*us); s.Abort() })
		send(t, c, "hello")
		expectCut(t, c, Unconfirmed, 10*ms)
	})
}

// TestWritten tells nothing where the server's end is not seen.
func TestWritten(t *testing.T) {
	for _, sees := range []bool{true, false} {
		inBubble(t, fmt.Sprint("seen: ", sees), func(t *testing.T) {
			mode := Auto
			if !sees {
				mode = Never
			}
			f := newFake()
			c := f.connect(t, Options{Confirm: mode}, nil)
			f.server().write("hello")
			time.Sleep(us)
			if n, ok := c.Written(); ok != sees || sees && n != 5 {
				t.Errorf("%d bytes, %v", n, ok)
			}
		})
	}
}

// TestDefaults holds what options stand for that are left out.
func TestDefaults(t *testing.T) {
	if o := (Options{}).withDefaults(); o.Timeout != defaultTimeout || o.ConfirmCap != defaultCap {
		t.Errorf("%+v", o)
	}
	if o := (Options{Timeout: 1, ConfirmCap: 2}).withDefaults(); o.Timeout != 1 || o.ConfirmCap != 2 {
		t.Errorf("%+v", o)
	}
}

// TestTaken counts what the server has read, or where that is not seen what its kernel has acknowledged.
func TestTaken(t *testing.T) {
	for _, test := range []struct {
		name string
		mode Mode
		lost bool
		read int64
	}{
		{"seen", Auto, false, 2},
		{"not seen", Never, false, 5},
		{"not seen, nor acknowledged", Never, true, 0},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			f.Request.Lost = test.lost
			c := f.connect(t, Options{Confirm: test.mode}, nil)
			send(t, c, "hello")
			f.server().read(int(min(test.read, 2)))
			for _, when := range []string{"before the end", "after it"} { // whose FIN is no byte
				if read, left := c.Taken(); read != test.read || left != 5-test.read {
					t.Errorf("%s: %d read, %d left", when, read, left)
				}
				halfClose(t, c)
			}
		})
	}
	for name, end := range map[string]func(c *Conn) error{"bytes": func(*Conn) error { return nil }, "bytes and the FIN": (*Conn).HalfClose} {
		inBubble(t, name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, func(s *fakeServer) { s.drain() })
			send(t, c, "hello")
			if err := end(c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(us)
			if read, left := c.Taken(); read != 5 || left != 0 {
				t.Errorf("%d read, %d left", read, left)
			}
		})
	}
}
