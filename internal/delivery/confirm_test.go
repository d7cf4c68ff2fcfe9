package delivery

import (
	"context"
	"testing"
	"time"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// send sends the text.
func send(t *testing.T, c *Conn, text string) {
	t.Helper()
	if err := c.Send(t.Context(), []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// halfClose ends the client's stream.
func halfClose(t *testing.T, c *Conn) {
	t.Helper()
	if err := c.HalfClose(); err != nil {
		t.Fatal(err)
	}
}

// expectWait calls wait, and compares what it returns and how long it takes.
func expectWait(t *testing.T, wait func() Confirmation, want Confirmation, long time.Duration) {
	t.Helper()
	begun := time.Now()
	if how := wait(); how != want {
		t.Errorf("%v, want %v", how, want)
	}
	if took := time.Since(begun); took != long {
		t.Errorf("it took %v, want %v", took, long)
	}
}

// expectCut cuts, and compares what comes of it and how long it takes.
func expectCut(t *testing.T, c *Conn, want Confirmation, long time.Duration) {
	t.Helper()
	expectWait(t, func() Confirmation { return c.Cut(t.Context()) }, want, long)
}

// TestCutFollowsTheServer confirms a cut at the first look after the server has read: the schedule of the looks is exact.
func TestCutFollowsTheServer(t *testing.T) {
	for _, test := range []struct{ read, seen time.Duration }{
		{5 * us, 10 * us},
		{195 * us, 200 * us},
		{205 * us, 300 * us},
		{950 * us, 1000 * us},
		{59*ms + 950*us, 60 * ms},
	} {
		inBubble(t, test.read.String(), func(t *testing.T) {
			c := newFake().connect(t, Options{}, func(s *fakeServer) {
				time.Sleep(test.read)
				s.drain()
			})
			send(t, c, "hello")
			expectCut(t, c, Confirmed, test.seen)
			if c.Cuts() != (CutCount{1, 1}) {
				t.Errorf("%+v", c.Cuts())
			}
		})
	}
}

// TestCutOfServerThatDoesNotRead waits for the cap, or for longer where that is wanted, and not beyond the context.
func TestCutOfServerThatDoesNotRead(t *testing.T) {
	for _, test := range []struct {
		name   string
		cap    time.Duration
		within time.Duration
		end    time.Duration
		want   time.Duration
	}{
		{"the cap", 0, 0, 0, defaultCap},
		{"another cap", 7 * ms, 0, 0, 7 * ms},
		{"a longer wait", 7 * ms, 9 * ms, 0, 9 * ms},
		{"a shorter wait", 7 * ms, 5 * ms, 0, 7 * ms},
		{"the context", time.Minute, 0, 20*ms + 50*us, 20*ms + 100*us},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: test.cap}, func(s *fakeServer) { s.read(4) })
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if test.end > 0 {
				ctx, cancel = context.WithTimeout(ctx, test.end)
			}
			defer cancel()
			send(t, c, "hello") // of which one byte stays
			expectWait(t, func() Confirmation { return c.CutWithin(ctx, test.within) }, Unconfirmed, test.want)
			if c.Cuts() != (CutCount{1, 0}) {
				t.Errorf("%+v", c.Cuts())
			}
		})
	}
	inBubble(t, "a close", func(t *testing.T) {
		c := newFake().connect(t, Options{ConfirmCap: time.Minute}, nil)
		send(t, c, "hello")
		time.AfterFunc(10*ms+50*us, func() { _ = c.Close() })
		expectCut(t, c, Unconfirmed, 10*ms+100*us)
		expectCut(t, c, Unconfirmed, 0)
	})
	inBubble(t, "a close before it", func(t *testing.T) { // after which the look may find another connection's end
		c := newFake().connect(t, Options{}, func(s *fakeServer) { s.drain() })
		send(t, c, "hello")
		time.Sleep(us)
		_ = c.Close()
		expectCut(t, c, Unconfirmed, 0)
	})
}

// TestCapIsLowered plays many cuts to a server that does not read: the cap is lower after 3 and after 200 of them, and each play
// has the whole cap again.
func TestCapIsLowered(t *testing.T) {
	for _, test := range []struct {
		cap  time.Duration
		cuts int
		want time.Duration
	}{
		{0, 2, 2 * 60 * ms},
		{0, 3, 3 * 60 * ms},
		{0, 4, 3*60*ms + 5*ms},
		{0, 200, 3*60*ms + 197*5*ms},
		{0, 201, 3*60*ms + 197*5*ms + 1*ms},
		{0, 300, 3*60*ms + 197*5*ms + 100*1*ms},
		{4 * ms, 210, 200*4*ms + 10*1*ms},
		{500 * us, 210, 210 * 500 * us},
	} {
		inBubble(t, test.want.String(), func(t *testing.T) {
			c := newFake().connect(t, Options{ConfirmCap: test.cap}, nil)
			for range 2 {
				request := make([]byte, test.cuts+1)
				begun, before := time.Now(), c.Cuts()
				if err := c.Play(t.Context(), request, EveryByte(len(request))); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); took != test.want {
					t.Errorf("%d cuts took %v, want %v", test.cuts, took, test.want)
				}
				if now := c.Cuts(); now != (CutCount{before.Made + test.cuts, 0}) {
					t.Errorf("%+v", now)
				}
			}
		})
	}
}

