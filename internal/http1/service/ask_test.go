package service

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// An act is what a server does when so many requests have come.
type act struct {
	behind int // heads
	says   string
	after  time.Duration
	ends   bool // closes then
	resets bool
}

// play is a server of acts: each is done when as many heads have come, one after the other.
func play(c net.Conn, acts []act) {
	defer func() { _ = c.Close() }()
	var all []byte
	b := make([]byte, 4096)
	for _, a := range acts {
		for bytes.Count(all, []byte("\r\n\r\n")) < a.behind {
			n, err := c.Read(b)
			if all = append(all, b[:n]...); err != nil {
				return
			}
		}
		time.Sleep(a.after)
		if _, err := io.WriteString(c, strings.ReplaceAll(a.says, "\n", "\r\n")); err != nil || a.ends {
			return
		}
		if a.resets {
			c.(interface{ Abort() }).Abort()
			return
		}
	}
	for {
		if _, err := c.Read(b); err != nil { // the client's end
			return
		}
	}
}

// acting is a server of acts, and where it listens; it ends with the test.
func acting(t *testing.T, acts []act) (*inmemory.TCPListener, *player.Server) {
	l := inmemory.ListenTCP(0)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go play(conn, acts)
		}
	}()
	s := player.NewServer(target.InProcess("acts", "in memory", nil, nil, 0), dialect.Echo{}, patience.New(0).Measured(time.Millisecond), delivery.Auto)
	s.Connect = delivery.DialOver(l.Connect)
	return l, s
}

