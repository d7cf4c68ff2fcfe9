package web

import (
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
)

func TestFieldsOfReference(t *testing.T) {
	s := visit(t, serveReference(t), inspected)
	const refused = "info: … the server refused it, and ended the connection (400)"
	holdShapes(t, s.shapeByShape(t, hfld()), map[string]string{ // it refuses whatever it may
		"HFLD-4 an empty Host":         refused,
		"HFLD-4 HTTP/1.0 without Host": "info: … the server answered it as it answers a plain request",
		"HFLD-10":                      refused,
	})
}

// What net/http does was seen by hand, from raw bytes: of a Host it looks at which octets it has, and not at their order; it reads a fold as
// a space, and refuses control characters in values.
func TestFieldsOfGo(t *testing.T) {
	s := visit(t, serveGo(t, goInspected), inspected)
	const (
		refused = "info: … the server refused it, and ended the connection (400)"
		taken   = " … answered it as it answers a plain request"
	)
	holdShapes(t, s.shapeByShape(t, hfld()), map[string]string{
		"HFLD-3 Host: a:8x":            "warn: " + taken,
		"HFLD-3 Host: a:1:1":           "warn: " + taken,
		"HFLD-3 Host: [::1":            "warn: " + taken,
		"HFLD-4 an empty Host":         "info: " + taken,
		"HFLD-4 HTTP/1.0 without Host": "info: " + taken,
		"HFLD-10":                      refused,
	})
}

