package pair

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/streamspec/streamspec/internal/http1"
)

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// wholes are requests as the RFC has them.
var wholes = []string{
	"GET / HTTP/1.1\nHost: a\n\n", "HEAD / HTTP/1.0\n\n", "POST / HTTP/1.1\nContent-Length: 5\n\nhello", "POST / HTTP/1.1\ncontent-length:  0\n\n",
	"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n5;a=b\nhello\n0\n\n", "POST / HTTP/1.1\ntransfer-encoding: Chunked\n\nA\n0123456789\n1\nx\n00\nX-Trailer: a\n\n",
}

// TestWholeRequests: a request is whole at its last byte, and not before; what follows it changes nothing.
func TestWholeRequests(t *testing.T) {
	t.Parallel()
	for _, text := range wholes {
		b := crlf(text)
		for n := range b {
			if q := read(b[:n]); q.end != 0 || q.flaw != "" {
				t.Errorf("%q: ends at %d, %s", b[:n], q.end, q.flaw)
			}
		}
		if q := read(append(b, "GET / HTTP/1.1\r\n"...)); q.end != len(b) || q.flaw != "" || q.forbidden() != "" {
			t.Errorf("%q: ends at %d of %d, %s", b, q.end, len(b), q.flaw)
		}
	}
}

// TestFlaws: what is not formed as the RFC says has no end, and the first flaw is told, with its place.
func TestFlaws(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, flaw string
		at         int
		forbidden  string
	}{
		{"GET /\n\n", `its request line is "GET /"`, 0, ""},
		{"GET / HTTP/1.1\nA : b\n\n", "not a name, a colon and a value", 16, ""},
		{"GET / HTTP/1.1\nA: b\n c\n\n", "continues the one before it", 22, ""},
		{"GET / HTTP/1.1\nA: b␊C: d\n\n", "ends with LF alone", 20, ""},
		{"GET / HTTP/1.1\nA: b␍C: d\n\n", "a CR stands alone", 20, ""},
		{"GET / HTTP/1.1\nA: \x00\n\n", "holds a control character", 16, ""},
		{"POST / HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n", "both Content-Length and Transfer-Encoding", 0, "beside Transfer-Encoding: chunked"},
		{"POST / HTTP/1.1\nContent-Length: +5\n\nhello", `its Content-Length is "+5"`, 0, "Content-Length: +5, which is no number"},
		{"POST / HTTP/1.1\nContent-Length: 5\nContent-Length: 5\n\nhello", `"5, 5"`, 0, "5, 5, which is no number"},
		{"POST / HTTP/1.1\nContent-Length:\n\n", `its Content-Length is ""`, 0, "no number"},
		{"POST / HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n", "it is of HTTP/1.0", 0, ""},
		{"POST / HTTP/1.1\nTransfer-Encoding: xchunked\n\n0\n\n", `"xchunked"`, 0, ""},
		{"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n+5\nhello\n0\n\n", `a chunk begins with "+5"`, 47, ""},
		{"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n5␊hello\n0\n\n", "ends with LF alone", 48, ""},
		{"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhello!\n0\n\n", "CR LF does not follow", 55, ""},
		{"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\nX\n\n", `the line "X"`, 50, ""},
	} {
		b := http1.Target{}.Write(c.text)
		q := read(b)
		if q.end != 0 || !strings.Contains(q.flaw, c.flaw) || q.at != c.at || (q.forbidden() == "") != (c.forbidden == "") || !strings.Contains(q.forbidden(), c.forbidden) {
			t.Errorf("%q: ends at %d, at %d %s; forbidden: %s", b, q.end, q.at, q.flaw, q.forbidden())
		}
	}
	for _, size := range []string{"18446744073709551621", "99999999999999999999999999"} {
		if q := read(crlf("POST / HTTP/1.1\nContent-Length: " + size + "\n\nhello")); q.end != 0 || q.flaw != "" {
			t.Errorf("%s: ends at %d, %s", size, q.end, q.flaw)
		}
	}
}

// TestReadAnything: whatever comes is read, and an end lies in it.
func TestReadAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := crlf(rapid.SampledFrom(wholes).Draw(t, "request"))
		at := rapid.IntRange(0, len(b)).Draw(t, "at")
		b = append(append(b[:at:at], rapid.SliceOfN(rapid.SampledFrom([]byte("\r\n:;0f5 GT\x00\xff")), 0, 8).Draw(t, "bytes")...), b[at:]...)
		if q := read(b); q.end > len(b) || q.head > len(b) || q.at > len(b) || q.end > 0 && q.flaw != "" {
			t.Fatalf("%+v of %q", q, b)
		}
	})
}
