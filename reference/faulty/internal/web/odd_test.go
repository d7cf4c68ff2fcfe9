package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// oddShapes are what the right servers that look odd make of streams, whatever the delivery is.
var oddShapes = map[string][]shape{
	"closes-after-each": {{get + "{N}", "200 closed"}, {post + "{N}", "200[hello] closed"}, {line("GET / x HTTP/1.1") + "{N}", "400 closed"}},
	"http1.0-only": {{get + "{N}", "200 closed"}, {post, "200[hello] closed"}, {"GET / HTTP/1.1\n\n", "400 closed"}, {"GET / HTTP/1.0\n\n", "200 closed"},
		{chunked("5\nhello\n0\n\n"), "400 closed"}, {both + "Expect: 100-continue\nContent-Length: 5\n\nhello", "200[hello] closed"}},
	"strict": joined([]shape{{get + "{N}", taken}, {post + "{N}", hello}, {chunked("5;a=b\nhello\n000\nX: y\n\n") + "{N}", hello}, {"\n" + get + "{N}", taken},
		{line("GET http://a/ HTTP/1.1") + "{N}", taken}, {coded("CHUNKED", "A\nhelloworld\n0\n\n") + "{N}", "200[helloworld] next open"},
		{coded(" chunked ", "0\n\n") + "{N}", empty}, {coded("\nTransfer-Encoding: chunked", "0\n\n") + "{N}", empty}, {line("POST /echo HTTP/1.1") + "{N}", "411 closed"},
		{"POST /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "404 closed"}, {sized(" 010", "helloworld") + "{N}", "200[helloworld] next open"}},
		each(refused, "GET / HTTP/1.0\n\n{N}", "GET / HTTP/1.1\nHost:\n\n{N}", both+"Content-Length: 4\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{N}", sized(" {60*0}5", "hello")+"{N}",
			sized("\t5", "hello")+"{N}", coded("chunked,", "0\n\n")+"{N}", coded("\tchunked", "0\n\n")+"{N}", chunked("{30*0}5\nhello\n0\n\n")+"{N}", chunked(`5;a="b"`+"\nhello\n0\n\n")+"{N}",
			chunked("5 ; a = b\nhello\n0\n\n")+"{N}", sized(" 5, 5", "hello")+"{N}", probe("X: a\n b")+"{N}")),
	"lenient": joined(each(taken, "\n\n\n"+get+"{N}", line("GET  / HTTP/1.1 ")+"{N}", line("\tGET\v/\fHTTP/1.1")+"{N}", line("GET / HTTP/2.0")+"{N}", line("GET /?{\xe9}#f HTTP/1.1")+"{N}",
		"GET / HTTP/1.1␊Host: a␊␊{N}", "␊GET / HTTP/1.1␊Host: a\n␊{N}", "GET / HTTP/1.1\n X: y\nHost: a\n\n{N}"), []shape{
		{"GET / HTTP/1.1\n Host: a\n\n{N}", refused}, {probe("X-Probe: a\n b") + "{N}", `200["a b"] next open`}, {probe("X-Probe: a␍b") + "{N}", `200["a b"] next open`},
		{probe("X-Probe: a\x00b") + "{N}", `200["a b"] next open`}, {probe("X-Probe: a\x01b") + "{N}", `200["a\x01b"] next open`}, {sized("\n 5", "hello") + "{N}", hello},
		{coded("\n chunked", "5\nhello\n0\n\n") + "{N}", hello}, {probe("X: a␍Content-Length: 10") + "{N}", taken}, {sized(" 5, 05", "hello") + "{N}", hello},
		{sized(" 5\nContent-Length: 5", "hello") + "{N}", hello}, {sized(" 5\nContent-Length: 6", "hello") + "{N}", refused}, {sized("", "hello") + "{N}", refused},
		{sized(" 5\nContent-Length:", "hello") + "{N}", refused}, {sized(" +5", "hello") + "{N}", refused}, {coded("gzip", "0\n\n") + "{N}", refused},
		{"POST /echo HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{N}", "200[hello] closed"}, {chunked("5 \nhello\n0;\n\n") + "{N}", hello},
		{chunked("5\nhello\n0\nX : y\n␊") + "{N}", hello}, {chunked("0x5\nhello\n0\n\n") + "{N}", refused}, {chunked("5\nhelloXX0\n\n") + "{N}", refused},
		{both + "Expect: x\nContent-Length: 5\n\nhello{N}", hello}, {line("GET / x HTTP/1.1") + "{N}", refused}, {"GET / HTTP/1.1␍Host: a␍␍{N}", refused}, {probe("X : y") + "{N}", refused},
	}),
	"answers-early": {{get + "{N}", taken}, {post + "{N}", hello}, {"POST /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n", "404 open"},
		{"POST /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "404 next open"}, {"POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0x5\nhello\n0\n\n{N}", "405 closed"},
		{both + "Expect: 100-continue\nContent-Length: 5\n\nhello{N}", "100 200[hello] next open"}},
	"always-401":       {{get + "{N}", "401 401 open"}, {post, "401 open"}, {line("GET / x HTTP/1.1") + "{N}", refused}},
	"always-301":       {{get + "{N}", "301 301 open"}, {post, "301 open"}},
	"always-not-found": {{get + "{N}", "404 404 open"}, {chunked("5\nhello\n0\n\n") + get, "404 404 open"}, {both + "Expect: 100-continue\nContent-Length: 33\n\n{G}", "404 closed"}},
	"any-method":       {{line("ZQXJ / HTTP/1.1") + "{N}", taken}, {line("G@T / HTTP/1.1") + "{N}", refused}},
	"small-limits": {{line("GET /?{7985*x} HTTP/1.1") + "{N}", taken}, {line("GET /?{8200*x} HTTP/1.1") + "{N}", "414 closed"}, {probe("{18*X:\ty␍␊}X-Probe: x") + "{N}", `200["x"] next open`},
		{probe("{20*X:\ty␍␊}X-Probe: x") + "{N}", "431 closed"}},
}

func TestOddServers(t *testing.T) {
	for name, all := range oddShapes {
		for _, s := range all {
			makes(t, named(t, name), s.text, s.want)
		}
	}
	for _, f := range web.Odd() {
		if f.Requirement != "" || f.Mistake != "" || f.Sentence == "" {
			t.Errorf("%s is not told as a right server", f.Name)
		}
	}
}

// TestLikeTheRightServer holds that what is odd about some servers makes no difference to how requests are read.
func TestLikeTheRightServer(t *testing.T) {
	for _, name := range []string{"one-at-a-time", "chunked-answers", "compresses"} {
		f := named(t, name)
		for _, s := range shapes {
			if got := play(t, f, strings.Join(wire(s.text+"{N}"), "")); got != s.want {
				t.Errorf("%s: %.200q: %s, not %s", name, s.text, got, s.want)
			}
		}
	}
}

// first returns the first answer to a stream.
func first(t *testing.T, name, text string) http1.Answer {
	t.Helper()
	changes := plant.New(named(t, name).Plant, web.Dialect, reference.Config{})
	c := &client{left: wire(text)}
	if err := changes.Session(nil)(reference.NewStreamHandler(c, changes.Config)); err != nil {
		t.Fatal(err)
	}
	r := http1.Reader{Limit: 1 << 20, Asked: []http1.Asked{{Old: strings.Contains(text, "HTTP/1.0")}}}
	_, _ = r.Write(c.got.Bytes())
	all := r.Answers()
	if len(all) == 0 || !all[0].Whole || len(all[0].Flaws) > 0 {
		t.Fatalf("%s answers %q", name, c.got.Bytes())
	}
	return all[0]
}

// TestOddAnswers holds what is odd about answers.
func TestOddAnswers(t *testing.T) {
	if a := first(t, "chunked-answers", get); a.Framing != http1.Chunked {
		t.Errorf("framed by %v", a.Framing)
	}
	if a := first(t, "chunked-answers", "GET / HTTP/1.0\n\n"); a.Framing != http1.Length {
		t.Errorf("to HTTP/1.0, framed by %v", a.Framing)
	}
	if a := first(t, "http1.0-only", get); a.Version != "HTTP/1.0" {
		t.Errorf("the version is %q", a.Version)
	}
	if a := first(t, "always-401", get); len(a.Values("WWW-Authenticate")) != 1 {
		t.Error("a 401 without WWW-Authenticate")
	}
	if a := first(t, "always-301", get); len(a.Values("Location")) != 1 {
		t.Error("a 301 without Location")
	}
	plain := first(t, "compresses", get)
	a := first(t, "compresses", "GET / HTTP/1.1\nHost: a\nAccept-Encoding: br, gzip\n\n")
	if plain.Has("Content-Encoding", "gzip") || !a.Has("Content-Encoding", "gzip") {
		t.Fatal("compressed for the wrong one")
	}
	r, err := gzip.NewReader(bytes.NewReader(a.Content))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(r); err != nil || !bytes.Equal(content, plain.Content) {
		t.Errorf("the content is %q, %v, not %q", content, err, plain.Content)
	}
}

// TestSerial holds that another client waits until the first has left.
func TestSerial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(named(t, "one-at-a-time"))
		defer s.stop()
		one, two := s.connect(t), s.connect(t)
		defer func() { _ = two.Close() }()
		sendAll(t, one, get)
		sendAll(t, two, get)
		time.Sleep(time.Minute)
		if n, _, _ := one.Arrived(); n == 0 {
			t.Error("the first client is not served")
		}
		if n, _, _ := two.Arrived(); n > 0 {
			t.Error("the second client is served beside the first")
		}
		_ = one.Close()
		time.Sleep(time.Minute)
		if n, _, _ := two.Arrived(); n == 0 {
			t.Error("the second client is never served")
		}
	})
}

