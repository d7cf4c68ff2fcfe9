package web_test

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// A shape is a request, and what the right server makes of it with next behind it.
type shape struct{ text, want string }

const (
	taken   = "200 next open" // and the connection goes on
	refused = "400 closed"
)

// probe is a GET of what repeats a request, with these field lines.
func probe(lines string) string { return "GET /inspect HTTP/1.1\nHost: a\n" + lines + "\n\n" }

// sized is a POST with a length of that value, and a body.
func sized(value, body string) string {
	return "POST /echo HTTP/1.1\nHost: a\nContent-Length:" + value + "\n\n" + body
}

// coded is a POST with these codings, and a body.
func coded(value, body string) string {
	return "POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding: " + value + "\n\n" + body
}

// chunked is a POST in these chunks.
func chunked(body string) string { return coded("chunked", body) }

var shapes = joined(hreqShapes, hfldShapes, hlenShapes, hchkShapes, hconShapes)

func joined(all ...[]shape) (sum []shape) {
	for _, some := range all {
		sum = append(sum, some...)
	}
	return sum
}

// each makes shapes of texts that come to the same.
func each(want string, texts ...string) (all []shape) {
	for _, text := range texts {
		all = append(all, shape{text, want})
	}
	return all
}

func line(first string) string { return first + "\nHost: a\n\n" }

var hreqShapes = joined(each(taken,
	"\nGET / HTTP/1.1\nHost: a\n\n", line("GET http://a/ HTTP/1.1"), line("GET HTTP://a/inspect?x HTTP/1.1"), line("GET / HTTP/1.2"), line("GET / HTTP/1.9"),
	line("GET /?{7990*x} HTTP/1.1"), line("GET http://a HTTP/1.1"), line("GET /?a=b&c=%20 HTTP/1.1"),
), each(refused,
	"\n\nGET / HTTP/1.1\nHost: a\n\n", line("GET  / HTTP/1.1"), line("GET\t/ HTTP/1.1"), line("GET / HTTP/1.1 "), line(" GET / HTTP/1.1"), line("GET / x HTTP/1.1"),
	line("GET /"), line("GET / http/1.1"), line("GET / HTTP/1"), line("GET / HTTP/1."), line("GET / HTTP/.1"), line("GET / HTTP/01.1"), line("GET / HTTP/1.01"),
	line("GET / HTTP/1.10"), line("GET / HTTP/1.1x"), line("GET / HTTP/1,1"), line("GET / HTTP/ 1.1"), line("GET / HTTQ/1.1"),
	line("GET /\x00 HTTP/1.1"), line("GET /\x01 HTTP/1.1"), line("GET /\x7f HTTP/1.1"), line("GET x HTTP/1.1"), line("GET * HTTP/1.1"), line("GET a:80 HTTP/1.1"),
	line("GET /#f HTTP/1.1"), line("GET /{\xe9} HTTP/1.1"), line("CONNECT a: HTTP/1.1"), line("CONNECT a:x HTTP/1.1"), line(" / HTTP/1.1"), line("G@T / HTTP/1.1"),
	line("G(T / HTTP/1.1"), line("G\x00T / HTTP/1.1"), line("G\xe9T / HTTP/1.1"), "GET / HTTP/1.1␊Host: a\n\n", "GET / HTTP/1.1␊Host: a␊␊", "␊GET / HTTP/1.1\nHost: a\n\n",
	"GET / HTTP/1.1␍Host: a\n\n", "GET / HTTP/1.1␍Host: a␍␍", line("GET /␍x HTTP/1.1"),
), each("501 next open", line("get / HTTP/1.1"), line("GETX / HTTP/1.1"), line("ZQXJ / HTTP/1.1"), line("{300*Z} / HTTP/1.1")), each("501 closed", line("{70000*Z} / HTTP/1.1"), line("CONNECT a:80 HTTP/1.1")), each("505 closed", line("GET / HTTP/2.0"), line("GET / HTTP/3.1"), line("GET / HTTP/0.9")), each("204 next open", line("OPTIONS * HTTP/1.1"), line("OPTIONS / HTTP/1.1"), line("OPTIONS http://a HTTP/1.1")), []shape{
	{"GET http://other/inspect HTTP/1.1\nHost: a\n\n", "200[host other] next open"},
	{line("GET /?{70000*x} HTTP/1.1"), "414 closed"},
	{line("GET /none HTTP/1.1"), "404 next open"},
	{line("POST / HTTP/1.1"), "405 next open"},
	{line("TRACE / HTTP/1.1"), "405 next open"},
	{line("HEAD / HTTP/1.1"), taken},
	{line("HEAD /none HTTP/1.1"), "404 next open"},
	{"GET / HTTP/1.1\nHost: a\nIf-None-Match: \"web\"\n\n", "304 next open"},
})

