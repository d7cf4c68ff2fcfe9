package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// What the families of bodies share: HLEN and HCHK.

// framed is what a server lacks on which it does not show where it takes a body to end: the answer to what follows.
const framed = ask.Persist | ask.Posts

// posted is a POST to Q with these field lines, and a body behind its head.
func posted(lines, body string) string {
	return "POST {Q} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n" + body
}

// coded is a POST to Q with such a Transfer-Encoding, and hello in a chunk.
func coded(value string) string { return posted("Transfer-Encoding: "+value+"\n", helloInChunk) }

// inChunks is a POST to Q of a body that is written out in chunks.
func inChunks(body string) string { return posted("Transfer-Encoding: chunked\n", body) }

// another is the request that messages hide.
const another = "GET {HIDDEN} HTTP/1.1\nHost: {H}\n{F}\n"

// helloInChunk is hello in one chunk, and the last chunk.
const helloInChunk = "5\nhello\n0\n\n"

// next wants what follows to be answered. The application may refuse the content.
func next() ask.Want { return ask.Take().Or(service.Otherwise).Noting(service.Kept) }

// perhaps is take of what many servers refuse on purpose, which is noted; the answer may have come before.
func perhaps() ask.Want {
	return ask.Take().Noting(slices.Concat(ask.Refusals, []service.Reading{service.Dropped, service.Stopped, service.Left})...)
}

// oddly is a POST of a body in chunks that many servers refuse on purpose. Who takes it takes it for that content.
func oddly(name, body, content string) ask.Shape {
	return ask.Shape{Name: name, Text: inChunks(body), Plain: ask.OfBody, Want: perhaps().Noting(service.More), Look: all(answeredBefore, echoed(content))}
}

// invalid wants a message to be refused that is not valid by its head, and the connection to end.
func invalid(statuses ...string) ask.Want { return ask.RefuseAndEnd(statuses...).Or(service.Stopped) }

// takenForValid fails an invalid message that was answered as a valid one, though the connection ended then. Where that may have been an early
// answer, or a valid one is refused as well, it is not the answer that the RFC asks for.
func takenForValid(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.Reading != service.Stopped {
		return "", finding.ByLevel
	}
	words, _ := tells(s, seen)
	if !s.Echoes || seen.First.Status >= 400 {
		return words + ", and does not say that the message is not valid", finding.Warns
	}
	return words, finding.Fails
}

// unended wants that a message is not taken for complete whose body is longer than any that comes: an early answer is right, and so is an end.
func unended() ask.Want {
	return ask.Want{Pass: []service.Reading{service.Refused, service.Refusing, service.Dropped, service.Waiting, service.Stopped, service.Left, service.Swallowed, service.More}}
}

// faulty wants a message not to be taken whose body is faulty: what follows is not answered. The answer may have come before the fault.
func faulty() ask.Want {
	return ask.Want{
		Pass: []service.Reading{service.Refused, service.Stopped, service.Left, service.More},
		Info: []service.Reading{service.Dropped},
		Warn: []service.Reading{service.Taken, service.Otherwise, service.Kept, service.Refusing, service.Waiting, service.Swallowed},

		Statuses: []string{"400"}, Noted: true,
	}
}

// misread is a POST of a body in chunks that is faulty, and may be taken for hello.
func misread(name, body string) ask.Shape {
	return ask.Shape{Name: name, Text: inChunks(body), Plain: ask.OfBody, Want: untold(faulty()), Look: all(answeredBefore, accepted("hello"))}
}

// untold leaves what is taken to a closer, which warns of it: what is wanted is a refusal all the same.
func untold(w ask.Want) ask.Want {
	return w.Or(service.Taken, service.Otherwise).In("a refusal with " + strings.Join(w.Statuses, " or ") + ", or, behind an early answer, the end of the connection")
}

// A closer looks closer at what passed.
type closer = func(*service.Service, *service.Seen) (problem string, g finding.Grade)

// all looks at one thing after another, up to the first problem.
func all(looks ...closer) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		for _, look := range looks {
			if problem, g := look(s, seen); problem != "" {
				return problem, g
			}
		}
		return "", finding.ByLevel
	}
}

// echoed fails what is repeated otherwise than it was sent.
func echoed(content string) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if !s.Echoes || seen.First == nil || seen.Class == http1.Refused || holds(s, seen.First, content) {
			return "", finding.ByLevel
		}
		return fmt.Sprintf("the server took the body for %s, and not for %s", clipped(string(seen.First.Content)), clipped(content)), finding.Fails
	}
}

// received fails what is repeated otherwise than it was sent, or is not, by a server that repeats bodies.
func received(content string) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if s.Echoes && seen.Class == http1.Refused {
			return "the server refused it (" + seen.Status() + ")", finding.Fails
		}
		return echoed(content)(s, seen)
	}
}

