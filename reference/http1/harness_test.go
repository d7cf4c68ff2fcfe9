package http1_test

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// patience bounds every wait for something that must come.
const patience = time.Minute

// follow is the request behind another, by whose answer it is told where that one ended.
const follow = "GET /inspect?follow HTTP/1.1\r\nHost: next\r\n\r\n"

// A client sends segments, one a read, and then the end of the stream; it keeps what it is answered.
type client struct {
	left  []string
	asked bool     // the handler waited for more than there was
	had   []string // what it had answered when it read each segment, and when it waited for more
	fresh bool     // the next segment begins
	room  int      // how much the last read had room for
	got   bytes.Buffer
}

func (c *client) Read(p []byte) (int, error) {
	c.room = len(p)
	for len(c.left) > 0 && c.left[0] == "" {
		c.left = c.left[1:]
	}
	if c.fresh || len(c.left) == 0 {
		c.had = append(c.had, withoutDates(c.got.String()))
	}
	if len(c.left) == 0 {
		c.asked = true
		return 0, io.EOF
	}
	n := copy(p, c.left[0])
	c.left[0] = c.left[0][n:]
	c.fresh = c.left[0] == ""
	return n, nil
}

func (c *client) Write(p []byte) (int, error) { return c.got.Write(p) }

// An outcome is what a handler made of what a client sent.
type outcome struct {
	text   string // what it answered, without the dates
	waited bool   // it waited for more than the client sent: the connection was not closed before
	failed string // what it told the server's log
}

var dates = regexp.MustCompile(`\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

func withoutDates(s string) string { return dates.ReplaceAllLiteralString(s, "\r\n") }

// play has a handler answer segments.
func play(h reference.Handler, segments ...string) outcome {
	c := &client{left: segments, fresh: true}
	err := h.Handle(reference.NewStreamHandler(c, reference.Config{}))
	o := outcome{text: withoutDates(c.got.String()), waited: c.asked}
	if err != nil {
		o.failed = err.Error()
	}
	return o
}

// stepwise returns what a handler had answered when it read each segment, and at the end.
func stepwise(h reference.Handler, segments ...string) []string {
	c := &client{left: segments, fresh: true}
	_ = h.Handle(reference.NewStreamHandler(c, reference.Config{}))
	return append(c.had, withoutDates(c.got.String()))
}

// ask has a handler answer what a client sends, under every delivery: whole, in two pieces cut at each of the
// first 500 offsets and at 64 of those behind them, and
// byte by byte, or in pieces of 997 bytes where that would be more than 16,384. The outcome must be the same.
func ask(h reference.Handler, stream string) outcome {
	GinkgoHelper()
	whole := play(h, stream)
	step := 1
	if testing.Short() { // as under the race detector, which sees no more by more cuts
		step = 1 + len(stream)/8
	}
	for i := 1; i < len(stream); i += step {
		if i > 500 {
			step = max(step, len(stream)/64)
		}
		Expect(play(h, stream[:i], stream[i:])).To(Equal(whole), "cut at %d: %.300q", i, stream)
	}
	size := 1
	if len(stream) > 16<<10 {
		size = 997
	}
	var pieces []string
	for piece := range slices.Chunk([]byte(stream), size) {
		pieces = append(pieces, string(piece))
	}
	Expect(play(h, pieces...)).To(Equal(whole), "in pieces of %d: %.300q", size, stream)
	return whole
}

// answers returns the answers to requests of these methods, GET where none is left.
func (o outcome) answers(methods ...string) []answer {
	GinkgoHelper()
	all, err := readAnswers(o.text, methods)
	Expect(err).NotTo(HaveOccurred(), "in %.3000q", o.text)
	return all
}

// statuses asks the demonstration for what a request and the follow-up behind it are answered.
func statuses(request string) (all []int) {
	GinkgoHelper()
	for _, a := range ask(http1.Demo, request+follow).answers() {
		all = append(all, a.status)
	}
	return all
}

// takes holds that a request is answered with that status, and ends where the follow-up begins. It
// returns the content of the answer.
func takes(status int, request string) string {
	GinkgoHelper()
	o := ask(http1.Demo, request+follow)
	all := o.answers()
	Expect(all).To(HaveLen(2), "the answers to %.300q: %v", request, o)
	Expect(all[0].status).To(Equal(status), "the answer to %.300q", request)
	Expect(all[1].content).To(ContainSubstring("target: /inspect?follow\nhost: next\n"), "the follow-up behind %.300q", request)
	Expect(o.waited).To(BeTrue(), "the connection goes on behind %.300q", request)
	return all[0].content
}

// refuses holds that a request is refused with that status, that the answer says that the connection ends, and that
// it ends: nothing behind the request is answered. It returns the content of the answer.
func refuses(status int, request string) string {
	GinkgoHelper()
	o := ask(http1.Demo, request+follow)
	all := o.answers()
	Expect(all).To(HaveLen(1), "the answers to %.300q: %v", request, o)
	Expect(all[0].status).To(Equal(status), "the answer to %.300q: %v", request, o)
	Expect(all[0].fields).To(HaveKeyWithValue("Connection", "close"), "the answer to %.300q", request)
	Expect(o.waited).To(BeFalse(), "the connection ends behind %.300q", request)
	Expect(o.failed).To(BeEmpty(), "a client's mistake is no failure of the server")
	return all[0].content
}

// get is a GET with these field lines.
func get(target string, lines ...string) string {
	return request("GET", target, "", lines...)
}

// post is a POST to /echo with these field lines and that body as it is.
func post(body string, lines ...string) string {
	return request("POST", "/echo", body, lines...)
}

func request(method, target, body string, lines ...string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n%s", method, target, joined(lines), body)
}

func joined(lines []string) string {
	text := ""
	for _, line := range lines {
		text += line + "\r\n"
	}
	return text
}

// chunked is the field line of a body in chunks.
const chunked = "Transfer-Encoding: chunked"

// hidden is a body that is a request: who does not read it as the body answers it.
const hidden = "GET /inspect?hidden HTTP/1.1\r\nHost: a\r\n\r\n"

// sized is the field line of a body with that length.
func sized(body string) string { return fmt.Sprintf("Content-Length: %d", len(body)) }

// inChunks is a body as one chunk and the last.
func inChunks(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
