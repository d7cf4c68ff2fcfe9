package delivery

import (
	"errors"
	"testing"
	"time"
)

// TestHeldInACut keeps the client's process from running while it waits for a cut: the time does not count, but for what a busy
// machine may make of it.
func TestHeldInACut(t *testing.T) {
	const limit, before, hold = 400 * ms, 100*ms + 50*us, 600 * ms
	for _, test := range []struct {
		name  string
		after time.Duration // from the end of the hold to the server's read; 0 for never
		want  Confirmation
		took  time.Duration
	}{
		{"read after it", 250 * ms, Confirmed, before + hold + 250*ms},
		// What was waited before the nap that the hold made longer, and as much of this as a busy machine might, counts.
		{"never read", 0, Unconfirmed, before + hold + limit - (before - 50*us) - lateness},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: limit}, func(s *fakeServer) {
				time.Sleep(before)
				s.hold(hold)
				if test.after > 0 {
					time.Sleep(test.after - us)
					s.drain()
				}
			})
			send(t, c, "hello")
			expectCut(t, c, test.want, test.took)
		})
	}
}

// TestHeldInAReceive keeps the client's process from running while it waits for an answer, which comes after that: both
// have slept. A hold counts as what it is longer than lateness.
func TestHeldInAReceive(t *testing.T) {
	const limit, before, hold = 400 * ms, 120 * ms, 600 * ms
	const kept = hold - 30*ms - lateness // it was to be woken at 150 ms
	for _, test := range []struct {
		name      string
		meanwhile string
		after     time.Duration // from the end of the hold to the rest of the answer; 0 for never
		want      Want
		state     State
		took      time.Duration
	}{
		{"silence", "", 230*ms - 1, Want{Idle: limit}, Right, limit + kept - 1},
		{"silence that goes on", "", 0, Want{Idle: limit}, Short, limit + kept},
		{"time in all", "", 200 * ms, Want{Total: limit}, Right, before + hold + 200*ms},
		{"time in all that passes", "", 0, Want{Total: limit}, Short, limit + kept},
		{"time in all, and a byte", "o", 200 * ms, Want{Total: limit}, Right, before + hold + 200*ms},
		{"time in all that passes, and a byte", "o", 0, Want{Total: limit}, Short, limit + kept},
		{"there at the end of it", "ok", 0, Want{Idle: before + 10*ms}, Right, before + hold},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, func(s *fakeServer) {
				time.Sleep(before)
				s.f.Set(func() { s.f.Held = time.Now().Add(hold) })
				s.write(test.meanwhile)
				time.Sleep(hold)
				if test.after > 0 {
					time.Sleep(test.after)
					s.write("ok"[len(test.meanwhile):])
				}
			})
			test.want.Any = texts("ok")
			var a Answer
			long := took(func() { a = c.Receive(t.Context(), test.want) })
			if a.State != test.state || a.TimedOut != (test.state == Short) || long != test.took || a.Elapsed > long-kept {
				t.Errorf("after %v, want %v: %+v", long, test.took, a)
			}
		})
	}
}

// TestHeldBeforeTheWait begins a wait whose deadline has passed by then, as where this process was kept from running between
// two lines: it ends when what is left of it has passed, which is at once where nothing is.
func TestHeldBeforeTheWait(t *testing.T) {
	for _, before := range []time.Duration{0, lateness / 2, 2 * lateness, mostAsleep, 10 * time.Minute} {
		inBubble(t, before.String(), func(t *testing.T) {
			c := newFake().connect(t, Options{}, nil)
			w := Want{Any: texts("x"), Idle: mostAsleep / 2, Total: time.Minute, Limit: defaultLimitBytes}
			r := reception{conn: c, want: w, compared: newComparison(w), start: time.Now().Add(-before)}
			r.last = r.start
			var err error
			left := max(w.Idle-before, 0)
			if long := took(func() { err = r.run(t.Context(), make([]byte, 10)) }); long != left || !errors.Is(err, errWaitOver) {
				t.Errorf("the wait ended after %v, want %v: %v", long, left, err)
			}
		})
	}
}
