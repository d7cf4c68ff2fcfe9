package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// wellSent has the tiny server send what HSEM looks at: an ETag and what hangs on it, Allow, Date, 100 and 204.
func wellSent(h *tinyHead, answer string) string {
	status := answer[len("HTTP/1.1 "):][:3]
	path, _, _ := strings.Cut(h.target, "?")
	switch {
	case h.method == "OPTIONS":
		return "HTTP/1.1 204 x\r\nDate: now\r\n" + closeOf(h) + "\r\n"
	case path == "/" && status == "200" && len(h.values("If-None-Match")) > 0:
		return "HTTP/1.1 304 x\r\nDate: now\r\nETag: \"a\"\r\n" + closeOf(h) + "\r\n"
	case path == "/" && status == "200":
		answer = withField(answer, "ETag: \"a\"")
	case status == "405":
		answer = withField(answer, "Allow: GET")
	}
	answer = withField(answer, "Date: now")
	if len(h.values("Expect")) > 0 {
		answer = "HTTP/1.1 100 Continue\r\n\r\n" + answer
	}
	return answer
}

func closeOf(h *tinyHead) string {
	if h.close {
		return "Connection: close\r\n"
	}
	return ""
}

// withField adds a field line, or several, to an answer.
func withField(answer, lines string) string {
	return strings.Replace(answer, "\r\n", "\r\n"+lines+"\r\n", 1)
}

// to edits the answers to requests that are so; the first ones, which are learned from, are those to GET P among them.
func to(is func(h *tinyHead) bool, edit func(h *tinyHead, answer string) string) answerEdit {
	return func(h *tinyHead, answer string) string {
		if answer = wellSent(h, answer); is(h) {
			return edit(h, answer)
		}
		return answer
	}
}

// by is whether a request has that method and path.
func by(method, path string) func(*tinyHead) bool {
	return func(h *tinyHead) bool { return h.method == method && (h.target == path || path == "*") }
}

// having is whether it has a field.
func having(name string) func(*tinyHead) bool {
	return func(h *tinyHead) bool { return len(h.values(name)) > 0 }
}

// of is whether it is of a version.
func of(version string) func(*tinyHead) bool {
	return func(h *tinyHead) bool { return h.version == version }
}

// puts replaces a text in an answer.
func puts(from, to string) func(*tinyHead, string) string {
	return func(_ *tinyHead, answer string) string { return strings.Replace(answer, from, to, 1) }
}

// gives adds a line to the fields of an answer.
func gives(line string) func(*tinyHead, string) string {
	return func(_ *tinyHead, answer string) string { return withField(answer, line) }
}

// answering answers with that alone.
func answering(answer string) func(*tinyHead, string) string {
	return func(*tinyHead, string) string { return answer }
}

// missed is whether what is asked for does not exist.
func missed(h *tinyHead) bool { return strings.HasPrefix(h.target, "/streamspec/missing") }

// repeats puts into a field what it finds behind a text in the target or in X-Probe, with the ends of lines that it names there.
func repeats(in func(*tinyHead) string, decode ...string) answerEdit {
	return func(h *tinyHead, answer string) string {
		return withField(wellSent(h, answer), "X-Repeated: "+strings.NewReplacer(decode...).Replace(in(h)))
	}
}

func targetOf(h *tinyHead) string { return h.target }

func probeOf(h *tinyHead) string { return strings.Join(h.values("X-Probe"), ", ") }

