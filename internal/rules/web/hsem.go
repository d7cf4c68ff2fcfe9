package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// hsem shows the family HSEM. What it looks at, it looks at in every answer to a run of questions.
var hsem = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HSEM-1", Shapes: []ask.Shape{plainGet,
			{Name: "HEAD P", Text: lined("HEAD {P} HTTP/1.1"), Plain: ask.OfHead, Asked: byHead, Want: ask.Any("an answer to HEAD, as GET has one"), Look: supportsHead, Unparted: true},
		}},
		{Requirement: "HSEM-2", Shapes: slices.Concat(
			looked("a status line as RFC 9112, 4 has it", statusLine, valid(), inOld(), refused()),
			// What is answered to what is no HTTP/1.1 may be none either (HREQ-9, HREQ-12): a status line is looked at where there is one.
			looked("HTTP/1.1 or HTTP/1.0 in the status line", flawed(http1.BadStatusLine, http1.BadVersion), foreign()),
		)},
		{Requirement: "HSEM-3", Shapes: looked("answers that end where they say", endsWhereSaid, valid(), inOld(), refused(), foreign())},
		{Requirement: "HSEM-4", Shapes: looked("no Transfer-Encoding in an answer to HTTP/1.0", flawed(http1.CodedToOld), inOld())},
		{Requirement: "HSEM-5", Also: where("the server gave no answer of 1xx, 204 or 304", ask.Tag, "1xx, 204 and 304 that end with their head", endsWithHead, endsWithItsHead)},
		{Requirement: "HSEM-6", Also: where("the server gave no answer of 405", 0, "Allow in a 405", func(a *http1.Answer) bool { return a.Status == 405 }, allows)},
		{Requirement: "HSEM-7", Shapes: ask.Uncut(looked("a Date in each answer of 2xx, 3xx and 4xx", dated, valid(), inOld(), refused(), foreign()))},
		{Requirement: "HSEM-8", Shapes: slices.Concat(
			looked("well-formed fields", wellFormed, valid(), inOld(), refused(), foreign()),
			looked("no field that the request put there", all(wellFormed, notSlippedIn), slipping()),
		)},
		{Requirement: "HSEM-9", Also: headIsGet},
		{Requirement: "HSEM-10", Shapes: []ask.Shape{plainGet,
			{Name: "TRACE P", Bytes: traced, Want: ask.Any("a refusal, or an answer without the secrets of the request"), Look: keepsSecrets, Unparted: true},
		}},
	}
})

// plainGet is what every server answers, without which no rule here has anything to look at.
var plainGet = ask.Shape{Name: "GET P", Text: lined("GET {P} HTTP/1.1"), Want: ask.Take().Or(service.Stopped)}

// valid are requests that any server answers, in one way or another.
func valid() []ask.Shape {
	return []ask.Shape{
		{Name: "GET P, Accept-Encoding: gzip", Text: fielded("Accept-Encoding: gzip")},
		{Name: "GET of what tells", Text: probed("X-Probe: a"), Plain: ask.OfTold},
		{Name: "GET P, If-None-Match", Bytes: unlessTagged},
		{Name: "GET P, HTTP/1.2", Text: lined("GET {P} HTTP/1.2")},
		{Name: "HEAD P", Text: lined("HEAD {P} HTTP/1.1"), Plain: ask.OfHead, Asked: byHead},
		{Name: "GET X", Text: lined("GET {X} HTTP/1.1"), Plain: ask.OfMissing},
		{Name: "HEAD X", Text: lined("HEAD {X} HTTP/1.1"), Plain: ask.OfMissing, Asked: byHead},
		{Name: "POST Q", Text: posted("Content-Length: 5\n", "hello"), Plain: ask.OfPost},
		{Name: "POST Q in chunks", Text: inChunks(helloInChunk), Plain: ask.OfPost},
		{Name: "POST Q, Expect: 100-continue", Text: posted("Expect: 100-continue\nContent-Length: 5\n", "hello"), Plain: ask.OfPost},
		{Name: "POST P", Text: "POST {P} HTTP/1.1\nHost: {H}\n{F}Content-Length: 5\n\nhello"},
		{Name: "GET Q", Text: lined("GET {Q} HTTP/1.1")},
		{Name: "DELETE P", Text: lined("DELETE {P} HTTP/1.1")},
		{Name: "TRACE P", Text: lined("TRACE {P} HTTP/1.1")},
		{Name: "OPTIONS P", Text: lined("OPTIONS {P} HTTP/1.1")},
		{Name: "OPTIONS *", Text: lined("OPTIONS * HTTP/1.1")},
		{Name: "the method ZQXJ", Text: lined("ZQXJ {P} HTTP/1.1"), Plain: ask.OfUnknown},
	}
}

