package files

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/judgetest"
	"github.com/streamspec/streamspec/suite/report"
)

// posted serves POST of HTTP/1.1 on a connection that is kept: read gets the body's length and what comes, and returns what of it is the body;
// answer says with what status it is answered, and the body.
func posted(read func(n int, in *bufio.Reader) ([]byte, error), answer func(body []byte) (status int, content []byte)) func(c judgetest.Conn, _ int) {
	return func(c judgetest.Conn, _ int) {
		in := bufio.NewReaderSize(c, 16<<10)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			r.Body = nil // what is behind the head is read here
			body, err := read(int(r.ContentLength), in)
			status, content := answer(body)
			if err == errTooLong {
				status, content, r.Close = http.StatusRequestEntityTooLarge, nil, true
			} else if err != nil {
				return
			}
			_, _ = fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(content), content) // the client sees how far it comes
			if r.Close {
				_ = c.CloseWrite()
				_, _ = io.Copy(io.Discard, c) // up to its end
				return
			}
		}
	}
}

// errTooLong is that a body is longer than is taken.
var errTooLong = fmt.Errorf("the body is too long")

// upTo reads all of a body, up to so many bytes.
func upTo(most int) func(n int, in *bufio.Reader) ([]byte, error) {
	return func(n int, in *bufio.Reader) ([]byte, error) {
		if n > most {
			return nil, errTooLong
		}
		b := make([]byte, n)
		_, err := io.ReadFull(in, b)
		return b, err
	}
}

// refilled reads a body by a buffer of so many bytes, which begins with the part that it ended with when it is filled again.
func refilled(room int) func(n int, in *bufio.Reader) ([]byte, error) {
	return func(n int, in *bufio.Reader) ([]byte, error) {
		b := make([]byte, n)
		_, err := io.ReadFull(in, b)
		for at := room; at < n; at += room {
			b[at] = b[at-1]
		}
		return b, err
	}
}

// shortened reads a body whose length it keeps in so many bits.
func shortened(bits int) func(n int, in *bufio.Reader) ([]byte, error) {
	return func(n int, in *bufio.Reader) ([]byte, error) {
		b := make([]byte, n&(1<<bits-1))
		_, err := io.ReadFull(in, b)
		return b, err
	}
}

