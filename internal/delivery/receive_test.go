package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// texts returns the texts as right answers.
func texts(all ...string) (b [][]byte) {
	for _, s := range all {
		b = append(b, []byte(s))
	}
	return b
}

// TestWaits ends the wait for an answer exactly when it is to end.
func TestWaits(t *testing.T) {
	half := func(s *fakeServer) { s.write("half") }
	tail := func(after time.Duration, text string) func(s *fakeServer) {
		return func(s *fakeServer) {
			s.write("half")
			time.Sleep(after)
			s.write(text)
		}
	}
	drip := func(apart time.Duration) func(s *fakeServer) {
		return func(s *fakeServer) { s.drip("d", apart) }
	}
	all := bytes.Repeat([]byte("d"), 1<<20)
	for _, test := range []struct {
		name  string
		serve func(s *fakeServer)
		want  Want
		state State
		over  bool // TimedOut
		took  time.Duration
	}{
		{"the default silence", half, Want{Any: texts("half and half")}, Short, true, defaultIdle},
		{"a silence", half, Want{Any: texts("half and half"), Idle: 123456 * us}, Short, true, 123456 * us},
		{"a silence before anything", nil, Want{Any: texts("half"), Idle: 70 * ms}, Short, true, 70 * ms},
		{"a silence after a prefix that is right", half, Want{Any: texts("half and half"), Prefix: true, Idle: 50 * ms}, Right, true, 50 * ms},
		{"a silence after what nobody judges", half, Want{Idle: 50 * ms}, Unjudged, true, 50 * ms},
		{"just in time", tail(50*ms-1, " and half"), Want{Any: texts("half and half"), Idle: 50 * ms}, Right, false, 50*ms - 1},
		{"just too late", tail(50*ms+1, " and half"), Want{Any: texts("half and half"), Idle: 50 * ms}, Short, true, 50 * ms},
		{"a silence from the last byte on", tail(30*ms, " and"), Want{Any: texts("half and half"), Idle: 50 * ms}, Short, true, 80 * ms},

		{"the end's silence", half, Want{Any: texts("half"), ToEnd: true, Idle: 500 * ms, EndIdle: 70 * ms}, Right, true, 70 * ms},
		{"the end's silence, that is longer", half, Want{Any: texts("half"), ToEnd: true, Idle: 70 * ms, EndIdle: 500 * ms}, Right, true, 500 * ms},
		{"no silence of the end's own", half, Want{Any: texts("half"), ToEnd: true, Idle: 70 * ms}, Right, true, 70 * ms},
		{"the end's silence begins with the last byte", tail(30*ms, " and half"), Want{Any: texts("half and half"), ToEnd: true, Idle: 500 * ms, EndIdle: 70 * ms}, Right, true, 100 * ms},
		{"more is due than the end", half, Want{Any: texts("half and half", "half"), ToEnd: true, Idle: 70 * ms, EndIdle: 500 * ms}, Right, true, 70 * ms},
		{"the most expected answer is there, and might go on", half, Want{Any: texts("half", "half and half"), ToEnd: true, Idle: 500 * ms, EndIdle: 70 * ms}, Right, true, 70 * ms},
		{"nothing is judged, so that nothing is the end", half, Want{Idle: 500 * ms, EndIdle: 70 * ms}, Unjudged, true, 500 * ms},

		{"the default time in all", drip(time.Second), Want{Any: [][]byte{all}}, Short, true, defaultTotal},
		{"the time in all", drip(7 * ms), Want{Any: [][]byte{all}, Total: 150 * ms}, Short, true, 150 * ms},
		{"the time in all, unjudged", drip(7 * ms), Want{Total: 150 * ms}, Unjudged, true, 150 * ms},
		{"the time in all is before the silence", half, Want{Any: texts("half and half"), Idle: 500 * ms, Total: 150 * ms}, Short, true, 150 * ms},

		{"a delay", half, Want{Any: texts("half"), Delay: 300 * ms, Total: 10 * ms}, Right, false, 0},
		{"a delay, and a silence", half, Want{Any: texts("half and half"), Delay: 300 * ms, Idle: 50 * ms}, Short, true, 50 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, test.serve)
			var a Answer
			if long := took(func() { a = c.Receive(t.Context(), test.want) }); long != test.took+test.want.Delay || a.Elapsed != test.took {
				t.Errorf("it took %v, and %v as it says; want %v", long, a.Elapsed, test.took)
			}
			if a.State != test.state || a.TimedOut != test.over || a.Ending != StillOpen || a.Err != nil {
				t.Errorf("%+v", a)
			}
			events := c.Timeline()
			if over := events[len(events)-1].Kind == timeline.KindWaitOver; over != test.over {
				t.Errorf("%s", kinds(events))
			}
		})
	}
}

