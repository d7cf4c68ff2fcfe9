package http1_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// A session is a client of a server in memory, under a clock of its own.
type session struct {
	t      *testing.T
	server *reference.TCPServer
	conn   *inmemory.Conn
	began  time.Time
	got    chan string // all that was answered, when the server has ended the connection
	ended  time.Time   // when that was
}

// inTime plays a client's part in a bubble.
func inTime(t *testing.T, h http1.Handler, part func(s *session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := inmemory.Listen()
		s := &session{t: t, began: time.Now(), got: make(chan string, 1)}
		s.server = reference.NewTCPServer(reference.Config{Handler: h, Listen: func(string) (net.Listener, error) { return l, nil }})
		served := make(chan error, 1)
		go func() { served <- s.server.ServeForever() }()
		s.conn = l.Dial()
		go func() {
			text, _ := io.ReadAll(s.conn)
			s.ended = time.Now()
			s.got <- withoutDates(string(text))
		}()
		part(s)
		_ = s.conn.Close()
		_ = s.server.Close()
		<-served
		_ = s.server.Shutdown(context.Background())
	})
}

// send sends a text, which the server takes at once.
func (s *session) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.conn, text); err != nil {
		s.t.Errorf("%q cannot be sent: %v", text, err)
	}
}

// ends holds that the server ends the connection after so long, and returns what it has answered.
func (s *session) ends(after time.Duration) outcome {
	s.t.Helper()
	text := <-s.got
	if took := s.ended.Sub(s.began); took != after {
		s.t.Errorf("the connection ended after %v, not %v", took, after)
	}
	return outcome{text: text}
}

// says holds that a text begins so.
func (s *session) says(o outcome, prefix string) {
	s.t.Helper()
	if !strings.HasPrefix(o.text, prefix) || prefix == "" && o.text != "" {
		s.t.Errorf("it was answered %q, not %q", o.text, prefix)
	}
}

func TestSilentClientGetsNoAnswer(t *testing.T) {
	inTime(t, http1.Demo, func(s *session) { s.says(s.ends(reference.DefaultIdleTime), "") })
	inTime(t, http1.Demo, func(s *session) {
		time.Sleep(time.Minute)
		s.send("\r\n")
		s.says(s.ends(time.Minute+reference.DefaultIdleTime), "")
	})
}

// TestHeadTakesTooLong: the time of a head counts from its first byte on, however its bytes come.
func TestHeadTakesTooLong(t *testing.T) {
	inTime(t, http1.Demo, func(s *session) {
		time.Sleep(time.Minute)
		for _, c := range get("/")[:10] {
			s.send(string(c))
			time.Sleep(2500 * time.Millisecond)
		}
		s.says(s.ends(time.Minute+http1.DefaultHeadTime), "HTTP/1.1 408 Request Timeout\r\n")
	})
	inTime(t, http1.Demo, func(s *session) {
		s.send("\r")
		s.says(s.ends(http1.DefaultHeadTime), "HTTP/1.1 408 Request Timeout\r\n")
	})
	h := http1.Demo
	h.Limits.HeadTime = time.Second
	inTime(t, h, func(s *session) {
		s.send(get("/"))
		time.Sleep(time.Minute)
		s.send("GET / HTTP/1.1\r\nHost: a\r\n")
		s.says(s.ends(time.Minute+time.Second), "HTTP/1.1 200 OK\r\n")
	})
}

// TestBodyMayTakeLong: each wait for content is bounded, and not all of them together.
func TestBodyMayTakeLong(t *testing.T) {
	for _, line := range []string{"Content-Length: 100", chunked} {
		inTime(t, http1.Demo, func(s *session) {
			s.send(post("", line))
			for range 4 {
				time.Sleep(reference.DefaultIdleTime - time.Second)
				s.send("1\r\n")
				if line == chunked {
					s.send("b\r\n")
				}
			}
			s.says(s.ends(5*reference.DefaultIdleTime-4*time.Second), "HTTP/1.1 408 Request Timeout\r\n")
		})
	}
}

// TestDateIsTheTime: the text is made once a second, and is that second's.
func TestDateIsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 3 {
			for range 2 {
				c := &client{left: []string{get("/")}}
				if err := http1.Demo.Handle(over(c)); err != nil {
					t.Fatal(err)
				}
				if want := "\r\nDate: " + time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05") + " GMT\r\n"; !strings.Contains(c.got.String(), want) {
					t.Errorf("it is %q, and the answer says %q", want, c.got.String())
				}
				time.Sleep(500 * time.Millisecond)
			}
		}
	})
}

// TestLeftBodyTakesTooLong: what Serve has left of a body is waited for as long as for a head.
func TestLeftBodyTakesTooLong(t *testing.T) {
	inTime(t, http1.Demo, func(s *session) {
		s.send(request("POST", "/x", "", "Content-Length: 100"))
		for range 15 {
			time.Sleep(time.Second)
			s.send("b")
		}
		s.says(s.ends(http1.DefaultHeadTime), "HTTP/1.1 404 Not Found\r\n")
	})
}

// TestLeftBodyTakesNoMoreTime: once what was left is read, the connection may wait as long as any.
func TestLeftBodyTakesNoMoreTime(t *testing.T) {
	inTime(t, http1.Demo, func(s *session) {
		s.send(request("POST", "/x", "hello", "Content-Length: 5"))
		s.says(s.ends(reference.DefaultIdleTime), "HTTP/1.1 404 Not Found\r\n")
	})
}

// TestShutdown: a connection between two requests ends at once, and what was begun is answered.
func TestShutdown(t *testing.T) {
	shutdown := func(s *session) <-chan error {
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- s.server.Shutdown(context.Background()) }()
		synctest.Wait()
		return done
	}
	for name, sent := range map[string]string{
		"fresh": "", "answered": get("/"), "behind an empty line": get("/") + "\r\n", "behind a body that was left": request("POST", "/x", "hello", "Content-Length: 5"),
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, http1.Demo, func(s *session) {
				if sent != "" {
					s.send(sent)
				}
				done := shutdown(s)
				s.ends(0)
				_ = s.conn.Close()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
	for name, parts := range map[string][2]string{
		"in a head": {get("/")[:20], get("/")[20:]}, "in a body": {post("he", "Content-Length: 5"), "llo"}, "before a body that was asked for": {post("", "Content-Length: 5", "Expect: 100-continue"), "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, http1.Demo, func(s *session) {
				s.send(parts[0])
				done := shutdown(s)
				time.Sleep(time.Second)
				s.send(parts[1])
				_ = s.conn.CloseWrite()
				o := s.ends(time.Second)
				if !strings.Contains(o.text, "HTTP/1.1 200 OK\r\n") || !strings.Contains(o.text, "\r\nConnection: close\r\n") {
					t.Errorf("what was begun is answered %q", o.text)
				}
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
