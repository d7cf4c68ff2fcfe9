package web

import (
	"bufio"
	"slices"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
)

// both has a message with a length and chunks be framed so.
func both(how func(h *tinyHead, n int64)) func(t *tiny) {
	return func(t *tiny) {
		t.frame = func(h *tinyHead) error {
			if lengths := h.values("Content-Length"); len(lengths) > 0 && len(h.values("Transfer-Encoding")) > 0 {
				n, err := t.length(lengths)
				if err == nil {
					err = t.coding(h.values("Transfer-Encoding"))
				}
				how(h, n)
				return err
			}
			return t.framed(h)
		}
	}
}

func inChunksAndEnded(h *tinyHead, _ int64) { h.chunked, h.close = true, true }

func inChunksAndKept(h *tinyHead, _ int64) { h.chunked = true }

// rewriting has a server read lines of a head as others.
func rewriting(old, new string, also ...func(t *tiny)) func(t *tiny) {
	return func(t *tiny) {
		for _, change := range also {
			change(t)
		}
		t.headLine = func(r *bufio.Reader) (string, error) {
			line, err := tinyLine(r)
			return strings.Replace(line, old, new, 1), err
		}
	}
}

// withoutBodies has messages end with their heads of which that is so.
func withoutBodies(of func(h *tinyHead) bool) func(t *tiny) {
	return func(t *tiny) {
		t.frame = func(h *tinyHead) error {
			if of(h) {
				return nil
			}
			return t.framed(h)
		}
	}
}

const (
	answered55  = "the server answered the 55 bytes from there on as a request (200, 404, 200)"
	swallowed55 = "the server swallowed the 55 bytes between the two, and answered what followed (200, 200)"
)

