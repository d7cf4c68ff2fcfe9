package pair

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference"
	refhttp1 "github.com/streamspec/streamspec/reference/http1"
)

// A framing says how many bytes of content a reader takes behind a head, or that it is in chunks.
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

// wrapped goes by a length of 64 bits, whatever it is a number of.
func wrapped(h textproto.MIMEHeader) (int, bool) {
	var n uint64
	for _, c := range h.Get("Content-Length") {
		n = n*10 + uint64(c-'0')
	}
	return int(n), h.Get("Transfer-Encoding") != ""
}

// unread takes no content, whatever the head says.
func unread(textproto.MIMEHeader) (int, bool) { return 0, false }

// longer goes by the length, and takes some bytes more.
func longer(h textproto.MIMEHeader) (int, bool) {
	n, chunked := byRFC(h)
	if n > 0 {
		n += 1000
	}
	return n, chunked
}

// readRequest reads one as bytes, as far as the reader takes it to go.
func readRequest(r *bufio.Reader, f framing) ([]byte, error) {
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
		var b bytes.Buffer
		_, err := io.CopyN(&b, r, int64(n))
		all = append(all, b.Bytes()...)
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
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// reader is a server that answers each request, as it reads them.
func reader(f framing) func(net.Conn) {
	return func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			b, err := readRequest(r, f)
			if err != nil {
				return
			}
			content := "hi"
			if bytes.HasPrefix(b, []byte("HEAD ")) {
				content = ""
			}
			if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"+content); err != nil || bytes.Contains(b, []byte("Connection: close")) {
				return
			}
		}
	}
}

// handsOn is a front end that sends requests on as it reads them, byte for byte, each over a connection of its own.
func handsOn(f framing) func(to string) func(net.Conn) {
	return func(to string) func(net.Conn) {
		return func(c net.Conn) {
			for r := bufio.NewReader(c); ; {
				one, err := readRequest(r, f)
				if err != nil {
					return
				}
				b, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				_, _ = b.Write(one)
				answer, err := readRequest(bufio.NewReader(b), byRFC)
				_ = b.Close()
				if err != nil {
					return
				}
				answer = bytes.Replace(answer, []byte("Connection: close\r\n"), nil, 1)
				if _, err := c.Write(answer); err != nil || bytes.Contains(one, []byte("Connection: close")) {
					return
				}
			}
		}
	}
}

// tunnel hands every byte on as it comes.
func tunnel(to string) func(net.Conn) {
	return func(c net.Conn) {
		b, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer func() { _ = b.Close() }()
		go func() {
			_, _ = io.Copy(b, c)
			_ = b.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(c, b)
	}
}

// goProxy is a right front end, of net/http: it keeps connections where it may.
func goProxy(t *testing.T, to string) string {
	t.Helper()
	p := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	p.ErrorLog = log.New(io.Discard, "", 0)
	return goServer(t, p)
}

func goServer(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// goBack is a right server of net/http.
func goBack(t *testing.T) string {
	t.Helper()
	return goServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "hello\n")
	}))
}

// refBack is the reference's server.
func refBack(t *testing.T) string {
	t.Helper()
	s := reference.NewTCPServer(reference.Config{Addr: "127.0.0.1:0", Handler: refhttp1.Demo})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.ServeForever() }()
	t.Cleanup(func() { _ = s.Close() })
	return s.Addr().String()
}
