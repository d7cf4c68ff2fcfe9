package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A tiny server is right in how it frames bodies, and strict, but for what a test changes of its functions. Its resources are those of the
// reference's demonstration.
type tiny struct {
	length    func(values []string) (n int64, err error)
	coding    func(values []string) error // nil is chunked alone
	frame     func(h *tinyHead) error     // how long the body is, by the two above
	size      func(digits string) (int64, error)
	extension func(text string) error
	line      func(r *bufio.Reader) (string, error) // of chunks and trailers
	headLine  func(r *bufio.Reader) (string, error) // of fields
	behind    func(t *tiny, r *bufio.Reader) error  // reads the CR LF behind data
	oneChunk  bool                                  // the body ends behind it
	trailers  func(t *tiny, h *tinyHead, r *bufio.Reader) error
	ends      func(h *tinyHead, err error) error // what the end of the stream inside a body is
	most      int64                              // bytes of a chunk
	open      bool                               // it never ends a connection by itself
	always    bool                               // it ends the connection behind every answer
	old       bool                               // it answers in HTTP/1.0
	resumes   func(r *bufio.Reader)              // finds where it goes on behind a refusal; nil where it does not
	early     int                                // the status by which it answers a POST before it reads its body
	sends     answerEdit                         // what it sends instead of an answer; nil is that
}

// An answerEdit is what is sent instead of an answer to a request.
type answerEdit func(h *tinyHead, answer string) string

type tinyHead struct {
	method, target, version string
	fields                  [][2]string
	left                    int64 // of the body
	chunked, close          bool
}

func (h *tinyHead) values(name string) (all []string) {
	for _, f := range h.fields {
		if strings.EqualFold(f[0], name) {
			all = append(all, f[1])
		}
	}
	return all
}

// A tinyRefusal ends the connection.
type tinyRefusal int

func (r tinyRefusal) Error() string { return strconv.Itoa(int(r)) }

func newTiny() *tiny {
	t := &tiny{length: tinyLength, coding: tinyCoding, size: tinySize, extension: tinyExtension, line: tinyLine, headLine: tinyLine, behind: tinyBehind, trailers: tinyTrailers, most: 4 << 20}
	t.frame = t.framed
	t.ends = func(_ *tinyHead, err error) error { return err }
	return t
}

func tinyLength(values []string) (int64, error) {
	if len(values) > 1 || values[0] == "" || strings.Trim(values[0], "0123456789") != "" {
		return 0, tinyRefusal(400)
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return 0, tinyRefusal(413)
	}
	return n, nil
}

// tinyCodings are the codings of all lines.
func tinyCodings(values []string) (all []string) {
	for one := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if one = strings.Trim(one, " \t"); one != "" {
			all = append(all, one)
		}
	}
	return all
}

func tinyCoding(values []string) error {
	all := tinyCodings(values)
	switch n := len(all); {
	case n == 0 || !strings.EqualFold(all[n-1], "chunked"):
		return tinyRefusal(400)
	case n > 1:
		return tinyRefusal(501)
	}
	return nil
}

func (t *tiny) framed(h *tinyHead) (err error) {
	lengths, codings := h.values("Content-Length"), h.values("Transfer-Encoding")
	switch {
	case len(codings) > 0 && (len(lengths) > 0 || h.version == "HTTP/1.0"):
		return tinyRefusal(400)
	case len(codings) > 0:
		h.chunked = true
		return t.coding(codings)
	case len(lengths) > 0:
		h.left, err = t.length(lengths)
	}
	return err
}

func tinySize(digits string) (int64, error) {
	if digits == "" || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		return 0, tinyRefusal(400)
	}
	n, err := strconv.ParseInt(digits, 16, 64)
	if err != nil {
		return 0, tinyRefusal(413)
	}
	return n, nil
}

func tinyExtension(text string) error {
	if strings.ContainsAny(text, "\r\n\x01") || text == ";" {
		return tinyRefusal(400)
	}
	return nil
}

// tinyLine reads a line that ends in CR LF.
func tinyLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return "", tinyRefusal(400)
	}
	return line, nil
}

func tinyBehind(t *tiny, r *bufio.Reader) error {
	var two [2]byte
	if _, err := io.ReadFull(r, two[:]); err != nil {
		return err
	}
	if string(two[:]) != "\r\n" {
		return tinyRefusal(400)
	}
	return nil
}

func tinyTrailers(t *tiny, _ *tinyHead, r *bufio.Reader) error {
	_, err := tinyFields(t.line, r)
	return err
}

func tinyFields(read func(*bufio.Reader) (string, error), r *bufio.Reader) (fields [][2]string, err error) {
	for {
		line, err := read(r)
		if err != nil || line == "" {
			return fields, err
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " \t") {
			return nil, tinyRefusal(400)
		}
		fields = append(fields, [2]string{name, strings.Trim(value, " \t")})
	}
}

// body reads a body.
func (t *tiny) body(h *tinyHead, r *bufio.Reader) (string, error) {
	if !h.chunked {
		b, err := io.ReadAll(io.LimitReader(r, h.left))
		if err == nil && int64(len(b)) < h.left {
			err = t.ends(h, io.ErrUnexpectedEOF)
		}
		return string(b), err
	}
	var all strings.Builder
	for {
		done, err := t.chunk(h, r, &all)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return all.String(), t.ends(h, io.ErrUnexpectedEOF)
		}
		if done || err != nil {
			return all.String(), err
		}
	}
}