// TestSmugglingFaults: each rule of SMUG finds what breaks it, and says where the two readings end the message.
func TestSmugglingFaults(t *testing.T) {
	at := func(*bufio.Reader) {} // where it is
	findEach(t, demoPaths, []bodyFault{
		{"SMUG-1", "by its chunks, and kept", both(inChunksAndKept), finding.Fails,
			`request smuggling: by its chunks the message ends behind byte 96 ("\n\r\n0\r\n\r\n"), by its Content-Length behind byte 151 ("test\r\n\r\n"); ` + answered55},
		{"SMUG-1", "by its length", both(func(h *tinyHead, n int64) { h.left = n }), finding.Fails, swallowed55},
		{"SMUG-1", "by its length, which ends early", both(func(h *tinyHead, n int64) {
			if h.left = n; n > 5 {
				inChunksAndEnded(h, n)
			}
		}), finding.Fails, `by its Content-Length the message ends behind byte 94 ("\r\n\r\n37\r\n"), by its chunks behind byte 156 ("\n\r\n0\r\n\r\n"); the server answered the 62 bytes from there on as a request (200, 404, 400)`},
		{"SMUG-1", "by its length, and ended", both(func(h *tinyHead, n int64) { h.left, h.close = n, true }), finding.Fails, "the server took the 55 bytes between the two for content, and ended the connection (200); the server took the body for"},
		{"SMUG-1", "refused, and the hidden one answered", func(t *tiny) { t.resumes = at }, finding.Fails, "the server answered the 55 bytes from there on as a request (400, 400, 400, 404, 200)"},
		{"SMUG-2", "refused, and the hidden one answered", func(t *tiny) { t.resumes = at }, finding.Fails, "Transfer-Encoding SP : chunked, a request behind the last chunk: request smuggling"},
		{"SMUG-2", "SP before the colon", rewriting(" :", ":", both(inChunksAndEnded)), finding.Fails, "Transfer-Encoding SP : chunked, a request behind the last chunk: request smuggling: by its chunks"},
		{"SMUG-2", "VT", rewriting("\v", "", both(inChunksAndKept)), finding.Fails, answered55},
		{"SMUG-2", "identity is none", ignoringBesideLength("identity"), finding.Fails, "Transfer-Encoding: identity, a request behind the last chunk: request smuggling: by its chunks the message ends behind byte 97 (" + `"\n\r\n0\r\n\r\n"), by its Content-Length behind byte 152 ("test\r\n\r\n"); ` + swallowed55},
		{"SMUG-2", "a fold is a field", rewriting(" T", "T", both(inChunksAndKept)), finding.Fails, "SP before Transfer-Encoding, behind another field, a request behind the last chunk: request smuggling"},
		{"SMUG-2", "an underscore", rewriting("_", "-", both(inChunksAndEnded)), finding.Fails, "the server dropped the 55 bytes between the two, or took them for content, and ended the connection (200); the server took the body for"},
		{"SMUG-2", "LF ends a line, and chunks are kept", func(t *tiny) {
			both(inChunksAndKept)(t)
			t.headLine = func(r *bufio.Reader) (string, error) {
				line, err := r.ReadString('\n')
				return strings.TrimRight(line, "\r\n"), err
			}
		}, finding.Fails, "Transfer-Encoding behind an LF, a request behind the last chunk: request smuggling"},
		{"SMUG-3", "SP before the colon", rewriting(" :", ":"), finding.Fails, "Content-Length SP : N, the body a request: request smuggling: without the disguised Content-Length the message ends behind byte 64"},
		{"SMUG-3", "the last of two", func(t *tiny) {
			t.length = func(v []string) (int64, error) { return tinyLength(v[len(v)-1:]) }
		}, finding.Fails, "Content-Length: N, then Content-Length: 0, the body a request: request smuggling: by a length of 0"},
		{"SMUG-3", "the first of two", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				one, _, _ := strings.Cut(v[0], ",")
				return tinyLength([]string{one})
			}
		}, finding.Fails, "Content-Length: N, 0, the body a request: request smuggling: by a length of 0"},
		{"SMUG-3", "none is 0", func(t *tiny) {
			t.length = func(v []string) (int64, error) {
				n, err := tinyLength(v)
				if strings.HasSuffix(v[0], ".0") {
					return 0, nil
				}
				return n, err
			}
		}, finding.Fails, "Content-Length: N.0, the body a request: request smuggling: by a length of 0 the message ends behind byte 65 (" + `"55.0\r\n\r\n"), by its other length behind byte 120 ("test\r\n\r\n"); ` + answered55},
		{"SMUG-3", "a fold is a field", rewriting(" Content-Length: 0", "Empty:", withoutBodies(func(h *tinyHead) bool { return len(h.values("Empty")) > 0 })), finding.Fails, "Content-Length: N, then X: a fold Content-Length: 0, the body a request: request smuggling"},
		{"SMUG-3", "a fold is a length", rewriting(" C", "C"), finding.Fails, "X: a fold Content-Length: N, the body a request: request smuggling: without the disguised Content-Length"},
		{"SMUG-3", "an underscore", rewriting("Content_", "Content-"), finding.Fails, "Content_Length: N, the body a request: request smuggling: without the disguised Content-Length"},
		{"SMUG-4", "0x", func(t *tiny) {
			t.size = func(digits string) (int64, error) { return tinySize(strings.TrimPrefix(digits, "0x")) }
		}, finding.Warns, "size 0xNN: request smuggling: by a size of 0 the message ends behind byte"},
		{"SMUG-4", "the end of the digits", func(t *tiny) {
			t.size = func(digits string) (int64, error) { return prefix(digits, 16), nil }
		}, finding.Warns, "size 0xNN: request smuggling"},
		{"SMUG-4", "no trailers", func(t *tiny) {
			t.trailers = func(*tiny, *tinyHead, *bufio.Reader) error { return nil }
		}, finding.Warns, "no empty line behind the last chunk, then a request: request smuggling: without an empty line the message ends behind byte"},
		{"SMUG-5", "none of GET", withoutBodies(func(h *tinyHead) bool { return h.method == "GET" }), finding.Fails, "GET P, the body a request: request smuggling: without a body the message ends behind byte 58 (" + `": 55\r\n\r\n"), by its Content-Length behind byte 113 ("test\r\n\r\n"); ` + answered55},
		{"SMUG-5", "none of HEAD", withoutBodies(func(h *tinyHead) bool { return h.method == "HEAD" }), finding.Fails, "HEAD P, the body a request: request smuggling: without a body the message ends behind byte 59"},
		{"SMUG-5", "none of what is not there", withoutBodies(func(h *tinyHead) bool { return h.method == "GET" && strings.HasSuffix(h.target, "/missing") }), finding.Fails, "GET X, the body a request: request smuggling"},
		{"SMUG-6", "none behind what is expected", withoutBodies(func(h *tinyHead) bool { return len(h.values("Expect")) > 0 }), finding.Fails, answered55},
		{"SMUG-6", "none behind two", withoutBodies(func(h *tinyHead) bool { return len(h.values("Expect")) > 1 }), finding.Fails, "100-continue twice, the body a request: request smuggling"},
		{"SMUG-6", "a byte behind an empty body", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				err := t.framed(h)
				if len(h.values("Expect")) > 0 {
					h.left = max(h.left, 1)
				}
				return err
			}
		}, finding.Fails, "the body empty, then a request: request smuggling: by its length of 0 the message ends with its head; the server took a part of the request"},
		{"SMUG-6", "a body behind an empty one", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				err := t.framed(h)
				if len(h.values("Expect")) > 1 && h.left == 0 {
					h.left = 55 // as long as the hidden request is
				}
				return err
			}
		}, finding.Fails, "100-continue twice, the body empty, then a request: request smuggling: by its length of 0 the message ends with its head; the server took the request"},
		{"SMUG-7", "goes on", func(t *tiny) { t.resumes = at }, finding.Fails, "Content-Length: +5, then a request: request smuggling: without a body the message ends behind byte 63"},
		{"SMUG-7", "goes on behind the next empty line", func(t *tiny) {
			t.resumes = func(r *bufio.Reader) {
				for line := " "; line != ""; line, _ = tinyLine(r) {
				}
			}
		}, finding.Fails, "the server swallowed the 55 bytes between the two, and answered what followed (400, 200)"},
		{"SMUG-7", "goes on behind codings", func(t *tiny) {
			t.length = func([]string) (int64, error) { return 0, nil }
			t.resumes = at
		}, finding.Fails, "Transfer-Encoding: chunked, gzip, then a request: request smuggling"},
	})
}

