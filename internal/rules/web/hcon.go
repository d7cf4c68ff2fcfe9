package web

import (
	"fmt"
	"slices"
	"sync"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// hcon shows the family HCON.
var hcon = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HCON-1", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "GET, and GET behind its answer", Text: fielded("X-Probe: a"), Want: ask.Take().Warning(service.Stopped, service.Left), Whole: true},
		}},
		{Requirement: "HCON-2", Lacks: ask.Modern, Also: saysClose},
		{Requirement: "HCON-3", Shapes: closing(notEnded)},
		{Requirement: "HCON-4", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "GET with Connection: close", Text: fielded("Connection: close"), Ends: true, Want: endedOrNot(), Look: plain, Whole: true},
			{Name: "GET with Connection: close, and GET behind it", Text: fielded("Connection: close"), Unparted: true, Look: notProcessed,
				Want: ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Stopped, service.Left, service.Swallowed, service.More})}},
		}},
		{Requirement: "HCON-5", Lacks: ask.Modern, Shapes: ask.Uncut(closing(says))},
		{Requirement: "HCON-6", Shapes: []ask.Shape{
			{Name: "HTTP/1.0", Text: lined("GET {P} HTTP/1.0"), Asked: byOld, Ends: true, Want: endedOrNot(), Look: notEnded},
			{Name: "HTTP/1.0, Connection: keep-alive", Text: "GET {P} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\n\n", Asked: byOld, Want: ask.Either(), Whole: true},
		}},
		{Requirement: "HCON-7", Lacks: ask.Persist | ask.Modern, Also: pipelined},
		{Requirement: "HCON-8", Shapes: []ask.Shape{
			{Name: "HEAD P, and GET behind it", Text: lined("HEAD {P} HTTP/1.1"), Asked: byHead, Plain: ask.OfHead, Want: bare(), Look: noContent, Unparted: true},
			{Name: "HEAD X, and GET behind it", Text: lined("HEAD {X} HTTP/1.1"), Asked: byHead, Plain: ask.OfMissing, Want: bare(), Look: noContent, Unparted: true},
		}},
		{Requirement: "HCON-9", Lacks: ask.Persist, Also: byThemselves},
		{Requirement: "HCON-10", Lacks: ask.Modern, Also: answeredAtOnce},
		{Requirement: "HCON-11", Lacks: ask.Modern, Also: bodyBehind100, Shapes: []ask.Shape{
			{Name: "GET with Expect: 100-continue", Text: fielded("Expect: 100-continue"), Alone: true, Want: oneFinal().Or(service.Alone), Look: invited, Unparted: true},
			{Name: "GET with Expect: 100-continue, and GET behind it", Text: fielded("Expect: 100-continue"), Want: oneFinal(), Look: invited, Unparted: true},
			{Name: "POST with Expect: 100-continue and its body", Text: posted("Expect: 100-continue\nContent-Length: 5\n", "hello"), Plain: ask.OfPost, Want: oneFinal(), Look: invited, Unparted: true},
			{Name: "POST with Expect: 100-continue and its body in a chunk", Text: posted("Expect: 100-continue\nTransfer-Encoding: chunked\n", helloInChunk), Plain: ask.OfPost, Want: oneFinal(), Look: invited, Unparted: true},
			{Name: "GET with Expect: streamspec", Text: fielded("Expect: streamspec"), Want: ask.Either(), Whole: true},
		}},
		{Requirement: "HCON-12", Also: bodyBehindEarly},
		{Requirement: "HCON-13", Shapes: []ask.Shape{
			{Name: "HTTP/1.0, Expect: 100-continue", Text: "POST {Q} HTTP/1.0\nHost: {H}\n{F}Expect: 100-continue\nContent-Length: 5\n\nhello", Asked: byOld, Ends: true, Plain: ask.OfPost,
				Want: endedOrNot(), Look: all(noInterim, plain)},
		}},
		{Requirement: "HCON-14", Shapes: []ask.Shape{
			{Name: "an unknown protocol", Text: fielded("Connection: Upgrade\nUpgrade: streamspec/1"), Alone: true, Want: endedOrNot(), Look: all(notSwitched, plain), Whole: true},
			{Name: "websocket in HTTP/1.0", Text: "GET {P} HTTP/1.0\nHost: {H}\n{F}Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: c3RyZWFtc3BlYy5zdHJlYQ==\n\n",
				Asked: byOld, Ends: true, Want: endedOrNot().Noting(service.Left, service.Refused), Look: notSwitched, Whole: true},
			{Name: "h2c", Text: fielded("Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk"), Alone: true, Want: ask.Either(), Look: switches, Whole: true},
		}},
		{Requirement: "HCON-15", Also: halfClosed},
		{Requirement: "HCON-16", Also: readableRefusal},
		{Requirement: "HCON-17", Lacks: ask.Persist, Also: closedBehindRefusal},
	}
})

