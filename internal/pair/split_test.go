package pair

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSplit: what is whole by the RFC is divided where it ends, and all else left together.
func TestSplit(t *testing.T) {
	whole := []string{
		"GET / HTTP/1.1\nHost: a\n\n", "HEAD / HTTP/1.1\n\n", "POST / HTTP/1.1\nContent-Length: 5\n\nhello", "POST / HTTP/1.1\ncontent-length:  0\n\n",
		"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n5;a=b\nhello\n0\n\n", "POST / HTTP/1.1\ntransfer-encoding: Chunked\n\nA\n0123456789\n1\nx\n00\n\n",
	}
	odd := []string{
		"GET / HTTP/1.1\nHost: a\n", "POST / HTTP/1.1\nContent-Length: +5\n\nhello", "POST / HTTP/1.1\nContent-Length: 5\nContent-Length: 6\n\nhello",
		"POST / HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n", "POST / HTTP/1.1\nTransfer-Encoding: xchunked\n\n0\n\n",
		"POST / HTTP/1.1\nTransfer-Encoding : chunked\n\n0\n\n", "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhello!\n0\n\n", "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n0\nX: y\n\n",
		"POST / HTTP/1.1\nContent-Length: 99\n\nhello", "POST / HTTP/1.1\nContent-Length: 99999999999999999999\n\nhello",
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(whole), 0, 5).Draw(t, "requests")
		if last := rapid.SampledFrom(append(odd, "")).Draw(t, "odd"); last != "" {
			parts = append(parts, last)
		}
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], "\n", "\r\n")
		}
		var got []string
		for _, one := range split([]byte(strings.Join(parts, ""))) {
			got = append(got, string(one))
		}
		if !slices.Equal(got, parts) {
			t.Fatalf("%q is divided so: %q", parts, got)
		}
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes") // whatever comes, none of it is lost
		if all := bytes.Join(split(b), nil); !bytes.Equal(all, b) {
			t.Fatalf("%q of %q", all, b)
		}
	})
}