// TestConfirmedCutsKeepTheCap lowers the cap by the cuts that stay unconfirmed alone.
func TestConfirmedCutsKeepTheCap(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		c := newFake().connect(t, Options{}, func(s *fakeServer) {
			s.read(2 + 300)
			s.stay()
		})
		for range 2 { // before the server reads these bytes
			send(t, c, "x")
		}
		for range 300 {
			send(t, c, "x")
			if how := c.Cut(t.Context()); how != Confirmed {
				t.Fatal(how)
			}
		}
		send(t, c, "x")
		for range 3 {
			expectCut(t, c, Unconfirmed, defaultCap)
		}
		expectCut(t, c, Unconfirmed, 5*ms)
	})
}

// TestQueueOfALookBefore has the bytes arrive between the kernel's reading of the queue and of the count. The queue was empty
// then, and all bytes were counted; but they are not read.
func TestQueueOfALookBefore(t *testing.T) {
	arriving := func(t *testing.T, serve func(s *fakeServer)) *Conn {
		f := newFake()
		f.Request.Lost = true // on the usual way
		f.Torn = func() {
			f.Request.Arrived, f.Request.Acknowledged = f.Request.Written, f.Request.Written
		}
		return f.connect(t, Options{}, serve)
	}
	inBubble(t, "never read", func(t *testing.T) {
		c := arriving(t, nil)
		send(t, c, "hello")
		expectCut(t, c, Unconfirmed, defaultCap)
	})
	inBubble(t, "read", func(t *testing.T) {
		c := arriving(t, func(s *fakeServer) { time.Sleep(5 * us); s.drain() })
		send(t, c, "hello")
		expectCut(t, c, Confirmed, 10*us)
	})
	inBubble(t, "never read, before a FIN", func(t *testing.T) {
		c := arriving(t, nil)
		send(t, c, "hello")
		halfClose(t, c)
		if c.EndedAlone() {
			t.Error("the FIN counts as sent by itself")
		}
	})
}

// TestCutOfServerThatLeaves says of bytes what a server that has left has made of them.
func TestCutOfServerThatLeaves(t *testing.T) {
	for _, test := range []struct {
		name   string
		leave  func(s *fakeServer)
		ending ServerEnd
		want   Confirmation
		took   time.Duration
	}{
		{"all read", func(s *fakeServer) { s.read(2); s.leave() }, FIN, Confirmed, 0},
		{"one unread", func(s *fakeServer) { s.read(1); s.leave() }, RST, Unconfirmed, 0},
		{"reset", func(s *fakeServer) { s.read(2); s.Abort() }, RST, Unconfirmed, 0},
		{"all read, and half-closed", func(s *fakeServer) { s.read(2); s.halfClose() }, FIN, Confirmed, 0},
		{"one unread, and half-closed", func(s *fakeServer) { s.read(1); s.halfClose() }, FIN, Unconfirmed, lingering},
		{"half-closed, and read within the wait", func(s *fakeServer) {
			s.halfClose()
			time.Sleep(lingering - 50*us)
			s.read(2)
		}, FIN, Confirmed, lingering},
		{"half-closed, and read after the wait", func(s *fakeServer) {
			s.halfClose()
			time.Sleep(lingering + 50*us)
			s.read(2)
		}, FIN, Unconfirmed, lingering},
		{"half-closed in the wait", func(s *fakeServer) {
			time.Sleep(20*ms - 50*us)
			s.halfClose()
		}, FIN, Unconfirmed, 20*ms + lingering},
		{"half-closed at the end of the wait", func(s *fakeServer) {
			time.Sleep(58*ms - 50*us)
			s.halfClose()
		}, FIN, Unconfirmed, defaultCap},
		{"reset in the wait", func(s *fakeServer) {
			time.Sleep(20*ms - 50*us)
			s.Abort()
		}, RST, Unconfirmed, 20 * ms},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			left := make(chan struct{})
			f := newFake()
			c := f.connect(t, Options{}, nil)
			send(t, c, "xy")
			f.serve(t, func(s *fakeServer) { test.leave(s); close(left) })
			time.Sleep(us) // what the server does at once it has done
			expectCut(t, c, test.want, test.took)
			<-left
			if got := c.PeerClosed(); got != test.ending {
				t.Errorf("ended by %v", got)
			}
		})
	}
}

// TestDeparted has a server whose end is no more when it is looked at: what its kernel acknowledged before a FIN it has read.
func TestDeparted(t *testing.T) {
	for _, test := range []struct {
		name  string
		leave func(s *fakeServer)
		want  Confirmation
		took  time.Duration
	}{
		{"all acknowledged", func(s *fakeServer) { s.read(2); s.leave() }, Confirmed, 0},
		{"bytes unacknowledged", func(s *fakeServer) { // a close that crosses the bytes
			s.f.Set(func() { s.f.Request.Acknowledged = 1 })
			s.read(2)
			s.leave()
		}, Unconfirmed, 0},
		{"its FIN on its way", func(s *fakeServer) {
			s.read(2)
			s.f.Set(func() { s.f.Flight = 20*ms - 50*us })
			s.leave()
		}, Confirmed, 20 * ms},
		{"nothing said", func(s *fakeServer) {
			s.read(2)
			s.f.Vanish()
		}, Unconfirmed, defaultCap},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			f := newFake()
			c := f.connect(t, Options{}, nil)
			send(t, c, "xy")
			test.leave(f.server())
			expectCut(t, c, test.want, test.took)
		})
	}
}
