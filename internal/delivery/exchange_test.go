package delivery

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

// TestExchangeWaitsForThePlay has a play that takes longer than the wait for the answer, which begins at its end.
func TestExchangeWaitsForThePlay(t *testing.T) {
	const pauses = 4 * 250 * ms
	for _, test := range []struct {
		name  string
		after time.Duration // from the end of the play to the answer; 0 for never
		want  Want
		state State
		took  time.Duration // from the end of the play
	}{
		{"within the silence", 60*ms - 1, Want{Idle: 60 * ms, Total: 300 * ms}, Right, 60*ms - 1},
		// What the server read beside the play is seen by the next look, and counts from there.
		{"after the silence", 60*ms + mostAsleep + 1, Want{Idle: 60 * ms, Total: 300 * ms}, Short, 60 * ms},
		{"within the time in all", 300*ms - 1, Want{Idle: time.Second, Total: 300 * ms}, Right, 300*ms - 1},
		{"after the time in all", 300*ms + 1, Want{Idle: time.Second, Total: 300 * ms}, Short, 300 * ms},
	} {
		for _, late := range []int{0, 4} { // reads that take the server nearly as long as the pause
			inBubble(t, test.name, func(t *testing.T) {
				request := pattern(concurrentSize + 1)
				c := newFake().connect(t, Options{}, func(s *fakeServer) {
					var all []byte
					for range late {
						time.Sleep(200 * ms)
						one := make([]byte, 1)
						_, _ = s.Read(one)
						all = append(all, one...)
					}
					rest, _ := io.ReadAll(s)
					time.Sleep(test.after)
					_, _ = s.Write(append(all, rest...))
				})
				played := time.Duration(0)
				begun := time.Now()
				plan := CutAt(1, 2, 3, 4).WithPause(pauses / 4).WithEnd(HalfClose)
				test.want.Any = [][]byte{request}
				a, err := c.Exchange(t.Context(), request, plan, test.want)
				long := time.Since(begun)
				for _, e := range c.Timeline() {
					if e.Kind == timeline.KindFIN {
						played = e.At
					}
				}
				if played < pauses {
					t.Fatalf("played in %v", played)
				}
				late := long - played - test.took
				if err != nil || a.State != test.state || a.TimedOut != (test.state == Short) || late < 0 || late > mostAsleep || late > 0 && test.state == Right {
					t.Errorf("%s after %v, played in %v, timed out: %v, %v", a.State, long, played, a.TimedOut, err)
				}
			})
		}
	}
}

// TestExchangeWaitsForASlowCut has a play that stands still for longer than the time in all, in a cut.
func TestExchangeWaitsForASlowCut(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		request := pattern(concurrentSize + 1)
		c := newFake().connect(t, Options{ConfirmCap: time.Minute}, func(s *fakeServer) {
			time.Sleep(300*ms - 50*us)
			echoFake(s)
		})
		a, err := c.Exchange(t.Context(), request, CutAt(1), Want{Any: [][]byte{request}, Idle: time.Second, Total: 100 * ms})
		if err != nil || a.State != Right || a.Elapsed != 300*ms {
			t.Errorf("%s after %v, %v", a.State, a.Elapsed, err)
		}
	})
}

// TestExchangeEndsThePlay decides an exchange while the request is still on its way.
func TestExchangeEndsThePlay(t *testing.T) {
	request := pattern(4 * room)
	for _, test := range []struct {
		name  string
		serve func(s *fakeServer)
		want  error
		took  time.Duration
	}{
		{"wrong", func(s *fakeServer) { s.write("no") }, ErrDecided, 10*ms + evidenceIdle},
		{"silent", func(*fakeServer) {}, ErrDecided, 200 * ms}, // since the play stopped
		{"half-closed", func(s *fakeServer) { s.halfClose() }, ErrClosedEarly, 10 * ms},
		{"closed, with bytes unread", func(s *fakeServer) { s.leave() }, syscall.ECONNRESET, 10 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{Stall: time.Minute}, func(s *fakeServer) {
				time.Sleep(10 * ms) // the play has stopped
				test.serve(s)
			})
			var a Answer
			var err error
			long := took(func() {
				a, err = c.Exchange(t.Context(), request, Whole(), Want{Any: [][]byte{request}, Idle: 200 * ms})
			})
			sent, err := cause(t, err)
			if !errors.Is(err, test.want) || sent == 0 || sent >= len(request) || a.State == Right {
				t.Errorf("%d bytes: %v; %s", sent, err, a.State)
			}
			if long != test.took {
				t.Errorf("it took %v, want %v", long, test.took)
			}
		})
	}
}

// TestExchangeOneAfterTheOther does not play and receive at once where both fit into what any kernel holds.
func TestExchangeOneAfterTheOther(t *testing.T) {
	for size, want := range map[int]string{concurrentSize: "connect send cut receive send", concurrentSize + 1: "connect send receive cut send"} {
		inBubble(t, "", func(t *testing.T) {
			request := pattern(size)
			c := newFake().connect(t, Options{}, func(s *fakeServer) {
				time.Sleep(5 * us)
				echoFake(s)
			})
			if a, err := c.Exchange(t.Context(), request, CutAt(1), Want{Any: [][]byte{request}}); err != nil || a.State != Right {
				t.Error(a, err)
			}
			if got := kinds(c.Timeline()); !strings.HasPrefix(got, want) {
				t.Errorf("%d bytes: %s", size, got)
			}
		})
	}
}
