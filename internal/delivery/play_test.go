package delivery

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery/timeline"
)

func TestPlayTimeline(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{Number: 7}, func(s *fakeServer) { // a read takes it a while
			time.Sleep(5 * us)
			echoFake(s)
		})
		plan := Segments{Cuts: []Cut{{At: 2, Pause: 5 * ms}, {At: 3}}, End: HalfClose}
		a, err := c.Exchange(t.Context(), []byte("hello"), plan, Want{Any: texts("hello"), ToEnd: true})
		if err != nil || a.State != Right || a.Ending != FIN || a.TimedOut {
			t.Fatalf("%+v, %v", a, err)
		}
		events := c.Timeline()
		var sent, came string
		for i, e := range events {
			if e.Conn != 7 || i > 0 && e.At < events[i-1].At {
				t.Errorf("event %d is %+v", i, e)
			}
			if e.Kind == timeline.KindSend {
				sent += string(e.Bytes) + "|"
			}
			if e.Kind == timeline.KindReceive {
				came += string(e.Bytes) + "|"
			}
		}
		if sent != "he|l|lo|" || came != "he|l|lo|" {
			t.Errorf("sent %s, and %s came", sent, came)
		}
		// They are read when all was sent, and stand where they arrived.
		if got := kinds(events); got != "connect send cut pause receive send cut receive send cut receive fin received-fin" {
			t.Errorf("%s", got)
		}
		if second := events[5]; second.At != 10*us+5*ms {
			t.Errorf("the second segment left at %v", second.At)
		}
	})
}

// TestCutInPause has the server read while the client pauses, when more than the cap has passed: the cut is confirmed all the
// same, and the pause begins there. Where the server never reads, the pause passes once.
func TestCutInPause(t *testing.T) {
	const late, pause = 100 * ms, time.Second
	for _, test := range []struct {
		name  string
		reads time.Duration // 0 for never
		cap   time.Duration
		want  CutCount
		took  time.Duration
		kinds string
	}{
		{"read at once", us, ms, CutCount{1, 1}, 10*us + pause, "connect send cut pause send"},
		{"read late", late - us, ms, CutCount{1, 1}, late + pause, "connect send cut pause send"},
		{"never read", 0, ms, CutCount{1, 0}, pause, "connect send cut send"},
		{"never read, and a long cap", 0, 3 * pause, CutCount{1, 0}, 3 * pause, "connect send cut send"},
		{"never read, and a cap that cannot be", 0, pause / 4, CutCount{1, 0}, pause, "connect send cut send"},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: test.cap}, func(s *fakeServer) {
				if test.reads > 0 {
					time.Sleep(test.reads)
					s.drain()
				}
			})
			if long := took(func() {
				if err := c.Play(t.Context(), []byte("hello"), CutAt(2).WithPause(pause)); err != nil {
					t.Error(err)
				}
			}); long != test.took {
				t.Errorf("it took %v, want %v", long, test.took)
			}
			if got := c.Cuts(); got != test.want {
				t.Errorf("%+v", got)
			}
			if got := kinds(c.Timeline()); got != test.kinds {
				t.Errorf("%s", got)
			}
		})
	}
	// An acknowledgement alone gives a cut up sooner than the pause: what is left of that follows.
	inBubble(t, "given up before the pause", func(t *testing.T) {
		f := newFake()
		c := f.connect(t, Options{Confirm: Never, ConfirmCap: ms}, func(s *fakeServer) {
			time.Sleep(late - us)
			s.f.Sever()
		})
		f.Request.Lost = true
		var err error
		if long := took(func() { err = c.Play(t.Context(), []byte("hello"), CutAt(2).WithPause(pause)) }); long != pause {
			t.Errorf("it took %v", long)
		}
		if sent, err := cause(t, err); sent != 2 || err != syscall.ECONNRESET {
			t.Errorf("%d bytes: %v", sent, err)
		}
	})
}

