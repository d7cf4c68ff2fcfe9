package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// hreq shows the family HREQ.
var hreq = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HREQ-1", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "CR LF before the request line", Text: "\n" + lined("GET {P} HTTP/1.1"), Want: ask.Rather().Noting(service.Stopped)},
			{Name: "CR LF twice before the request line", Text: "\n\n" + lined("GET {P} HTTP/1.1"), Want: takenOrRefused()},
			{Name: "LF before the request line", Text: "␊" + lined("GET {P} HTTP/1.1"), Want: takenOrRefused()},
		}},
		{Requirement: "HREQ-2", Shapes: []ask.Shape{
			{Name: "GET http://HOST/P", Text: lined("GET http://{H}{P} HTTP/1.1"), Want: ask.Want{Pass: []service.Reading{service.Taken}, Info: slices.Concat(ask.Answers, ask.Refusals)}.In("the answer of a plain request, or a redirection, 403 or 421"), Look: absolute},
		}},
		{Requirement: "HREQ-3", Also: otherHost},
		{Requirement: "HREQ-4", Lacks: ask.Routes, Shapes: []ask.Shape{
			{Name: "get", Text: lined("get {P} HTTP/1.1"), Plain: ask.OfUnknown, Want: otherMethod(), Look: unlikeGet},
			{Name: "GETX", Text: lined("GETX {P} HTTP/1.1"), Plain: ask.OfUnknown, Want: otherMethod(), Look: unlikeGet},
		}},
		{Requirement: "HREQ-5", Lacks: ask.Routes, Shapes: []ask.Shape{
			{Name: "the method ZQXJ", Text: lined("ZQXJ {P} HTTP/1.1"), Want: ask.Refuse("501").Warning(ask.Answers...)},
			{Name: "a method of 300 bytes", Text: lined(strings.Repeat("Z", 300) + " {P} HTTP/1.1"), Want: ask.Refuse("501").Warning(ask.Answers...)},
			{Name: "a method of 64 KiB", Bytes: ask.Long(func() string { return lined(strings.Repeat("Z", 64<<10) + " {P} HTTP/1.1") }), Want: rejected().Warning(ask.Answers...), Whole: true},
		}},
		{Requirement: "HREQ-6", Shapes: []ask.Shape{
			{Name: "a request line of 8,000 bytes", Bytes: longLine, Want: tooLarge(), Look: unlessMissing},
		}},
		{Requirement: "HREQ-7", Shapes: []ask.Shape{
			{Name: "a target of 64 KiB", Bytes: ask.Long(func() string { return lined("GET {T}?" + longText(64<<10) + " HTTP/1.1") }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("414"), targetIsWhole), Whole: true},
			{Name: "a target of 1 MiB", Bytes: ask.Long(func() string { return lined("GET {T}?" + longText(1<<20) + " HTTP/1.1") }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("414"), targetIsWhole), Whole: true},
		}},
		{Requirement: "HREQ-8", Lacks: ask.Persist, Shapes: spaced()},
		{Requirement: "HREQ-9", Shapes: []ask.Shape{
			{Name: "SP and a word behind the target", Text: lined("GET {P} x HTTP/1.1"), Want: notRepaired(), Look: unless301},
			{Name: "SP inside the query", Text: lined("GET {P}?a b HTTP/1.1"), Want: notRepaired(), Look: unless301},
			{Name: "HTAB inside the query", Text: lined("GET {P}?a\tb HTTP/1.1"), Want: notRepaired(), Look: unless301},
		}},
		{Requirement: "HREQ-10", Shapes: []ask.Shape{
			{Name: "GET P, and an empty line", Text: "GET {P}\n\n", Want: orBare(ask.Better())},
			{Name: "GET P, and no empty line", Text: "GET {P}\n", Want: orWait(orBare(ask.Better()))},
		}},
		{Requirement: "HREQ-11", Shapes: versions(orBare(ask.Better()),
			"http/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/01.1", "HTTP/1.01", "HTTP/1.10", "HTTP/1.1x", "HTTP/1,1", "HTTP/ 1.1", "HTTQ/1.1")},
		{Requirement: "HREQ-12", Shapes: slices.Concat(
			versions(ask.Rather().Noting(service.Stopped), "HTTP/1.2", "HTTP/1.9"),
			versions(orBare(ask.Either()), "HTTP/2.0", "HTTP/3.1", "HTTP/0.9"),
		)},
		{Requirement: "HREQ-13", Shapes: slices.Concat(
			queries(notRepaired(), unless301, "NUL", "\x00", "01", "\x01", "1F", "\x1f", "DEL", "\x7f"),
			[]ask.Shape{
				{Name: "no leading slash", Bytes: noSlash, Want: notRepaired(), Look: unless301},
				{Name: "GET *", Text: lined("GET * HTTP/1.1"), Lacks: ask.Routes, Want: notRepaired(), Look: unless301},
				{Name: "GET localhost:80", Text: lined("GET localhost:80 HTTP/1.1"), Want: notRepaired(), Look: unless301},
				{Name: "a fragment", Text: lined("GET {P}?a#frag HTTP/1.1"), Want: ask.Either()},
			},
			queries(ask.Either(), nil, "E9", "\xe9", "FF", "\xff", `"`, `"`, "<", "<", ">", ">", `\`, `\`, "^", "^", "`", "`", "{", "{", "|", "|", "}", "}"),
			[]ask.Shape{{Name: "OPTIONS *", Text: lined("OPTIONS * HTTP/1.1"), Want: ask.Either()}},
		)},
		{Requirement: "HREQ-14", Lacks: ask.Routes, Shapes: []ask.Shape{
			{Name: "CONNECT HOST:", Bytes: connect(":"), Asked: []http1.Asked{{Connect: true}}, Alone: true, Want: ask.Want{Pass: slices.Concat(ask.Answers, refusedOrEnded)}, Look: noTunnel},
			{Name: "CONNECT HOST:x", Bytes: connect(":x"), Asked: []http1.Asked{{Connect: true}}, Alone: true, Want: ask.Want{Pass: slices.Concat(ask.Answers, refusedOrEnded)}, Look: noTunnel},
		}},
		{Requirement: "HREQ-15", Shapes: []ask.Shape{
			{Name: "no method", Text: lined(" {P} HTTP/1.1"), Want: orBare(ask.Better())},
			{Name: "the method G@T", Text: lined("G@T {P} HTTP/1.1"), Want: orBare(ask.Better())},
			{Name: "the method G(T", Text: lined("G(T {P} HTTP/1.1"), Want: orBare(ask.Better())},
			{Name: "NUL in the method", Text: lined("G\x00T {P} HTTP/1.1"), Want: orBare(ask.Better())},
			{Name: "C9 in the method", Text: lined("G\xc9T {P} HTTP/1.1"), Want: orBare(ask.Better())},
		}},
		{Requirement: "HREQ-16", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "LF behind the request line", Text: "GET {P} HTTP/1.1␊Host: {H}\n{F}X-Probe: a\n\n", Want: takenOrRefused()},
			{Name: "LF behind Host", Text: "GET {P} HTTP/1.1\nHost: {H}␊{F}X-Probe: a\n\n", Want: takenOrRefused()},
			{Name: "LF behind the last field", Text: "GET {P} HTTP/1.1\nHost: {H}\n{F}X-Probe: a␊\n", Want: takenOrRefused()},
			{Name: "LF for the empty line", Text: "GET {P} HTTP/1.1\nHost: {H}\n{F}X-Probe: a\n␊", Want: takenOrRefused()},
			{Name: "LF for every CR LF", Bytes: endedBy("\n", fielded("X-Probe: a")), Want: takenOrRefused()},
		}},
		{Requirement: "HREQ-17", Shapes: []ask.Shape{
			{Name: "CR behind the request line", Text: "GET {T} HTTP/1.1␍X-Probe: " + crEnds + "\nHost: {H}\n{F}\n", Plain: ask.OfTold,
				Want: orBare(ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Waiting}), Info: ask.Answers}), Look: notALine},
			{Name: "CR for every CR LF", Bytes: endedBy("\r", probed("X-Probe: "+crEnds)), Plain: ask.OfTold,
				Want: orBare(ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Waiting}), Info: []service.Reading{service.Stopped, service.Left, service.Swallowed}}), Look: notALine},
			{Name: "CR inside the query", Text: lined("GET {P}?a␍b HTTP/1.1"), Want: notRepaired(), Look: unless301},
		}},
	}
})

// versions are requests of these versions.
func versions(w ask.Want, all ...string) (shapes []ask.Shape) {
	for _, v := range all {
		shapes = append(shapes, ask.Shape{Name: "the version " + v, Text: lined("GET {P} " + v), Want: w})
	}
	return shapes
}

// queries are requests with such a byte in the query, where no route hangs on it; each by name and by itself.
func queries(w ask.Want, look func(*service.Service, *service.Seen) (string, finding.Grade), all ...string) (shapes []ask.Shape) {
	for pair := range slices.Chunk(all, 2) {
		shapes = append(shapes, ask.Shape{Name: pair[0] + " in the target", Text: lined("GET {P}?a" + pair[1] + "b HTTP/1.1"), Want: w, Look: look})
	}
	return shapes
}

// spaced are request lines with white space that is not one SP.
func spaced() []ask.Shape {
	var all []ask.Shape
	for _, sp := range [][2]string{{"SP SP", "  "}, {"HTAB", "\t"}, {"VT", "\v"}, {"FF", "\f"}, {"CR", "␍"}} {
		all = append(all,
			ask.Shape{Name: sp[0] + " before the target", Text: lined("GET" + sp[1] + "{P} HTTP/1.1"), Want: orBare(takenOrRefused()), Look: elsewhere},
			ask.Shape{Name: sp[0] + " behind the target", Text: lined("GET {P}" + sp[1] + "HTTP/1.1"), Want: orBare(takenOrRefused()), Look: elsewhere})
	}
	return append(all,
		ask.Shape{Name: "SP before the method", Text: lined(" GET {P} HTTP/1.1"), Want: takenOrRefused(), Look: elsewhere},
		ask.Shape{Name: "SP behind the version", Text: lined("GET {P} HTTP/1.1 "), Want: takenOrRefused(), Look: elsewhere})
}

// elsewhere says of what was answered as what does not exist that it was taken, for another target: that is no refusal.
func elsewhere(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.Class != http1.Refused || seen.First.Status != s.Control.Missing.Status {
		return "", finding.ByLevel
	}
	words := "answered it as what does not exist (" + seen.Status() + ")"
	switch seen.Reading {
	case service.Kept:
		words += ", and answered what followed"
	case service.Refused:
		words += ", and ended the connection"
	}
	return "the server " + words, finding.ByLevel
}

// orBare lets pass what answers in HTTP/0.9, by a body alone, and says so: whether that is a refusal is not told.
func orBare(w ask.Want) ask.Want {
	w.Info = slices.Concat(w.Info, []service.Reading{service.Garbled})
	return w
}

// orWait lets wait, of a message that may go on where nothing follows it at once, and says so.
func orWait(w ask.Want) ask.Want {
	w.Info = slices.Concat(w.Info, []service.Reading{service.Waiting})
	return w
}

// absolute looks at how the absolute form was answered.
func absolute(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	words := fmt.Sprintf("the server %s (%s)", seen.Reading, seen.Status())
	switch st := seen.First.Status; {
	case seen.Reading == service.Taken:
		return "", finding.ByLevel
	case !slices.Contains(ask.Refusals, seen.Reading), st == 403, st == 421:
		return words, finding.ByLevel
	case st == 400 || st >= 500:
		return words, finding.Fails
	}
	return words, finding.Warns
}

// The hosts of HREQ-3, both of which no server has.
const (
	hostOfField  = "streamspec-one.example"
	hostOfTarget = "streamspec-two.example"
)

// otherHost has the target name a host that Host does not, of a server that tells which one it goes by.
func otherHost(a *ask.Asker) *finding.Finding {
	var plain *service.Seen
	q := ask.Shape{Name: "another Host", Text: "GET {T} HTTP/1.1\nHost: " + hostOfField + "\n{F}\n", Plain: ask.OfTold}.Question(a.Service)
	f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
		plain, f = a.Service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
		return f
	})
	if f != nil {
		return f
	}
	if content, ok := toldTo(a.Service, plain); !ok || !strings.Contains(content, hostOfField) {
		return finding.NewNotShown("the server does not repeat which host its request is for (--echo-path names what does)")
	}
	return a.Show(ask.Shape{Name: "GET http://other/, Host: another", Text: "GET http://" + hostOfTarget + "{T} HTTP/1.1\nHost: " + hostOfField + "\n{F}\n", Plain: ask.OfTold,
		Want: ask.Rather().Noting(service.Stopped, service.Otherwise, service.Left), Look: byTarget})
}

// byTarget fails what tells the host of the Host field. That it repeats the target as it came shows nothing.
func byTarget(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	content, ok := toldTo(s, seen)
	content = strings.ReplaceAll(content, "http://"+hostOfTarget, "")
	if ok && strings.Contains(content, hostOfField) && !strings.Contains(content, hostOfTarget) {
		return "the server went by the Host field, and not by the target's host", finding.Fails
	}
	return "", finding.ByLevel
}

// otherMethod takes whatever answers a method that nobody knows: unlikeGet looks at it.
func otherMethod() ask.Want {
	return ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken, service.Alone}), Info: []service.Reading{service.Stopped, service.Otherwise, service.Left}}
}

func unlikeGet(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if s.Control.Get.Is(seen.First) {
		return "the server answered it as it answers GET", finding.Fails
	}
	return "", finding.ByLevel
}

// longLine has a request line of exactly 8,000 bytes.
func longLine(s *service.Service) []byte {
	const least = 8000
	n := least - len("GET ? HTTP/1.1") - len(s.Path)
	return s.Write(lined("GET {P}?" + strings.Repeat("a", max(n, 0)) + " HTTP/1.1"))
}

// unlessMissing warns of refusals that are not for want of such a resource.
func unlessMissing(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if slices.Contains(ask.Refusals, seen.Reading) && seen.First.Status != s.Control.Missing.Status {
		return fmt.Sprintf("the server %s (%s)", seen.Reading, seen.Status()), finding.Warns
	}
	return "", finding.ByLevel
}

// longText is n bytes whose ends can be told.
func longText(n int) string {
	return leftEnd + strings.Repeat("z", n-len(leftEnd)-len(rightEnd)) + rightEnd
}

// targetIsWhole fails what tells the beginning of a long target and not its end.
func targetIsWhole(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if content, ok := toldTo(s, seen); ok && strings.Contains(content, leftEnd) && !strings.Contains(content, rightEnd) {
		return "the server answered for a target that is shorter than what it was asked for", finding.Fails
	}
	return "", finding.ByLevel
}

// noSlash asks for P without its slash.
func noSlash(s *service.Service) []byte {
	path := strings.TrimPrefix(s.Path, "/")
	if path == "" {
		path = "?a"
	}
	return s.Write(lined("GET " + path + " HTTP/1.1"))
}

// connect asks for a tunnel to the server's own host, with this for a port.
func connect(port string) func(*service.Service) []byte {
	return func(s *service.Service) []byte {
		host := s.Host
		if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
			host = host[:at]
		}
		return s.Write(lined("CONNECT " + host + port + " HTTP/1.1"))
	}
}

func noTunnel(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.First != nil && seen.First.Status/100 == 2 {
		return fmt.Sprintf("the server answered %s: it promised a tunnel to what is no address", seen.Status()), finding.Fails
	}
	return "", finding.ByLevel
}

// crEnds is a value that is told where a CR ended the line before its field.
const crEnds = "streamspec-behind-cr"

// notALine fails what tells the field behind a CR, and says where that does not show.
func notALine(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	content, ok := toldTo(s, seen)
	switch {
	case seen.First == nil || seen.Class == http1.Refused:
		return "", finding.ByLevel
	case ok && strings.Contains(content, crEnds):
		return "the server took the CR for the end of a line, and what stands behind it for a field", finding.Fails
	case !ok:
		return fmt.Sprintf("the server %s; whether it took CR for the end of a line or for a space does not show", seen.Reading), finding.ByLevel
	}
	return "", finding.ByLevel
}
