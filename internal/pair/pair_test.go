package pair

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// record serves a recorder until the test is over.
func recording(t *testing.T) *Recorder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := Record(l)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// learned is a pair of which is known what limits it; its waits are short.
func learned(t *testing.T, front func(to string) func(net.Conn), back string) *Pair {
	t.Helper()
	r := recording(t)
	p := &Pair{Front: listen(t, front(r.Addr())), Back: back, Host: "front", Path: "/", Recorder: r}
	if _, err := p.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.front, p.behind = 300*time.Millisecond, 300*time.Millisecond
	return p
}

func named(t *testing.T, p *Pair, name string) Message {
	t.Helper()
	for _, m := range Messages(p.target(p.mark())) {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no message is named %s", name)
	return Message{}
}

// TestRightPairs: a right front end and a right server agree over all messages, and the same comes of a second run.
func TestRightPairs(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(*testing.T) string{"net/http": goBack, "the reference": refBack, "by the RFC": func(t *testing.T) string { return listen(t, reader(byRFC)) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := recording(t)
			p := &Pair{Front: goProxy(t, r.Addr()), Back: back(t), Host: "front", Path: "/", Recorder: r}
			var outcomes [2]string
			if _, err := p.Learn(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.front, p.behind = 300*time.Millisecond, 300*time.Millisecond
			for i := range outcomes {
				rep := p.judge(t.Context(), nil)
				var console bytes.Buffer
				_ = rep.WriteConsole(&console, true)
				if rep.Verdict() != Conformant || rep.with(Alike) < 20 || rep.with(Refused) < 20 {
					t.Errorf("%s", &console)
				}
				for _, res := range rep.Results {
					outcomes[i] += res.Message.Name + ": " + string(res.Outcome) + "\n"
				}
			}
			if outcomes[0] != outcomes[1] {
				one, other := strings.Split(outcomes[0], "\n"), strings.Split(outcomes[1], "\n")
				for i := range min(len(one), len(other)) {
					if one[i] != other[i] {
						t.Errorf("a second run is another: %s, and then %s", one[i], other[i])
					}
				}
			}
		})
	}
}

// TestPairs: two readers that part over a message are told so, whichever of them is right; two that agree are not; and what a front end must
// not send on is told beside that.
func TestPairs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		front   framing
		back    framing
		message string
		want    Outcome
		must    string // a part of what the front end must not; "" where that is nothing
		reading string // a part of the back end's
	}{
		{"a length", byRFC, byRFC, "a length", Alike, "", ""},
		{"chunks", byRFC, byRFC, "chunks", Alike, "", ""},
		{"a request in chunks", byRFC, byRFC, "POST with a request as content, in a chunk", Alike, "", ""},
		{"an answer to HEAD", byRFC, byRFC, "HEAD with a request as content, by its length", Alike, "", ""},
		{"both, read by the length, and by the chunks", byLength, byRFC, "Content-Length before chunked, hidden by the length", Parted, "beside Transfer-Encoding: chunked", "it ends before byte"},
		{"both, and read alike: harmless for the one, and forbidden to the other", byLength, byLength, "Content-Length before chunked, hidden by the length", Alike, "beside Transfer-Encoding: chunked", ""},
		{"both, read by the chunks, and by the length", byRFC, byLength, "Content-Length before chunked, hidden by the chunks", Parted, "beside Transfer-Encoding: chunked", "it ends before byte"},
		{"no coding, read by the length, and by what looks like chunked", byLength, bySubstring, "Transfer-Encoding, xchunked, beside a length", Parted, "beside Transfer-Encoding: xchunked", "it ends before byte"},
		{"a content that is not read", byRFC, unread, "GET with a request as content, by its length", Parted, "", "it ends before byte"},
		{"a content that is read beyond its end", byRFC, longer, "a length", Parted, "", "it goes on behind byte"},
		{"no number, and handed on", byRFC, byRFC, "Content-Length, + before it", Alike, "which is no number", ""},
		{"a number of more than 64 bits, handed on by what is left of it", wrapped, byRFC, "Content-Length: 2^64+5", Parted, "", "it goes on behind byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := learned(t, handsOn(c.front), listen(t, reader(c.back)))
			res := p.Ask(t.Context(), named(t, p, c.message))
			must, readings := strings.Join(res.Must, "; "), strings.Join(res.Readings, "; ")
			if res.Outcome != c.want || (must == "") != (c.must == "") || !strings.Contains(must, c.must) || !strings.Contains(readings, c.reading) {
				t.Errorf("%s (%s), want %s\nmust not: %s\nreadings: %s\nsent on: %q", res.Outcome, res.Why, c.want, must, readings, res.SentOn)
			}
			if res.Failed() != (c.want == Parted || c.must != "") {
				t.Errorf("failed: %t", res.Failed())
			}
		})
	}
}