func TestMistakesInAnswers(t *testing.T) {
	var faults []bodyFault
	for _, m := range []struct {
		requirement, name string
		grade             finding.Grade
		says              string
		sends             answerEdit
	}{
		{"HSEM-1", "405", finding.Fails, "HEAD P: the server answered 405 to HEAD, and 200 to GET", to(by("HEAD", "/"), puts(" 200 ", " 405 "))},
		{"HSEM-1", "404", finding.Warns, "HEAD P: the server answered 404 to HEAD, and 200 to GET", to(by("HEAD", "/"), puts(" 200 ", " 404 "))},
		{"HSEM-2", "no space behind the status", finding.Fails, "GET X: the answer 404 is not right: no space follows", to(missed, puts("404 x", "404"))},
		{"HSEM-2", "two digits", finding.Fails, "Content-Length: x: an answer is not right: the status line", to(of(""), puts("400", "40"))},
		{"HSEM-2", "the version of HTTP/1.2", finding.Fails, `GET P, HTTP/1.2: the answer 200 is not right: the answer says that it is "HTTP/1.2"`, to(of("HTTP/1.2"), puts("HTTP/1.1", "HTTP/1.2"))},
		{"HSEM-2", "the version of HTTP/3.1", finding.Fails, `the version HTTP/3.1: the answer 200 is not right: the answer says that it is "HTTP/3.1"`, to(of("HTTP/3.1"), puts("HTTP/1.1", "HTTP/3.1"))},
		{"HSEM-2", "no status line", finding.Fails, "DELETE P: an answer is not right: what comes there is no answer", to(by("DELETE", "*"), answering("<p>none</p>"))},
		{"HSEM-3", "length twice", finding.Fails, "it has Content-Length 2 times", to(missed, gives("Content-Length: 8"))},
		{"HSEM-3", "both", finding.Fails, "it has both", to(by("DELETE", "*"), gives("Transfer-Encoding: chunked"))},
		{"HSEM-3", "a length with a sign", finding.Fails, `its Content-Length is "+8"`, to(missed, puts(": 8", ": +8"))},
		{"HSEM-3", "a length one too small", finding.Fails, "GET X: the answer 404 does not end where it says (Content-Length)", to(missed, puts(": 8", ": 7"))},
		{"HSEM-3", "a length one too large", finding.Fails, "DELETE P: the answer 405 does not end where it says (Content-Length)", to(by("DELETE", "*"), puts(": 6", ": 7"))},
		{"HSEM-3", "a length one too large, and the end", finding.Fails, "the connection ended before the answer was whole", to(of("HTTP/1.0"), puts(": 10", ": 11"))},
		{"HSEM-3", "chunks in no size", finding.Fails, "is no size", to(by("DELETE", "*"), answering(inTwoChunks("x", "\r\n")))},
		{"HSEM-3", "LF in chunks", finding.Fails, "in its chunks a line ends with LF alone", to(missed, answering(inTwoChunks("4", "\n")))},
		{"HSEM-3", "two pages", finding.Fails, "the server gave 3 answers to 2 requests", to(missed, func(_ *tinyHead, answer string) string { return answer + answer })},
		{"HSEM-3", "an unknown coding", finding.Fails, "none that is registered", to(missed, puts("Content-Length: 8", "Transfer-Encoding: foo"))},
		{"HSEM-4", "chunked", finding.Fails, "it has a Transfer-Encoding, and was asked for in HTTP/1.0", to(of("HTTP/1.0"), puts("Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"))},
		{"HSEM-5", "a 304 with content", finding.Fails, "GET P, If-None-Match: the answer 304 ends with its head", to(having("If-None-Match"), func(_ *tinyHead, answer string) string { return answer + "I am tiny." })},
		{"HSEM-5", "a 204 with content", finding.Fails, "the answer 204 ends with its head", to(by("OPTIONS", "*"), func(_ *tinyHead, answer string) string { return answer + "0\r\n\r\n" })},
		{"HSEM-5", "a 204 with a length", finding.Fails, "a 204 has no content, and says how long it is", to(by("OPTIONS", "*"), gives("Content-Length: 0"))},
		{"HSEM-5", "a 100 with a length", finding.Fails, "a 100 has no content, and says how long it is", to(having("Expect"), gives("Content-Length: 0"))},
		{"HSEM-6", "no Allow", finding.Warns, "the answer 405 has no Allow", to(by("POST", "/"), puts("Allow: GET\r\n", ""))},
		{"HSEM-7", "no Date in a 200", finding.Warns, "GET P: the answer 200 has no Date", to(by("GET", "/"), puts("Date: now\r\n", ""))},
		{"HSEM-8", "a fold", finding.Fails, "continues the field before it", to(missed, gives("X: a\r\n b"))},
		{"HSEM-8", "a CR", finding.Fails, "holds a CR or a NUL", to(missed, gives("X: a\rb"))},
		{"HSEM-8", "a NUL", finding.Fails, "holds a CR or a NUL", to(missed, gives("X: a\x00b"))},
		{"HSEM-8", "a space in a name", finding.Fails, "is not a name, a colon and a value", to(missed, gives("X Y: a"))},
		{"HSEM-8", "a space before the colon", finding.Fails, "is not a name, a colon and a value", to(missed, gives("X : a"))},
		{"HSEM-8", "LF", finding.Fails, "in its head a line ends with LF alone", to(missed, gives("X: a\nY: b"))},
		{"HSEM-8", "%0d%0a of the target", finding.Fails, "has the field " + slipped, repeats(targetOf, "%0d", "\r", "%0a", "\n")},
		{"HSEM-8", "%0a of the target", finding.Fails, "%0a in the query of what tells: the answer 200 is not right: in its head a line ends with LF", repeats(targetOf, "?a%0a", "?a\n")},
		{"HSEM-8", "%0d%0a of X-Probe", finding.Fails, "%0d%0a in X-Probe: the answer 200 has the field " + slipped, repeats(probeOf, "%0d", "\r", "%0a", "\n")},
		{"HSEM-9", "0", finding.Fails, "HEAD P: the answer says Content-Length: 0, and GET has 10 bytes of content", to(by("HEAD", "/"), puts(": 10", ": 0"))},
		{"HSEM-9", "of what does not exist", finding.Fails, "HEAD X: the answer says Content-Length: 0, and GET has 8 bytes of content", to(by("HEAD", "/streamspec/missing"), puts(": 8", ": 0"))},
		{"HSEM-10", "Cookie", finding.Warns, "TRACE P: the server answered 200 to TRACE, and repeated the field Cookie", to(by("TRACE", "*"), echoes("Cookie"))},
		{"HSEM-10", "Authorization", finding.Warns, "repeated the field Authorization", to(by("TRACE", "*"), echoes("Authorization"))},
	} {
		faults = append(faults, bodyFault{m.requirement, m.name, func(t *tiny) { t.sends = m.sends }, m.grade, m.says})
	}
	findEach(t, demoPaths, faults)
}