func TestPlayRefusesPlan(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, nil)
		if sent, err := cause(t, c.Play(t.Context(), []byte("hello"), CutAt(5))); sent != 0 || err == nil {
			t.Errorf("%d, %v", sent, err)
		}
		a, err := c.Exchange(t.Context(), []byte("hello"), CutAt(5), Want{Any: texts("hello")})
		if sent, err := cause(t, err); sent != 0 || err == nil || a.Total != 0 || a.State != Short {
			t.Errorf("%d, %v, %+v", sent, err, a)
		}
		if got := kinds(c.Timeline()); got != "connect" {
			t.Errorf("%s", got)
		}
	})
}

// TestPlayServerLeavesEarly ends a play with what ended the server's side.
func TestPlayServerLeavesEarly(t *testing.T) {
	for _, test := range []struct {
		name  string
		leave func(s *fakeServer)
		want  error
	}{
		{"fin", (*fakeServer).leave, ErrClosedEarly},
		{"half-close", (*fakeServer).halfClose, ErrClosedEarly},
		{"reset", func(s *fakeServer) { s.Abort() }, syscall.ECONNRESET},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: time.Minute}, func(s *fakeServer) {
				for range 3 { // a while after each has come, so that the client waits
					time.Sleep(5 * us)
					s.read(1)
				}
				test.leave(s)
			})
			sent, err := cause(t, c.Play(t.Context(), pattern(1000), EveryByte(1000)))
			if !errors.Is(err, test.want) || sent != 3 {
				t.Errorf("%d bytes: %v", sent, err)
			}
			if got := kinds(c.Timeline()); strings.Count(got, "send") != 3 { // nothing more is handed to the system
				t.Errorf("%s", got)
			}
			if ending := c.Receive(t.Context(), Want{}).Ending; (ending == RST) != (test.want == syscall.ECONNRESET) {
				t.Errorf("received %v", ending)
			}
		})
	}
	inBubble(t, "after all of it", func(t *testing.T) { // which is no error of the play
		c := newFake().connect(t, Options{ConfirmCap: time.Minute}, func(s *fakeServer) { s.read(5); s.leave() })
		if err := c.Play(t.Context(), []byte("hello"), CutAt(2).WithEnd(HalfClose)); err != nil {
			t.Error(err)
		}
		if a := c.Receive(t.Context(), Want{ToEnd: true, Any: texts("")}); a.State != Right || a.Ending != FIN {
			t.Errorf("%+v", a)
		}
	})
}

