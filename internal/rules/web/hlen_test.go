package web

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// TestLengthFaults: each rule of HLEN finds what breaks it.
func TestLengthFaults(t *testing.T) {
	findEach(t, demoPaths, []bodyFault{
		{"HLEN-1", "short by one", func(t *tiny) {
			t.length = func(v []string) (int64, error) { n, err := tinyLength(v); return max(n-1, 0), err }
		}, finding.Fails, "Content-Length: 1: request smuggling"},
		{"HLEN-1", "limited to 1000", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				n, err := tinyLength(v)
				if n > 1000 {
					err = tinyRefusal(413)
				}
				return n, err
			}
		}, finding.Warns, "Content-Length: 8191: the server refused it, and ended the connection (413) (--body-limit"},
		{"HLEN-1", "another content", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				n, err := tinyLength(v)
				if n == 8192 {
					err = tinyRefusal(400)
				}
				return n, err
			}
		}, finding.Fails, "Content-Length: 8192: the server refused it"},
		{"HLEN-2", "octal", func(t *tiny) {
			t.length = func(v []string) (int64, error) { return strconv.ParseInt(v[0], 0, 64) }
		}, finding.Fails, "Content-Length: 010: request smuggling"},
		{"HLEN-3", "by atoi", func(t *tiny) {
			t.length = func(v []string) (int64, error) { return prefix(v[0], 10), nil }
		}, finding.Fails, "Content-Length: +5: the server answered it as it answers a plain request"},
		{"HLEN-3", "empty is none", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				if v[0] == "" {
					return 0, nil
				}
				return tinyLength(v)
			}
		}, finding.Fails, "Content-Length: nothing: request smuggling"},
		{"HLEN-3", "refused and kept open", func(t *tiny) { t.open = true }, finding.Fails, "neither ended the connection"},
		{"HLEN-3", "refused with 422", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				n, err := tinyLength(v)
				if err == tinyRefusal(400) {
					err = tinyRefusal(422)
				}
				return n, err
			}
		}, finding.Warns, "refused it, but with 422, not with 400"},
		{"HLEN-4", "the first wins", func(t *tiny) {
			t.length = func(v []string) (int64, error) { return tinyLength(v[:1]) }
		}, finding.Fails, "Content-Length: 5, then Content-Length: 6: request smuggling"},
		{"HLEN-4", "the last wins", func(t *tiny) {
			t.length = func(v []string) (int64, error) { return tinyLength(v[len(v)-1:]) }
		}, finding.Fails, "Content-Length: 5, then Content-Length: 6: the server answered"},
		{"HLEN-5", "added", func(t *tiny) {
			t.length = func(v []string) (n int64, err error) {
				for _, one := range v {
					m, _ := tinyLength([]string{one})
					n += m
				}
				return n, nil
			}
		}, finding.Fails, "Content-Length: 5, twice"},
		{"HLEN-6", "in 32 bits", func(t *tiny) {
			t.length = func(v []string) (int64, error) { n, err := tinyLength(v); return int64(int32(n)), err }
		}, finding.Fails, "Content-Length: 2^32+5"},
		{"HLEN-7", "waits for the end", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if err := t.framed(h); err != nil || h.method != "POST" || len(h.values("Content-Length")) > 0 || h.chunked {
					return err
				}
				h.left = 1 << 40
				t.ends = func(h *tinyHead, err error) error { return nil }
				return nil
			}
		}, finding.Fails, "POST with neither Content-Length nor Transfer-Encoding: request smuggling: by the RFC the message ends behind byte 43"},
		{"HLEN-8", "a part is all", func(t *tiny) {
			t.ends = func(*tinyHead, error) error { return nil }
		}, finding.Fails, "took it for complete: it answered 200"},
		{"HLEN-8", "the end is not seen", func(t *tiny) { t.open = true }, finding.Fails, "the connection was still open after"},
		{"HLEN-9", "others are passed over", func(t *tiny) {
			t.coding = func(v []string) error {
				if !slices.Contains(tinyCodings(v), "chunked") {
					return tinyRefusal(400)
				}
				return nil
			}
		}, finding.Warns, "Transfer-Encoding: foo, chunked: the server answered it as it answers a plain request"},
		{"HLEN-9", "what is not known is none", ignoring("foo"), finding.Fails, "Transfer-Encoding: foo, chunked: request smuggling"},
		{"HLEN-10", "by what it contains", func(t *tiny) {
			t.coding = func(v []string) error {
				if !strings.Contains(v[0], "chunked") {
					return tinyRefusal(400)
				}
				return nil
			}
		}, finding.Fails, "Transfer-Encoding: chunked, gzip: the server answered"},
		{"HLEN-10", "identity is none", ignoring("identity"), finding.Fails, "Transfer-Encoding: identity: request smuggling"},
		{"HLEN-11", "by length", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if v := h.values("Content-Length"); len(v) > 0 {
					n, err := t.length(v)
					h.left, h.close = n, len(h.values("Transfer-Encoding")) > 0 || h.close
					return err
				}
				return t.framed(h)
			}
		}, finding.Fails, "Content-Length: 5, then chunked: the server took the body for \"5\\r\\nhe\", and not for \"hello\""},
		{"HLEN-12", "kept", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if h.chunked = len(h.values("Transfer-Encoding")) > 0; h.chunked {
					return t.coding(h.values("Transfer-Encoding"))
				}
				return t.framed(h)
			}
		}, finding.Fails, "Content-Length: 15, then chunked: the server answered it as it answers a plain request, and answered what followed"},
		{"HLEN-13", "kept", func(t *tiny) {
			t.frame = func(h *tinyHead) error { h.version = "HTTP/1.1"; return t.framed(h) }
		}, finding.Fails, "and answered what followed"},
		{"HLEN-13", "passed over", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if h.version == "HTTP/1.0" {
					return nil
				}
				return t.framed(h)
			}
		}, finding.Fails, "request smuggling"},
		{"HLEN-14", "by case", func(t *tiny) {
			t.coding = func(v []string) error {
				if v[0] != "chunked" {
					return tinyRefusal(501)
				}
				return nil
			}
		}, finding.Fails, "Transfer-Encoding: CHUNKED: the server refused it"},
		{"HLEN-15", "the first line alone", func(t *tiny) {
			t.coding = func(v []string) error { return tinyCoding(v[:1]) }
		}, finding.Fails, "Transfer-Encoding: chunked, then Transfer-Encoding: identity: the server answered"},
		{"HLEN-15", "an empty line frames nothing", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if v := h.values("Transfer-Encoding"); len(v) > 0 && v[0] == "" {
					return nil
				}
				return t.framed(h)
			}
		}, finding.Fails, "an empty Transfer-Encoding, then chunked: request smuggling"},
		{"HLEN-16", "cut at the semicolon", func(t *tiny) {
			t.coding = func(v []string) error {
				name, _, _ := strings.Cut(v[0], ";")
				return tinyCoding([]string{name})
			}
		}, finding.Warns, "Transfer-Encoding: chunked;q=1: the server answered"},
		{"HLEN-16", "cut at the semicolon, and closes", func(t *tiny) {
			t.coding = func(v []string) error {
				name, _, _ := strings.Cut(v[0], ";")
				return tinyCoding([]string{name})
			}
			t.frame = func(h *tinyHead) error {
				h.close = h.close || strings.Contains(strings.Join(h.values("Transfer-Encoding"), ""), ";")
				return t.framed(h)
			}
		}, finding.Warns, "Transfer-Encoding: chunked;q=1: the server answered it as it answers a plain request, and ended the connection"},
		{"HLEN-17", "GET has none", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if h.method == "GET" {
					return nil
				}
				return t.framed(h)
			}
		}, finding.Fails, "GET P, the body a request: request smuggling"},
		{"HLEN-17", "HEAD has none", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				if h.method == "HEAD" {
					return nil
				}
				return t.framed(h)
			}
		}, finding.Fails, "HEAD P, the body a request: request smuggling"},
	})
	findEach(t, service.Options{}, []bodyFault{ // of what does not repeat bodies
		{"HLEN-10", "answered before the coding is looked at", func(t *tiny) {
			t.early = 202
			t.frame = func(h *tinyHead) error {
				err := t.framed(h)
				if h.chunked && err != nil {
					h.close = true
					return nil
				}
				return err
			}
		}, finding.Warns, "Transfer-Encoding: chunked, gzip: the server answered it as it answers a plain request, and ended the connection (202), and does not say"},
		{"HLEN-3", "answered before the length is looked at", func(t *tiny) {
			t.early = 405
			t.length = func(v []string) (int64, error) {
				n, _ := tinyLength(v)
				return n, nil
			}
			t.frame = func(h *tinyHead) error {
				err := t.framed(h)
				if v := h.values("Content-Length"); len(v) > 0 {
					_, wrong := tinyLength(v)
					h.close = h.close || wrong != nil
				}
				return err
			}
		}, finding.Warns, "Content-Length: +5: the server answered it as it answers a plain request, and ended the connection (405), and does not say"},
	})
}

// prefix is the number that a text begins with, as strtol has it.
func prefix(text string, base int) int64 {
	for n := len(text); n > 0; n-- {
		if v, err := strconv.ParseInt(text[:n], base, 64); err == nil {
			return v
		}
	}
	return 0
}

// ignoring has a Transfer-Encoding that begins so frame nothing.
func ignoring(coding string) func(t *tiny) {
	return func(t *tiny) {
		t.frame = func(h *tinyHead) error {
			if v := h.values("Transfer-Encoding"); len(v) > 0 && strings.HasPrefix(v[0], coding) {
				return nil
			}
			return t.framed(h)
		}
	}
}
