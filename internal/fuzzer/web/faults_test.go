package web_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// first is the first thing wrong that the draws show of a server and that breaks a requirement, made small, and by which draw it was found.
func first(t *testing.T, p web.Player, requirement string) (*web.Found, uint64) {
	t.Helper()
	looked := map[web.Key]bool{}
	for n := range uint64(draws) {
		d := web.Drawn(p.Service, 1, n)
		wrong, f := p.Play(t.Context(), d, p.Wait())
		if f != nil {
			t.Fatal(f.Problem)
		}
		if wrong == nil || looked[wrong.Key()] {
			continue
		}
		looked[wrong.Key()] = true
		found, f := p.Look(t.Context(), d, wrong)
		if found == nil {
			t.Fatalf("%s is not there again: %+v", wrong.Problem, f)
		}
		if found.Requirement == requirement {
			return found, n
		}
	}
	return nil, 0
}

// TestFaults: each fault is found by the draws, and told by the fewest bytes and cuts.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault, requirement string
		bytes, cuts        int // no more than these
		problem            string
	}{
		{"both-kept-alive", "HLEN-12", 102, 0, "answers it, and what follows it (200, 200)"},
		{"chunk-cr", "HCHK-9", 82, 0, "a lone CR in chunks"},
		{"chunk-lf", "HCHK-8", 200, 0, "request smuggling: by the RFC the last message ends behind byte 200 of 200; the server ended it behind byte 139, and answered the rest"},
		{"close-at-idle", "HCON-4", 106, 0, "answered the rest as a request (200, 404)"},
		{"cr-starts-field", "HFLD-8", 123, 0, "by the RFC the last message ends behind byte 71 of 123; the server ended it behind byte 123, and took the request between"},
		{"crlf-checked-in-one-segment", "FRAM-2", 85, 1, "in one segment the server refuses it (400), and cut it answers it"},
		{"fast-path-unchecked", "FRAM-2", 39, 1, "what it takes hangs on how the bytes come"},
		{"fold-is-a-field", "HFLD-7", 125, 0, "took the request between for a part of it"},
		{"head-with-body", "HCON-8", 36, 0, "answers with what is no HTTP/1.1"},
		{"host-optional", "HFLD-1", 18, 0, "no Host: the server answers it"},
		{"length-32-bit", "HLEN-6", 73, 0, "a Content-Length that overflows (2^32+N)"},
		{"length-over-chunked", "HLEN-11", 105, 0, "sees no end in all that was sent"},
		{"post-waits-for-eof", "HLEN-7", 40, 0, "took what follows it for a part of it"},
		{"size-by-strtol", "HCHK-5", 135, 0, "the server ended it behind byte 76"},
		{"space-before-colon", "HFLD-5", 84, 0, "white space before the colon"},
		{"te-in-1.0-ignored", "HLEN-13", 107, 0, "ended it before that, and refused the rest"},
		{"trailer-left", "HCHK-10", 96, 0, "ended it before that, and refused the rest"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := meet(t, named(t, c.fault), posts)
				found, _ := first(t, p, c.requirement)
				if found == nil {
					t.Fatal("it is not found")
				}
				n := len(found.Stream.At(p.Service.Target).Bytes)
				if n > c.bytes || len(found.Cuts.Cuts) > c.cuts || !strings.Contains(found.Problem, c.problem) {
					t.Errorf("%s by %d bytes and %d cuts: %s", found.Requirement, n, len(found.Cuts.Cuts), found.Problem)
				}
				if e := found.Finding.Evidence; found.Requirement != "FRAM-2" && !strings.Contains(e.Pattern, "(RFC 9") || e.Failed < 2 {
					t.Errorf("the evidence: %q, %d of %d times", e.Pattern, e.Failed, e.Runs)
				}
				plan := p.Plan(found.Draw)
				if err := plan.Validate(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestCut: where a valid message is answered rightly in one segment, and not where it is cut, the cut is what is wrong, whatever the answer breaks.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := meet(t, &handmade{answer: func(c net.Conn) {
			for b := make([]byte, 16<<10); ; {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				head, _, whole := strings.Cut(string(b[:n]), "\r\n\r\n")
				words := strings.Fields(head)
				status, content := 404, ""
				if whole && len(words) > 1 && (words[1] == "/" || strings.HasPrefix(words[1], "/?")) {
					status, content = 200, "hello"
				}
				_, _ = fmt.Fprintf(c, "HTTP/1.1 %d It\r\nContent-Length: %d\r\n\r\n", status, len(content)) // the client sees how far it comes
				if len(words) == 0 || words[0] != "HEAD" {
					_, _ = io.WriteString(c, content)
				}
			}
		}}, service.Options{})
		for n := range uint64(draws / 4) {
			d := web.Drawn(p.Service, 1, n)
			wrong, f := p.Play(t.Context(), d, p.Wait())
			if f != nil {
				t.Fatal(f.Problem)
			}
			if wrong == nil || wrong.Class != nil || len(d.Cuts.Cuts) == 0 {
				continue
			}
			if whole, _ := p.Play(t.Context(), web.Draw{Stream: d.Stream}, p.Wait()); whole == nil && wrong.Requirement != "FRAM-2" {
				t.Errorf("%d: %s (%s): %s", n, wrong.Requirement, wrong.Name, wrong.Problem)
			}
		}
	})
}

// TestAgain: the same seed finds the same again.
func TestAgain(t *testing.T) {
	var all [2]string
	for i := range all {
		synctest.Test(t, func(t *testing.T) {
			found, n := first(t, meet(t, named(t, "crlf-checked-in-one-segment"), posts), "FRAM-2")
			if found == nil {
				t.Fatal("it is not found")
			}
			all[i] = fmt.Sprintf("%d %s %s %v %d %d", n, found.Requirement, found.Problem, found.Cuts, found.Played, found.Finding.Evidence.Failed)
		})
	}
	if all[0] != all[1] {
		t.Errorf("one run finds\n%s\nand another\n%s", all[0], all[1])
	}
}