// TestReadings: what a server does with a message, and with what follows it, is told for what it is.
func TestReadings(t *testing.T) {
	const (
		ok      = "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"
		refused = "HTTP/1.1 400 Bad Request\nContent-Length: 0\n\n"
		moved   = "HTTP/1.1 301 Moved\nContent-Length: 0\n\n"
		goOn    = "HTTP/1.1 100 Continue\n\n"
		absent  = "HTTP/1.1 404 Not Found\nContent-Length: 0\n\n"
		repeats = "HTTP/1.1 200 OK\nContent-Length: 44\n\nGET /streamspec/hidden HTTP/1.1\nHost: x\n\n"
	)
	get := func(s *Service) http1.Message { return s.Get("/") }
	hiding := func(s *Service) http1.Message {
		return s.PostOf("/", "GET "+s.Hidden+" HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	parts := Parts{"by one", "by the other"}
	for _, c := range []struct {
		name     string
		acts     []act
		alone    bool
		message  func(*Service) http1.Message
		want     Reading
		parts    Parts
		finished bool   // the client had to end its stream
		parted   string // a part of how the server and the RFC part
	}{
		{name: "both answered", acts: []act{{behind: 1, says: ok}, {behind: 2, says: ok}}, want: Taken},
		{name: "both answered, with an interim answer", acts: []act{{behind: 1, says: goOn + ok}, {behind: 2, says: ok}}, want: Taken},
		{name: "both answered when both have come", acts: []act{{behind: 2, says: ok + ok, ends: true}}, want: Taken},
		{name: "answered late", acts: []act{{behind: 1, says: ok, after: 30 * time.Millisecond}, {behind: 2, says: ok, after: 30 * time.Millisecond}}, want: Taken},
		{name: "answered alone", acts: []act{{behind: 1, says: ok}}, alone: true, want: Alone},
		{name: "answered alone, and ended", acts: []act{{behind: 1, says: ok, ends: true}}, alone: true, want: Alone},
		{name: "refused and ended", acts: []act{{behind: 1, says: refused, ends: true}}, want: Refused},
		{name: "refused, and what follows answered", acts: []act{{behind: 1, says: refused}, {behind: 2, says: ok}}, want: Kept},
		{name: "refused, and nothing more", acts: []act{{behind: 1, says: refused}}, want: Refusing, finished: true},
		{name: "answered otherwise", acts: []act{{behind: 1, says: moved}, {behind: 2, says: ok}}, want: Otherwise},
		{name: "answered otherwise and ended", acts: []act{{behind: 1, says: moved, ends: true}}, want: Left},
		{name: "answered and ended", acts: []act{{behind: 1, says: ok, ends: true}}, want: Stopped},
		{name: "answered, and what follows swallowed", acts: []act{{behind: 1, says: ok}}, want: Swallowed, finished: true, parted: "took the request behind it for a part of it"},
		{name: "ended", acts: []act{{behind: 1, ends: true}}, want: Dropped},
		{name: "reset", acts: []act{{behind: 1, resets: true}}, want: Dropped},
		{name: "silent", acts: []act{{behind: 3}}, want: Waiting, finished: true},
		{name: "a hidden one answered", acts: []act{{behind: 2, says: ok + moved}, {behind: 3, says: ok}}, message: hiding, want: More, parted: "and answered a part of the 44 bytes from there on as a request (200, 301, 200)"},
		{name: "a hidden one answered as what is not there", acts: []act{{behind: 2, says: ok + absent}, {behind: 3, says: ok}}, message: hiding, want: More,
			parted: `by the RFC the message ends behind byte 100 ("t: x\r\n\r\n"); the server ended it behind byte 56 (": 44\r\n\r\n"), and answered the 44 bytes from there on as a request (200, 404, 200)`},
		{name: "named readings, a hidden one answered", acts: []act{{behind: 2, says: ok + absent}, {behind: 3, says: ok}}, message: hiding, parts: parts, want: More,
			parted: `by one the message ends behind byte 56 (": 44\r\n\r\n"), by the other behind byte 100 ("t: x\r\n\r\n"); the server answered the 44 bytes from there on as a request (200, 404, 200)`},
		{name: "named readings, a part answered", acts: []act{{behind: 1, says: ok + refused, ends: true}}, message: hiding, parts: parts, want: More, parted: "answered a part of the 44 bytes from there on as a request (200, 400)"},
		{name: "named readings, all taken", acts: []act{{behind: 2, says: ok}, {behind: 3, says: ok}}, message: hiding, parts: parts, want: Taken, parted: "swallowed the 44 bytes between the two, and answered what followed (200, 200)"},
		{name: "named readings, all swallowed", acts: []act{{behind: 2, says: ok}}, message: hiding, parts: parts, want: Swallowed, finished: true, parted: "swallowed the 44 bytes between the two, and what followed them (200)"},
		{name: "named readings, repeated", acts: []act{{behind: 2, says: repeats, ends: true}}, message: hiding, parts: parts, want: Left, parted: "took the 44 bytes between the two for content, and ended the connection (200)"},
		{name: "named readings, ended", acts: []act{{behind: 2, says: ok, ends: true}}, message: hiding, parts: parts, want: Stopped, parted: "dropped the 44 bytes between the two, or took them for content, and ended the connection (200)"},
		{name: "named readings, refused", acts: []act{{behind: 2, says: refused, ends: true}}, message: hiding, parts: parts, want: Refused},
		{name: "a part of a message answered", acts: []act{{behind: 1, says: ok + refused, ends: true}}, want: More, parted: "(200, 400)"},
		{name: "a part of a message answered by HTTP/0.9", acts: []act{{behind: 1, says: ok + "<html>", ends: true}}, want: More, parted: "what is no HTTP/1.1"},
		{name: "no HTTP", acts: []act{{behind: 1, says: "SSH-2.0-x\n", ends: true}}, want: Garbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, server := acting(t, c.acts)
				s := New("localhost", Options{})
				s.Control.Get = http1.Known{Status: 200, Framing: http1.Length, Content: []byte("hi")}
				s.Control.Missing.Status = 404
				s.Control.Post, s.Next, s.Pipelines = s.Control.Get, s.Control.Get, true
				if c.message == nil {
					c.message = get
				}
				p := server.Player("test")
				defer p.Done()
				q := Question{Message: c.message(s), Alone: c.alone, Parts: c.parts}
				for _, how := range []delivery.Segments{delivery.Whole(), delivery.EveryByte(len(q.Bytes))} {
					seen, f := s.Ask(t.Context(), p, q, how, p.Wait())
					switch {
					case f != nil:
						t.Fatalf("%s: %s", f.Kind, f.Problem)
					case seen.Reading != c.want || seen.Finished != c.finished:
						t.Errorf("the server %s (finished: %t), want that it %s", seen.Reading, seen.Finished, c.want)
					case c.parted == "" && c.want != More && seen.Parted() != "" || !strings.Contains(seen.Parted(), c.parted):
						t.Errorf("they part so: %q", seen.Parted())
					}
				}
			})
		})
	}
}