// holds says whether an answer repeats a content: that alone, where it repeats nothing else.
func holds(s *service.Service, a *http1.Answer, content string) bool {
	if string(s.Control.Post.Content) == "hello" {
		return string(a.Content) == content
	}
	return bytes.Contains(a.Content, []byte(content))
}

// clipped is a text as a sentence quotes it.
func clipped(text string) string {
	const most = 32
	if len(text) <= most {
		return fmt.Sprintf("%+q", text)
	}
	return fmt.Sprintf("%+q and %d bytes more", text[:most], len(text)-most)
}

// answeredBefore passes a refusal behind an early answer, when the connection ended: the fault was found. What else was answered besides
// was a part of the message; and an answer that repeats the body is no early one.
func answeredBefore(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.Reading != service.More {
		return "", finding.ByLevel
	}
	if refusedLate(s, seen) {
		return "", finding.ByLevel
	}
	return "the server " + service.More.String(), finding.Fails
}

// refusedLate says whether a message was refused behind an early answer to it, and the connection ended.
func refusedLate(s *service.Service, seen *service.Seen) bool {
	early := !s.Echoes || seen.Class != http1.OK
	return early && len(seen.Others) == 1 && isRefusal(s, seen.Others[0]) && seen.Closed && seen.Next == nil
}

// isRefusal says whether an answer refuses what is no request: what does not exist is asked for by one.
func isRefusal(s *service.Service, a *http1.Answer) bool {
	return a.Status/100 == 4 && a.Status != s.Control.Missing.Status
}

// accepted warns of a faulty body that was taken, and says what it was taken for where that is repeated.
func accepted(content string) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if seen.Reading != service.Taken && seen.Reading != service.Otherwise {
			return "", finding.ByLevel
		}
		words, _ := tells(s, seen)
		if problem, _ := echoed(content)(s, seen); problem != "" {
			words = ask.Smuggling + words + "; " + problem
		}
		return words, finding.Warns
	}
}

// parting is a POST of a chunk that holds a request, and its line says how long it is, so that another reading of the line, the first of the
// parts, ends the body before that request: it is behind what leads to it. Who answers the request has taken that reading, which counts by the
// grade; the other one passes where this fails.
func parting(name string, parts service.Parts, line func(n int) string, lead string, g finding.Grade) ask.Shape {
	data := func(s *service.Service) string { return lead + string(s.Write(another)) }
	w := untold(faulty())
	if g == finding.Fails {
		w = untaken().Or(service.Taken, service.Otherwise)
	}
	return ask.Shape{
		Name: name, Parts: parts, Plain: ask.OfBody, Want: w,
		Bytes: func(s *service.Service) []byte {
			d := data(s)
			return append(s.Write(inChunks("")), line(len(d))+"\r\n"+d+"\r\n0\r\n\r\n"...)
		},
		Look: func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
			if problem, _ := answeredBefore(s, seen); problem != "" {
				return problem, g
			}
			if g == finding.Fails {
				return echoed(data(s))(s, seen)
			}
			return accepted(data(s))(s, seen)
		},
	}
}

// tells has what passed be said.
func tells(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	words := "the server " + seen.Reading.String()
	if seen.Reading == service.More && refusedLate(s, seen) {
		return fmt.Sprintf("the server answered it (%s), refused it then (%d), and ended the connection", seen.Status(), seen.Others[0].Status), finding.ByLevel
	}
	if st := seen.Status(); st != "" {
		words += " (" + st + ")"
	}
	return words, finding.ByLevel
}

// limited wants a body of so many bytes, which may be more than the server takes: 413 then. Rather than read on behind an early answer, it may
// end the connection where there is much to read.
func limited(n int) ask.Want {
	const much = 16 << 10
	w := next().Or(ask.Refusals...).Or(service.Dropped)
	if n > much {
		w = w.Noting(service.Stopped, service.Left)
	}
	return w
}

// within judges what is said to a body of so many bytes.
func within(n int) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		reset := seen.Reading == service.Dropped && seen.Reset // with the answer, it may be
		words, _ := tells(s, seen)
		switch {
		case !slices.Contains(ask.Refusals, seen.Reading) && seen.Reading != service.Dropped:
			return echoed(content(n))(s, seen)
		case (seen.Reading == service.Kept || seen.First != nil && n == 0) && seen.Status() != "413" && !s.Echoes: // by the application
			return words, finding.ByLevel
		case seen.Status() != "413" && !reset:
			return words, finding.Fails
		case int64(n) > s.BodyLimit:
			return words, finding.ByLevel
		case s.LimitSaid:
			return fmt.Sprintf("%s, though --body-limit is %d", words, s.BodyLimit), finding.Fails
		}
		return words + " (--body-limit says how much it takes)", finding.Warns
	}
}

// content is n bytes that differ from place to place.
func content(n int) string {
	var b strings.Builder
	b.Grow(n)
	for i := range n {
		b.WriteByte('a' + byte((i+i/26+i/676)%26))
	}
	return b.String()
}
