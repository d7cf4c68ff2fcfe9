package web_test

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/reference/faulty/internal/web"
)

// A sight is how a fault shows: what the right server makes of a stream, and what the faulty one does.
type sight struct{ fault, text, right, faulty string }

const (
	get    = "GET / HTTP/1.1\nHost: a\n\n"
	head   = "HEAD / HTTP/1.1\nHost: a\n\n"
	inside = "GET /inspect HTTP/1.1\nHost: a\n"
	post   = both + "Content-Length: 5\n\nhello"
)

var sights = []sight{
	{"leading-crlf-is-a-request", "\n" + get + "{N}", "200 next open", "400 closed"},
	{"absolute-form-as-path", line("GET http://a/ HTTP/1.1") + "{N}", "200 next open", "400 closed"},
	{"host-over-target", line("GET http://b/inspect HTTP/1.1") + "{N}", "200[host b] next open", "200 next open"},
	{"method-folded", line("get / HTTP/1.1") + "{N}", "501 next open", "200 next open"},
	{"method-by-prefix", line("GETX / HTTP/1.1") + "{N}", "501 next open", "200 next open"},
	{"unknown-method-is-400", line("ZQXJ / HTTP/1.1") + "{N}", "501 next open", "400 next open"},
	{"line-limit-4096", line("GET /?{4200*x} HTTP/1.1") + "{N}", "200 next open", "414 closed"},
	{"target-truncated", line("GET /?{70000*x} HTTP/1.1") + "{N}", "414 closed", "200 next open"},
	{"crlf-eaten-as-space", line("GET / HTTP/1.1 ") + "{N}", "400 closed", "200 400 closed"},
	{"crlf-eaten-as-space", line("GET / HTTP/1.1 "), "400 closed", "open"},
	{"target-to-last-space", line("GET / x HTTP/1.1") + "{N}", "400 closed", "404 next open"},
	{"target-to-last-space", line("GET /?a b HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"version-optional", "GET /\n\n{N}", "400 closed", "200 closed"},
	{"version-by-prefix", line("GET / HTTP/1.10") + "{N}", "400 closed", "200 next open"},
	{"minor-exact", line("GET / HTTP/1.2") + "{N}", "200 next open", "505 closed"},
	{"target-unchecked", line("GET /\x00x HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"target-unchecked", line("GET * HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"fast-path-unchecked", line("GET /?\x7f HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"fast-path-unchecked", line("GET /?\x7f¦ HTTP/1.1") + "{N}", "400 closed", "400 closed"},
	{"connect-any", line("CONNECT a: HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"method-unchecked", line("G@T / HTTP/1.1") + "{N}", "400 closed", "200 next open"},
	{"lf-only-in-one-segment", "GET / HTTP/1.1␊Host: a␊␊{N}", "400 closed", "200 next open"},
	{"lf-only-in-one-segment", "GET / HTTP/1.1␊Host¦: a␊␊{N}", "400 closed", "400 closed"},
	{"cr-ends-line", "GET / HTTP/1.1␍Host: a␍␍{N}", "400 closed", "200 next open"},

	{"host-optional", "GET / HTTP/1.1\n\n{N}", "400 closed", "200 next open"},
	{"last-host-wins", probe("Host: b") + "{N}", "400 closed", "200[host b] next open"},
	{"host-unchecked", "GET / HTTP/1.1\nHost: a b\n\n{N}", "400 closed", "200 next open"},
	{"space-before-colon", probe("X-Probe : x") + "{N}", "400 closed", `200["x"] next open`},
	{"leading-space-trimmed", "GET / HTTP/1.1\n Host: a\n\n{N}", "400 closed", "200 next open"},
	{"fold-is-a-field", probe("X: x\n X-Probe: x") + "{N}", "400 closed", `200["x"] next open`},
	{"fold-drops-value", probe("X-Probe: a\n b") + "{N}", "400 closed", `200["a"] next open`},
	{"fold-drops-value", coded("\n chunked", "5\nhello\n0\n\n") + "{N}", "400 closed", "200[] 400 closed"},
	{"cr-starts-field", "POST /echo HTTP/1.1\nHost: a\nX: a␍Content-Length: 5\n\nhello{N}", "400 closed", "200[hello] next open"},
	{"nul-kept", probe("X-Probe: a\x00b") + "{N}", "400 closed", `200["a\x00b"] next open`},
	{"nul-ends-value", probe("X-Probe: a\x00b") + "{N}", "400 closed", `200["a"] next open`},
	{"value-must-be-ascii", probe("X-Probe: a\xe9") + "{N}", `200["a\xe9"] next open`, "400 closed"},
	{"name-unchecked", probe("X[]: v") + "{N}", "400 closed", "200 next open"},
	{"name-unchecked", probe("no colon") + "{N}", "400 closed", "200 next open"},
	{"length-case-sensitive", "POST /echo HTTP/1.1\nHost: a\ncOnTeNt-LeNgTh: 5\n\nhello{N}", hello, "200[] 501 open"},
	{"one-space-expected", probe("X-Probe:xy") + "{N}", `200["xy"] next open`, `200["y"] next open`},
	{"empty-value-refused", probe("X-Probe:") + "{N}", `200[""] next open`, "400 closed"},
	{"field-cut", probe("X-Probe: {9000*x}") + "{N}", `200["xxxxxxxxxxxxxxxxxxxx…9000"] next open`, `200["xxxxxxxxxxxxxxxxxxxx…8192"] next open`},
	{"field-cut", probe("{120*X:\ty␍␊}X-Probe: x") + "{N}", `200["x"] next open`, "200 next open"},
	{"fields-limit-32", probe("{32*X:\ty␍␊}X-Probe: x") + "{N}", `200["x"] next open`, "431 closed"},

	{"body-is-the-segment", post + "{N}", hello, "200[hel…44] open"},
	{"body-is-the-segment", both + "Content-Length: 5\n\nhe¦llo{N}", hello, "200[he] 501 open"},
	{"body-short-by-one", post + "{N}", hello, "200[hello] 501 open"},
	{"body-to-eof", post + "{N}", hello, "200[hel…44] open"},
	{"body-to-eof", both + "Content-Length: 5\n\nhe¦llo¦{N}", hello, hello},
	{"length-octal", sized(" 010", "helloworld") + "{N}", "200[helloworld] next open", "200[hellowor] 501 open"},
	{"length-by-atoi", sized(" 5x", "hello") + "{N}", "400 closed", hello},
	{"length-by-int()", sized(" 0_5", "hello") + "{N}", "400 closed", hello},
	{"length-by-int()", sized(" \uff15", "hello") + "{N}", "400 closed", hello},
	{"first-length-wins", sized(" 5\nContent-Length: 6", "hello") + "{N}", "400 closed", hello},
	{"last-length-wins", sized(" 6, 5", "hello") + "{N}", "400 closed", hello},
	{"equal-lengths-added", sized(" 5, 5", "hello") + "{N}", "400 closed", "200[helloGET /] 400 closed"},
	{"length-32-bit", sized(" 4294967301", "hello") + "{N}", "413 closed", hello},
	{"length-64-bit", sized(" 18446744073709551621", "hello") + "{N}", "413 closed", hello},
	{"post-waits-for-eof", line("POST /echo HTTP/1.1"), "200[] open", "open, then 200[]"},
	{"short-body-accepted", sized(" 5", "he"), "open", "open, then 200[he]"},
	{"coding-ignored", coded("foo, chunked", "5\nhello\n0\n\n") + "{N}", "501 closed", hello},
	{"chunked-by-substring", coded("xchunked", "5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"chunked-by-substring", coded("chunked, identity", "5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"te-ignored", coded("identity", "") + "{N}", "400 closed", empty},
	{"length-over-chunked", both + "Content-Length: 15\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", "200[hello] closed", "200[5\r\nhello\r\n0\r\n\r\n] closed"},
	{"both-kept-alive", both + "Content-Length: 5\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{N}", "200[hello] closed", hello},
	{"te-in-1.0-kept", "POST /echo HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{N}", "400 closed", hello},
	{"te-in-1.0-ignored", "POST /echo HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{N}", "400 closed", "200[] 400 closed"},
	{"chunked-case", coded("Chunked", "5\nhello\n0\n\n") + "{N}", hello, "501 closed"},
	{"te-first-line-only", coded("\nTransfer-Encoding: chunked", "5\nhello\n0\n\n") + "{N}", hello, "200[] 400 closed"},
	{"te-cut-at-semicolon", coded("chunked;q=1", "5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"get-has-no-body", "GET / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "200 next open", "200 404 next open"},
	{"refused-body-left", "POST /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "404 next open", "404 404 next open"},

	{"chunk-is-a-segment", chunked("5\nhello\n0\n\n") + "{N}", hello, hello},
	{"chunk-is-a-segment", chunked("5\nhe¦llo\n0\n\n") + "{N}", hello, "400 closed"},
	{"one-chunk-only", chunked("2\nhe\n3\nllo\n0\n\n") + "{N}", hello, "200[he] 400 closed"},
	{"size-lower-case", chunked("A\nhelloworld\n0\n\n") + "{N}", "200[helloworld] next open", "400 closed"},
	{"last-chunk-literal", chunked("5\nhello\n000\n\n") + "{N}", hello, "400 closed"},
	{"extension-refused", chunked("5;a=b\nhello\n0\n\n") + "{N}", hello, "400 closed"},
	{"extension-into-size", chunked("5;a=b\nhello\n0\n\n") + "{N}", hello, "open"},
	{"space-into-size", chunked("5 ; a = b\nhello\n0\n\n") + "{N}", hello, "open"},
	{"space-into-size", chunked("5;a=b\nhello\n0\n\n") + "{N}", hello, hello},
	{"size-by-int()", chunked("0x5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"size-by-int()", chunked("0_5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"size-by-strtol", chunked("5h\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"size-by-strtol", chunked("5\nhello\ng\n\n") + "{N}", "400 closed", hello},
	{"size-32-bit", chunked("100000005\nhello\n0\n\n") + "{N}", "413 closed", hello},
	{"size-64-bit", chunked("10000000000000005\nhello\n0\n\n") + "{N}", "413 closed", hello},
	{"data-crlf-skipped-blind", chunked("5\nhelloXX0\n\n") + "{N}", "400 closed", hello},
	{"crlf-checked-in-one-segment", chunked("5\nhelloXX0\n\n") + "{N}", "400 closed", "400 closed"},
	{"crlf-checked-in-one-segment", chunked("5\nhel¦loXX0\n\n") + "{N}", "400 closed", hello},
	{"chunk-lf", chunked("5␊hello\n0\n\n") + "{N}", "400 closed", hello},
	{"chunk-lf", chunked("5\nhello␊0\n\n") + "{N}", "400 closed", hello},
	{"chunk-cr", chunked("5␍hello\n0\n\n") + "{N}", "400 closed", hello},
	{"trailer-left", chunked("5\nhello\n0\nX: y\n\n") + "{N}", hello, "200[hello] 400 closed"},
	{"trailers-left-when-cut", chunked("5\nhello\n0\nX: y\n\n") + "{N}", hello, hello},
	{"trailers-left-when-cut", chunked("5\nhello\n0\nX:¦ y\n\n") + "{N}", hello, "200[hello] 400 closed"},
	{"trailer-merged", strings.Replace(chunked("5\nhello\n0\nX-Probe: y\n\n"), "/echo", "/inspect", 1) + "{N}", "200 next open", `200["y"] next open`},
	{"eof-is-last-chunk", chunked("5\nhello\n"), "open", "open, then 200[hello]"},
	{"chunk-limit-64k", chunked("10001\n{65537*x}\n0\n\n") + "{N}", "200[xxx…65537] next open", "413 closed"},

	{"closes-always", get + "{N}", "200 next open", "200 closed"},
	{"closes-silently", get + "{N}", "200 next open", "200 closed"},
	{"close-exact-match", probe("Connection: CLOSE") + "{N}", "200 closed", "200 next open"},
	{"close-exact-match", probe("Connection: x, close") + "{N}", "200 closed", "200 next open"},
	{"close-at-idle", probe("Connection: close") + "{N}", "200 closed", "200 next closed"},
	{"close-at-idle", probe("Connection: close"), "200 closed", "200 closed"},
	{"close-unsaid", probe("Connection: close"), "200 closed", "200 closed"},
	{"1.0-kept", line("GET / HTTP/1.0"), "200 closed", "200 open"},
	{"error-eats-answers", get + get + line("GET / x HTTP/1.1"), "200 200 400 closed", "400 closed"},
	{"error-eats-answers", get + "¦" + get + "¦" + line("GET / x HTTP/1.1"), "200 200 400 closed", "200 200 400 closed"},
	{"pipeline-dropped", get + "{N}", "200 next open", "200 open"},
	{"pipeline-reordered", get + "{N}", "200 next open", "next 200 open"},
	{"pipeline-merged", get + "{N}", "200 next open", "200 open"},
	{"head-with-body", head + "{N}", "200 next open", "200 0{no status line}… open"},
	{"length-outlives", post + "{N}", hello, "200[hello] open"},
	{"chunked-outlives", chunked("0\n\n") + "{N}", empty, "200[] open"},
	{"head-outlives", head + "{N}", "200 next open", "200 200… open"},
	{"continue-never", both + "Expect: 100-continue\nContent-Length: 5\n\n", "100 open", "open"},
	{"expect-case", both + "Expect: 100-Continue\nContent-Length: 5\n\n", "100 open", "open"},
	{"continue-is-final", probe("Expect: 100-continue") + "{N}", "200 next open", "100 next open"},
	{"continue-twice-final", both + "Expect: 100-continue\nContent-Length: 5\n\nhello{N}", "100 200[hello] next open", "100 200[hello] 200[hello] next open"},
	{"early-answer-leaves-body", "POST /none HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 33\n\n{G}{N}", "404 closed", "404 404 next open"},
	{"continue-to-1.0", "POST /echo HTTP/1.0\nExpect: 100-continue\nContent-Length: 5\n\nhello", "200[hello] closed", "100{interim} 200[hello] closed"},
	{"upgrade-any", probe("Upgrade: x\nConnection: upgrade"), "200 open", "101 open"},
	{"resync-at-blank-line", line("GET / x HTTP/1.1") + "{N}", "400 closed", "400 next open"},
	{"resync-at-blank-line", sized(" x", "") + "{N}", "400 closed", "400 next open"},

	{"head-not-allowed", head + "{N}", "200 next open", "405 next open"},
	{"status-line-no-space", get, "200 open", "200{status line} open"},
	{"version-echoed", line("GET / HTTP/3.1"), "505 closed", "505{version} closed"},
	{"length-of-characters", both + "Content-Length: 2\n\nä{N}", "200[ä] next open", "200[\xc3] 0{no status line}… open"},
	{"both-sent", chunked("5\nhello\n0\n\n"), "200[hello] open", "200[hello]{twice} open"},
	{"chunked-to-1.0", "GET / HTTP/1.0\n\n", "200 closed", "200{old} closed"},
	{"304-with-body", "GET / HTTP/1.1\nHost: a\nIf-None-Match: \"web\"\n\n{N}", "304 next open", "304 0{no status line}… open"},
	{"405-without-allow", line("POST / HTTP/1.1"), "405 open", "405 open"},
	{"no-date", get, "200 open", "200 open"},
	{"header-injection", line("GET /?%0d%0aX-In:%20y HTTP/1.1"), "200 open", "200 open"},
	{"head-length-0", head, "200 open", "200 open"},
	{"trace-with-secrets", "TRACE / HTTP/1.1\nHost: a\nCookie: secret\n\n", "405 open", "200 open"},

	{"smuggle-cl-te", both + "Content-Length: 38\nTransfer-Encoding: chunked\n\n0\n\n{G}{N}", "200[] closed", "200[] 404 next open"},
	{"smuggle-cl-te", both + "Content-Length: 48\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n{G}{N}", "200[hello] closed", "200[hello] closed"},
	{"smuggle-cl-te", both + "Transfer-Encoding: chunked\nContent-Length: 38\n\n0\n\n{G}{N}", "200[] closed", "200[] closed"},
	{"smuggle-te-cl", both + "Transfer-Encoding: chunked\nContent-Length: 4\n\n21\n{G}\n0\n\n", "200[GET…33] closed", "200[21\r\n] 404 400 closed"},
	{"te-trimmed", both + "Transfer-Encoding : chunked\nContent-Length: 38\n\n0\n\n{G}{N}", "400 closed", "200[] closed"},
	{"te-trimmed", coded("\vchunked", "5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"te-underscore", both + "Transfer_Encoding: chunked\n\n5\nhello\n0\n\n{N}", "200[] 400 closed", hello},
	{"cl-underscore", both + "Content_Length: 33\n\n{G}{N}", "200[] 404 next open", "200[GET…33] next open"},
	{"size-behind-space", chunked("0 5\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"missing-leaves-body", "GET /none HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "404 next open", "404 404 next open"},
	{"cl-trimmed", both + "Content-Length : 33\n\n{G}{N}", "400 closed", "200[GET…33] next open"},
	{"funky-chunk", chunked("5;a␊b\nhello\n0\n\n") + "{N}", "400 closed", hello},
	{"cl-0", "GET / HTTP/1.1\nHost: a\nContent-Length: 33\n\n{G}{N}", "200 next open", "200 404 next open"},
	{"0-cl", both + "Expect: 100-continue, x\nContent-Length: 33\n\n{G}{N}", "417 closed", "200[] 404 next open"},
	{"smuggle-after-400", sized(" +33", "{G}") + "{N}", "400 closed", "400 404 next open"},
	{"smuggle-after-400", sized(" +33", "hello{G}") + "{N}", "400 closed", "400 closed"},
	{"smuggle-after-400", sized(" +33", ""), "400 closed", "400 closed"},
}

// TestEveryFaultShows holds what the right server and each faulty one make of a stream. What shows in the fields of an answer alone, or
// in what becomes of the connection, has a test of its own.
func TestEveryFaultShows(t *testing.T) {
	shown := map[string]bool{}
	for name := range elsewhere {
		shown[name] = true
	}
	for _, s := range sights {
		if got := play(t, right, wire(s.text)...); got != s.right {
			t.Errorf("%s: the right server makes of %.200q: %s, not %s", s.fault, s.text, got, s.right)
		}
		if got := play(t, named(t, s.fault), wire(s.text)...); got != s.faulty {
			t.Errorf("%s: of %.200q: %s, not %s", s.fault, s.text, got, s.faulty)
		}
		shown[s.fault] = shown[s.fault] || s.right != s.faulty
	}
	for _, f := range web.Faults() {
		if !shown[f.Name] {
			t.Errorf("%s is not shown", f.Name)
		}
	}
}

// TestOneMistake holds that a faulty server is right on a plain GET and a plain POST, whatever the delivery may be; a fault that hangs on the
// delivery is right when they come whole.
func TestOneMistake(t *testing.T) {
	for _, f := range web.Faults() {
		for text, want := range map[string]string{get: "200 ", post: "200[hello] ", inside + "X-Probe: x\n\n": `200["x"] `} {
			end := "open"
			if f.Name == "closes-always" || f.Name == "closes-silently" {
				end = "closed"
			}
			if f.Name == "status-line-no-space" {
				want = strings.TrimSpace(want) + "{status line} "
			}
			if f.Name == "body-is-the-segment" {
				if got := play(t, f, wire(text)...); got != want+end {
					t.Errorf("%s: of %q: %s, not %s", f.Name, text, got, want+end)
				}
				continue
			}
			makes(t, f, text, want+end)
		}
	}
}