// elsewise are readings of a request that should have been answered as a plain one is.
var elsewise = slices.Concat(refusedOrEnded, []service.Reading{service.Otherwise, service.Left})

// closing are requests that say close, in each way in which they can.
func closing(look closer) (shapes []ask.Shape) {
	for line := range slices.Chunk([]string{
		"Connection: close", "Connection: close", "Connection: CLOSE", "Connection: CLOSE",
		"Connection: x-streamspec, close", "Connection: x-streamspec, close", "Connection: x-streamspec, and Connection: close", "Connection: x-streamspec\nConnection: close",
	}, 2) {
		shapes = append(shapes, ask.Shape{Name: line[0], Text: fielded(line[1]), Ends: true, Want: endedOrNot(), Look: look})
	}
	return shapes
}

// endedOrNot wants an answer, whatever becomes of the connection. What else comes is warned of.
func endedOrNot() ask.Want {
	return ask.Want{Pass: []service.Reading{service.Stopped, service.Alone}, Warn: elsewise}
}

// plain warns of what is no answer to a plain request.
func plain(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.First != nil && seen.Class != http1.OK {
		return fmt.Sprintf("the server answered it otherwise than a plain request (%s)", seen.Status()), finding.Warns
	}
	return "", finding.ByLevel
}

// notEnded fails an answer behind which the connection is still open.
func notEnded(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.Reading == service.Alone {
		return fmt.Sprintf("the server answered it (%s), and left the connection open", seen.Status()), finding.Fails
	}
	return plain(s, seen)
}

// says warns of an answer that does not say close.
func says(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if !seen.First.Has("Connection", "close") {
		return "the answer does not say close", finding.Warns
	}
	return plain(s, seen)
}

// notProcessed fails what is answered behind a request that says close, but for a refusal.
func notProcessed(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	for _, other := range seen.Others {
		if !isRefusal(s, other) {
			return fmt.Sprintf("the server answered what followed it too (%s)", seen.Statuses()), finding.Fails
		}
	}
	return "", finding.ByLevel
}

// bare wants HEAD to be answered in whatever way; noContent looks at what follows the head.
func bare() ask.Want {
	return ask.Want{Pass: slices.Concat(ask.Answers, ask.Refusals, []service.Reading{service.More}), Warn: []service.Reading{service.Dropped}}
}

func noContent(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	switch p := seen.Part; {
	case p != nil && (p.Flawed(http1.NoStatusLine) != nil || p.Flawed(http1.BadStatusLine) != nil):
		return fmt.Sprintf("the server sent content behind the head of its answer (%s)", seen.Status()), finding.Fails
	case seen.Reading == service.More:
		return fmt.Sprintf("the server answered HEAD more than once (%s)", seen.Statuses()), finding.Fails
	}
	return "", finding.ByLevel
}

// noInterim fails a 1xx.
func noInterim(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	if len(seen.Interim) > 0 {
		return fmt.Sprintf("the server sent a %d to a client of HTTP/1.0", seen.Interim[0].Status), finding.Fails
	}
	return "", finding.ByLevel
}

// notSwitched fails a switch to a protocol that was not asked for, or not in a version that can.
func notSwitched(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.First != nil && seen.First.Status == 101 {
		return "the server switched to another protocol (101)", finding.Fails
	}
	return "", finding.ByLevel
}

// switches says that a server speaks the protocol that it was offered.
func switches(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	problem, _ := notSwitched(s, seen)
	return problem, finding.ByLevel
}
