package web_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// elsewhere are the faults that have a test of their own below.
var elsewhere = func() map[string]bool {
	all := map[string]bool{"negative-size-spins": true, "eof-spins": true, "size-overflow-kills": true}
	for _, s := range fieldSights {
		all[s.fault] = true
	}
	for _, s := range liveSights {
		all[s.fault] = true
	}
	return all
}()

// fieldSights are faults that show in the head of an answer: what matches of the right server's alone, or of the faulty one's alone.
var fieldSights = []struct{ fault, text, right, faulty string }{
	{"close-unsaid", probe("Connection: close"), `\r\nConnection: close\r\n`, ""},
	{"closes-silently", get, "", `^HTTP/1.1 200 OK\r\nDate`},
	{"405-without-allow", line("POST / HTTP/1.1"), `\r\nAllow: GET, HEAD, OPTIONS\r\n`, ""},
	{"no-date", get, `\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`, ""},
	{"header-injection", line("GET /?%0d%0aX-In:%20y HTTP/1.1"), `\r\nContent-Location: /\?%0d%0aX-In:%20y\r\n`, `\r\nX-In: y\r\n`},
	{"head-length-0", head, `\r\nContent-Length: [1-9]`, `\r\nContent-Length: 0\r\n`},
	{"trace-with-secrets", "TRACE / HTTP/1.1\nHost: a\nCookie: secret\n\n", `^HTTP/1.1 405`, `\r\nCookie: secret\r\n`},
	{"version-echoed", line("GET / HTTP/3.1"), `^HTTP/1\.1 505`, `^HTTP/3\.1 505`},
	{"length-of-characters", line("POST / HTTP/1.1"), `\r\nContent-Length: 44\r\n`, `\r\nContent-Length: 42\r\n`},
}

func TestFaultsOfFields(t *testing.T) {
	for _, s := range fieldSights {
		for _, side := range []struct {
			server      web.Fault
			has, hasNot string
		}{{right, s.right, s.faulty}, {named(t, s.fault), s.faulty, s.right}} {
			changes := plant.New(side.server.Plant, web.Dialect, reference.Config{})
			c := &client{left: wire(s.text)}
			if err := changes.Session(nil)(reference.NewStreamHandler(c, changes.Config)); err != nil {
				t.Errorf("%s: %v", s.fault, err)
			}
			if side.has != "" && !regexp.MustCompile(side.has).Match(c.got.Bytes()) {
				t.Errorf("%s: %s has not answered what matches %s: %q", s.fault, side.server.Name, side.has, c.got.Bytes())
			}
			if side.hasNot != "" && s.fault != "closes-silently" && regexp.MustCompile(side.hasNot).Match(c.got.Bytes()) {
				t.Errorf("%s: %s has answered what matches %s: %q", s.fault, side.server.Name, side.hasNot, c.got.Bytes())
			}
		}
	}
}

// liveSights are faults that show in what becomes of a connection: the client sends a stream, or this and its end (⊣), and waits; then
// the connection is open, closed, or reset.
var liveSights = []sight{
	{"long-line-hangs", probe("X: {66000*x}"), "431 closed", "open"},
	{"extensions-hang", chunked("5;{66000*x}\nhello\n0\n\n"), "413 closed", "open"},
	{"bad-trailer-hangs", chunked("5\nhello\n0\nX : y\n\n") + "{N}", "400 closed", "open"},
	{"bad-trailer-hangs", chunked("5\nhello\n0\nX: y\n\n") + "{N}", hello, hello},
	{"eof-ignored", sized(" 5", "he") + "⊣", "closed", "open"},
	{"eof-ignored", post + "⊣", "200[hello] closed", "200[hello] closed"},
	{"fin-cancels", get + "⊣", "200 closed", "closed"},
	{"fin-cancels", get + "¦⊣", "200 closed", "200 closed"},
	{"fin-cancels", "GET / HT¦TP/1.1\nHost: a\n\n¦¦{N}", "200 next open", "200 next open"},
	{"close-with-unread", post + "{N}", hello, hello},
	{"close-with-unread", "POST /none HTTP/1.1\nHost: a\nContent-Length: 2000000\n\n{2000000*x}", "404 open", "404 reset"},
}

func TestFaultsOfTheConnection(t *testing.T) {
	for _, s := range liveSights {
		t.Run(s.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := lives(t, right, s.text); got != s.right {
					t.Errorf("the right server makes of %.200q: %s, not %s", s.text, got, s.right)
				}
				if got := lives(t, named(t, s.fault), s.text); got != s.faulty {
					t.Errorf("of %.200q: %s, not %s", s.text, got, s.faulty)
				}
			})
		})
	}
}

