package delivery

import (
	"testing"
	"time"
)

// TestWork waits longer for an answer that is late while the server is at work, as far as it is told.
func TestWork(t *testing.T) {
	const idle = 200 * ms
	for _, test := range []struct {
		name     string
		did      time.Duration // what the server worked, whenever it is asked
		rest     time.Duration // when the rest of the answer comes; 0 for never
		want     Want
		patience time.Duration
		state    State
		asked    int
		took     time.Duration
	}{
		{"at work", time.Hour, 450 * ms, Want{}, time.Minute, Right, 3, 450 * ms},
		{"at work for half of the time", workWindow / 2, 450 * ms, Want{}, time.Minute, Right, 3, 450 * ms},
		{"at work for less than half of the time", workWindow/2 - 1, 450 * ms, Want{}, time.Minute, Short, 2, idle + workWindow},
		{"not at work", 0, 0, Want{}, time.Minute, Short, 2, idle + workWindow},
		{"not at work, and just in time", 0, idle + workWindow - 1, Want{}, time.Minute, Right, 1, idle + workWindow - 1},
		{"at work for longer than it is waited for", time.Hour, 0, Want{}, 450 * ms, Short, 4, 450 * ms},
		{"at work, and waited for as long already", time.Hour, 0, Want{}, idle, Short, 1, idle},
		{"at work, without patience", time.Hour, 0, Want{}, 0, Short, 1, idle},
		{"at work beyond the time in all", time.Hour, 0, Want{Total: 450 * ms}, time.Minute, Short, 4, 450 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			asked := 0
			c := newFake().connect(t, Options{Patience: test.patience, Worked: func() time.Duration {
				asked++
				return test.did
			}}, func(s *fakeServer) {
				s.write("at ")
				if test.rest > 0 {
					time.Sleep(test.rest)
					s.write("last")
				}
			})
			test.want.Any, test.want.Idle = texts("at last"), idle
			a := c.Receive(t.Context(), test.want)
			if a.State != test.state || a.TimedOut != (test.state == Short) || a.Elapsed != test.took {
				t.Errorf("after %v, want %v: %+v", a.Elapsed, test.took, a)
			}
			if asked != test.asked {
				t.Errorf("it was asked %d times what the server works, want %d", asked, test.asked)
			}
		})
	}
	for name, test := range map[string]struct {
		want Want
		took time.Duration
	}{
		"behind its answer":      {Want{Any: texts("at last"), ToEnd: true, Idle: idle, EndIdle: idle / 4}, idle / 4},
		"where nobody judges":    {Want{Idle: idle}, idle},
		"after a wrong answer":   {Want{Any: texts("at once"), Idle: idle}, evidenceIdle},
		"behind several answers": {Want{Any: texts("at", "at last"), ToEnd: true, Idle: idle}, idle},
	} {
		inBubble(t, name, func(t *testing.T) {
			c := newFake().connect(t, Options{Patience: time.Minute, Worked: func() time.Duration {
				t.Error("it was asked what the server works")
				return time.Hour
			}}, func(s *fakeServer) { s.write("at last") })
			if a := c.Receive(t.Context(), test.want); a.Elapsed != test.took {
				t.Errorf("after %v, want %v: %+v", a.Elapsed, test.took, a)
			}
		})
	}
	inBubble(t, "and there when the wait is over", func(t *testing.T) { // as where this process was kept from running meanwhile
		f := newFake()
		asked := 0
		c := f.connect(t, Options{Patience: time.Minute, Worked: func() time.Duration {
			if asked++; asked == 2 {
				f.server().write("at last")
			}
			return 0
		}}, nil)
		if a := c.Receive(t.Context(), Want{Any: texts("at last"), Idle: idle}); a.State != Right || asked != 2 || a.Elapsed != idle+workWindow {
			t.Errorf("it was asked %d times: %+v", asked, a)
		}
	})
	inBubble(t, "again after a byte, for no longer than it is silent", func(t *testing.T) {
		asked := 0
		c := newFake().connect(t, Options{Patience: time.Minute, Worked: func() time.Duration {
			asked++
			return 0
		}}, func(s *fakeServer) {
			time.Sleep(workWindow/2 + 10*ms)
			s.write("at ")
		})
		a := c.Receive(t.Context(), Want{Any: texts("at last"), Idle: workWindow / 2})
		if want := 10*ms + workWindow + workWindow; a.Elapsed != want || asked != 3 {
			t.Errorf("it was asked %d times, after %v, want %v", asked, a.Elapsed, want)
		}
	})
	// A byte ends the watch: the server has a first window again.
	inBubble(t, "again after a byte", func(t *testing.T) {
		asked := 0
		c := newFake().connect(t, Options{Patience: time.Minute, Worked: func() time.Duration {
			asked++
			return 0
		}}, func(s *fakeServer) {
			time.Sleep(idle + workWindow/2)
			s.write("at ")
		})
		a := c.Receive(t.Context(), Want{Any: texts("at last"), Idle: idle})
		if want := idle + workWindow/2 + idle + workWindow; a.Elapsed != want || asked != 3 {
			t.Errorf("it was asked %d times, after %v, want %v", asked, a.Elapsed, want)
		}
	})
}
