package files

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/report"
)

// TestHTTP: a right server of HTTP/1.1 is judged by the dialect http1 from nothing but its address, and by what its options say.
func TestHTTP(t *testing.T) {
	judgetest.Table(t)
	for name, o := range map[string]service.Options{
		"by its address": {},
		"with a body":    {PostPath: "/echo", EchoPath: "/inspect"},
		"with fields":    {Path: "/chunked", Fields: []string{"X-Token: a \"quoted\" one", "Accept: text/plain"}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.InMemory(t, judgetest.Near(), "http1", reference.Config{Handler: http1.Demo}, nil)
			o.Fields = append(o.Fields, "Host: localhost") // the address is none
			cfg.HTTP, cfg.Only = o, "FRAM-1..6,FRAM-9..12,CLOS-1,FLOW-1"
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != report.Conformant || rep.Summary.Pass < 9 {
				t.Errorf("%d passed: %s", rep.Summary.Pass, judgetest.Told(rep))
			}
			long := rep.Results[len(rep.Results)-1]
			for _, r := range rep.Results {
				if r.ID == "FRAM-12" {
					long = r
				}
			}
			if strings.Contains(long.Observed, "1048576 bytes") != (o.PostPath != "") {
				t.Errorf("the messages that grow: %s", long.Observed)
			}
		})
	}
}

// TestHTTPWrapsBody holds that a server whose answer to POST has the body in it, and more beside it, is right.
func TestHTTPWrapsBody(t *testing.T) {
	judgetest.Virtually(t, "got", func(t *testing.T) {
		handler := http1.Handler{Serve: func(w *http1.Answer, r *http1.Request) error {
			body, err := io.ReadAll(r.Body)
			switch {
			case err != nil:
				return err
			case r.Path() == "/up" && r.Method == "POST":
				return w.Text(200, "got "+string(body))
			case r.Path() == "/":
				return w.Text(200, "hello\n")
			}
			return w.Text(404, "none\n")
		}}
		cfg := judgetest.InMemory(t, judgetest.Near(), "http1", reference.Config{Handler: handler}, nil)
		cfg.HTTP, cfg.Only = service.Options{PostPath: "/up", Fields: []string{"Host: localhost"}}, "FRAM-1"
		if rep := judgetest.Judge(t, cfg); rep.Conclusion != report.Conformant {
			t.Error(judgetest.Told(rep))
		}
	})
}

// TestHTTPFaults: what is wrong with the framing of a server of HTTP/1.1 is found by the requirement that says so.
func TestHTTPFaults(t *testing.T) {
	judgetest.Table(t)
	for name, s := range map[string]struct {
		first string
		serve func(judgetest.Conn, int)
	}{
		"a read is a request": {"FRAM-2", func(c judgetest.Conn, _ int) {
			for b := make([]byte, 4096); ; {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				answerHTTP(c, strings.Fields(string(b[:n])))
			}
		}},
		"the second request of a segment is lost": {"FRAM-4", func(c judgetest.Conn, _ int) {
			for {
				r := bufio.NewReader(c) // and what it has read ahead is lost with it
				words, err := requestHTTP(r)
				if err != nil {
					return
				}
				answerHTTP(c, words)
			}
		}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "http1", s.serve)
			cfg.HTTP, cfg.Only = service.Options{Fields: []string{"Host: localhost"}}, "FRAM-1..4"
			rep := judgetest.Judge(t, cfg)
			if rep.Conclusion != report.NotConformant || rep.First != s.first {
				t.Errorf("it begins with %q: %s", rep.First, judgetest.Told(rep))
			}
		})
	}
}

