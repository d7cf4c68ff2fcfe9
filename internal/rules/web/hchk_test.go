package web

import (
	"bufio"
	"strconv"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// TestChunkFaults: each rule of HCHK finds what breaks it.
func TestChunkFaults(t *testing.T) {
	findEach(t, demoPaths, []bodyFault{
		{"HCHK-1", "one alone", func(t *tiny) { t.oneChunk = true }, finding.Fails, "one chunk of one byte: request smuggling"},
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
		{"HCHK-5", "up to what is no digit", func(t *tiny) {
			t.size = func(d string) (int64, error) {
				if zero, _, ok := strings.Cut(d, "x"); ok && zero == "0" && d != "0x5" && d != "0x0" {
					return 0, nil
				}
				return tinySize(d)
			}
		}, finding.Warns, "size 0xNN of a chunk that holds a request: request smuggling: by a size of 0 the message ends behind byte"},
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
		{"HCHK-8", "a lone LF in an extension", func(t *tiny) {
			t.line = func(r *bufio.Reader) (string, error) {
				some, _ := r.Peek(len("4f;a\n"))
				if line, ok := strings.CutSuffix(string(some), ";a\n"); ok {
					_, err := r.Discard(len(some))
					return line, err
				}
				return tinyLine(r)
			}
		}, finding.Warns, "LF inside an extension, behind which a request is hidden: request smuggling"},
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
				some, _ := r.Peek(len("4f;a\r"))
				if line, ok := strings.CutSuffix(string(some), ";a\r"); ok {
					_, err := r.Discard(len(some))
					return line, err
				}
				return tinyLine(r)
			}
		}, finding.Fails, "CR inside an extension, behind which a request is hidden: request smuggling"},
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
					if some, err := r.Peek(9); err == nil && string(some) == "X-Probe\r\n" {
						return nil
					}
					if line, err := tinyLine(r); err != nil || line == "" {
						return err
					}
				}
			}
		}, finding.Fails, "a trailer without a colon: request smuggling"},
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
	})
	findEach(t, service.Options{}, []bodyFault{ // of what does not repeat bodies
		{"HCHK-8", "a lone LF in an extension, and closes behind what does not exist", func(t *tiny) {
			t.frame = func(h *tinyHead) error {
				h.close = h.close || strings.Contains(h.target, "hidden")
				return t.framed(h)
			}
			t.line = func(r *bufio.Reader) (string, error) {
				some, _ := r.Peek(len("4f;a\n"))
				if line, ok := strings.CutSuffix(string(some), ";a\n"); ok {
					_, err := r.Discard(len(some))
					return line, err
				}
				return tinyLine(r)
			}
		}, finding.Warns, "LF inside an extension, behind which a request is hidden: request smuggling"},
	})
}

// readLoose reads a line that ends in LF, whatever stands before that.
func readLoose(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

// TestTrailersByCRLF: a server to which an LF alone ends no line of the trailer section reads on to the next empty one, as it may
// (lighttpd does), and is not blamed for what it takes with that.
func TestTrailersByCRLF(t *testing.T) {
	virtually(t, "to CR LF CR LF", func(t *testing.T) {
		right := newTiny()
		right.trailers = func(_ *tiny, _ *tinyHead, r *bufio.Reader) error {
			for section := "\r\n"; !strings.HasSuffix(section, "\r\n\r\n"); {
				b, err := r.ReadByte()
				if err != nil {
					return err
				}
				section += string(b)
			}
			return nil
		}
		if f, _ := meet(t, on(t, right.serve), demoPaths).show(t.Context(), ruleOf(t, "HCHK-8")); f != nil {
			t.Errorf("it is blamed: %s", wordsOf(f))
		}
	})
}

// TestLimitByRead: a server that looks at the length of what it holds only between two reads takes more in one of them than in many
// (h11 does), which beyond a limit is no fault.
func TestLimitByRead(t *testing.T) {
	virtually(t, "by read", func(t *testing.T) {
		right := newTiny()
		right.line = func(r *bufio.Reader) (string, error) {
			if _, err := r.Peek(1); err != nil {
				return "", err
			}
			cut := r.Buffered() < 1<<10
			line, err := tinyLine(r)
			if err == nil && cut && len(line) > 4<<10 {
				err = tinyRefusal(413)
			}
			return line, err
		}
		if f, _ := meet(t, on(t, right.serve), demoPaths).show(t.Context(), ruleOf(t, "HCHK-14")); f != nil {
			t.Errorf("it is blamed: %s", wordsOf(f))
		}
	})
}