// TestReadingIsALife waits as long as the server goes on reading the request: an answer may follow what is still being read.
func TestReadingIsALife(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			for range 3 { // at 30, 60 and 90 ms
				time.Sleep(30 * ms)
				s.read(1)
			}
		})
		send(t, c, "hello")
		a := c.Receive(t.Context(), Want{Any: texts("hello"), Idle: 40 * ms})
		// The last read is seen later by less than the 30 ms for which nothing was read before it.
		if a.State != Short || !a.TimedOut || a.Elapsed < 130*ms || a.Elapsed >= 160*ms || a.Unread != 2 {
			t.Errorf("%+v", a)
		}
	})
}

// TestMissingIsWaitedForOnce: what the server reads at once is no reason to wait for its answer twice as long as was asked for.
func TestMissingIsWaitedForOnce(t *testing.T) {
	for _, idle := range []time.Duration{10 * ms, 40 * ms, 2 * time.Second} {
		inBubble(t, idle.String(), func(t *testing.T) {
			c := newFake().connect(t, Options{}, func(s *fakeServer) {
				time.Sleep(100 * us)
				s.drain()
				s.stay()
			})
			a, err := c.Exchange(t.Context(), []byte("hello"), Whole(), Want{Any: texts("hello"), Idle: idle})
			if err != nil || a.State != Short || a.Unread != 0 || a.Elapsed < idle+100*us || a.Elapsed > idle+leastAsleep {
				t.Errorf("after %v, %v: %+v", a.Elapsed, err, a)
			}
			last := c.Timeline()[len(c.Timeline())-1]
			if said := fmt.Sprintf("nothing more in %v", idle); last.Kind != timeline.KindWaitOver || last.Note != said {
				t.Errorf("it is said %q, and is to be %q", last.Note, said)
			}
		})
	}
}

// TestReadBeforeIsNoLife counts what the server reads while the answer is waited for alone.
func TestReadBeforeIsNoLife(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) { s.drain() })
		send(t, c, "hello")
		time.Sleep(us)
		if a := c.Receive(t.Context(), Want{Any: texts("hello"), Idle: 40 * ms}); !a.TimedOut || a.Elapsed != 40*ms {
			t.Errorf("%+v", a)
		}
	})
}

// TestWaitEndsOtherwise ends the wait for an answer by the context, a close, and what the caller wants.
func TestWaitEndsOtherwise(t *testing.T) {
	for _, test := range []struct {
		name  string
		serve func(s *fakeServer)
		want  Want
		end   func(c *Conn, cancel func()) // after 70 ms
		err   error
		state State
		took  time.Duration
	}{
		{"the context", nil, Want{Any: texts("hello")}, func(_ *Conn, cancel func()) { cancel() }, context.Canceled, Short, 70 * ms},
		{"a close", nil, Want{Any: texts("hello")}, func(c *Conn, _ func()) { _ = c.Close() }, net.ErrClosed, Short, 70 * ms},
		{"enough, unjudged", func(s *fakeServer) { s.drip("d", 10*ms) }, Want{Done: func(head []byte) bool { return len(head) == 3 }}, nil, nil, Unjudged, 20 * ms},
		{"the limit, unjudged", func(s *fakeServer) { s.drip("dd", 10*ms) }, Want{Limit: 5}, nil, nil, Unjudged, 20 * ms},
		{"just the limit, unjudged", func(s *fakeServer) { s.drip("dd", 10*ms) }, Want{Limit: 6}, nil, nil, Unjudged, 20 * ms},
		{"the answer", func(s *fakeServer) { s.drip("d", 10*ms) }, Want{Any: texts("ddd")}, nil, nil, Right, 20 * ms},
		{"an answer that may go on", func(s *fakeServer) { s.drip("d", 10*ms) }, Want{Any: texts("dd", "ddd")}, nil, nil, Right, 10 * ms},
		{"an answer that must go on", func(s *fakeServer) { s.drip("d", 10*ms) }, Want{Any: texts("ddd", "dd")}, nil, nil, Right, 20 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, test.serve)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if test.end != nil {
				time.AfterFunc(70*ms, func() { test.end(c, cancel) })
			}
			a := c.Receive(ctx, test.want)
			if !errors.Is(a.Err, test.err) || a.State != test.state || a.TimedOut || a.Elapsed != test.took {
				t.Errorf("%+v", a)
			}
		})
	}
	inBubble(t, "a context that has ended", func(t *testing.T) {
		c := newFake().connect(t, Options{}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 200 { // the wait and the end of its context race
			if a := c.Receive(ctx, Want{Any: texts("hello")}); !errors.Is(a.Err, context.Canceled) || a.Elapsed != 0 {
				t.Fatalf("%+v", a)
			}
		}
	})
}