func (t *tiny) chunk(h *tinyHead, r *bufio.Reader, to *strings.Builder) (done bool, err error) {
	line, err := t.line(r)
	if err != nil {
		return false, err
	}
	digits, extension := line, ""
	if i := strings.IndexByte(line, ';'); i >= 0 {
		digits, extension = strings.TrimRight(line[:i], " \t"), line[i:]
	}
	n, err := t.size(digits)
	if err == nil {
		err = t.extension(extension)
	}
	switch {
	case err != nil:
		return false, err
	case n > t.most:
		return false, tinyRefusal(413)
	case n <= 0:
		return true, t.trailers(t, h, r)
	}
	if _, err := io.CopyN(to, r, n); err != nil {
		return false, err
	}
	return t.oneChunk, t.behind(t, r)
}

// linger ends a connection so that what was answered can be read.
func linger(c net.Conn) {
	_ = c.(interface{ CloseWrite() error }).CloseWrite()
	_, _ = io.Copy(io.Discard, c)
	_ = c.Close()
}

// serve answers the requests of a connection.
func (t *tiny) serve(c net.Conn) {
	if !t.open {
		defer linger(c)
	}
	r := bufio.NewReader(c)
	for {
		var refusal tinyRefusal
		switch again, err := t.exchange(c, r); {
		case errors.As(err, &refusal):
			t.answer(c, &tinyHead{close: true}, int(refusal), "no")
			if t.resumes == nil {
				return
			}
			t.resumes(r)
		case err != nil || !again:
			return
		}
	}
}

func (t *tiny) exchange(c net.Conn, r *bufio.Reader) (again bool, err error) {
	line, err := tinyLine(r)
	if err != nil {
		return false, err
	}
	words := strings.Split(line, " ")
	if len(words) != 3 {
		return false, tinyRefusal(400)
	}
	h := &tinyHead{method: words[0], target: words[1], version: words[2]}
	if h.fields, err = tinyFields(t.headLine, r); err != nil {
		return false, err
	}
	h.close = t.always || h.version == "HTTP/1.0"
	for _, v := range h.values("Connection") {
		if h.close = t.always || v == "close"; v == "keep-alive" {
			h.close = false
		}
	}
	if err := t.frame(h); err != nil {
		return false, err
	}
	if t.early > 0 && h.method == "POST" {
		t.answer(c, h, t.early, "not here")
		_, err := t.body(h, r)
		return err == nil && !h.close, err
	}
	body, err := t.body(h, r)
	if err != nil {
		return false, err
	}
	status, text := h.resource(body)
	t.answer(c, h, status, text)
	return !h.close, nil
}

// resource is what there is at a target.
func (h *tinyHead) resource(body string) (status int, text string) {
	path, _, _ := strings.Cut(h.target, "?")
	switch {
	case !strings.Contains(" GET HEAD POST PUT PATCH DELETE OPTIONS ", " "+h.method+" "):
		return 501, "what is that"
	case path == "/inspect":
		text = "host: " + strings.Join(h.values("Host"), ", ") + "\n"
		for _, v := range h.values("X-Probe") {
			text += "x-probe: " + v + "\n"
		}
		return 200, text
	case path == "/echo" && h.method == "POST":
		return 200, body
	case path == "/" && (h.method == "GET" || h.method == "HEAD"):
		return 200, "I am tiny."
	case path == "/" || path == "/echo":
		return 405, "not so"
	}
	return 404, "not here"
}

func (t *tiny) answer(c net.Conn, h *tinyHead, status int, text string) {
	version, fields := "HTTP/1.1", ""
	if t.old {
		version = "HTTP/1.0"
	}
	if h.close {
		fields = "Connection: close\r\n"
	}
	answer := fmt.Sprintf("%s %d x\r\nContent-Length: %d\r\n%s\r\n", version, status, len(text), fields)
	if h.method != "HEAD" {
		answer += text
	}
	if t.sends != nil {
		answer = t.sends(h, answer)
	}
	_, _ = io.WriteString(c, answer)
}

// on serves connections that are accepted in memory, until the test ends.
func on(t *testing.T, serve func(net.Conn)) *inmemory.TCPListener {
	t.Helper()
	l := inmemory.ListenTCP(0)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() }) // which ends its goroutine, where that waits
			go serve(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// meet learns a server in memory, as visit does.
func meet(t *testing.T, l *inmemory.TCPListener, o service.Options) *site {
	t.Helper()
	s := met(l)
	s.service = service.New("example.test", o)
	p := s.server.Player("learn")
	defer p.Done()
	if f := s.service.Learn(t.Context(), p); f != nil {
		t.Fatalf("%s: %s", f.Kind, f.Problem)
	}
	return s
}

// met is a server in memory of which nothing was learned.
func met(l *inmemory.TCPListener) *site {
	d, _ := dialect.Lookup("echo") // of which nothing is asked
	s := &site{server: player.NewServer(target.InProcess("tiny", "in memory", nil, nil, 0), d, patience.New(0).Measured(time.Millisecond), delivery.Auto)}
	s.server.Connect = delivery.DialOver(l.Connect)
	return s
}
