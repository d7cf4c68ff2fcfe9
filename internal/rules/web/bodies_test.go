package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
)

var bodies = slices.Concat(hlen, hchk)

var demoPaths = service.Options{PostPath: "/echo", EchoPath: "/inspect"}

// goDemo is the reference's demonstration as a handler of net/http.
var goDemo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == "GET" && r.URL.Path == "/", r.Method == "HEAD" && r.URL.Path == "/":
		_, _ = io.WriteString(w, "I am the server, I have got it.\n")
	case r.Method == "POST" && r.URL.Path == "/echo":
		content, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "the body is not right", http.StatusBadRequest)
			return
		}
		_, _ = w.Write(content)
	case r.URL.Path == "/inspect":
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, "method: %s\ntarget: %s\nhost: %s\n", r.Method, r.RequestURI, r.Host)
		for _, v := range r.Header.Values("X-Probe") {
			_, _ = fmt.Fprintf(w, "x-probe: %s\n", v)
		}
	case r.URL.Path == "/" || r.URL.Path == "/echo":
		http.Error(w, "the method is not one of this resource", http.StatusMethodNotAllowed)
	default:
		http.NotFound(w, r)
	}
})

// virtually runs a test in a bubble whose time is virtual, beside others.
func virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// TestRightTiny: nothing is found in the server that the others here are made of.
func TestRightTiny(t *testing.T) {
	virtually(t, "right", func(t *testing.T) {
		s := meet(t, on(t, newTiny().serve), demoPaths)
		for _, r := range bodies {
			if f, _ := s.show(t.Context(), r); f != nil {
				t.Errorf("%s: %s %s", r.Requirement, f.Kind, f.Problem)
			}
		}
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

// readLoose reads a line that ends in LF, whatever stands before that.
func readLoose(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

// TestBodyFaults: each rule finds what breaks it, for its own reason, and says how that counts.
func TestBodyFaults(t *testing.T) {
	for _, c := range []struct {
		requirement, name string
		change            func(t *tiny)
		grade             finding.Grade
		says              string
	}{
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
		}, finding.Fails, "POST with neither Content-Length nor Transfer-Encoding: request smuggling: the server answered it, and never answered what followed"},
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
		{"HCHK-1", "one alone", func(t *tiny) { t.oneChunk = true }, finding.Fails, "one chunk: request smuggling"},
		{"HCHK-2", "small letters", func(t *tiny) {
			t.size = func(d string) (int64, error) {
				if strings.ContainsAny(d, "ABCDEF") {
					return 0, tinyRefusal(400)
				}
				return tinySize(d)
			}
		}, finding.Fails, "size A: the server refused it"},
		{"HCHK-3", "refused", func(t *tiny) {
			t.extension = func(text string) error {
				if text != "" {
					return tinyRefusal(400)
				}
				return nil
			}
		}, finding.Fails, "extension ;a: the server refused it"},
		{"HCHK-4", "white space makes it no size", func(t *tiny) {
			t.line = func(r *bufio.Reader) (string, error) {
				line, err := tinyLine(r)
				if strings.HasPrefix(line, "5 ;") {
					line = "0"
					_, _ = r.Discard(len("hello\r\n0\r\n"))
				}
				return line, err
			}
		}, finding.Fails, "extension SP ; SP a SP = SP b: "},
		{"HCHK-5", "by int()", func(t *tiny) {
			t.size = func(d string) (int64, error) {
				n, err := strconv.ParseInt(strings.TrimPrefix(d, "0x"), 16, 64)
				if err != nil || n < 0 {
					return 0, tinyRefusal(400)
				}
				return n, nil
			}
		}, finding.Warns, "size +5: the server answered it as it answers a plain request, and answered what followed"},
		{"HCHK-5", "by strtol", func(t *tiny) {
			t.size = func(d string) (int64, error) {
				if d != "0x5" {
					return tinySize(d)
				}
				return 0, nil
			}
			t.trailers = func(t *tiny, _ *tinyHead, r *bufio.Reader) error {
				for {
					if line, err := tinyLine(r); line == "" {
						return err
					}
				}
			}
		}, finding.Warns, "size 0x5: request smuggling: the server answered it as it answers a plain request, and answered what followed (200); the server took the body for \"\", and not for \"hello\""},
		{"HCHK-6", "in 32 bits", func(t *tiny) {
			t.size = func(d string) (int64, error) { n, err := tinySize(d); return int64(int32(n)), err }
		}, finding.Fails, "size 2^32+5: the server answered"},
		{"HCHK-7", "skipped blind", func(t *tiny) {
			t.behind = func(_ *tiny, r *bufio.Reader) error { _, err := r.Discard(2); return err }
		}, finding.Warns, "XX for CR LF behind the data: the server answered"},
		{"HCHK-7", "checked in one segment", func(t *tiny) {
			t.behind = func(t *tiny, r *bufio.Reader) error {
				if r.Buffered() >= 2 {
					return tinyBehind(t, r)
				}
				_, err := r.Discard(2)
				return err
			}
		}, finding.Fails, "FRAM-2"},
		{"HCHK-8", "a lone LF", func(t *tiny) { t.line = readLoose }, finding.Warns, "LF behind the size: the server answered"},
		{"HCHK-9", "a lone CR", func(t *tiny) {
			t.line = func(r *bufio.Reader) (line string, err error) {
				for {
					b, err := r.ReadByte()
					switch {
					case err != nil:
						return "", err
					case b != '\r':
						line += string(b)
						continue
					}
					if next, _ := r.Peek(1); string(next) == "\n" {
						_, _ = r.Discard(1)
					}
					return line, nil
				}
			}
		}, finding.Fails, "CR behind the size: the server answered"},
		{"HCHK-9", "a lone CR in an extension", func(t *tiny) {
			t.line = func(r *bufio.Reader) (string, error) {
				line, err := r.ReadString('\n')
				if strings.HasPrefix(line, "5;a\r") {
					_, _ = r.Discard(len("hello\r\n0\r\n"))
					line = "0\r\n"
				}
				return strings.TrimSuffix(line, "\r\n"), err
			}
		}, finding.Fails, "CR inside an extension: the server took the body for \"\""},
		{"HCHK-10", "left", func(t *tiny) {
			t.trailers = func(_ *tiny, _ *tinyHead, r *bufio.Reader) error {
				if two, err := r.Peek(2); err != nil || string(two) != "\r\n" {
					return err
				}
				_, err := r.Discard(2)
				return err
			}
		}, finding.Fails, "one trailer: request smuggling"},
		{"HCHK-10", "merged", func(t *tiny) {
			t.trailers = func(t *tiny, h *tinyHead, r *bufio.Reader) error {
				more, err := tinyFields(t.line, r)
				h.fields = append(h.fields, more...)
				return err
			}
		}, finding.Fails, "trailer X-Probe of a POST to what repeats fields: the server took the trailer for a field"},
		{"HCHK-11", "left", func(t *tiny) {
			t.trailers = func(_ *tiny, _ *tinyHead, r *bufio.Reader) error {
				for {
					if some, err := r.Peek(10); err == nil && string(some) == "X-Probe : " {
						return nil
					}
					if line, err := tinyLine(r); err != nil || line == "" {
						return err
					}
				}
			}
		}, finding.Fails, "SP before the colon of a trailer: request smuggling"},
		{"HCHK-12", "the end is the last chunk", func(t *tiny) {
			t.ends = func(h *tinyHead, err error) error {
				if h.chunked {
					return nil
				}
				return err
			}
		}, finding.Fails, "took it for complete: it answered 200"},
		{"HCHK-13", "of 64 KiB", func(t *tiny) { t.most = 64 << 10 }, finding.Warns, "a chunk of 1 MiB: the server refused it, and ended the connection (413)"},
		{"HCHK-13", "of 64 KiB, refused as malformed", func(t *tiny) {
			t.size = func(d string) (int64, error) {
				n, err := tinySize(d)
				if n > 64<<10 {
					err = tinyRefusal(400)
				}
				return n, err
			}
		}, finding.Fails, "a chunk of 1 MiB: the server refused it, and ended the connection (400)"},
		{"HCHK-14", "no end of a line", func(t *tiny) {
			t.line = func(r *bufio.Reader) (string, error) {
				line, err := tinyLine(r)
				if len(line) > 32<<10 {
					_, err = r.Discard(1 << 20)
				}
				return line, err
			}
		}, finding.Fails, "an extension of 64 KiB: the server waited for more"},
		{"HCHK-14", "refused by a 500", func(t *tiny) {
			t.extension = func(text string) error {
				if len(text) > 32<<10 {
					return tinyRefusal(500)
				}
				return nil
			}
		}, finding.Warns, "an extension of 64 KiB: the server refused it, and ended the connection (500)"},
	} {
		virtually(t, c.requirement+" "+c.name, func(t *testing.T) {
			faulty := newTiny()
			c.change(faulty)
			s := meet(t, on(t, faulty.serve), demoPaths)
			f, _ := s.show(t.Context(), ruleOf(t, c.requirement))
			if !f.Is(finding.Broken) {
				t.Fatalf("it was not found: %+v", f)
			}
			if f.Grade != c.grade || !strings.Contains(f.Problem, c.says) {
				t.Errorf("it was found with grade %d, not %d: %s", f.Grade, c.grade, f.Problem)
			}
		})
	}
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

func ruleOf(t *testing.T, requirement string) Rule {
	t.Helper()
	i := slices.IndexFunc(bodies, func(r Rule) bool { return r.Requirement == requirement })
	if i < 0 {
		t.Fatalf("no rule shows %s", requirement)
	}
	return bodies[i]
}

// TestPassesNothing: a server that says nothing, closes at once or says the same to everything passes nothing.
func TestPassesNothing(t *testing.T) {
	constant := func(status, length string, closes bool) func(net.Conn) {
		return func(c net.Conn) {
			b := make([]byte, 64<<10)
			for {
				if _, err := c.Read(b); err != nil {
					_ = c.Close()
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\nContent-Length: "+length+"\r\n\r\n")
				if closes {
					linger(c)
					return
				}
			}
		}
	}
	for name, serve := range map[string]func(net.Conn){
		"says nothing":          func(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() },
		"says nothing for ever": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"closes at once":        func(c net.Conn) { _ = c.Close() },
		"200":                   constant("200 OK", "0", false),
		"200 and closes":        constant("200 OK", "0", true),
		"400":                   constant("400 Bad Request", "0", false),
		"400 and closes":        constant("400 Bad Request", "0", true),
		"404":                   constant("404 Not Found", "0", false),
		"404 and closes":        constant("404 Not Found", "0", true),
	} {
		virtually(t, name, func(t *testing.T) {
			right := meet(t, on(t, newTiny().serve), demoPaths)
			s := met(on(t, serve))
			s.service = right.service
			for _, r := range bodies {
				if f, _ := s.show(t.Context(), r); f == nil {
					t.Errorf("%s passes", r.Requirement)
				}
			}
		})
	}
}