func TestMistakesInFields(t *testing.T) {
	const (
		ok      = "answered it as it answers a plain request"
		waits   = "the server waited for more"
		more    = "request smuggling"
		refused = "the server refused it, and ended the connection (400)"
	)
	findMistakes(t, hfld(), []mistake{
		{"HFLD-1", "no Host", finding.Fails, ok, replaced("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
		{"HFLD-1", "no Host", finding.Warns, "the server refused it, but with 404, not with 400", replaced("GET / HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n")},
		{"HFLD-2", "Host, and another behind it", finding.Fails, ok, replaced("\r\nHost: other.example", "")},
		{"HFLD-2", "Host, and another before it", finding.Fails, ok, replaced("\r\nHost: other.example", "")},
		{"HFLD-2", "Host twice", finding.Fails, ok, oneHost},
		{"HFLD-3", "Host: a b", finding.Fails, ok, replaced("Host: a b", "Host: a")},
		{"HFLD-3", "Host: a, b", finding.Fails, ok, replaced("Host: a, b", "Host: b")},
		{"HFLD-3", "Host: a:8x", finding.Warns, ok, replaced("Host: a:8x", "Host: a:8")},
		{"HFLD-4", "an empty Host", finding.Fails, waits, hangs("GET / HTTP/1.1\r\nHost:\r\n")},
		{"HFLD-5", "SP behind X-Probe", finding.Fails, ok, replaced("X-Probe :", "X-Probe:")},
		{"HFLD-5", "HTAB behind Host", finding.Fails, ok, replaced("Host\t:", "Host:")},
		{"HFLD-5", "SP behind Content-Length", finding.Fails, ok, replaced("Content-Length :", "Content-Length:")},
		{"HFLD-5", "SP behind Transfer-Encoding", finding.Fails, ok, replaced("Transfer-Encoding :", "Transfer-Encoding:")},
		{"HFLD-6", "", finding.Fails, ok, replaced("\r\n Host", "\r\nHost")},
		{"HFLD-6", "SP before the first field", finding.Fails, "took a line that begins with white space for a field", replaced("\r\n X-Probe", "\r\nX-Probe")},
		{"HFLD-6", "a line of SP before the first field", finding.Fails, more, replaced("\r\n \r\nHost", "\r\nHost: a\r\n\r\nHost")},
		{"HFLD-6", "HTAB before Content-Length", finding.Fails, "answered what followed", replaced("\r\n\tContent-Length", "\r\nContent-Length")},
		{"HFLD-7", "X-Probe folded", finding.Fails, "left it out of the value", replaced(leftEnd+"\r\n "+rightEnd, leftEnd+rightEnd)},
		{"HFLD-7", "X-Probe folded", finding.Fails, "took for the value only what stands before it", replaced(leftEnd+"\r\n "+rightEnd, leftEnd)},
		{"HFLD-7", "a fold that looks like Content-Length", finding.Fails, more, replaced("\r\n Content-Length", "\r\nContent-Length")},
		{"HFLD-7", "Content-Length folded", finding.Fails, more, replaced("Content-Length:\r\n 5", "X: 5")},
		{"HFLD-7", "Transfer-Encoding folded", finding.Fails, more, replaced("Transfer-Encoding:\r\n ", "X: ")},
		{"HFLD-7", "Transfer-Encoding folded", finding.Warns, "but with 501, not with 400", replaced("Transfer-Encoding:\r\n ", "Transfer-Encoding: a, ")},
		{"HFLD-8", "CR in X-Probe", finding.Fails, more, replaced(leftEnd+"\r"+rightEnd, leftEnd+"\r\n\r\n"+rightEnd)},
		{"HFLD-8", "CR before what looks like Content-Length", finding.Fails, more, replaced("a\rContent-Length", "a\r\nContent-Length")},
		{"HFLD-9", "NUL in X-Probe", finding.Fails, "left it out of the value", replaced("\x00", "")},
		{"HFLD-9", "NUL in X-Probe", finding.Fails, "took for the value only what stands before it", replaced("\x00"+rightEnd, "")},
		{"HFLD-9", "NUL behind Content-Length", finding.Fails, more, replaced("Content-Length: 5\x00", "Content-Length: 0")},
		{"HFLD-9", "NUL behind Transfer-Encoding", finding.Fails, more, replaced("Transfer-Encoding: chunked\x00", "X: a")},
		{"HFLD-10", "01 in X-Probe", finding.Fails, waits, func(text string, _ int) string {
			if strings.Contains(text, "\x01") {
				return unread
			}
			return text
		}},
		{"HFLD-11", "E9 FF in X-Probe", finding.Warns, "repeated other bytes than it was sent", replaced("\xe9\xff", "\xc3\xa9")},
		{"HFLD-11", "E9 FF in X-Probe", finding.Warns, refused, replaced("\xe9\xff", "\x01")},
		{"HFLD-12", ": v", finding.Warns, ok, replaced("\r\n: v", "\r\nX: v")},
		{"HFLD-12", "X v (no colon)", finding.Warns, ok, replaced("\r\nX v\r\n", "\r\n")},
		{"HFLD-12", "E9 in a name", finding.Warns, ok, replaced("\xe9", "")},
		{"HFLD-13", "hOsT", finding.Fails, refused, replaced("hOsT", "X")},
		{"HFLD-13", "cOnTeNt-LeNgTh", finding.Fails, more, replaced("cOnTeNt-LeNgTh", "X")},
		{"HFLD-13", "tRaNsFeR-eNcOdInG", finding.Fails, more, replaced("tRaNsFeR-eNcOdInG", "X")},
		{"HFLD-14", "no white space before X-Probe's value", finding.Fails, "the white space inside of it, or more, is gone", replaced("X-Probe:s", "X-Probe:")},
		{"HFLD-14", "SP SP around X-Probe's value", finding.Fails, "took white space around the value for a part of it", replaced(inner+"  ", inner+"  .")},
		{"HFLD-14", "HTAB around X-Probe's value", finding.Fails, "the white space inside of it, or more, is gone", replaced(inner, "streamspec inner")},
		{"HFLD-14", "no white space before Content-Length's value", finding.Fails, refused, replaced("Content-Length:5", "Content-Length:")},
		{"HFLD-14", "HTAB around Content-Length's value", finding.Fails, more, replaced("Content-Length:\t5\t", "Content-Length: 0")},
		{"HFLD-15", "X-Probe with nothing behind the colon", finding.Fails, refused, replaced("X-Probe:\r\nHost", "X-Probe:Host")},
		{"HFLD-15", "X-Probe with SP behind the colon", finding.Fails, refused, replaced("X-Probe: \r\n", "X-Probe\r\n")},
		{"HFLD-16", "a field of 64 KiB", finding.Fails, "left a field out, or a part of it", replaced(strings.Repeat("z", 50<<10), "\r\nX: ")},
		{"HFLD-16", "a field of 1 MiB", finding.Warns, "the server answered 501 to what is too large for it", func(text string, _ int) string {
			if len(text) > 1<<20 {
				return "GOT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
			}
			return text
		}},
		{"HFLD-16", "101 fields", finding.Fails, "left a field out, or a part of it", replaced("X-Probe: "+rightEnd+"\r\n", "")},
		{"HFLD-16", "2,000 fields", finding.Warns, "ended the connection without an answer", func(text string, _ int) string {
			if len(text) > 40<<10 {
				return endedHere
			}
			return text
		}},
		{"HFLD-17", "50 unknown fields, one of 3 KiB", finding.Warns, refused, replaced("X-Long:", "X-Long :")},
	})
}

// oneHost leaves out the first of two Hosts.
func oneHost(text string, _ int) string {
	if head, _, _ := strings.Cut(text, "\r\n\r\n"); strings.Count(head, "\r\nHost: ") == 2 {
		return strings.Replace(text, "\r\nHost: ", "\r\nX: ", 1)
	}
	return text
}

func TestNothingPassesInFields(t *testing.T) { passNothing(t, hfld()) }

// TestToldAs holds what of a value is told.
func TestToldAs(t *testing.T) {
	for content, as := range map[string]string{
		"x: " + leftEnd + " " + rightEnd:    "space",
		"x: " + leftEnd + "   " + rightEnd:  "space",
		"x: " + leftEnd + "\x00" + rightEnd: "kept",
		"x: " + leftEnd + rightEnd:          "dropped",
		"x: " + leftEnd + "\n":              "cut",
		"x: " + leftEnd + "?" + rightEnd:    "cut",
		"x":                                 "",
	} {
		if got := toldAs(content, "\x00"); got != as {
			t.Errorf("%q is told as %q, wanted %q", content, got, as)
		}
	}
}
