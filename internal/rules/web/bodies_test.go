package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/http1"
)

// bodies are the families of where a message ends.
var bodies = slices.Concat(hlen(), hchk(), smug())

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

// A judged is what a rule is to find, and to observe: the names of shapes, with taken or refused behind them.
type judged struct {
	grade    finding.Grade // of a failure; 0 where there is none
	says     string
	observes []string
}

// each are remarks that were made of several shapes at once, for each of them alone: its name, and what is said.
func each(observed []string) (all []string) {
	for _, o := range observed {
		said, names, ok := strings.Cut(o, ": ")
		if !ok || !strings.HasPrefix(said, "the server ") {
			all = append(all, o)
			continue
		}
		for name := range strings.SplitSeq(names, " · ") {
			all = append(all, name+": "+said)
		}
	}
	return all
}

// judge holds what the rules find and observe against a list. A rule that is not in it finds nothing, and has nothing to say.
func judge(t *testing.T, s *site, rules []ask.Rule, list map[string]judged) {
	t.Helper()
	for _, r := range rules {
		f, observed := s.show(t.Context(), r)
		want := list[r.Requirement]
		if f != nil != (want.grade != 0) || f != nil && (!f.Is(finding.Broken) || f.Grade != want.grade || !strings.Contains(f.Problem, want.says)) {
			t.Errorf("%s: %+v, not %q", r.Requirement, f, want.says)
		}
		var short []string
		for _, o := range each(observed) {
			name, words, _ := strings.Cut(o, ": the server ")
			verb, _, _ := strings.Cut(words, " it")
			short = append(short, name+": "+verb)
		}
		slices.Sort(short)
		if slices.Sort(want.observes); !slices.Equal(short, want.observes) {
			t.Errorf("%s observes %q, not %q", r.Requirement, observed, want.observes)
		}
	}
}

// TestReferenceBodies: the reference takes nothing of what may be refused but white space in lists and extensions, zeros, and quoted strings.
func TestReferenceBodies(t *testing.T) {
	list := map[string]judged{
		"HLEN-5":  {observes: []string{"Content-Length: 5, twice: refused", "Content-Length: 5, 5: refused", "Content-Length: 5, then Content-Length: 05: refused"}},
		"HLEN-15": {observes: []string{"Transfer-Encoding: chunked, chunked: refused", "an empty Transfer-Encoding alone: refused"}},
		"HCHK-4":  {observes: []string{"SP behind the size: refused", "HTAB behind the size: refused", "; alone behind the size: refused", "; and a control byte behind the size: refused"}},
		"HCHK-8":  {observes: []string{"LF for the empty line at the end: refused", "LF behind a trailer: refused"}},
		"HCHK-12": {observes: []string{"a POST in chunks without its last 2 bytes: answered 400"}}, // to the end of the stream inside a line
		"HCHK-14": {observes: []string{"an extension of 64 KiB: refused", "64 KiB of extensions, in 64 chunks: refused", "64 KiB of trailers: refused"}},
	}
	virtually(t, "reference", func(t *testing.T) {
		server := reference.NewTCPServer(reference.Config{Handler: http1.Demo})
		var uncut []ask.Rule // whose cuts are TestReference's
		for _, r := range bodies {
			uncut = append(uncut, r.Uncut())
		}
		judge(t, meet(t, in(t, server.Serve, server.Close), demoPaths), uncut, list)
	})
}