// TestConstantServers holds that nobody gets anything else from them, in whatever pieces it is asked.
func TestConstantServers(t *testing.T) {
	wants := map[string][2]string{ // to two segments, and to one
		"says-nothing": {"open", "open"}, "closes-at-once": {"closed", "closed"},
		"always-200": {"200 200 open", "200 open"}, "always-400": {"400 400 open", "400 open"}, "always-404": {"404 404 open", "404 open"},
		"always-200-and-closes": {"200 closed", "200 closed"}, "always-400-and-closes": {"400 closed", "400 closed"}, "always-404-and-closes": {"404 closed", "404 closed"},
	}
	for _, f := range web.Constant() {
		want, ok := wants[f.Name]
		if !ok || !f.Trivial {
			t.Errorf("%s is not known", f.Name)
		}
		for _, text := range []string{get, post, line("ZQXJ / x"), "\x16\x03\x01"} {
			stream := wire(text)[0]
			if got := play(t, f, stream[:1], stream[1:]); got != want[0] {
				t.Errorf("%s: of %q in two: %s, not %s", f.Name, text, got, want[0])
			}
			if got := play(t, f, stream); got != want[1] {
				t.Errorf("%s: of %q: %s, not %s", f.Name, text, got, want[1])
			}
		}
	}
	if len(web.Constant()) != len(wants) || !slices.IsSortedFunc(web.Constant(), func(a, b web.Fault) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the constant servers are others, or not sorted")
	}
}