// tardy is a client's end of a connection whose process is kept from running behind whatever it has written, as on a busy machine.
type tardy struct {
	*inmemory.TCP
	by time.Duration
}

func (c tardy) WriteMore(b []byte, more bool) (int, error) {
	n, err := c.TCP.WriteMore(b, more)
	c.Set(func() { c.Held = time.Now().Add(c.by) })
	return n, err
}

// TestLateClientOfAnEnd: that a client was late excuses a server that has ended the connection, and none that was to end it and has not.
func TestLateClientOfAnEnd(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"
	for _, c := range []struct {
		name string
		acts []act
		late time.Duration
		ends bool // it is to end the connection
		void bool
	}{
		{"left open", []act{{behind: 1, says: ok}}, time.Second, true, false},
		{"never answered, and left open", []act{{behind: 2}}, time.Second, true, false},
		{"ended without an answer", []act{{behind: 1, after: 300 * time.Millisecond, ends: true}}, time.Second, true, true},
		{"never answered, where the end is left to it", []act{{behind: 2}}, time.Second, false, true},
		{"ended without an answer, and nobody was late", []act{{behind: 1, after: 10 * time.Millisecond, ends: true}}, 0, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, server := acting(t, c.acts)
				server.Connect = delivery.DialOver(func(ctx context.Context, receiveBuffer int) (tardy, error) {
					conn, err := l.Connect(ctx, receiveBuffer)
					return tardy{conn, c.late}, err
				})
				s := New("localhost", Options{})
				s.Control.Get = http1.Known{Status: 200, Framing: http1.Length, Content: []byte("hi")}
				s.Next = s.Control.Get
				p := server.Player("test")
				defer p.Done()
				question := Question{Message: s.Get("/")}
				question.Ends = c.ends
				seen, f := s.Ask(t.Context(), p, question, delivery.Whole(), p.Wait())
				if f != nil {
					t.Fatalf("%s: %s", f.Kind, f.Problem)
				}
				if void := seen.Trial.Broken("wrong").Void(); void != c.void {
					t.Errorf("void: %t; the server %s (finished: %t)", void, seen.Reading, seen.Finished)
				}
			})
		})
	}
}

// TestSlowAnswer: what takes longer than most is answered rightly when it is waited for.
func TestSlowAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, server := acting(t, []act{{behind: 1, says: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", after: time.Second}, {behind: 2, says: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", after: time.Second}})
		s := New("localhost", Options{})
		s.Control.Get = http1.Known{Status: 200, Framing: http1.Length, Content: []byte("hi")}
		s.Next, s.Pipelines = s.Control.Get, true
		p := server.Player("test")
		defer p.Done()
		seen, f := s.Ask(t.Context(), p, Question{Message: s.Get("/")}, delivery.Whole(), p.LongWait())
		if f != nil || seen.Reading != Taken || seen.Finished {
			t.Errorf("%v: %+v", f, seen)
		}
	})
}

// TestRequests: behind how many requests a server ends a connection is what it says by Connection: close. One that ends without a word, or
// goes on, has no such number.
func TestRequests(t *testing.T) {
	const ok, last = "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nhi"
	up := func(n int, end act) (acts []act) { // n are answered as all are, and then comes the end
		for i := range n {
			acts = append(acts, act{behind: i + 1, says: ok})
		}
		end.behind = n + 1
		return append(acts, end)
	}
	slow := func(acts []act) []act { // as all is on a machine that is busy: until it has a processor
		acts[0].after = 20 * time.Millisecond
		return acts
	}
	for name, c := range map[string]struct {
		acts []act
		want int
	}{
		"says close":      {up(99, act{says: last, ends: true}), 100},
		"without a word":  {up(99, act{says: ok, ends: true}), 0},
		"in the middle":   {up(99, act{says: last[:20], ends: true}), 0},
		"says it and not": {up(99, act{says: last}), 0},
		"goes on":         {up(mostRequests, act{}), 0},
		"slow at first":   {slow(up(99, act{says: last, ends: true})), 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, server := acting(t, c.acts)
				s := New("localhost", Options{})
				s.Pipelines = true
				p := server.Player("test")
				defer p.Done()
				if f := s.requests(t.Context(), p); f != nil || s.Requests != c.want {
					t.Errorf("%v: behind %d requests, want %d", f, s.Requests, c.want)
				}
			})
		})
	}
}