// A running server is one that is met in memory.
type running struct {
	*plant.Server
	listener *inmemory.TCPListener
	ended    chan struct{}
}

func start(f web.Fault) running {
	r := running{web.NewServer(f, reference.Config{}), inmemory.ListenTCP(0), make(chan struct{})}
	go func() {
		defer close(r.ended)
		_ = r.Serve(r.listener) // until it is closed
	}()
	return r
}

func (r running) stop() {
	_ = r.Close()
	<-r.ended
}

func (r running) connect(t *testing.T) *inmemory.TCP {
	t.Helper()
	c, err := r.listener.Connect(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lives plays a stream to a server, its segments a second apart, and says what has become of the connection a second later.
func lives(t *testing.T, f web.Fault, text string) string {
	t.Helper()
	s := start(f)
	defer s.stop()
	c := s.connect(t)
	defer func() { _ = c.Close() }()
	var got bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&got, c) // until the server ends the stream, or this side closes
	}()
	stream, ends := strings.CutSuffix(text, "⊣")
	for _, segment := range wire(stream) {
		for left := []byte(segment); len(left) > 0; {
			n, err := c.WriteMore(left, false)
			if err != nil {
				break // the server does not want more
			}
			left = left[n:]
		}
		if segment == "" {
			time.Sleep(time.Second)
		}
	}
	if ends {
		_ = c.CloseWrite()
	}
	time.Sleep(time.Second)
	state := "open"
	if fin, reset := c.Ended(); reset {
		state = "reset"
	} else if fin {
		state = "closed"
	}
	_ = c.Close()
	<-read
	return answers(got.String(), wire(stream)) + state
}

// stands says whether a goroutine of this process stands where the pattern says.
func stands(pattern string) bool {
	stacks := make([]byte, 4<<20)
	return regexp.MustCompile(pattern).Match(stacks[:runtime.Stack(stacks, true)])
}

// waitUntil waits until one does, or none does any more; the time limit of the tests is the bound.
func waitUntil(stood bool, pattern string) {
	for stands(pattern) != stood {
		runtime.Gosched()
	}
}

// TestFaultsThatSpin waits until the server's loop runs, and holds that it ends with the server.
func TestFaultsThatSpin(t *testing.T) {
	for name, stream := range map[string]string{"eof-spins": chunked("5\nhel"), "negative-size-spins": chunked("-5\nhello\n0\n\n")} {
		t.Run(name, func(t *testing.T) {
			s := start(named(t, name))
			defer waitUntil(false, `web\.spin\(`)
			defer s.stop()
			c := s.connect(t)
			defer func() { _ = c.Close() }()
			sendAll(t, c, stream)
			if err := c.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			waitUntil(true, `web\.spin\(`)
			if fin, reset := c.Ended(); fin || reset {
				t.Error("the connection has ended")
			}
			if name == "eof-spins" {
				return
			}
			other := s.connect(t)
			defer func() { _ = other.Close() }()
			sendAll(t, other, get)
			waitUntil(true, `\[chan receive[^]]*\]:\n.*web\.plantNegativeSize`)
			if n, _, _ := other.Arrived(); n > 0 {
				t.Error("another client is served")
			}
		})
	}
}

func sendAll(t *testing.T, c *inmemory.TCP, stream string) {
	t.Helper()
	if _, err := c.WriteMore([]byte(strings.Join(wire(stream), "")), false); err != nil {
		t.Fatal(err)
	}
}

// TestSizeThatKills holds that an enormous size ends the server.
func TestSizeThatKills(t *testing.T) {
	s := start(named(t, "size-overflow-kills"))
	defer s.stop()
	c := s.connect(t)
	defer func() { _ = c.Close() }()
	sendAll(t, c, chunked("8000000000000005\nhello\n0\n\n"))
	<-s.ended
	if _, err := s.listener.Connect(context.Background(), 0); err == nil {
		t.Error("another client is served")
	}
}

// TestOverASocket meets a server where users do.
func TestOverASocket(t *testing.T) {
	s := web.NewServer(right, reference.Config{})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.ServeForever() // until it is closed
	}()
	defer func() {
		_ = s.Close()
		<-served
	}()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	stream := wire(post + probe("Connection: close"))
	if _, err := io.WriteString(c, stream[0]); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if line := answers(string(got), stream); line != "200[hello] 200 " {
		t.Errorf("answered %s", line)
	}
}
