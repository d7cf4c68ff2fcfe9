package web

import (
	"regexp"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

func TestRequestLineOfReference(t *testing.T) {
	s := visit(t, serveReference(t), inspected)
	const refused = "info: … the server refused it, and ended the connection "
	holdShapes(t, s.shapeByShape(t, hreq()), map[string]string{ // it refuses whatever it may
		"HREQ-1 CR LF twice before the request line": refused + "(400)",
		"HREQ-1 LF before the request line":          refused + "(400)",
		"HREQ-8":                                     refused + "(400)",
		"HREQ-12 the version HTTP/0.9":               refused + "(505)",
		"HREQ-12 the version HTTP/2.0":               refused + "(505)",
		"HREQ-12 the version HTTP/3.1":               refused + "(505)",
		"HREQ-13":                                    refused + "(400)", // no octet of a URI is any of those
		"HREQ-13 OPTIONS *":                          "info: … answered it otherwise than a plain request, and answered what followed (204)",
		"HREQ-16":                                    refused + "(400)",
	})
}

// What net/http does was seen by hand, from raw bytes: it looks for a method in the first line, has five words for a version, looks for
// no octet of a URI but control characters, and takes LF for CR LF.
func TestRequestLineOfGo(t *testing.T) {
	s := visit(t, serveGo(t, goInspected), inspected)
	const (
		refused = "info: … the server refused it, and ended the connection "
		taken   = "info: … answered it as it answers a plain request, and answered what followed (200)"
	)
	holdShapes(t, s.shapeByShape(t, hreq()), map[string]string{
		"HREQ-1 CR LF before the request line":       "warn: CR LF before the request line: the server refused it, and ended the connection (400)",
		"HREQ-1 CR LF twice before the request line": refused + "(400)",
		"HREQ-1 LF before the request line":          refused + "(400)",
		"HREQ-8":                                     refused + "(400)",
		"HREQ-12 the version HTTP/0.9":               refused + "(505)",
		"HREQ-12 the version HTTP/2.0":               refused + "(505)",
		"HREQ-12 the version HTTP/3.1":               refused + "(505)",
		"HREQ-13":                                    taken,
		"HREQ-13 OPTIONS *":                          "info: … answered it otherwise than a plain request, and answered what followed (200)",
		"HREQ-16":                                    taken,
	})
}

func TestMistakesInRequestLine(t *testing.T) {
	const (
		ok      = "answered it as it answers a plain request"
		waits   = "the server waited for more"
		differs = "in one segment the server answered it as it answers a plain request, and answered what followed, but cut it refused it, and ended the connection: what it takes hangs on how the bytes come (FRAM-2)"
	)
	version := regexp.MustCompile(`(http/1\.1|HTTP/1|HTTP/1\.|HTTP/\.1|HTTP/01\.1|HTTP/1\.01|HTTP/1,1|HTTP/ 1\.1|HTTQ/1\.1)\r\n`)
	findMistakes(t, hreq(), []mistake{
		{"HREQ-1", "CR LF before the request line", finding.Warns, "the server refused it", replaced("\r\nGET / HTTP/1.1\r\nHost", "(GET / HTTP/1.1\r\nHost")},
		{"HREQ-1", "CR LF twice before the request line", finding.Fails, waits, hangs("\r\n\r\n")},
		{"HREQ-2", "GET http://HOST/P", finding.Fails, "the server refused it, and ended the connection (400)", replaced("GET http://127.0.0.1", "GET 127.0.0.1")},
		{"HREQ-2", "GET http://HOST/P", finding.Warns, "(404)", replaced("GET http://127.0.0.1", "GET /http")},
		{"HREQ-3", "", finding.Fails, "went by the Host field", replaced("GET http://"+hostOfTarget, "GET ")},
		{"HREQ-3", "", finding.Warns, "the server refused it, and ended the connection (400)", replaced("GET http://"+hostOfTarget, "GET http:")},
		{"HREQ-4", "get", finding.Fails, "the server answered it as it answers GET", replaced("get /", "GET /")},
		{"HREQ-4", "GETX", finding.Fails, "the server answered it as it answers GET", replaced("GETX /", "GET /")},
		{"HREQ-5", "the method ZQXJ", finding.Warns, "the server refused it, but with 405, not with 501", replaced("ZQXJ /", "DELETE /")},
		{"HREQ-5", "a method of 300 bytes", finding.Warns, ok, replaced(strings.Repeat("Z", 300)+" /", "GET /")},
		{"HREQ-5", "a method of 64 KiB", finding.Fails, waits, hangs(strings.Repeat("Z", 60<<10))},
		{"HREQ-6", "a request line of 8,000 bytes", finding.Warns, "the server refused it, and ended the connection (400)", func(text string, _ int) string {
			if line, _, _ := strings.Cut(text, "\r\n"); len(line) == 8000 {
				return "GET\r\n\r\n"
			}
			return text
		}},
		{"HREQ-7", "a target of 64 KiB", finding.Fails, "the server answered for a target that is shorter", shortTarget},
		{"HREQ-7", "a target of 1 MiB", finding.Warns, "the server answered 501 to what is too large for it, and not 414", replaced("GET /inspect?"+leftEnd+strings.Repeat("z", 1<<20-len(leftEnd)-len(rightEnd)), "GOT /")},
		{"HREQ-8", "SP SP before the target", finding.Fails, "request smuggling", replaced("GET  / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nContent-Length: 10\r\n")},
		{"HREQ-9", "SP and a word behind the target", finding.Warns, ok, replaced("GET / x ", "GET / ")},
		{"HREQ-9", "SP inside the query", finding.Warns, ok, replaced("?a b ", "?a%20b ")},
		{"HREQ-10", "GET P, and an empty line", finding.Warns, ok, replaced("GET /\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{"HREQ-10", "GET P, and no empty line", finding.Warns, ok, replaced("GET /\r\nGET /?m=f HTTP/1.1\r\n", "GET / HTTP/1.1\r\n")},
		{"HREQ-11", "the version http/1.1", finding.Warns, ok, func(text string, _ int) string { return version.ReplaceAllString(text, "HTTP/1.1\r\n") }},
		{"HREQ-11", "the version HTTP/ 1.1", finding.Warns, ok, func(text string, _ int) string { return version.ReplaceAllString(text, "HTTP/1.1\r\n") }},
		{"HREQ-11", "the version HTTP/1.10", finding.Warns, ok, replaced("HTTP/1.10", "HTTP/1.1")},
		{"HREQ-12", "the version HTTP/1.9", finding.Warns, "the server refused it, and ended the connection (505)", replaced("HTTP/1.9", "HTTP/2.9")},
		{"HREQ-12", "the version HTTP/2.0", finding.Fails, waits, hangs("GET / HTTP/2")},
		{"HREQ-13", "DEL in the target", finding.Warns, ok, replaced("\x7f", "")},
		{"HREQ-13", "DEL in the target", finding.Fails, differs, inOneRead("\x7f", "")},
		{"HREQ-13", "no leading slash", finding.Warns, ok, replaced("GET ?a", "GET /?a")},
		{"HREQ-13", "GET *", finding.Warns, ok, replaced("GET *", "GET /")},
		{"HREQ-14", "CONNECT HOST:", finding.Fails, "the server answered 200: it promised a tunnel", replaced("CONNECT 127.0.0.1: HTTP/1.1\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n")},
		{"HREQ-15", "no method", finding.Warns, ok, noMethodIsGet},
		{"HREQ-15", "the method G@T", finding.Warns, ok, replaced("G@T", "GET")},
		{"HREQ-16", "LF behind the request line", finding.Fails, differs, inOneRead("HTTP/1.1\nHost", "HTTP/1.1\r\nHost")},
		{"HREQ-17", "CR behind the request line", finding.Fails, "the server took the CR for the end of a line", replaced("HTTP/1.1\rX-Probe", "HTTP/1.1\r\nX-Probe")},
		{"HREQ-17", "CR for every CR LF", finding.Fails, ok, func(text string, _ int) string {
			if head, rest, ok := strings.Cut(text, "\r\r"); ok && !strings.Contains(head, "\n") {
				return strings.ReplaceAll(head, "\r", "\r\n") + "\r\n\r\n" + rest
			}
			return text
		}},
		{"HREQ-17", "CR inside the query", finding.Warns, ok, replaced("?a\rb", "?ab")},
	})
}

// TestSplitElsewhere holds that a request line which is divided elsewhere, so that it asks for what does not exist, is said to be taken so: a 404
// is no refusal, nor what is wrong.
func TestSplitElsewhere(t *testing.T) {
	s := visit(t, serveEdited(t, replaced("GET  / HTTP/1.1", "GET /nothing HTTP/1.1")), inspected)
	found := s.shapeByShape(t, []ask.Rule{ruleAmong(t, hreq(), "HREQ-8").Uncut()})
	holdShapes(t, found, map[string]string{
		"HREQ-8":                         "info: the server refused it, and ended the connection (400)",
		"HREQ-8 SP SP before the target": "info: the server answered it as what does not exist (404), and answered what followed",
	})
}

func noMethodIsGet(text string, _ int) string {
	if strings.HasPrefix(text, " /") {
		return "GET" + text
	}
	return text
}

// inOneRead is an edit of what comes in one piece.
func inOneRead(from, to string) edit {
	return func(text string, reads int) string {
		if reads > 1 {
			return text
		}
		return strings.Replace(text, from, to, 1)
	}
}

// shortTarget drops what of a long target does not fit.
func shortTarget(text string, _ int) string {
	const fits = 1000
	line, rest, _ := strings.Cut(text, "\r\n")
	if len(line) > 60<<10 {
		line = line[:fits] + " HTTP/1.1"
	}
	return line + "\r\n" + rest
}

func TestNothingPassesInRequestLine(t *testing.T) { passNothing(t, hreq()) }

// TestLearnSaysWhy holds that a server of which nothing can be shown is told from others before it is judged, with the reason.
func TestLearnSaysWhy(t *testing.T) {
	for name, reason := range map[string]string{
		"says nothing":       "the server did not answer GET /",
		"closes at once":     "the server ended the connection without an answer to GET /",
		"answers 200 to all": "the server answers the same (200) to whatever it is asked",
		"answers 400 to all": "the server answers the same (400) to whatever it is asked",
		"answers 404 to all": "the server answers 404 to GET / as to everything",
	} {
		t.Run(name, func(t *testing.T) {
			l := serveRaw(t, useless[name])
			s := pointed(t, service.New(l.Addr().String(), service.Options{}), l)
			p := s.server.Player("learn")
			defer p.Done()
			if f := s.service.Learn(t.Context(), p); f == nil || !strings.Contains(f.Problem, reason) {
				t.Errorf("found %s, wanted %q", wordsOf(f), reason)
			}
		})
	}
}
