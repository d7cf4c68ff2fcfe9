package delivery

import (
	"context"
	"testing"
	"time"
)

// TestThereWhenTheWaitIsOver has bytes come while the server is looked at for the last time, as where this process was kept from
// running and the deadline passed first: an answer that they complete is right, whatever has run out, and one that they do not
// complete is waited for again.
func TestThereWhenTheWaitIsOver(t *testing.T) {
	const idle = 200 * ms
	for _, test := range []struct {
		name  string
		text  string
		want  Want
		state State
		took  time.Duration
	}{
		{"all of it, where the time in all has run out", "at last", Want{Idle: time.Minute, Total: idle}, Right, idle},
		{"a part of it, where the time in all has run out", "at ", Want{Idle: time.Minute, Total: idle}, Short, idle},
		{"all of it, where nothing came", "at last", Want{Idle: idle}, Right, idle},
		{"a part of it, where nothing came", "at ", Want{Idle: idle}, Short, 2 * idle},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			asked := 0
			c := f.connect(t, Options{Worked: func() time.Duration { // without patience, so that it is waited for no longer because of that
				if asked++; asked == 1 {
					f.server().write(test.text)
				}
				return 0
			}}, nil)
			test.want.Any = texts("at last")
			a := c.Receive(t.Context(), test.want)
			if a.State != test.state || a.TimedOut != (test.state == Short) || a.Elapsed != test.took || a.Total != int64(len(test.text)) {
				t.Errorf("after %v, want %v: %+v", a.Elapsed, test.took, a)
			}
		})
	}
}

// TestPauseWithoutAChunk reads without pauses where no read is bounded.
func TestPauseWithoutAChunk(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			s.write("half")
			time.Sleep(10 * ms)
			s.write(" and half")
		})
		a := c.Receive(t.Context(), Want{Any: texts("half and half"), Pause: time.Second})
		if a.State != Right || a.Elapsed != 10*ms {
			t.Errorf("after %v: %+v", a.Elapsed, a)
		}
	})
}

// TestPlayIsNoEvidence has a play go on after a wrong byte: what follows that byte is waited for as long as without a play.
func TestPlayIsNoEvidence(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		request := pattern(concurrentSize + 1)
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			s.write("no")
			s.drain()
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		playing := newProgress()
		go func() { _ = c.play(ctx, request, EveryByte(len(request)).WithPause(evidenceIdle/4), playing) }() // it ends with the context
		a := c.receive(ctx, Want{Any: [][]byte{request}}, playing)
		if a.State != Wrong || a.TimedOut || a.Elapsed != evidenceIdle {
			t.Errorf("after %v: %+v", a.Elapsed, a)
		}
	})
}