// echoes answers with a field of the request.
func echoes(name string) func(*tinyHead, string) string {
	return func(h *tinyHead, _ string) string {
		text := name + ": " + strings.Join(h.values(name), ", ")
		return fmt.Sprintf("HTTP/1.1 200 x\r\nDate: now\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	}
}

// inTwoChunks is an answer whose first chunk has that size, and whose lines end so.
func inTwoChunks(size, end string) string {
	return "HTTP/1.1 404 x\r\nDate: now\r\nTransfer-Encoding: chunked\r\n\r\n" + size + end + "not " + end + "4" + end + "here" + end + "0" + end + end
}

// TestRightAnswers holds that nothing is found in answers that may be so, and what is said of them.
func TestRightAnswers(t *testing.T) {
	for _, c := range []struct {
		name     string
		sends    answerEdit
		o        service.Options
		observes map[string]string // by requirement
		notShown map[string]string
	}{
		{"right", wellSent, demoPaths, nil, nil},
		{"without Date in refusals", to(func(h *tinyHead) bool { return h.version == "" }, puts("Date: now\r\n", "")), demoPaths,
			map[string]string{"HSEM-7": "the server sent no Date in its answer 400: "}, nil},
		{"fields that HEAD lacks", to(by("HEAD", "/"), puts("ETag: \"a\"\r\n", "")), demoPaths, map[string]string{"HSEM-9": "the server left out what it sends to GET: ETag: HEAD P"}, nil},
		{"no length to HEAD", to(by("HEAD", "/"), puts("Content-Length: 10\r\n", "")), demoPaths, nil, nil},
		{"no answer of 204, 304, 1xx or 405", func(h *tinyHead, answer string) string {
			return withField(strings.Replace(answer, " 405 ", " 403 ", 1), "Date: now")
		}, service.Options{EchoPath: "/none"}, map[string]string{"HSEM-8": "in part: the server does not repeat the fields of its request"},
			map[string]string{"HSEM-5": "the server gave no answer of 1xx, 204 or 304", "HSEM-6": "the server gave no answer of 405"}},
		{"bytes alone to what is no HTTP/1.1", to(of("HTTP/3.1"), answering("<p>no</p>")), demoPaths, nil, nil},
	} {
		virtually(t, c.name, func(t *testing.T) {
			right := newTiny()
			right.sends = c.sends
			s := meet(t, on(t, right.serve), c.o)
			for _, r := range hsem() {
				if c.name != "right" { // of which the cuts are the matter
					r = r.Uncut()
				}
				f, observed := s.show(t.Context(), r)
				if why := c.notShown[r.Requirement]; why != "" && (!f.Is(finding.NotShown) || !strings.Contains(f.Problem, why)) || why == "" && f != nil {
					t.Errorf("%s: %s, not %q", r.Requirement, wordsOf(f), why)
				}
				if said := strings.Join(observed, "; "); said != c.observes[r.Requirement] && (c.observes[r.Requirement] == "" || !strings.Contains(said, c.observes[r.Requirement])) {
					t.Errorf("%s observes %q, not %q", r.Requirement, said, c.observes[r.Requirement])
				}
			}
		})
	}
}

// TestLengthThatVaries holds that an answer to HEAD is not held against content that is not as long each time.
func TestLengthThatVaries(t *testing.T) {
	virtually(t, "of P", func(t *testing.T) {
		n := 0
		varies := newTiny()
		varies.sends = to(func(h *tinyHead) bool { return h.target == "/" && (h.method == "GET" || h.method == "HEAD") }, func(h *tinyHead, answer string) string {
			n++
			content := strings.Repeat("a", 1+n/2)
			if h.method == "HEAD" {
				return fmt.Sprintf("HTTP/1.1 200 x\r\nDate: now\r\nContent-Length: %d\r\n%s\r\n", len(content), closeOf(h))
			}
			return fmt.Sprintf("HTTP/1.1 200 x\r\nDate: now\r\nContent-Length: %d\r\n%s\r\n%s", len(content), closeOf(h), content)
		})
		s := meet(t, on(t, varies.serve), demoPaths)
		f, observed := s.show(t.Context(), ruleOf(t, "HSEM-9"))
		if said := strings.Join(observed, "; "); f != nil || !strings.Contains(said, "what the server answers to GET P is not as long each time") {
			t.Errorf("%s, and it observes %q", wordsOf(f), said)
		}
	})
}

func TestNothingPassesInAnswers(t *testing.T) { passNothing(t, hsem()) }
