package pair

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/http1"
)

// A framing says how many bytes of body a reader takes behind a head, or that the body is in chunks.
type framing func(h textproto.MIMEHeader) (n int, chunked bool)

// byRFC goes by chunked where that is the coding, and else by the length.
func byRFC(h textproto.MIMEHeader) (int, bool) {
	n, _ := strconv.Atoi(h.Get("Content-Length"))
	return n, strings.EqualFold(h.Get("Transfer-Encoding"), "chunked")
}

// byLength goes by the length wherever there is one.
func byLength(h textproto.MIMEHeader) (int, bool) {
	n, err := strconv.Atoi(h.Get("Content-Length"))
	return n, err != nil && h.Get("Transfer-Encoding") != ""
}

// bySubstring takes whatever has chunked in it for chunks.
func bySubstring(h textproto.MIMEHeader) (int, bool) {
	n, _ := strconv.Atoi(h.Get("Content-Length"))
	return n, strings.Contains(h.Get("Transfer-Encoding"), "chunked")
}

// noBody takes no body, whatever the head says.
func noBody(textproto.MIMEHeader) (int, bool) { return 0, false }

// request reads one as bytes, as far as the reader takes it to go.
func request(r *bufio.Reader, f framing) ([]byte, error) {
	var all []byte
	line := func() (string, error) {
		s, err := r.ReadString('\n')
		all = append(all, s...)
		return strings.TrimRight(s, "\r\n"), err
	}
	if _, err := line(); err != nil {
		return all, err
	}
	h := textproto.MIMEHeader{}
	for {
		s, err := line()
		if err != nil {
			return all, err
		}
		if s == "" {
			break
		}
		name, value, _ := strings.Cut(s, ":")
		h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	take := func(n int) error {
		b := make([]byte, n)
		n, err := io.ReadFull(r, b)
		all = append(all, b[:n]...)
		return err
	}
	n, chunked := f(h)
	if !chunked {
		return all, take(n)
	}
	for {
		s, err := line()
		if err != nil {
			return all, err
		}
		size, _ := strconv.ParseInt(s, 16, 32)
		if size == 0 {
			_, err = line()
			return all, err
		}
		if err := take(int(size) + 2); err != nil {
			return all, err
		}
	}
}

// listen serves connections until the test is over.
func listen(t *testing.T, serve func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if serve != nil {
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go serve(c)
			}
		}()
	}
	return l
}

// server answers each request, as it reads them.
func server(f framing) func(net.Conn) {
	return func(c net.Conn) {
		defer func() { _ = c.Close() }()
		for r := bufio.NewReader(c); ; {
			b, err := request(r, f)
			if err != nil {
				return
			}
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"); err != nil || bytes.Contains(b, []byte("Connection: close")) {
				return
			}
		}
	}
}

// front sends requests on as it reads them, one after another over one connection, each as change has it; nil refuses it.
func front(back net.Addr, f framing, change func([]byte) []byte) func(net.Conn) {
	return func(c net.Conn) {
		defer func() { _ = c.Close() }()
		b, err := net.Dial("tcp", back.String())
		if err != nil {
			return
		}
		defer func() { _ = b.Close() }()
		answers := bufio.NewReader(b)
		for r := bufio.NewReader(c); ; {
			one, err := request(r, f)
			if err != nil {
				return
			}
			if change != nil {
				if one = change(one); one == nil {
					_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
					return
				}
			}
			if _, err := b.Write(bytes.Replace(one, []byte("Connection: close\r\n"), nil, 1)); err != nil {
				return
			}
			answer, err := request(answers, byRFC)
			if err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil || bytes.Contains(one, []byte("Connection: close")) {
				return
			}
		}
	}
}