var hfldShapes = joined(each(refused,
	"GET / HTTP/1.1\n\n", probe("Host: a"), probe("Host: b"), probe("X-Probe : a"), probe("X-Probe\t: a"), "GET / HTTP/1.1\nHost : a\n\n", "GET / HTTP/1.1\n Host: a\n\n",
	"GET / HTTP/1.1\n X: y\nHost: a\n\n", "GET / HTTP/1.1\n \nHost: a\n\n", "POST /echo HTTP/1.1\n\tContent-Length: 5\nHost: a\n\nhello", probe("X-Probe: a\n b"),
	probe("X: a\n Content-Length: 10"), sized("\n 5", "hello"), probe("X-Probe: a␍b"), probe("X: a␍Content-Length: 10"), probe("X: a␍"), probe("X-Probe: a\x00b"),
	probe("X: \x01"), probe("X: \x7f"), probe(": v"), probe("X Y: v"), probe("X[]: v"), probe("X(y): v"), probe("\"X\": v"), probe("X@: v"), probe("X/Y: v"),
	probe("X\x01: v"), probe("X\x00: v"), probe("X\xe9: v"), probe("Xv"), probe("X: y␊Z: v"), "POST /echo HTTP/1.1\nHost: a\nContent-Length : 5\n\nhello",
	"POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding : chunked\n\n0\n\n",
), hosts("a b", "a, b", "a/b", "a?b", "a#b", "a\\b", "a\"b", "u@a", "a:8x", "a:1:1", "[::1", ":80"), []shape{
	{"GET /inspect HTTP/1.1\nHost: \n\n", "200[host ] next open"},
	{"GET /inspect HTTP/1.1\nhOsT: [::1]:80\n\n", "200[host [::1]:80] next open"},
	{probe("X-Probe: a\xe9\xffb"), `200["a\xe9\xffb"] next open`},
	{probe("X-Probe:a"), `200["a"] next open`},
	{probe("X-Probe:  a  b  "), `200["a  b"] next open`},
	{probe("X-Probe:\ta\t"), `200["a"] next open`},
	{probe("X-Probe:"), `200[""] next open`},
	{probe("X-Probe: "), `200[""] next open`},
	{probe("A: 1\nB: 2\nC: 3\nX-Probe: x"), `200["x"] next open`},
	{probe("A: {3000*x}\n{49*X:\ty␍␊}X-Probe: x"), `200["x"] next open`},
	{probe("{149*X:\ty␍␊}X-Probe: x"), `200["x"] next open`},
	{probe("X-Probe: {66000*x}"), "431 closed"},
	{probe("{2000*X:\ty␍␊}X-Probe: x"), "431 closed"},
})

// hosts are requests with such Host fields, which are refused.
func hosts(values ...string) (all []shape) {
	for _, value := range values {
		all = append(all, shape{"GET / HTTP/1.1\nHost: " + value + "\n\n", refused})
	}
	return all
}

const (
	hello = "200[hello] next open"
	empty = "200[] next open"
	both  = "POST /echo HTTP/1.1\nHost: a\n"
)