// TestReadings: where the two end a message is an offset among what was sent on.
func TestReadings(t *testing.T) {
	t.Parallel()
	p := learned(t, handsOn(byRFC), listen(t, reader(unread)))
	res := p.Ask(t.Context(), named(t, p, "POST with a request as content, by its length"))
	if len(res.Readings) != 2 {
		t.Fatalf("%+v", res)
	}
	ends := bytes.Index(res.SentOn, []byte("GET /"))
	for i, want := range []string{
		"front: one request, up to byte " + strconv.Itoa(len(res.SentOn)) + " of",
		"back: it ends before byte " + strconv.Itoa(ends) + ", and the rest is answered as 1 request more; it says 200, 200, 200",
	} {
		if !strings.HasPrefix(res.Readings[i], want) {
			t.Errorf("%q, want %q", res.Readings[i], want)
		}
	}
}

// TestFrontsThatShowNothing: of a front end that does not send on to the recorder, hands bytes on, or speaks something else, there is nothing
// to report, and the error says what to do.
func TestFrontsThatShowNothing(t *testing.T) {
	t.Parallel()
	back := goBack(t)
	says := func(text string) func(string) func(net.Conn) {
		return func(string) func(net.Conn) { return func(c net.Conn) { _, _ = io.WriteString(c, text) } }
	}
	for name, c := range map[string]struct {
		front func(to string) func(net.Conn)
		want  string
	}{
		"sends on to another": {func(string) func(net.Conn) { return handsOn(byRFC)(back) }, "nothing of it came to the recorder: let it send that on to 127.0.0.1:"},
		"answers by itself":   {func(string) func(net.Conn) { return reader(byRFC) }, "answers 200 to GET /, and nothing of it came"},
		"a tunnel":            {tunnel, "hands bytes on"},
		"no HTTP":             {says("220 hello\x1b[31m\r\n"), `does not answer in HTTP/1: it says "220 hello\x1b[31m`},
		"nothing":             {says(""), "the front end does not answer GET /"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := recording(t)
			p := Pair{Front: listen(t, c.front(r.Addr())), Back: back, Host: "front", Path: "/", Recorder: r}
			if _, err := p.Judge(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestBacksThatShowNothing: the same of back ends.
func TestBacksThatShowNothing(t *testing.T) {
	t.Parallel()
	headless := func(c net.Conn) { // it sends content to HEAD
		_, _ = c.Read(make([]byte, 4<<10))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
	}
	for name, c := range map[string]struct {
		back func(net.Conn)
		want string
	}{
		"no HTTP":         {func(c net.Conn) { _, _ = io.WriteString(c, "hello\n") }, "does not answer GET / in HTTP/1"},
		"content to HEAD": {headless, "does not answer HEAD / by one head without content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := recording(t)
			p := Pair{Front: goProxy(t, r.Addr()), Back: listen(t, c.back), Host: "front", Path: "/", Recorder: r}
			if _, err := p.Judge(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestBounds: an answer without an end is not kept, and not waited for.
func TestBounds(t *testing.T) {
	t.Parallel()
	endless := func(c net.Conn) {
		for b := bytes.Repeat([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 100); ; {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	}
	h, err := converse(t.Context(), listen(t, endless), []byte("GET / HTTP/1.1\r\n\r\n"), time.Second, nil)
	if err != nil || len(h.bytes) < mostBytes || len(h.bytes) > mostBytes+32<<10 || h.ended {
		t.Errorf("%d bytes, ended %t: %v", len(h.bytes), h.ended, err)
	}
	r := recording(t)
	c, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if n, err := c.Write(bytes.Repeat([]byte("GET /?m=marked HTTP/1.1 "), 1<<20)); err == nil {
		t.Errorf("%d bytes of a line are taken", n)
	}
	if all := r.take(t.Context(), "marked", true); len(all) != 1 || len(all[0].bytes) != mostBytes {
		t.Errorf("%d connections", len(all))
	}
}

// TestTakesAll: what a front end had written before it answers is taken, though the recorder was not read from since.
func TestTakesAll(t *testing.T) {
	t.Parallel()
	r := recording(t)
	for range 300 {
		var conns [3]net.Conn
		for i := range conns {
			c, err := net.Dial("tcp", r.Addr())
			if err != nil {
				t.Fatal(err)
			}
			conns[i] = c
		}
		for _, c := range conns {
			_, _ = io.WriteString(c, "POST /?m=all HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe")
			_ = c.Close()
		}
		if n := len(r.take(t.Context(), "m=all", false)); n != len(conns) {
			t.Fatalf("%d of %d were taken", n, len(conns))
		}
	}
}