// TestHTTPWithoutVerdict: where nothing can be told by a server's answers there is no verdict, and the reason says what helps.
func TestHTTPWithoutVerdict(t *testing.T) {
	judgetest.Table(t)
	constant := func(answer string) func(judgetest.Conn, int) {
		return func(c judgetest.Conn, _ int) {
			for r := bufio.NewReader(c); ; {
				if _, err := requestHTTP(r); err != nil {
					return
				}
				if _, err := io.WriteString(c, answer); err != nil {
					return
				}
			}
		}
	}
	once := func(answer string, ends bool) func(judgetest.Conn, int) {
		return func(c judgetest.Conn, _ int) {
			if _, err := requestHTTP(bufio.NewReader(c)); err != nil {
				return
			}
			if _, err := io.WriteString(c, answer); err == nil && !ends {
				_, _ = io.Copy(io.Discard, c)
			}
		}
	}
	status := func(n int) string { return fmt.Sprintf("HTTP/1.1 %d Some\r\nContent-Length: 2\r\n\r\nok", n) }
	for name, s := range map[string]struct {
		reason string
		serve  func(judgetest.Conn, int)
	}{
		"TLS":            {"it speaks TLS", constant("\x15\x03\x01\x00\x02\x02\x46")},
		"HTTP/2":         {"it speaks HTTP/2", constant("\x00\x00\x00\x04\x00\x00\x00\x00\x00")},
		"another":        {"it begins with SSH-2.0-x", constant("SSH-2.0-x\r\n")},
		"401":            {"--header 'Authorization: …'", constant(status(401))},
		"301":            {"name a path that it answers itself with --path", constant(status(301))},
		"404":            {"name a path that it has with --path", constant(status(404))},
		"200":            {"the server answers the same (200) to whatever it is asked", constant(status(200))},
		"400":            {"the server answers the same (400) to whatever it is asked", constant(status(400))},
		"nothing":        {"did not answer GET /", func(c judgetest.Conn, _ int) { _, _ = io.Copy(io.Discard, c) }},
		"the end":        {"ended the connection without an answer to GET /", func(judgetest.Conn, int) {}},
		"half a head":    {"without an answer to GET /: only a part of one came", once("HTTP/1.1 200 OK\r\nContent-Le", true)},
		"half a content": {"did not answer GET /: only a part of one came", once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", false)},
		"2^64 bytes":     {`did not answer GET /: a chunk begins with "10000000000000000", which is no size`, once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nok", false)},
		"5 MiB":          {"GET / is longer than 4 MiB, and no more of one is read: name a path with a shorter one with --path", once("HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n"+strings.Repeat("x", 5<<20), false)},
		"no chunk":       {`did not answer GET /: a chunk begins with "z", which is no size`, once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", false)},
		"by turns": {"is not the same each time", func(c judgetest.Conn, number int) {
			constant(status([]int{200, 503}[number%2]))(c, number)
		}},
		"a byte each 200 ms": {"judging it takes some thousands of them: if it is meant to be so slow, give it a --timeout of", func(c judgetest.Conn, number int) {
			constant(status(200))(judgetest.Drips{Conn: c, Apart: 200 * time.Millisecond}, number)
		}},
		"without end": {"did not answer GET /", func(c judgetest.Conn, _ int) {
			for {
				if _, err := io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
					return
				}
			}
		}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "http1", s.serve)
			cfg.HTTP, cfg.Only = service.Options{Fields: []string{"Host: localhost"}}, "FRAM"
			began := time.Now()
			rep := judgetest.Judge(t, cfg)
			if took := time.Since(began); took > time.Minute {
				t.Errorf("it took %s", took)
			}
			if rep.Conclusion == report.Conformant || rep.Summary.Pass > 0 || !strings.Contains(judgetest.Told(rep), s.reason) {
				t.Errorf("%d passed, and the reason is not %q: %s", rep.Summary.Pass, s.reason, judgetest.Told(rep))
			}
		})
	}
}

// requestHTTP reads a request without a body, and returns the words of its first line.
func requestHTTP(r *bufio.Reader) (words []string, err error) {
	first, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if line == "\r\n" {
			return strings.Fields(first), nil
		}
	}
}

// answerHTTP answers one, and closes where the request says so.
func answerHTTP(c judgetest.Conn, words []string) {
	status, body := "404 Not Found", "nothing\n"
	if len(words) > 1 && (words[1] == "/" || strings.HasPrefix(words[1], "/?")) {
		status, body = "200 OK", "hello\n"
	}
	if len(words) > 0 && words[0] != "GET" && words[0] != "HEAD" {
		status = "501 Not Implemented"
	}
	text := fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n", status, len(body))
	if len(words) == 0 || words[0] != "HEAD" {
		text += body
	}
	_, _ = io.WriteString(c, text)
}