// TestGoBodies: what net/http does, of Go 1.26. It keeps the connection behind a request with a length and a coding (golang/go#80942), and it
// passes over the coding of a request in HTTP/1.0, so that the chunks are its next request, which it refuses.
func TestGoBodies(t *testing.T) {
	observed := map[string]judged{
		"HLEN-12": {grade: finding.Fails, says: "Content-Length: 15, then chunked: the server answered it as it answers a plain request, and answered what followed"},
		"HLEN-13": {grade: finding.Fails, says: "request smuggling: by the RFC the message ends behind byte 110 (" + `"o\r\n0\r\n\r\n"); the server ended it before that`},
		"SMUG-1":  {grade: finding.Fails, says: "Content-Length, then chunked, a request behind the last chunk: request smuggling: by its chunks the message ends behind byte 96"},
		"SMUG-2":  {grade: finding.Fails, says: "Transfer-Encoding behind an LF, a request behind the last chunk: request smuggling"}, // an LF ends a line, and then it is the same
		// Two lines are made one where they are equal (net/http's fixLength); what is no number alone is refused.
		"HLEN-5": {observes: []string{"Content-Length: 5, twice: answered", "Content-Length: 5, 5: refused", "Content-Length: 5, then Content-Length: 05: refused"}},
		// What is not one line that says chunked is refused with 501 (parseTransferEncoding).
		"HLEN-15": {observes: []string{"Transfer-Encoding: , chunked: refused", "Transfer-Encoding: chunked,: refused", "an empty Transfer-Encoding, then chunked: refused",
			"chunked, then an empty Transfer-Encoding: refused", "Transfer-Encoding: chunked, chunked: refused", "an empty Transfer-Encoding alone: refused"}},
		// A size has 16 digits at the most (net/http/internal's parseHexUint), and what is behind it is cut off at the semicolon.
		"HCHK-2": {observes: []string{"size 5 behind 30 zeros: refused", "last chunk of 30 zeros: refused"}},
		"HCHK-4": {observes: []string{"extension SP ; SP a SP = SP b: refused", "extension HTAB ; HTAB a HTAB = HTAB b: refused",
			"SP behind the size: answered", "HTAB behind the size: answered", "; alone behind the size: answered", "; and a control byte behind the size: answered"}},
		// Trailers are read as the fields of a message, by net/textproto, when the body has ended.
		"HCHK-8":  {observes: []string{"LF for the empty line at the end: answered", "LF behind a trailer: answered"}},
		"HCHK-11": {observes: []string{"SP before the colon of a trailer: answered", "a folded trailer: answered"}},
		"HCHK-12": {observes: []string{"a POST in chunks without its last 2 bytes: answered 400"}}, // by the handler, whose body ends in an error
		"HCHK-14": {observes: []string{"an extension of 64 KiB: refused", "64 KiB of extensions, in 64 chunks: refused", "64 KiB of trailers: refused"}},
	}
	virtually(t, "net/http", func(t *testing.T) {
		server := &http.Server{Handler: goDemo}
		judge(t, meet(t, in(t, server.Serve, server.Close), demoPaths), bodies, observed)
	})
}

// in has a server serve in memory, until the test ends.
func in(t *testing.T, serve func(net.Listener) error, end func() error) *inmemory.TCPListener {
	l := inmemory.ListenTCP(0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = end()
		<-served
	})
	return l
}

// virtually runs a test in a bubble whose time is virtual, beside others.
func virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// TestRightTiny: nothing is found in the server that the others here are made of, whatever it shows of what it reads. Where it does not show
// something, the rules that need it say so, and do not pass.
func TestRightTiny(t *testing.T) {
	needFollowUp := strings.Fields("HLEN-1 HLEN-2 HLEN-5 HLEN-6 HLEN-9 HLEN-14 HLEN-15 HLEN-17 HCHK-1 HCHK-2 HCHK-3 HCHK-4 HCHK-5 HCHK-6 HCHK-7 HCHK-8 HCHK-9 HCHK-10 HCHK-11 HCHK-13 SMUG-1 SMUG-2 SMUG-3 SMUG-4 SMUG-5 SMUG-6 SMUG-7")
	for _, c := range []struct {
		name     string
		change   func(t *tiny)
		o        service.Options
		notShown []string
		says     string
		cut      bool // what it answers, and when, may hang on where a body is cut
	}{
		{"right", func(*tiny) {}, demoPaths, nil, "", true},
		{"answers early, and 400 behind that", func(t *tiny) {
			t.early = 202
			t.ends = func(*tinyHead, error) error { return tinyRefusal(400) }
			t.extension = func(text string) error {
				if strings.ContainsAny(text, " \t\"") {
					return tinyRefusal(400)
				}
				return tinyExtension(text)
			}
		}, service.Options{}, nil, "", true},
		{"answers every POST with 400", func(t *tiny) { t.early = 400 }, service.Options{}, nil, "", false},
		{"closes behind every answer", func(t *tiny) { t.always = true }, demoPaths, needFollowUp, "the server ends the connection behind every answer", false},
		{"closes behind a POST", func(t *tiny) {
			t.frame = func(h *tinyHead) error { h.close = h.close || h.method == "POST"; return t.framed(h) }
		}, demoPaths, slices.DeleteFunc(slices.Clone(needFollowUp), func(id string) bool { return id == "HLEN-17" || id == "SMUG-5" }), "behind its answer to a POST", false},
		{"HTTP/1.0", func(t *tiny) { t.old, t.always = true, true }, demoPaths, slices.Concat(needFollowUp, strings.Fields("HLEN-10 HLEN-11 HLEN-12 HLEN-13 HLEN-16 HCHK-12 HCHK-14")), "the server", false},
	} {
		virtually(t, c.name, func(t *testing.T) {
			right := newTiny()
			c.change(right)
			s := meet(t, on(t, right.serve), c.o)
			for _, r := range bodies {
				if !c.cut || c.name != "right" && strings.HasPrefix(r.Requirement, "SMUG-") && r.Requirement != "SMUG-4" { // their heads are refused, or not
					r = r.Uncut()
				}
				f, _ := s.show(t.Context(), r)
				if want := slices.Contains(c.notShown, r.Requirement); want != f.Is(finding.NotShown) || !want && f != nil {
					t.Errorf("%s: %+v", r.Requirement, f)
				} else if want && !strings.Contains(f.Problem, c.says) {
					t.Errorf("%s: not shown since %s", r.Requirement, f.Problem)
				}
			}
		})
	}
}

