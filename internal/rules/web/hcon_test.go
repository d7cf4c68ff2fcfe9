package web

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// A bent connection is a server's with a mistake: what it reads, and what it writes, goes by bend.
type bent struct {
	net.Conn
	bend *bend
	last []byte   // what was read last
	held [][]byte // what is to be written when more was read
	said int      // how often it has written
}

// A bend changes what a right server does. Each of its functions may be nil.
type bend struct {
	on    bool                                               // what was learned of the server was without it
	read  func(c *bent, b []byte, err error) ([]byte, error) // what came in one read
	write func(c *bent, b []byte) (now []byte, err error)    // what is written of an answer
	late  time.Duration                                      // by how much the end of a connection is
}

func (c *bent) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.last = bytes.Clone(b[:n])
	for _, held := range c.held {
		if _, err := c.Conn.Write(held); err != nil {
			return 0, err
		}
	}
	if c.held = nil; c.bend.read != nil {
		var now []byte
		now, err = c.bend.read(c, b[:n], err)
		n = copy(b, now)
	}
	return n, err
}

func (c *bent) Write(b []byte) (int, error) {
	if c.said++; c.bend.write == nil {
		return c.Conn.Write(b)
	}
	now, err := c.bend.write(c, b)
	if err != nil {
		return 0, err
	}
	if _, err := c.Conn.Write(now); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (c *bent) CloseWrite() error {
	time.Sleep(c.bend.late) // of virtual time
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

type bentListener struct {
	net.Listener
	bend *bend
}

func (l bentListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &bent{Conn: c, bend: l.bend}, nil
}

// bending meets the reference's demonstration with a mistake, in memory.
func bending(t *testing.T, b *bend) *site {
	server := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
	o := demoPaths
	o.CloseWait = 5 * time.Second
	return meet(t, in(t, func(l net.Listener) error { return server.Serve(bentListener{l, b}) }, server.Close), o)
}

// leaving ends the connection where what was read last is so, and that many answers were written.
func leaving(said int, last string) *bend {
	return &bend{write: func(c *bent, b []byte) ([]byte, error) {
		if c.said > said && bytes.Contains(c.last, []byte(last)) {
			_ = c.Close()
			return nil, net.ErrClosed
		}
		return b, nil
	}}
}

// TestConnectionMistakes: what the planted faults do not have.
func TestConnectionMistakes(t *testing.T) {
	for _, m := range []struct {
		requirement, name string
		bend              *bend
		grade             finding.Grade
		says              string
	}{
		{"HCON-7", "an answer is held back until more comes", &bend{write: func(c *bent, b []byte) ([]byte, error) {
			if bytes.HasSuffix(c.last, []byte("\r\n0\r\n\r\n")) {
				c.held = append(c.held, bytes.Clone(b))
				return nil, nil
			}
			return b, nil
		}}, finding.Fails, "alone, and whole, it is not answered"},
		{"HCON-7", "the connection ends inside a pipeline", leaving(1, "GET /streamspec/missing HTTP/1.1\r\nHost: example.test\r\n\r\nGET / HTTP/1.1\r\nHost: example.test\r\n\r\nGET"), finding.Warns,
			"a pipeline of three: the server answered 1 of 3 requests, and ended the connection"},
		{"HCON-3", "the connection ends within --close-wait", &bend{late: 4 * time.Second}, finding.ByLevel, ""},
		{"HCON-3", "the connection ends far too late", &bend{late: time.Minute}, finding.Fails, "Connection: close: the server answered it (200), and left the connection open"},
		{"HCON-7", "the last answer says close", &bend{write: func(c *bent, b []byte) ([]byte, error) {
			if c.bend.on && c.said == 2 {
				_, _ = c.Conn.Write(bytes.Replace(b, []byte("\r\n"), []byte("\r\nConnection: close\r\n"), 1))
				_ = c.CloseWrite()
				return nil, net.ErrClosed
			}
			return b, nil
		}}, finding.ByLevel, ""},
		{"HCON-10", "the connection ends", &bend{read: func(c *bent, b []byte, err error) ([]byte, error) {
			if bytes.HasSuffix(b, []byte("Content-Length: 5\r\n\r\n")) {
				return nil, io.EOF
			}
			return b, err
		}}, finding.Warns, "POST with Expect: 100-continue: the server ended the connection without an answer"},
		{"HCON-15", "a FIN cancels whatever comes before", &bend{read: func(c *bent, b []byte, err error) ([]byte, error) {
			if c.bend.on && bytes.HasPrefix(b, []byte("GET / ")) {
				time.Sleep(time.Second) // of virtual time
				_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
				if _, end := c.Conn.Read(make([]byte, 1)); end == io.EOF {
					return nil, io.EOF
				}
			}
			return b, err
		}}, finding.Fails, "GET, and FIN 50ms behind it: the server did not answer it"},
		{"HCON-16", "the connection ends without an answer", &bend{write: func(c *bent, b []byte) ([]byte, error) {
			if bytes.HasSuffix(c.last, []byte("xxxx")) {
				_ = c.Close()
				return nil, net.ErrClosed
			}
			return b, nil
		}}, finding.Warns, "POST X of 2 MiB"},
	} {
		virtually(t, m.requirement+" "+m.name, func(t *testing.T) {
			s := bending(t, m.bend)
			m.bend.on = true
			f, observed := s.show(t.Context(), ruleAmong(t, hcon(), m.requirement))
			time.Sleep(2 * m.bend.late) // of virtual time, in which the last connection ends
			if f.Failed() != (m.says != "") || f != nil && (f.Grade != m.grade || !strings.Contains(f.Problem, m.says)) {
				t.Errorf("found %s; wanted %q of grade %d; observed %q", wordsOf(f), m.says, m.grade, observed)
			}
			if m.name == "the last answer says close" && !strings.Contains(strings.Join(observed, ""), "the server ended the connection behind answer 2, which says so") {
				t.Errorf("observed %q", observed)
			}
		})
	}
}

// TestNothingToSeeOfTheConnection: what there is no chance to see is not shown.
func TestNothingToSeeOfTheConnection(t *testing.T) {
	for requirement, c := range map[string]struct {
		write func(c *bent, b []byte) ([]byte, error)
		says  string
	}{
		"HCON-9": {func(c *bent, b []byte) ([]byte, error) {
			if c.bend.on {
				_, _ = c.Conn.Write(b)
				_ = c.CloseWrite()
				return nil, net.ErrClosed
			}
			return b, nil
		}, "the server ends the connection behind each of the requests"},
		"HCON-17": {func(_ *bent, b []byte) ([]byte, error) {
			return bytes.Replace(b, []byte("HTTP/1.1 400"), []byte("HTTP/1.1 403"), 1), nil
		}, "the server refuses none of the malformed messages with 400"},
	} {
		virtually(t, requirement, func(t *testing.T) {
			b := &bend{write: c.write}
			s := bending(t, b)
			b.on = true
			if f, _ := s.show(t.Context(), ruleAmong(t, hcon(), requirement)); !f.Is(finding.NotShown) || f.Problem != c.says {
				t.Errorf("found %s, not %q", wordsOf(f), c.says)
			}
		})
	}
}

// TestConnectionsThatEnd: what needs a second answer on a connection is not shown where that ends behind each, and less still in HTTP/1.0.
func TestConnectionsThatEnd(t *testing.T) {
	for name, notShown := range map[string]string{"HTTP/1.1": "HCON-4 HCON-7 HCON-9 HCON-17", "HTTP/1.0": "HCON-1 HCON-2 HCON-4 HCON-5 HCON-7 HCON-9 HCON-10 HCON-11 HCON-17"} {
		virtually(t, name, func(t *testing.T) {
			ends := newTiny()
			ends.always, ends.old = true, name == "HTTP/1.0"
			s := meet(t, on(t, ends.serve), demoPaths)
			var got []string
			for _, r := range hcon() {
				if f, _ := s.show(t.Context(), r); f.Is(finding.NotShown) {
					got = append(got, r.Requirement)
				}
			}
			if strings.Join(got, " ") != notShown {
				t.Errorf("not shown: %s", got)
			}
		})
	}
}

// TestConnectionOfGo: net/http keeps to all of the family.
func TestConnectionOfGo(t *testing.T) {
	virtually(t, "net/http", func(t *testing.T) {
		server := &http.Server{Handler: goInspected}
		s := meet(t, in(t, server.Serve, server.Close), demoPaths)
		for _, r := range hcon() {
			if f, _ := s.show(t.Context(), r); f != nil {
				t.Errorf("%s: %s", r.Requirement, wordsOf(f))
			}
		}
		time.Sleep(time.Second) // of virtual time, in which net/http's last connection ends
	})
}

// TestNothingPassesOfTheConnection: nor does a server pass that serves nobody, whatever was learned of another.
func TestNothingPassesOfTheConnection(t *testing.T) {
	for name, serve := range useless {
		virtually(t, name, func(t *testing.T) {
			s := met(on(t, serve))
			s.service = meet(t, on(t, newTiny().serve), demoPaths).service
			for _, r := range hcon() {
				if f, observed := s.show(t.Context(), r.Uncut()); f == nil {
					t.Errorf("%s: nothing was found, and observed %q", r.Requirement, observed)
				}
			}
		})
	}
}

// TestSaidClose: a server that says close, and then takes in what comes until the client ends its stream, has taken nothing of that for its own.
func TestSaidClose(t *testing.T) {
	virtually(t, "and stays", func(t *testing.T) {
		stays := newTiny()
		stays.always, stays.open = true, true
		s := meet(t, on(t, stays.serve), demoPaths)
		for requirement, words := range map[string]string{"HCON-1": "(200) (1)", "HCON-2": "nothing", "HCON-3": "left the connection open (2)", "HCON-8": "nothing", "HCON-12": "nothing"} {
			if f, observed := s.show(t.Context(), ruleAmong(t, hcon(), requirement)); !strings.HasSuffix(wordsOf(f), words) {
				t.Errorf("%s: found %s, not %q; observed %q", requirement, wordsOf(f), words, observed)
			}
		}
	})
}

// TestOpenBehindRefusal: where the framing itself is at fault, a connection that is kept fails; else it is warned of.
func TestOpenBehindRefusal(t *testing.T) {
	for _, c := range []struct {
		name  string
		must  bool
		grade finding.Grade
		says  string
	}{{"by length", true, finding.Fails, "Content-Length: +5: the server refused it, and then neither ended"}, {"by fields", false, finding.Warns, "SP SP before the target: the server refused it, and then neither ended"}} {
		virtually(t, c.name, func(t *testing.T) {
			open := newTiny()
			open.length = func(values []string) (int64, error) {
				n, err := tinyLength(values)
				open.open = err != nil == c.must
				return n, err
			}
			f, observed := meet(t, on(t, open.serve), demoPaths).show(t.Context(), ruleAmong(t, hcon(), "HCON-17"))
			if !f.Failed() || f.Grade != c.grade || !strings.Contains(f.Problem, c.says) {
				t.Errorf("found %s; wanted %q of grade %d; observed %q", wordsOf(f), c.says, c.grade, observed)
			}
		})
	}
}

// TestLateEndBehindRefusal: a busy server that ends one connection later than it mostly does is asked again, and not blamed.
func TestLateEndBehindRefusal(t *testing.T) {
	virtually(t, "once", func(t *testing.T) {
		var refused atomic.Int32
		s := meet(t, on(t, func(c net.Conn) { newTiny().serve(&lateEnd{Conn: c, refused: &refused}) }), demoPaths)
		if f, _ := s.show(t.Context(), ruleAmong(t, hcon(), "HCON-17")); f != nil {
			t.Errorf("it is blamed: %s", wordsOf(f))
		}
		if refused.Load() < 2 {
			t.Errorf("%d connections were refused", refused.Load())
		}
	})
}

// lateEnd is a connection that ends late where it is the first to be refused.
type lateEnd struct {
	net.Conn
	refused *atomic.Int32
	late    bool
}

func (c *lateEnd) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(" 400 ")) {
		c.late = c.refused.Add(1) == 1
	}
	return c.Conn.Write(b)
}

func (c *lateEnd) CloseWrite() error {
	if c.late {
		time.Sleep(time.Second) // of virtual time
	}
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

// TestKeptBehindWellFormed: a server that refuses GET * and goes on is not blamed, since RFC 9112, section 2.2, asks for the end of the
// connection behind what the grammar does not have.
func TestKeptBehindWellFormed(t *testing.T) {
	virtually(t, "GET *", func(t *testing.T) {
		kept := newTiny()
		kept.sends = func(h *tinyHead, answer string) string {
			if h.method == "GET" && (h.target == "*" || h.target == "localhost:80") {
				return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
			}
			return answer
		}
		if f, _ := meet(t, on(t, kept.serve), demoPaths).show(t.Context(), ruleAmong(t, hcon(), "HCON-17")); f != nil {
			t.Errorf("it is blamed: %s", wordsOf(f))
		}
	})
}
