package delivery

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestEndings tells FIN and RST apart, with data before them and without, before they are read and after.
func TestEndings(t *testing.T) {
	for _, data := range []string{"", "hello"} {
		for _, test := range []struct {
			name  string
			leave func(nc *net.TCPConn) error
			want  Ending
		}{
			{"fin", (*net.TCPConn).Close, FIN},
			{"half-close", (*net.TCPConn).CloseWrite, FIN},
			{"reset", abort, RST},
		} {
			t.Run(test.name+" after "+data, func(t *testing.T) {
				addr := serve(t, func(nc *net.TCPConn) {
					_, _ = nc.Write([]byte(data))
					_, _ = nc.Read(make([]byte, 1)) // what the client says once the data has arrived
					_ = test.leave(nc)
				})
				for _, asked := range []string{"asked before", "not asked"} {
					c := dial(t, addr, Options{})
					eventually(t, "the data arrives", func() bool { n, _, _ := c.Arrived(); return n == uint64(len(data)) })
					if got := c.PeerClosed(); got != StillOpen {
						t.Errorf("%s: open, and ended by %v", asked, got)
					}
					if err := c.Send(t.Context(), []byte("x")); err != nil {
						t.Fatal(err)
					}
					if asked == "asked before" {
						eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
						if got := c.PeerClosed(); got != test.want {
							t.Errorf("%s: ended by %v", asked, got)
						}
						if n, _, ok := c.Arrived(); !ok || n != uint64(len(data)) {
							t.Errorf("%s: %d bytes arrived, %v", asked, n, ok)
						}
					}
					a := c.Receive(t.Context(), Want{Any: [][]byte{[]byte(data)}, ToEnd: true})
					if a.State != Right || a.Match != 0 || a.Ending != test.want || a.TimedOut || a.Err != nil || string(a.Head) != data {
						t.Errorf("%s: %+v", asked, a)
					}
					if again := c.Receive(t.Context(), Want{}); again.Ending != test.want {
						t.Errorf("%s: the second time %+v", asked, again)
					}
					if got := c.PeerClosed(); got != test.want {
						t.Errorf("%s: afterwards %v", asked, got)
					}
				}
			})
		}
	}
}

// TestEndingAfterHalfClose has both sides end their streams, so that the kernel keeps nothing but the end.
func TestEndingAfterHalfClose(t *testing.T) {
	for _, want := range []Ending{FIN, RST} {
		addr := serve(t, func(nc *net.TCPConn) {
			_, _ = io.Copy(io.Discard, nc)
			_, _ = nc.Write([]byte("bye"))
			if want == RST {
				_ = abort(nc)
			}
			_ = nc.Close()
		})
		c := dial(t, addr, Options{})
		if err := c.HalfClose(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server leaves", func() bool { return c.PeerClosed() != StillOpen })
		if got := c.PeerClosed(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
		if n, segments, ok := c.Arrived(); n != 3 || segments != 1 || !ok {
			t.Errorf("%d bytes in %d segments, %v", n, segments, ok)
		}
		if a := c.Receive(t.Context(), Want{ToEnd: true, Any: [][]byte{[]byte("bye")}}); a.State != Right || a.Ending != want {
			t.Errorf("%+v, want %v", a, want)
		}
	}
}

// TestResetAfterFIN sends to a server that has closed: the RST that answers does not make its FIN undone.
func TestResetAfterFIN(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) { _, _ = nc.Write([]byte("bye")); _ = nc.Close() })
	c := dial(t, addr, Options{})
	// Without asking before: the order must come from the kernel alone.
	eventually(t, "the server's FIN", func() bool { info, ok := c.socket.(*tcpSocket).info(); return ok && finReceived(info.State) })
	if _, err := c.socket.write([]byte("x"), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server's RST", func() bool { info, ok := c.socket.(*tcpSocket).info(); return ok && info.State == stateClose })
	if got := c.PeerClosed(); got != FIN {
		t.Errorf("%v", got)
	}
	if a := c.Receive(t.Context(), Want{ToEnd: true, Any: [][]byte{[]byte("bye")}}); a.State != Right || a.Ending != FIN {
		t.Errorf("%+v", a)
	}
}

func TestArrivedCountsSegments(t *testing.T) {
	next := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		for range next {
			_, _ = nc.Write([]byte("abc"))
		}
	})
	c := dial(t, addr, Options{})
	for i := range uint64(5) {
		if n, segments, ok := c.Arrived(); n != 3*i || uint64(segments) != i || !ok {
			t.Errorf("after %d writes %d bytes in %d segments, %v", i, n, segments, ok)
		}
		next <- struct{}{}
		eventually(t, "the segment arrives", func() bool { n, _, _ := c.Arrived(); return n > 3*i })
	}
	close(next)
	eventually(t, "the server closes", func() bool { return c.PeerClosed() == FIN })
	if n, segments, _ := c.Arrived(); n != 15 || segments != 5 {
		t.Errorf("after the end %d bytes in %d segments", n, segments)
	}
	_ = c.Close()
	if _, _, ok := c.Arrived(); ok {
		t.Error("a closed connection tells")
	}
}