// TestPlayEndsWithItsContext ends each wait of a play at once when its context ends, and leaves the connection of use.
func TestPlayEndsWithItsContext(t *testing.T) {
	const after = 50*ms + 50*us
	for _, test := range []struct {
		name    string
		request int
		plan    Segments
		cap     time.Duration
		sent    int
		took    time.Duration
	}{
		{"in a segment", room + 1, Whole(), time.Minute, room, after},
		{"in a cut", 5, CutAt(2), time.Minute, 2, after + 50*us},
		{"in a pause", 5, CutAt(2).WithPause(time.Minute), ms, 2, after + 50*us},
		{"before the end", 5, Whole().WithEnd(HalfClose), time.Minute, 5, after + 50*us},
		{"before a reset", 5, Whole().WithEnd(Reset), time.Minute, 5, after + 50*us},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			f.Request.Lost = test.plan.End == Reset
			c := f.connect(t, Options{ConfirmCap: test.cap, Stall: time.Minute}, nil)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			var err error
			if long := took(func() { err = c.Play(ctx, make([]byte, test.request), test.plan) }); long != test.took {
				t.Errorf("it took %v, want %v", long, test.took)
			}
			if test.plan.End == Reset { // which comes all the same
				if err != nil || !errors.Is(c.Close(), net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			if sent, err := cause(t, err); !errors.Is(err, context.DeadlineExceeded) || sent != test.sent {
				t.Errorf("%d bytes: %v", sent, err)
			}
			f.server().read(test.sent)
			if err := c.Send(t.Context(), []byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	inBubble(t, "before it", func(t *testing.T) {
		c := newFake().connect(t, Options{}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if sent, err := cause(t, c.Play(ctx, []byte("hello"), Whole())); err != context.Canceled || sent != 0 {
			t.Errorf("%d bytes: %v", sent, err)
		}
	})
}

// TestStall sends more than the server's kernel takes: a server that reads, as slowly as it likes, is not stuck.
func TestStall(t *testing.T) {
	const stall = time.Second
	for _, test := range []struct {
		name  string
		mode  Mode
		serve func(s *fakeServer)
		err   error
		took  time.Duration
	}{
		{"never reads", Auto, func(*fakeServer) {}, ErrStalled, stall},
		{"never reads, and is not seen", Never, func(*fakeServer) {}, ErrStalled, stall},
		{"makes room in time", Auto, func(s *fakeServer) { time.Sleep(stall - 1); s.drain() }, nil, stall - 1},
		{"makes room too late", Auto, func(s *fakeServer) { time.Sleep(stall + 1); s.drain() }, ErrStalled, stall},
		{"takes bytes once, and reads none", Auto, func(s *fakeServer) {
			time.Sleep(stall/2 + 10*ms)
			s.f.Set(func() { s.f.Request.SendBuffer += 10 })
		}, ErrStalled, stall/2 + 10*ms + stall},
		{"reads, and makes no room for long", Auto, func(s *fakeServer) {
			// Only when much was read does a kernel make room again.
			s.f.Set(func() { s.f.Request.SendBuffer = 0 })
			for range 30 {
				time.Sleep(stall/2 - 10*ms)
				s.read(1)
			}
			s.f.Set(func() { s.f.Request.SendBuffer = room })
			s.drain()
		}, nil, 30 * (stall/2 - 10*ms)},
		{"reads in the first half of the stall alone", Auto, func(s *fakeServer) {
			s.f.Set(func() { s.f.Request.SendBuffer = 0 })
			time.Sleep(stall/2 - 10*ms)
			s.read(1)
		}, ErrStalled, stall},
		{"reads in the later half of the stall", Auto, func(s *fakeServer) {
			s.f.Set(func() { s.f.Request.SendBuffer = 0 })
			time.Sleep(stall/2 + 10*ms)
			s.read(1)
		}, ErrStalled, 3 * stall / 2},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			c := f.connect(t, Options{Stall: stall, Confirm: test.mode}, nil)
			send(t, c, string(make([]byte, room))) // nothing goes beyond this without a read
			f.serve(t, test.serve)
			var err error
			long := took(func() { err = c.Send(t.Context(), make([]byte, room)) })
			if !errors.Is(err, test.err) || long != test.took {
				t.Errorf("%v after %v, want %v after %v", err, long, test.err, test.took)
			}
		})
	}
}

func TestSendAfterEnd(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, echoFake)
		halfClose(t, c)
		if _, err := cause(t, c.Send(t.Context(), []byte("x"))); err != ErrEnded {
			t.Error(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if how := c.Cut(t.Context()); how != Unconfirmed {
			t.Errorf("a cut of a closed connection is %v", how)
		}
	})
}

func TestEmptyRequest(t *testing.T) {
	for _, end := range []ClientEnd{HalfClose, HalfCloseWithData} {
		inBubble(t, end.String(), func(t *testing.T) {
			c := newFake().connect(t, Options{}, echoFake)
			a, err := c.Exchange(t.Context(), nil, Whole().WithEnd(end), Want{Any: texts(""), ToEnd: true})
			if err != nil || a.State != Right || a.Match != 0 || a.Ending != FIN || a.Total != 0 {
				t.Errorf("%+v, %v", a, err)
			}
			if got := kinds(c.Timeline()); strings.Contains(got, "cut") {
				t.Errorf("there is no segment to wait for: %s", got)
			}
		})
	}
}