var hlenShapes = joined([]shape{
	{sized(" 0", ""), empty}, {sized(" 1", "x"), "200[x] next open"}, {sized(" 5", "hello"), hello}, {sized(" 005", "hello"), hello},
	{sized(" 010", "helloworld"), "200[helloworld] next open"}, {sized(" {60*0}5", "hello"), hello}, {sized(" 8193", "{8193*x}"), "200[xxx…8193] next open"},
	{sized("\t5\t", "hello"), hello}, {sized("5", "hello"), hello}, {sized(" 1048576", "{1048576*x}"), "200[xxx…1048576] next open"},
	{"POST /echo HTTP/1.1\nHost: a\ncOnTeNt-LeNgTh: 5\n\nhello", hello},
	{line("POST /echo HTTP/1.1"), empty},
	{sized(" 4294967301", "hello"), "413 closed"}, {sized(" 9223372036854775813", "hello"), "413 closed"}, {sized(" 18446744073709551621", "hello"), "413 closed"},
	{sized(" 340282366920938463463374607431768211461", "hello"), "413 closed"}, {sized(" {400*9}", "hello"), "413 closed"},
	{coded("foo, chunked", "0\n\n"), "501 closed"}, {coded("gzip, chunked", "0\n\n"), "501 closed"},
	{coded("CHUNKED", "5\nhello\n0\n\n"), hello}, {coded("ChUnKeD", "5\nhello\n0\n\n"), hello}, {coded(" chunked ", "5\nhello\n0\n\n"), hello},
	{coded("\nTransfer-Encoding: chunked", "5\nhello\n0\n\n"), hello}, {coded("\tchunked\t", "5\nhello\n0\n\n"), hello}, {coded(", chunked", "5\nhello\n0\n\n"), hello},
	{coded("chunked,", "5\nhello\n0\n\n"), hello}, {coded("foo\nTransfer-Encoding: chunked", "0\n\n"), "501 closed"},
	{both + "Content-Length: 4\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", "200[hello] closed"},
	{both + "Transfer-Encoding: chunked\nContent-Length: 4\n\n5\nhello\n0\n\n", "200[hello] closed"},
	{"POST /echo HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", refused},
	{"GET / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}", taken}, {"HEAD / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}", taken},
	{"DELETE / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}", "405 next open"}, {"OPTIONS / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}", "204 next open"},
	{"POST /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}", "404 next open"}, {"POST /none HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n21\n{G}\n0\n\n", "404 next open"},
}, bad(" +5", " -5", " -0", " 5x", " 0x5", " 5.0", " 5e0", " 1_0", " \"5\"", " abc", " 5 5", " 5;", "", " \v5", " 5\x00", " \uff15", " 5\nContent-Length: 6", " 6\nContent-Length: 5",
	" 5, 6", " 5\nContent-Length: x", " 5\nContent-Length: 5", " 5, 5", " 5\nContent-Length: 05"),
	badCodings("chunked, gzip", "gzip", "identity", "chunked, identity", "xchunked", "chunkedx", "\"chunked\"", "chunked foo", "\vchunked", "chunked\f", "chunked\x00",
		"chunked\nTransfer-Encoding: identity", "chunked;q=1", "chunked, chunked"))

// bad are lengths that are refused.
func bad(values ...string) (all []shape) {
	for _, value := range values {
		all = append(all, shape{sized(value, "hello"), refused})
	}
	return all
}

// badCodings are codings that are refused.
func badCodings(values ...string) (all []shape) {
	for _, value := range values {
		all = append(all, shape{coded(value, "5\nhello\n0\n\n"), refused})
	}
	return all
}