// TestAnswerArrivesInPieces ends the reading with the last byte, however many reads bring it.
func TestAnswerArrivesInPieces(t *testing.T) {
	c := dial(t, serve(t, echo), Options{})
	request := pattern(200)
	done := make(chan Answer)
	go func() { done <- c.Receive(t.Context(), Want{Any: [][]byte{request}}) }()
	if err := c.Play(t.Context(), request, EveryByte(200)); err != nil {
		t.Fatal(err)
	}
	a := <-done
	if a.State != Right || a.Match != 0 || a.FirstDifference != -1 || a.Ending != StillOpen || a.TimedOut || a.Total != 200 {
		t.Errorf("%+v", a)
	}
}

func TestFlood(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		flood := bytes.Repeat([]byte("flood "), 10000)
		for {
			if _, err := nc.Write(flood); err != nil {
				return
			}
		}
	})
	for _, test := range []struct {
		name string
		want Want
		most int64
	}{
		{"a wrong byte", Want{Any: [][]byte{[]byte("flood f1")}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"a right answer goes on", Want{Any: [][]byte{[]byte("flood ")}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"nothing expected", Want{Any: [][]byte{nil}, ToEnd: true}, evidenceBytes + 2*readBytes},
		{"unjudged", Want{Limit: 8 << 20}, 8<<20 + readBytes},
		{"unjudged for a while", Want{Total: 100 * time.Millisecond, Limit: 1 << 60}, 1 << 60},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, addr, Options{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a := c.Receive(within(t, 30*time.Second), test.want)
			runtime.ReadMemStats(&after)
			if a.Total > test.most || len(a.Head) != min(defaultHead, int(a.Total)) || a.Err != nil {
				t.Errorf("%d bytes, a head of %d, %v", a.Total, len(a.Head), a.Err)
			}
			if len(test.want.Any) > 0 && (a.State != Wrong || a.FirstDifference != int64(len(commonStartOf(test.want.Any[0], a.Head)))) {
				t.Errorf("%s at %d", a.State, a.FirstDifference)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; a.Total > 1<<20 && grown > uint64(a.Total)/4 {
				t.Errorf("%d bytes allocated for %d received", grown, a.Total)
			}
			if test.name == "unjudged for a while" && !a.TimedOut {
				t.Errorf("%+v", a)
			}
		})
	}
}

// TestDrip has a server that keeps the wait alive for ever with a byte now and then.
func TestDrip(t *testing.T) {
	addr := serve(t, func(nc *net.TCPConn) {
		defer nc.Close()
		for {
			if _, err := nc.Write([]byte("d")); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	right := bytes.Repeat([]byte("d"), 1<<20)
	for _, test := range []struct {
		name string
		want Want
	}{
		{"right", Want{Any: [][]byte{right}, Idle: 2 * time.Second, Total: 150 * time.Millisecond}},
		{"wrong", Want{Any: [][]byte{[]byte("ddx")}, Idle: 2 * time.Second, Total: 10 * time.Second}},
		{"unjudged", Want{Idle: 2 * time.Second, Total: 150 * time.Millisecond}},
	} {
		c := dial(t, addr, Options{})
		begun := time.Now()
		a := c.Receive(t.Context(), test.want)
		took := time.Since(begun)
		// The look at what follows a wrong byte ends sooner where the server is held up.
		if took < 100*time.Millisecond && test.name != "wrong" || took > 5*time.Second || a.TimedOut != (test.name != "wrong") || a.Total < 3 {
			t.Errorf("%s: %v, %+v", test.name, took, a)
		}
		if test.name == "right" && (a.State != Short || a.FirstDifference != a.Total) {
			t.Errorf("%+v", a)
		}
	}
}

func TestWaits(t *testing.T) {
	gone := make(chan struct{})
	addr := serve(t, func(nc *net.TCPConn) {
		_, _ = nc.Write([]byte("half"))
		<-gone
		_ = nc.Close()
	})
	defer close(gone)
	t.Run("idle", func(t *testing.T) {
		c := dial(t, addr, Options{})
		a := c.Receive(t.Context(), Want{Any: [][]byte{[]byte("half and half")}, Idle: 50 * time.Millisecond})
		if !a.TimedOut || a.State != Short || a.FirstDifference != 4 || a.Closest != 0 || a.Ending != StillOpen || a.Elapsed < 50*time.Millisecond {
			t.Errorf("%+v", a)
		}
		if events := c.Timeline(); events[len(events)-1].Kind != KindWaitOver {
			t.Errorf("%s", kinds(events))
		}
		// What came is right as a prefix, and complete when it is all; the wait for the end runs out all the same.
		c = dial(t, addr, Options{})
		a = c.Receive(t.Context(), Want{Any: [][]byte{[]byte("half and half")}, Prefix: true, Idle: 50 * time.Millisecond})
		if !a.TimedOut || a.State != Right || a.FirstDifference != -1 || a.Match != -1 {
			t.Errorf("%+v", a)
		}
		c = dial(t, addr, Options{})
		a = c.Receive(t.Context(), Want{Any: [][]byte{[]byte("half")}, ToEnd: true, Idle: 50 * time.Millisecond})
		if !a.TimedOut || a.State != Right || a.Match != 0 || a.Ending != StillOpen {
			t.Errorf("%+v", a)
		}
	})
	t.Run("context", func(t *testing.T) {
		c := dial(t, addr, Options{})
		a := c.Receive(within(t, 50*time.Millisecond), Want{Any: [][]byte{[]byte("half and half")}, Idle: time.Minute, Total: time.Minute})
		if !errors.Is(a.Err, context.DeadlineExceeded) || a.TimedOut || a.State != Short || a.Elapsed > 10*time.Second {
			t.Errorf("%+v", a)
		}
	})
	t.Run("context that has ended", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c := dial(t, addr, Options{})
		begun := time.Now()
		for range 200 { // the wait and the end of its context race
			if a := c.Receive(ctx, Want{Any: [][]byte{[]byte("half and half")}, Idle: 5 * time.Second}); !errors.Is(a.Err, context.Canceled) {
				t.Fatalf("%+v", a)
			}
		}
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("close", func(t *testing.T) {
		c := dial(t, addr, Options{})
		done := make(chan Answer)
		go func() {
			done <- c.Receive(t.Context(), Want{Any: [][]byte{[]byte("half and half")}, Idle: time.Minute})
		}()
		eventually(t, "the first half is read", func() bool { return len(c.Timeline()) > 1 })
		_ = c.Close()
		if a := <-done; !errors.Is(a.Err, net.ErrClosed) {
			t.Errorf("%+v", a)
		}
	})
	t.Run("done", func(t *testing.T) {
		c := dial(t, addr, Options{})
		a := c.Receive(t.Context(), Want{Idle: time.Minute, Done: func(head []byte) bool { return string(head) == "half" }})
		if a.State != Unjudged || a.FirstDifference != -1 || a.Closest != -1 || a.TimedOut || string(a.Head) != "half" {
			t.Errorf("%+v", a)
		}
	})
}

// TestLargeBothWays carries 16 MiB each way at once, in one segment and in many.
func TestLargeBothWays(t *testing.T) {
	request := pattern(16 << 20)
	addr := serve(t, echo)
	for _, plan := range []Plan{Whole(), CutAt(1, 4<<20, 4<<20+1, 12<<20)} {
		for _, end := range []End{Open, HalfClose, HalfCloseWithData} {
			c := dial(t, addr, Options{})
			plan := plan.WithEnd(end)
			a, err := c.Exchange(within(t, 50*time.Second), request, plan, Want{Any: [][]byte{request}, ToEnd: end != Open})
			if err != nil || a.State != Right || a.Total != 16<<20 || (a.Ending == FIN) != (end != Open) || a.Window != nil {
				t.Errorf("%s: %d bytes, %s, %s, %v", plan.Describe(len(request)), a.Total, a.State, a.Ending, err)
			}
		}
	}
}

// TestWrongByteFarOut changes one byte of 16 MiB.
func TestWrongByteFarOut(t *testing.T) {
	const at = 13<<20 + 12345
	right := pattern(16 << 20)
	wrong := bytes.Clone(right)
	wrong[at] ^= 1
	addr := serve(t, func(nc *net.TCPConn) { _, _ = nc.Write(wrong); _ = nc.Close() })
	c := dial(t, addr, Options{})
	a := c.Receive(within(t, 50*time.Second), Want{Any: [][]byte{right}, ToEnd: true})
	if a.State != Wrong || a.FirstDifference != at || a.Match != -1 || a.Closest != 0 {
		t.Fatalf("%s at %d", a.State, a.FirstDifference)
	}
	if !bytes.Equal(a.Head, wrong[:defaultHead]) || a.WindowAt != at-256 || !bytes.Equal(a.Window, wrong[at-256:at+256]) {
		t.Errorf("the window at %d has %d bytes", a.WindowAt, len(a.Window))
	}
	if a.Total > at+evidenceBytes+2*readBytes {
		t.Errorf("read on to %d", a.Total)
	}
}

// TestSlowReader reads little at a time an answer that no buffer holds, so that the server has to wait.
func TestSlowReader(t *testing.T) {
	answer := pattern(16 << 20)
	written := make(chan time.Time, 1)
	addr := serve(t, func(nc *net.TCPConn) {
		_, _ = nc.Write(answer)
		written <- time.Now()
		_ = nc.Close()
	})
	c := dial(t, addr, Options{ReceiveBuffer: 256 << 10})
	begun := time.Now()
	a := c.Receive(t.Context(), Want{Any: [][]byte{answer}, ToEnd: true, Chunk: 50000, Pause: time.Millisecond, Idle: 5 * time.Second})
	if a.State != Right || a.Ending != FIN || a.Total != 16<<20 {
		t.Errorf("%s, %s, %d", a.State, a.Ending, a.Total)
	}
	if least := time.Duration(len(answer)/50000) * time.Millisecond; a.Elapsed < least {
		t.Errorf("pauses of %v took %v", least, a.Elapsed)
	}
	for _, e := range c.Timeline() {
		if e.Kind == KindReceive && e.Count > 50000 {
			t.Errorf("a read of %d bytes", e.Count)
		}
	}
	if took := (<-written).Sub(begun); took < a.Elapsed/4 {
		t.Errorf("the server had written all after %v of %v", took, a.Elapsed)
	}
}

// TestExchangeWaitsForThePlay has a play that takes longer than the wait for the answer, which comes at its end.
func TestExchangeWaitsForThePlay(t *testing.T) {
	request := pattern(20 << 10)
	addr := serve(t, func(nc *net.TCPConn) {
		all, _ := io.ReadAll(nc)
		_, _ = nc.Write(all)
		_ = nc.Close()
	})
	c := dial(t, addr, Options{})
	plan := CutAt(1, 2, 3, 4).WithPause(100 * time.Millisecond).WithEnd(HalfClose)
	a, err := c.Exchange(t.Context(), request, plan, Want{Any: [][]byte{request}, ToEnd: true, Idle: 60 * time.Millisecond, Total: 300 * time.Millisecond})
	if err != nil || a.State != Right || a.Ending != FIN {
		t.Errorf("%s, %s, timed out: %v, %v", a.State, a.Ending, a.TimedOut, err)
	}
}

// TestExchangeEndsThePlay decides an exchange while the request is still on its way.
func TestExchangeEndsThePlay(t *testing.T) {
	request := pattern(64 << 20)
	for _, test := range []struct {
		name   string
		handle func(nc *net.TCPConn)
		want   error
	}{
		{"wrong", func(nc *net.TCPConn) { _, _ = nc.Write([]byte("no")) }, ErrDecided},
		{"silent", func(*net.TCPConn) {}, ErrDecided},
		{"half-closed", func(nc *net.TCPConn) { _ = nc.CloseWrite() }, ErrClosedEarly},
		{"closed", func(nc *net.TCPConn) { _ = nc.Close() }, nil},
		{"reset", func(nc *net.TCPConn) { _ = abort(nc) }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			gone := make(chan struct{})
			defer close(gone)
			addr := serve(t, func(nc *net.TCPConn) {
				_, _ = nc.Read(make([]byte, 1)) // so that the connecting is over
				test.handle(nc)
				<-gone
			})
			c := dial(t, addr, Options{Stall: time.Minute})
			begun := time.Now()
			a, err := c.Exchange(t.Context(), request, Whole(), Want{Any: [][]byte{request}, Idle: 200 * time.Millisecond})
			sent, err := cause(t, err)
			if test.want != nil && !errors.Is(err, test.want) || sent >= len(request) || a.State == Right {
				t.Errorf("%d bytes: %v; %s", sent, err, a.State)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestManyConnections holds no more descriptors than connections, and netlink sockets to a bound.
func TestManyConnections(t *testing.T) {
	addr := serve(t, echo)
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := count()
	for range 200 {
		c := dial(t, addr, Options{})
		if a, err := c.Exchange(t.Context(), []byte("hello"), EveryByte(5), Want{Any: [][]byte{[]byte("hello")}}); err != nil || a.State != Right {
			t.Fatal(a, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(idleDiag); n < 1 || n > idleDiagSockets {
		t.Errorf("%d netlink sockets are kept", n)
	}
	eventually(t, "the descriptors are given back", func() bool { return count() <= before+idleDiagSockets })
}