// inOld are requests in HTTP/1.0. They are sent whole: the end of the connection is waited for.
func inOld() []ask.Shape {
	return ask.Uncut([]ask.Shape{
		{Name: "GET P, HTTP/1.0", Text: lined("GET {P} HTTP/1.0"), Asked: byOld, Ends: true},
		{Name: "GET P, HTTP/1.0, keep-alive", Text: "GET {P} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\n\n", Asked: byOld, Alone: true},
		{Name: "GET of what tells, HTTP/1.0", Text: lined("GET {T} HTTP/1.0"), Plain: ask.OfTold, Asked: byOld, Ends: true},
		{Name: "GET X, HTTP/1.0", Text: lined("GET {X} HTTP/1.0"), Plain: ask.OfMissing, Asked: byOld, Ends: true},
		{Name: "HEAD P, HTTP/1.0", Text: lined("HEAD {P} HTTP/1.0"), Plain: ask.OfHead, Asked: []http1.Asked{{Old: true, Head: true}}, Ends: true},
		{Name: "POST Q, HTTP/1.0", Text: "POST {Q} HTTP/1.0\nHost: {H}\n{F}Content-Length: 5\n\nhello", Plain: ask.OfPost, Asked: byOld, Ends: true},
	})
}

// refused are requests that a server refuses, perhaps by what answers nothing else.
func refused() []ask.Shape {
	return ask.Uncut([]ask.Shape{
		{Name: "no Host", Text: "GET {P} HTTP/1.1\n{F}\n"},
		{Name: "Content-Length: x", Text: posted("Content-Length: x\n", "hello"), Plain: ask.OfPost},
		{Name: "no colon in a field", Text: fielded("X v")},
		{Name: "a field of 64 KiB", Bytes: ask.Long(func() string { return fielded("X-Probe: " + strings.Repeat("z", 64<<10)) })},
	})
}

// foreign are requests that are no HTTP/1.1.
func foreign() []ask.Shape {
	return ask.Uncut([]ask.Shape{
		{Name: "a word behind the target", Text: lined("GET {P} x HTTP/1.1")},
		{Name: "the version HTTP/2.0", Text: lined("GET {P} HTTP/2.0")},
		{Name: "the version HTTP/3.1", Text: lined("GET {P} HTTP/3.1")},
	})
}

// slipped is the name of a field that a request tries to put into its answer.
const slipped = "X-Streamspec-Slipped"

// slipping are requests with the end of a line in what may come into a field of the answer.
func slipping() []ask.Shape {
	const encoded = "%0d%0a" + slipped + ":%20a"
	return []ask.Shape{
		{Name: "%0d%0a in the query of P", Text: lined("GET {P}?a" + encoded + " HTTP/1.1")},
		{Name: "%0d%0a in the path", Text: lined("GET {X}/" + encoded + " HTTP/1.1"), Plain: ask.OfMissing},
		{Name: "%0d%0a in the query of what tells", Text: lined("GET {T}?a" + encoded + " HTTP/1.1"), Plain: ask.OfTold, Lacks: ask.Tell},
		{Name: "%0a in the query of what tells", Text: lined("GET {T}?a%0a" + slipped + ":%20a HTTP/1.1"), Plain: ask.OfTold, Lacks: ask.Tell},
		{Name: "%0d%0a in X-Probe", Text: probed("X-Probe: a" + encoded), Plain: ask.OfTold, Lacks: ask.Tell},
		{Name: "CR LF in X-Probe, as a fold", Text: probed("X-Probe: a\n " + slipped + ": a"), Plain: ask.OfTold, Lacks: ask.Tell},
		{Name: "CR in X-Probe", Text: probed("X-Probe: a␍" + slipped + ": a"), Plain: ask.OfTold, Lacks: ask.Tell},
	}
}

// unlessTagged asks for P where it is not what its ETag says.
func unlessTagged(s *service.Service) []byte {
	return s.Write(fielded("If-None-Match: " + cmp.Or(s.ETag, `"streamspec"`)))
}

// The secrets of a request by TRACE.
const (
	cookie  = "streamspec-cookie"
	granted = "c3RyZWFtc3BlYzpzZWNyZXQ="
)

// traced asks what the server has received, secrets among it. The user's own Authorization is one where there is one.
func traced(s *service.Service) []byte {
	lines := "Cookie: a=" + cookie + "\n"
	if !slices.ContainsFunc(s.Fields, func(line string) bool { return strings.HasPrefix(strings.ToLower(line), "authorization:") }) {
		lines += "Authorization: Basic " + granted + "\n"
	}
	return s.Write("TRACE {P} HTTP/1.1\nHost: {H}\n{F}" + lines + "\n")
}

func keepsSecrets(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	a := seen.First
	if a == nil || a.Status/100 != 2 {
		return "", finding.ByLevel
	}
	for _, secret := range [][2]string{{"Cookie", cookie}, {"Authorization", granted}} {
		if strings.Contains(string(a.Content), secret[1]) {
			return fmt.Sprintf("the server answered %d to TRACE, and repeated the field %s", a.Status, secret[0]), finding.Warns
		}
	}
	return "", finding.ByLevel
}

func supportsHead(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	switch a := seen.First; {
	case a == nil && seen.Reading != service.Garbled:
		return "the server " + seen.Reading.String(), finding.Fails
	case a == nil || a.Status == s.Control.Get.Status || a.Status < 400:
		return "", finding.ByLevel
	case a.Status == 405 || a.Status == 501:
		return fmt.Sprintf("the server answered %d to HEAD, and %d to GET", a.Status, s.Control.Get.Status), finding.Fails
	default:
		return fmt.Sprintf("the server answered %d to HEAD, and %d to GET", a.Status, s.Control.Get.Status), finding.Warns
	}
}