// TestBodies judges servers that read bodies of HTTP/1.1, by the presets for them: those that read long ones wrongly are blamed for that, and
// those that refuse them are right.
func TestBodies(t *testing.T) {
	echoed := func(body []byte) (int, []byte) { return http.StatusOK, body }
	taken := func(body []byte) (int, []byte) { return http.StatusCreated, fmt.Appendf(nil, "%d bytes", len(body)) }
	const far = 1 << 30
	for name, test := range map[string]struct {
		preset  string
		serve   func(c judgetest.Conn, _ int)
		verdict report.Verdict
		says    []string
	}{
		"an echo":                             {"http1-echo", posted(upTo(far), echoed), report.Pass, []string{"up to 1048576 bytes"}},
		"an upload":                           {"http1-post", posted(upTo(far), taken), report.Pass, []string{"up to 1048576 bytes"}},
		"an upload of 100 kB":                 {"http1-post", posted(upTo(100<<10), taken), report.Pass, []string{"up to 65536 bytes, of 1048575 it is refused"}},
		"an echo of 100 kB":                   {"http1-echo", posted(upTo(100<<10), echoed), report.Pass, []string{"up to 65536 bytes, of 1048575 it is refused"}},
		"an upload of 16 bytes":               {"http1-post", posted(upTo(100), taken), report.Skip, []string{"the server refuses a message with a part of 127 bytes"}},
		"an echo by a buffer of 2048":         {"http1-echo", posted(refilled(2048), echoed), report.Fail, []string{"of a message with a part of 4095 bytes", "what is longer than 2048 bytes is answered wrongly", "a buffer of 2048 bytes", "POST of any length#4095"}},
		"an upload with lengths of two bytes": {"http1-post", posted(shortened(16), taken), report.Fail, []string{"with a part of 65536 bytes, behind a message that was", "what is longer than 65535 bytes is answered wrongly", "a length that is kept in two bytes", "exchange \"POST of any length#65536\"\n  exchange \"POST\"\n  await "}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "preset:"+test.preset, test.serve)
			cfg.Only = "FRAM-1,FRAM-12,ROBU-2"
			rep := judgetest.Judge(t, cfg)
			holdWords(t, rep, "FRAM-12", test.verdict, test.says)
			if r := judgetest.Result(t, rep, "ROBU-2"); r.Verdict != report.Pass {
				t.Errorf("ROBU-2: %s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// TestBodiesOfUnknownAnswers: where a file does not say what a long message is answered, a server is not blamed that answers each length in
// its own way; one that answers all lengths alike, but the long ones, is.
func TestBodiesOfUnknownAnswers(t *testing.T) {
	const file = `protocol: posts
pipelines: true
exchanges:
  - name: post
    send:
      - {crlf: "POST / HTTP/1.1\nHost: localhost\nX-Id: {{conn}}\nContent-Length: "}
      - {length: decimal, then: "\r\n\r\n", of: {grow: {from: 1, to: 70000, of: "abc\r\n"}}}
    expect: {frame: http1}
`
	for name, test := range map[string]struct {
		serve   func(c judgetest.Conn, _ int)
		verdict report.Verdict
		says    []string
	}{
		"an echo":                             {posted(upTo(1<<20), func(body []byte) (int, []byte) { return http.StatusOK, body }), report.Skip, []string{"with a part of 2 bytes is another than to one of 1", "{grown: true}"}},
		"an upload":                           {posted(upTo(1<<20), func([]byte) (int, []byte) { return http.StatusOK, nil }), report.Pass, []string{"up to 70000 bytes"}},
		"an upload with lengths of two bytes": {posted(shortened(16), func([]byte) (int, []byte) { return http.StatusOK, nil }), report.Fail, []string{"with a part of 65536 bytes"}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "posts.yaml", test.serve)
			cfg.Exchange, cfg.Only = judgetest.ExchangeFile(t, file), "FRAM-12"
			holdWords(t, judgetest.Judge(t, cfg), "FRAM-12", test.verdict, test.says)
		})
	}
}

// holdWords compares a verdict, and what is said of it.
func holdWords(t *testing.T, rep *report.Report, id string, verdict report.Verdict, says []string) {
	t.Helper()
	r := judgetest.Result(t, rep, id)
	all := strings.Join([]string{r.Observed, r.Reason, rep.Likely}, "; ")
	if r.Failure != nil {
		all += r.Failure.Plan + r.Failure.Problem
	}
	if r.Verdict != verdict {
		t.Errorf("%s: %s", r.Verdict, all)
	}
	for _, text := range says {
		if !strings.Contains(all, text) {
			t.Errorf("no %q in %s", text, all)
		}
	}
}

// TestHeads judges servers of preset:http1 by heads that grow: up to 8000 bytes, unless they refuse them by their status.
func TestHeads(t *testing.T) {
	served := func(room int, refusal string) func(c judgetest.Conn, _ int) {
		return func(c judgetest.Conn, _ int) {
			in := bufio.NewReaderSize(c, 64<<10)
			for {
				var head []byte
				for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
					line, err := in.ReadSlice('\n')
					if head = append(head, line...); err != nil {
						return
					}
				}
				answer := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
				if len(head) > room {
					answer = refusal
				}
				if bytes.HasPrefix(head, []byte("HEAD")) {
					answer = answer[:len(answer)-2]
				}
				_, _ = io.WriteString(c, answer) // the client sees how far it comes
				if len(head) > room || bytes.Contains(head, []byte("Connection: close")) {
					_ = c.CloseWrite()
					_, _ = io.Copy(io.Discard, c) // up to its end
					return
				}
			}
		}
	}
	for name, test := range map[string]struct {
		serve   func(c judgetest.Conn, _ int)
		verdict report.Verdict
		says    []string
	}{
		"of any length":          {served(1<<20, ""), report.Pass, []string{"up to 8000 bytes"}},
		"of 4 KiB, and no more":  {served(4096, "HTTP/1.1 431 Too Large\r\nContent-Length: 2\r\n\r\nno"), report.Pass, []string{"up to 256 bytes, of 4095 it is refused"}},
		"of 4 KiB, and no words": {served(4096, ""), report.Fail, []string{"of a message with a part of 4095 bytes"}},
		"of 5000 bytes":          {served(5000, "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno"), report.Fail, []string{"of a message with a part of 8000 bytes"}},
	} {
		judgetest.Virtually(t, name, func(t *testing.T) {
			cfg := judgetest.Serving(t, "preset:http1", test.serve)
			cfg.Only = "FRAM-1,FRAM-12"
			holdWords(t, judgetest.Judge(t, cfg), "FRAM-12", test.verdict, test.says)
		})
	}
}
