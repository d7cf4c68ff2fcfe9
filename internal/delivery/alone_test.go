package delivery

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
)

// TestConfirmsOnlyWhatArrived has an empty queue at the server, to which not everything has come that was sent.
func TestConfirmsOnlyWhatArrived(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		for _, more := range []string{"!", ""} {
			f := newFake()
			c := f.connect(t, Options{}, func(s *fakeServer) { s.drain() })
			send(t, c, "hello")
			time.Sleep(us)
			expectCut(t, c, Confirmed, 0)
			f.Request.Lost = true
			send(t, c, more)
			if more != "" {
				expectCut(t, c, Unconfirmed, defaultCap)
			}
			halfClose(t, c)
			if c.EndedAlone() != (more == "") {
				t.Errorf("the FIN counts as sent by itself: %v", c.EndedAlone())
			}
		}
	})
}

// TestFINAlone ends the stream without a cut before it, which would have told whether the server has read everything.
func TestFINAlone(t *testing.T) {
	for _, test := range []struct {
		name  string
		read  int
		after func(f *fake, c *Conn) // before the FIN
		alone bool
	}{
		{"all read", 5, func(*fake, *Conn) {}, true},
		{"one byte unread", 4, func(*fake, *Conn) {}, false},
		{"out of sight", 5, func(f *fake, _ *Conn) { f.Hidden = 1000 }, false},
		{"out of sight, and seen to have read before", 5, func(f *fake, c *Conn) {
			expectCut(t, c, Confirmed, 0)
			f.Hidden = 1000
		}, true},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			c := f.connect(t, Options{}, nil)
			send(t, c, "hello")
			f.server().read(test.read)
			test.after(f, c)
			halfClose(t, c)
			if c.EndedAlone() != test.alone {
				t.Errorf("the FIN counts as sent by itself: %v", c.EndedAlone())
			}
		})
	}
}

// TestHalfCloseAfterReset says that the server aborted the connection.
func TestHalfCloseAfterReset(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		f := newFake()
		c := f.connect(t, Options{}, nil)
		f.server().Abort()
		if err := c.HalfClose(); !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
	})
	inBubble(t, "of one that is closed", func(t *testing.T) {
		c := newFake().connect(t, Options{}, nil)
		_ = c.Close()
		if err := c.HalfClose(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

// TestPatienceBeforeTheFIN waits longer before a FIN that is to come by itself, where the server is free to read and its cuts
// were confirmed.
func TestPatienceBeforeTheFIN(t *testing.T) {
	for _, test := range []struct {
		name  string
		plan  Segments
		serve func(s *fakeServer)
		took  time.Duration
		alone bool
	}{
		{"read late", Whole(), func(s *fakeServer) { time.Sleep(300*ms - 50*us); s.drain() }, 300 * ms, true},
		{"read too late", Whole(), func(s *fakeServer) { time.Sleep(endPatience + 50*us); s.drain() }, endPatience, false},
		{"never read", Whole(), func(*fakeServer) {}, endPatience, false},
		{"never read, and cut", CutAt(2), func(*fakeServer) {}, 2 * defaultCap, false},
		{"held up by its answer", Whole(), func(s *fakeServer) {
			s.f.Set(func() { s.f.Answer.Lost = true })
			s.write("an answer that the client's kernel does not take")
		}, defaultCap, false},
		{"held up by its answer later", Whole(), func(s *fakeServer) {
			time.Sleep(100*ms - 50*us)
			s.f.Set(func() { s.f.Answer.Lost = true })
			s.write("an answer that the client's kernel does not take")
		}, 100 * ms, false},
		{"half-closed", Whole(), func(s *fakeServer) { time.Sleep(10*ms - 50*us); s.halfClose() }, 10*ms + lingering, false},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{}, test.serve)
			if long := took(func() {
				if err := c.Play(t.Context(), []byte("hello"), test.plan.WithEnd(HalfClose)); err != nil {
					t.Error(err)
				}
			}); long != test.took {
				t.Errorf("it took %v, want %v", long, test.took)
			}
			if c.EndedAlone() != test.alone {
				t.Errorf("the FIN came by itself: %v", c.EndedAlone())
			}
			if made := c.Cuts().Made; made != len(test.plan.Cuts) {
				t.Errorf("%d cuts", made)
			}
		})
	}
}