// A bodyFault is a change of the tiny server by which a rule finds it, with that grade and these words.
type bodyFault struct {
	requirement, name string
	change            func(t *tiny)
	grade             finding.Grade
	says              string
}

// findEach has each fault be found by the rule that it breaks, for its own reason.
func findEach(t *testing.T, o service.Options, faults []bodyFault) {
	for _, c := range faults {
		virtually(t, c.requirement+" "+c.name, func(t *testing.T) {
			faulty := newTiny()
			c.change(faulty)
			s := meet(t, on(t, faulty.serve), o)
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

func ruleOf(t *testing.T, requirement string) ask.Rule {
	t.Helper()
	return ruleAmong(t, Rules(), requirement)
}

// TestBodyLimit: 413 is right above --body-limit, fails below it where that was given, and warns where it was not.
func TestBodyLimit(t *testing.T) {
	for _, c := range []struct {
		limit    int64
		grade    finding.Grade // 0 where nothing is found
		observed int
	}{{0, finding.Warns, 0}, {8191, finding.Fails, 0}, {8190, finding.ByLevel, 5}} {
		virtually(t, fmt.Sprint(c.limit), func(t *testing.T) {
			small := newTiny()
			small.length = func(v []string) (int64, error) {
				n, err := tinyLength(v)
				if n > 8190 {
					err = tinyRefusal(413)
				}
				return n, err
			}
			o := demoPaths
			o.BodyLimit = c.limit
			f, observed := meet(t, on(t, small.serve), o).show(t.Context(), ruleOf(t, "HLEN-1"))
			if f != nil != (c.grade != finding.ByLevel) || f != nil && f.Grade != c.grade {
				t.Errorf("%+v", f)
			}
			if len(each(observed)) != c.observed {
				t.Errorf("it observes %q", observed)
			}
		})
	}
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
		for _, o := range []service.Options{demoPaths, {}} {
			virtually(t, name+" "+o.PostPath, func(t *testing.T) {
				right := meet(t, on(t, newTiny().serve), o)
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
}

// TestEmptyBody: an application may refuse a body without content; what repeats bodies has no reason to.
func TestEmptyBody(t *testing.T) {
	for _, c := range []struct {
		o     service.Options
		finds bool
	}{{service.Options{}, false}, {demoPaths, true}} {
		virtually(t, c.o.PostPath, func(t *testing.T) {
			wanting := newTiny()
			wanting.length = func(v []string) (int64, error) {
				if v[0] == "0" {
					return 0, tinyRefusal(422)
				}
				return tinyLength(v)
			}
			f, observed := meet(t, on(t, wanting.serve), c.o).show(t.Context(), ruleOf(t, "HLEN-1"))
			const says = "Content-Length: 0: the server refused it, and ended the connection (422)"
			if f != nil != c.finds || f != nil && (f.Grade != finding.Fails || f.Problem != says) || f == nil && !slices.Equal(each(observed), []string{says}) {
				t.Errorf("%+v, and it observes %q", f, observed)
			}
		})
	}
}

// TestLateAnswer: where an answer was late once, for a quick server, so that the client had ended its stream before, nothing is made of that.
func TestLateAnswer(t *testing.T) {
	virtually(t, "once", func(t *testing.T) {
		late, n := newTiny(), 0
		late.frame = func(h *tinyHead) error {
			if h.chunked = len(h.values("Transfer-Encoding")) > 0; h.chunked {
				if n++; n == 7 {
					time.Sleep(500 * time.Millisecond) // of virtual time
					h.close = true                     // for the client has ended its stream by then
				}
			}
			return late.framed(h)
		}
		s := meet(t, on(t, late.serve), demoPaths)
		if f, observed := s.show(t.Context(), ruleOf(t, "HCHK-1")); f != nil || len(observed) > 0 || n < 8 {
			t.Errorf("%+v, and it observes %q, of %d", f, observed, n)
		}
	})
}
