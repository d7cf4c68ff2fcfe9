package targets

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// mostHTTP is how many bytes of HTTP are looked at: a request is no shorter.
const mostHTTP = 400

// An asked is a request as a handler was given it.
type asked struct{ method, target, body string }

// What the bits of a seed say besides the cuts.
const (
	leaveBodies = 1 << iota // bodies are left unread
	flushAnswers
)

// A played is what a handler made of an input.
type played struct {
	requests []asked
	answers  string // without their dates
	failed   bool
	ended    bool // it did not wait for the end of the stream
}

// An end is a reader that knows whether it was asked for more than it has: the end never comes with the last bytes.
type end struct {
	io.Reader
	seen bool
}

func (e *end) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if n > 0 {
		return n, nil
	}
	e.seen = e.seen || err == io.EOF
	return 0, err
}

var answerDate = regexp.MustCompile(`\r\nDate: [^\r]*`)

// playHTTP has requests read and answered.
func playHTTP(in io.Reader, seed uint64) played {
	var p played
	serve := func(w *http1.Answer, r *http1.Request) error {
		body := []byte(nil)
		if seed&leaveBodies == 0 {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return err
			}
		}
		p.requests = append(p.requests, asked{r.Method, r.Target, string(body)})
		text := fmt.Sprintf("%d\n", len(p.requests))
		if seed&flushAnswers == 0 {
			return w.Text(200, text)
		}
		_, _ = io.WriteString(w, text) // its error is what Flush returns too
		return w.Flush()
	}
	stream := &end{Reader: in}
	c := &conn{Reader: stream}
	p.failed = http1.Handler{Serve: serve}.Handle(reference.NewStreamHandler(c, reference.Config{})) != nil
	p.ended = !stream.seen
	p.answers = answerDate.ReplaceAllLiteralString(c.got.String(), "")
	return p
}

// exchangeHTTP plays an input whole, a byte at a time, and cut as seed says, and says what is
// wrong: what becomes of it must be the same, the server must not be at fault, the answers must be messages, no more than were
// asked for, and net/http, which is a lenient reader, must read the requests alike that it takes.
func exchangeHTTP(input []byte, seed uint64) error {
	whole := playHTTP(bytes.NewReader(input), seed)
	for _, in := range []io.Reader{&single{input}, &cuts{left: input, state: seed}} {
		if other := playHTTP(in, seed); !reflect.DeepEqual(other, whole) {
			return fmt.Errorf("%q becomes %+v whole, and %+v in pieces", input, whole, other)
		}
	}
	if whole.failed {
		return fmt.Errorf("%q makes the server fail: %+v", input, whole)
	}
	if err := checkAnswers(whole, seed); err != nil {
		return fmt.Errorf("%q is answered %q: %w", input, whole.answers, err)
	}
	if err := checkRequests(input, whole.requests, seed); err != nil {
		return fmt.Errorf("%q is read as %+v: %w", input, whole.requests, err)
	}
	return nil
}

// checkAnswers holds that each request has one final answer, that one refusal at most is behind them, and that
// the last of them says so where the server ends the connection. Behind a body that was left it may have to end it unsaid.
func checkAnswers(p played, seed uint64) error {
	in := bufio.NewReader(strings.NewReader(p.answers))
	for finals, closes := 0, false; ; {
		if _, err := in.Peek(1); err == io.EOF {
			if finals < len(p.requests) {
				return fmt.Errorf("%d final answers to %d requests", finals, len(p.requests))
			}
			if p.ended && !closes && seed&leaveBodies == 0 {
				return errors.New("the connection is closed, and no answer says so")
			}
			return nil
		}
		method, refusal := "GET", finals >= len(p.requests)
		if !refusal {
			method = p.requests[finals].method
		}
		a, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			return err
		}
		if a.StatusCode < 200 {
			continue
		}
		finals++
		closes = a.Close
		if want := 200; !refusal && a.StatusCode != want || refusal && (a.StatusCode < 400 || finals > len(p.requests)+1) {
			return fmt.Errorf("answer %d has the status %d", finals, a.StatusCode)
		}
		if _, err := io.Copy(io.Discard, a.Body); err != nil && (!refusal || err != io.ErrUnexpectedEOF) { // that to HEAD has none
			return fmt.Errorf("answer %d: %w", finals, err)
		}
	}
}

// checkRequests holds that net/http reads the same requests, up to one that it does not take.
func checkRequests(input []byte, requests []asked, seed uint64) error {
	in := bufio.NewReader(bytes.NewReader(input))
	for i, want := range requests {
		if start, _ := in.Peek(2); string(start) == "\r\n" {
			_, _ = in.Discard(2)
		}
		r, err := http.ReadRequest(in)
		if err != nil {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil && seed&leaveBodies == 0 {
			return nil
		}
		got := asked{r.Method, r.URL.RequestURI(), string(body)}
		if seed&leaveBodies != 0 {
			got.body = ""
		}
		if r.URL.Host != "" || r.Method == "OPTIONS" { // it takes the form of the target as it comes
			got.target = want.target
		}
		if got != want {
			return fmt.Errorf("request %d is %+v to net/http", i, got)
		}
	}
	return nil
}