// TestPairs: two readers that part over a message are told so, whichever of them is right, and two that agree are not.
func TestPairs(t *testing.T) {
	target := http1.Target{Host: "localhost", Path: "/", Post: "/post", Hidden: "/hidden"}
	message := func(lines, body string) http1.Message {
		return http1.Message{Name: lines, Bytes: target.Write("POST {Q} HTTP/1.1\nHost: {H}\n" + lines + "\n" + body), Asked: []http1.Asked{{}}}
	}
	const smuggled = "GET {HIDDEN} HTTP/1.1\nHost: {H}\n\n"
	plain := message("Content-Length: 5\n", "hello")
	chunked := message("Transfer-Encoding: chunked\n", "5\nhello\n0\n\n")
	both := message("Content-Length: 5\nTransfer-Encoding: chunked\n", "0\n\n")
	hidden := strings.NewReplacer("{HIDDEN}", "/hidden", "{H}", "localhost", "\n", "\r\n").Replace(smuggled)
	inDisguise := message(fmt.Sprintf("Content-Length: %d\nTransfer-Encoding: xchunked\n", 5+len(hidden)), "0\n\n"+smuggled)
	unread := message(fmt.Sprintf("Content-Length: %d\n", len(hidden)), smuggled)
	odd := message("Content-Length: +5\n", "hello")
	for _, c := range []struct {
		name        string
		front, back framing
		change      func([]byte) []byte
		message     http1.Message
		want        Verdict
		said        string // a part of it
		sent        []int  // requests over each connection
	}{
		{"a length", byRFC, byRFC, nil, plain, Agreed, "sent on as 2 requests, and read so", []int{2}},
		{"chunks", byRFC, byRFC, nil, chunked, Agreed, "sent on as 2 requests", []int{2}},
		{"refused", byRFC, byRFC, func([]byte) []byte { return nil }, plain, Refused, "the front end refused it (400)", nil},
		{"both said, and handed on", byLength, byLength, nil, both, Parted, "sent on Content-Length beside Transfer-Encoding", []int{2}},
		{"no number, handed on", byRFC, byRFC, nil, odd, Parted, "sent on a Content-Length that is no number", []int{2}},
		{"by length, then by what looks like chunked", byLength, bySubstring, nil, inDisguise, Parted, "the back end answered 2", []int{2}},
		{"a body that the back end does not read", byRFC, noBody, nil, unread, Parted, "the back end answered 2", []int{2}},
		{"a body that the front end does not count", noBody, byRFC, nil, unread, Parted, "waits for more", []int{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorder := Record(listen(t, nil))
			defer func() { _ = recorder.Close() }()
			p := Pair{
				Front: listen(t, front(recorder.listener.Addr(), c.front, c.change)).Addr().String(), Back: listen(t, server(c.back)).Addr().String(),
				Recorder: recorder, Target: target,
			}
			res := p.Ask(t.Context(), c.message)
			var sent []int
			for _, s := range res.Sent {
				sent = append(sent, len(s.Requests))
			}
			if res.Verdict != c.want || !strings.Contains(res.Said, c.said) || !slices.Equal(sent, c.sent) {
				t.Errorf("verdict %d, want %d: %s; sent on %v, want %v", res.Verdict, c.want, res.Said, sent, c.sent)
			}
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		recorder := Record(listen(t, nil))
		defer func() { _ = recorder.Close() }()
		gone := listen(t, nil)
		_ = gone.Close()
		p := Pair{Front: gone.Addr().String(), Back: gone.Addr().String(), Recorder: recorder, Target: target}
		if res := p.Ask(t.Context(), plain); res.Verdict != Unknown || !strings.Contains(res.Said, "front end cannot be reached") {
			t.Errorf("%d: %s", res.Verdict, res.Said)
		}
		p.Front = listen(t, front(recorder.listener.Addr(), byRFC, nil)).Addr().String()
		if res := p.Ask(t.Context(), plain); res.Verdict != Unknown || !strings.Contains(res.Said, "back end cannot be reached") {
			t.Errorf("%d: %s", res.Verdict, res.Said)
		}
	})
}
