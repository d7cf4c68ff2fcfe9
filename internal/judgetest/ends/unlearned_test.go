package ends

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// twoRequests is an exchange file for a server of HTTP/1.1 of which nothing is said but that it answers.
const twoRequests = `protocol: http
exchanges:
  - {name: one, send: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"}
  - {name: two, send: "GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n"}
`

// serveHTTP answers requests without a body, each by its target.
func serveHTTP(c io.ReadWriter) {
	r := bufio.NewReader(c)
	for first := ""; ; {
		line, err := r.ReadString('\n')
		switch {
		case err != nil:
			return
		case first == "":
			first = line
			continue
		case line != "\r\n":
			continue
		}
		words, status, length := strings.Fields(first), "200 OK", 2
		if first = ""; words[0] != "GET" && words[0] != "HEAD" {
			status = "501 Not Implemented"
		} else if words[1] != "/" {
			status, length = "404 Not Found", 4
		}
		body := strings.Repeat("x", length)
		if words[0] == "HEAD" {
			body = ""
		}
		if _, err := fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, length, body); err != nil {
			return
		}
	}
}

// TestWhileItIsLearned: a server that answers nothing yet when it is learned, or nothing any more, or never does, has a verdict, or none and
// the reason; and that the suite failed itself is none.
func TestWhileItIsLearned(t *testing.T) {
	judgetest.Table(t)
	type serving func(c judgetest.Conn, number int, die func())
	right := func(c judgetest.Conn, _ int, _ func()) { serveHTTP(c) }
	behindFour := func(what serving) serving {
		return func(c judgetest.Conn, number int, die func()) {
			if number > 4 {
				what(c, number, die)
				return
			}
			serveHTTP(c)
		}
	}
	silent := func(c judgetest.Conn, _ int, _ func()) { _, _ = io.Copy(io.Discard, c) }
	for _, s := range []struct {
		name  string
		said  string // what may be the trouble; "" where the server is conformant
		ready time.Duration
		serve serving
	}{
		{"serves at once", "", 0, right},
		{"is ready after 3 s", "", 3 * time.Second, right},
		{"is ready after 9 s", "once of ", 9 * time.Second, right},
		{"is never ready", "did not answer|there was no answer", time.Hour, right},
		{"closes each connection at once", "ended the connection|closed the connection", 0, func(judgetest.Conn, int, func()) {}},
		{"resets each connection at once", "reset the connection|ended the connection|closed the connection", 0, func(c judgetest.Conn, _ int, _ func()) { judgetest.Resets(c) }},
		{"speaks first, and then answers nothing", "it begins with hi|spoke first", 0, func(c judgetest.Conn, _ int, _ func()) {
			_, _ = io.WriteString(c, "hi\r\n")
			_, _ = io.Copy(io.Discard, c)
		}},
		{"answers nothing any more", "did not answer|there was no answer", 0, behindFour(silent)},
		{"is gone", "ended the connection|no connection could be made", 0, behindFour(func(_ judgetest.Conn, _ int, die func()) { die() })},
	} {
		for _, dialect := range []string{"http1", "test.yaml"} {
			judgetest.Virtually(t, s.name+", "+dialect, func(t *testing.T) {
				cfg := beginning(t, dialect, s.ready, s.serve)
				rep := judgetest.Judge(t, cfg)
				told := judgetest.Told(rep)
				if (rep.Conclusion == report.Conformant) != (s.said == "") {
					t.Errorf("the conclusion is %s: %s", rep.Conclusion, told)
				}
				if s.said == "" {
					return
				}
				ok := rep.Summary.Pass == 0 && !strings.Contains(told, "mistake") && !strings.Contains(told, "panic") && !strings.Contains(told, "suite itself")
				said := false
				for one := range strings.SplitSeq(s.said, "|") {
					said = said || strings.Contains(rep.Trouble, one)
				}
				if !ok || !said {
					t.Errorf("%d passed, and the trouble is not %q: %s", rep.Summary.Pass, s.said, told)
				}
			})
		}
	}
}

// beginning is a config for servers of HTTP/1.1 that the suite has started, and starts again. Each takes connections at once, and serves them
// when it is ready: serve is told the number of each client, and what ends the server.
func beginning(t *testing.T, dialect string, ready time.Duration, serve func(c judgetest.Conn, number int, die func())) judge.Config {
	cfg := revived(t, dialect, func(l *inmemory.TCPListener) func() {
		var clients atomic.Int64
		var b *judgetest.Handmade
		begun, dead, began := make(chan struct{}), make(chan struct{}), time.Now()
		end := sync.OnceFunc(func() {
			close(dead)
			b.Die()
		})
		b = judgetest.On(t, l, func(c judgetest.Conn) {
			<-begun
			number := int(clients.Add(1))
			select {
			case <-time.After(ready - time.Since(began)):
				serve(c, number, b.Die)
			case <-dead:
			}
		})
		t.Cleanup(end)
		close(begun)
		return end
	})
	cfg.Launcher = judgetest.Running(t, dialect, time.Second, func(s *judgetest.Served) int { return s.Reference("echo", time.Second, nil) }).Launcher
	if dialect == "http1" {
		cfg.HTTP = service.Options{Fields: []string{"Host: localhost"}}
	} else {
		cfg.Exchange = judgetest.ExchangeFile(t, twoRequests)
	}
	cfg.Only = "FRAM-1,FRAM-2"
	return cfg
}