// ignoringBesideLength has a Transfer-Encoding of that value be passed over.
func ignoringBesideLength(coding string) func(t *tiny) {
	return func(t *tiny) {
		t.frame = func(h *tinyHead) (err error) {
			if v := h.values("Transfer-Encoding"); len(v) == 1 && v[0] == coding {
				h.left, err = t.length(h.values("Content-Length"))
				return err
			}
			return t.framed(h)
		}
	}
}

// TestCutSaysBoth: that what a server takes hangs on a cut is said beside where it ends the message.
func TestCutSaysBoth(t *testing.T) {
	findEach(t, demoPaths, []bodyFault{{"HCHK-9", "CR is a space where nothing is behind its line", func(t *tiny) {
		t.line = func(r *bufio.Reader) (string, error) {
			line, err := tinyLine(r)
			if r.Buffered() == 0 {
				line = strings.ReplaceAll(line, "\r", " ")
			}
			return line, err
		}
	}, finding.Fails, "and answered what followed (200, 200); in one segment the server refused it, and ended the connection, but cut it answered it as it answers a plain request"}})
}

// TestContentOfHead: that a server sends content to HEAD is not taken for an answer to what the body hides.
func TestContentOfHead(t *testing.T) {
	virtually(t, "tiny", func(t *testing.T) {
		s := meet(t, on(t, newTiny().serve), demoPaths)
		wordy := newTiny()
		wordy.frame = func(h *tinyHead) error {
			err := wordy.framed(h)
			h.method = strings.Replace(h.method, "HEAD", "GET", 1) // by which its content is sent
			return err
		}
		faulty := met(on(t, wordy.serve))
		faulty.service = s.service
		r := ruleOf(t, "SMUG-5")
		f, observed := faulty.show(t.Context(), r)
		want := []string{"the server sent content behind its answer (HCON-8): where it took the body to end does not show: HEAD P, the body a request · HEAD P, the body a request in a chunk"}
		if f != nil || !slices.Equal(observed, want) {
			t.Errorf("%+v, and it observes %q", f, observed)
		}
	})
}

// TestServerThatLeaves: a server that has ended before it is asked is not asked on, though it was there before.
func TestServerThatLeaves(t *testing.T) {
	l := serveReference(t)
	s := visit(t, l, demoPaths)
	r := ruleOf(t, "HCHK-1")
	r.Shapes = r.Shapes[:1]
	if f, _ := s.show(t.Context(), r); f != nil {
		t.Fatalf("%+v", f)
	}
	_ = l.Close()
	if f, _ := s.show(t.Context(), r); !f.Is(finding.Gone) {
		t.Errorf("%+v", f)
	}
}