var hchkShapes = joined(bodies(hello, "5\nhello\n0\n\n", "2\nhe\n3\nllo\n0\n\n", "1\nh\n1\ne\n1\nl\n1\nl\n1\no\n0\n\n", "0005\nhello\n000\n\n", "{30*0}5\nhello\n{30*0}\n\n", "5;a\nhello\n0\n\n",
	"5;a=b\nhello\n0;a=b\n\n", "5;a;b=c\nhello\n0\n\n", `5;a="q;\"x"`+"\nhello\n0\n\n", "5 ; a = b\nhello\n0\n\n", "5\nhello\n0\nX: y\n\n", "5\nhello\n0\n{20*X:\ty␍␊}\n",
	"5\nhello\n0\nContent-Length: 9\nHost: b\nTransfer-Encoding: x\n\n",
), bodies("200[helloworld] next open", "a\nhelloworld\n0\n\n", "A\nhelloworld\n0\n\n"), bodies(empty, "0\n\n"), bodies("200[xxx…1048576] next open", "100000\n{1048576*x}\n0\n\n"),
	bodies("200[xxx…5000] next open", "{5000*1␍␊x␍␊}0\n\n"),
	bodies(refused, "+5\nhello\n0\n\n", "-5\nhello\n0\n\n", "0x5\nhello\n0\n\n", "5_\nhello\n0\n\n", "0_5\nhello\n0\n\n", "5.\nhello\n0\n\n", "5,\nhello\n0\n\n", "5h\nhello\n0\n\n", "g\nhello\n0\n\n",
		"5\nhello\n-0\n\n", "5\nhello\n0x0\n\n", "\nhello\n0\n\n", " 5\nhello\n0\n\n", "\v5\nhello\n0\n\n", "5\x00\nhello\n0\n\n", "5 \nhello\n0\n\n", "5;\nhello\n0\n\n", "5;\x01\nhello\n0\n\n",
		"5\nhelloXX0\n\n", "5\nhello0\n\n", "5\nhellox\n0\n\n", "4\nhello\n0\n\n", "5␊hello\n0\n\n", "5\nhello␊0\n\n", "5\nhello\n0␊\n", "5\nhello\n0\n␊", "5;a␊b\nhello\n0\n\n",
		"5␍hello\n0\n\n", "5;a␍b\nhello\n0\n\n", "5\nhello␍0\n\n", "5\nhello\n0\nX y\n\n", "5\nhello\n0\nX : y\n\n", "5\nhello\n0\nX: y\n z\n\n"),
	bodies("413 closed", "100000005\nhello\n0\n\n", "8000000000000005\nhello\n0\n\n", "10000000000000005\nhello\n0\n\n", "{33*f}\nhello\n0\n\n", "{200*f}\nhello\n0\n\n", "5;{70000*x}\nhello\n0\n\n"),
	bodies("431 closed", "5\nhello\n0\nX: {70000*x}\n\n"))

// bodies are requests in chunks that come to the same.
func bodies(want string, all ...string) (shapes []shape) {
	for _, body := range all {
		shapes = append(shapes, shape{chunked(body), want})
	}
	return shapes
}

var hconShapes = joined(each("200 closed",
	probe("Connection: close"), probe("Connection: CLOSE"), probe("Connection: x, close"), probe("Connection: x\nConnection: close"), line("GET / HTTP/1.0"), "GET / HTTP/1.0\n\n",
), each("200 next open", "GET / HTTP/1.0\nConnection: keep-alive\n\n", probe("Expect: 100-continue"), probe("Upgrade: x\nConnection: upgrade")), []shape{
	{line("GET / HTTP/1.1") + sized(" 5", "hello") + chunked("5\nhello\n0\n\n"), "200 200[hello] 200[hello] next open"},
	{line("GET / HTTP/1.1") + line("GET / HTTP/1.1") + line("GET / x HTTP/1.1"), "200 200 400 closed"},
	{both + "Expect: 100-Continue\nContent-Length: 5\n\nhello", "100 200[hello] next open"},
	{both + "Expect: 100-continue\nExpect: 100-continue\nContent-Length: 5\n\nhello", "100 200[hello] next open"},
	{both + "Expect: 100-continue\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", "100 200[hello] next open"},
	{both + "Expect: 100-continue, x\nContent-Length: 33\n\n{G}", "417 closed"},
	{"POST /none HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 33\n\n{G}", "404 closed"},
	{"POST /echo HTTP/1.0\nExpect: 100-continue\nContent-Length: 5\n\nhello", "200[hello] closed"},
})

// TestRightServer holds that the server on which the faults are planted is right, whatever the delivery.
func TestRightServer(t *testing.T) {
	for _, s := range shapes {
		makes(t, right, s.text+"{N}", s.want)
	}
}

// makes holds what a server makes of a stream, under every delivery.
func makes(t *testing.T, f web.Fault, text, want string) {
	t.Helper()
	stream := strings.Join(wire(text), "")
	if got := play(t, f, stream); got != want {
		t.Errorf("%s: %.200q: %s, not %s", f.Name, stream, got, want)
		return
	}
	failed := false
	deliveries(stream, func(segments ...string) {
		if failed {
			return
		}
		if got := play(t, f, segments...); got != want {
			failed = true
			t.Errorf("%s: %.200q, in %d segments, the first of %d bytes: %s, not %s", f.Name, stream, len(segments), len(segments[0]), got, want)
		}
	})
}