// TestEvidence reads on after a wrong byte: for as long, and as much, as says what went wrong.
func TestEvidence(t *testing.T) {
	drip := func(apart time.Duration) func(s *fakeServer) {
		return func(s *fakeServer) { s.drip("x", apart) }
	}
	for _, test := range []struct {
		name   string
		ended  bool // the client's stream
		serve  func(s *fakeServer)
		total  int64
		ending ServerEnd
		took   time.Duration
	}{
		{"nothing more", false, func(s *fakeServer) { s.write("x") }, 1, StillOpen, evidenceIdle},
		{"just in time", false, drip(evidenceIdle - 1), 11, StillOpen, evidenceTotal},
		{"too late", false, drip(evidenceIdle), 1, StillOpen, evidenceIdle},
		{"a drip", false, drip(15 * ms), 14, StillOpen, evidenceTotal},
		{"the end", false, func(s *fakeServer) { s.write("x"); time.Sleep(10 * ms); s.leave() }, 1, FIN, 10 * ms},
		{"the end too late", false, func(s *fakeServer) { s.write("x"); time.Sleep(30 * ms); s.leave() }, 1, StillOpen, evidenceIdle},

		{"nothing more before the end", true, func(s *fakeServer) { s.write("x") }, 1, StillOpen, closingIdle},
		{"just in time before the end", true, drip(closingIdle - 1), 5, StillOpen, closingTotal},
		{"too late before the end", true, drip(closingIdle), 1, StillOpen, closingIdle},
		{"a drip before the end", true, drip(150 * ms), 7, StillOpen, closingTotal},
		{"the end in time", true, func(s *fakeServer) { s.write("x"); time.Sleep(240 * ms); s.drain(); s.leave() }, 1, FIN, 240 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, test.serve)
			if test.ended {
				halfClose(t, c)
			}
			a := c.Receive(t.Context(), Want{Any: texts("right"), ToEnd: true})
			if a.State != Wrong || a.FirstDifference != 0 || a.TimedOut || a.Err != nil {
				t.Errorf("%+v", a)
			}
			if a.Total != test.total || a.Ending != test.ending || a.Elapsed != test.took {
				t.Errorf("%d bytes, %v, %v; want %d, %v, %v", a.Total, a.Ending, a.Elapsed, test.total, test.ending, test.took)
			}
		})
	}
	// What comes with the wrong byte is no evidence of what follows it, and one read may go beyond.
	for _, chunk := range []int{1, 1000, 1024, 2048} {
		inBubble(t, "a flood", func(t *testing.T) {
			c := newFake().connect(t, Options{}, func(s *fakeServer) { _, _ = s.Write(make([]byte, room)) })
			a := c.Receive(t.Context(), Want{Any: texts("right"), ToEnd: true, Chunk: chunk})
			reads := (evidenceBytes + chunk - 1) / chunk
			if want := int64(chunk + reads*chunk); a.State != Wrong || a.Total != want || a.Elapsed != 0 {
				t.Errorf("%d bytes in %v, want %d", a.Total, a.Elapsed, want)
			}
		})
	}
}

// TestSlowReader pauses after each read but the last, and keeps the server waiting: the pauses are no silence of its own.
func TestSlowReader(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		answer := pattern(room + 1500)
		written := make(chan time.Duration, 1)
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			written <- took(func() { _, _ = s.Write(answer) })
			s.leave()
		})
		begun := time.Now()
		a := c.Receive(t.Context(), Want{Any: [][]byte{answer}, Chunk: 1000, Pause: 60 * ms, Idle: 50 * ms})
		if a.State != Right || a.Elapsed != (room+1500)/1000*60*ms {
			t.Errorf("%s after %v", a.State, a.Elapsed)
		}
		if wrote := <-written; wrote != 60*ms { // there is room for the last bytes with the second read
			t.Errorf("the server had written all after %v of %v", wrote, time.Since(begun))
		}
	})
	inBubble(t, "a silence after a pause", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) { s.write("hello") })
		a := c.Receive(t.Context(), Want{Any: texts("hello!"), Chunk: 4, Pause: 60 * ms, Idle: 50 * ms})
		if a.State != Short || !a.TimedOut || a.Elapsed != 2*60*ms+50*ms {
			t.Errorf("%s after %v", a.State, a.Elapsed)
		}
	})
}

// TestAnswerArrivesInPieces ends the reading with the last byte, however many reads bring it.
func TestAnswerArrivesInPieces(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		request := pattern(200)
		c := newFake().connect(t, Options{}, echoFake)
		done := make(chan Answer)
		go func() { done <- c.Receive(t.Context(), Want{Any: [][]byte{request}}) }()
		if err := c.Play(t.Context(), request, EveryByte(200)); err != nil {
			t.Fatal(err)
		}
		a := <-done
		if a.State != Right || a.Match != 0 || a.FirstDifference != -1 || a.Ending != StillOpen || a.TimedOut || a.Total != 200 {
			t.Errorf("%+v", a)
		}
	})
}
