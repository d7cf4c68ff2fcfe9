package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// hreq shows the family HREQ.
var hreq = []Rule{
	{Requirement: "HREQ-1", Lacks: persist, Shapes: []shape{
		{name: "CR LF before the request line", text: "\n" + lined("GET {P} HTTP/1.1"), want: rather().noting(service.Stopped)},
		{name: "CR LF twice before the request line", text: "\n\n" + lined("GET {P} HTTP/1.1"), want: takenOrRefused()},
		{name: "LF before the request line", text: "␊" + lined("GET {P} HTTP/1.1"), want: takenOrRefused()},
	}},
	{Requirement: "HREQ-2", Shapes: []shape{
		{name: "GET http://HOST/P", text: lined("GET http://{H}{P} HTTP/1.1"), want: want{pass: []service.Reading{service.Taken}, info: slices.Concat(answers, refusals)}, look: absolute},
	}},
	{Requirement: "HREQ-3", Also: otherHost},
	{Requirement: "HREQ-4", Lacks: routes, Shapes: []shape{
		{name: "get", text: lined("get {P} HTTP/1.1"), plain: ofUnknown, want: otherMethod(), look: unlikeGet},
		{name: "GETX", text: lined("GETX {P} HTTP/1.1"), plain: ofUnknown, want: otherMethod(), look: unlikeGet},
	}},
	{Requirement: "HREQ-5", Lacks: routes, Shapes: []shape{
		{name: "the method ZQXJ", text: lined("ZQXJ {P} HTTP/1.1"), want: refuse("501").warning(answers...)},
		{name: "a method of 300 bytes", text: lined(strings.Repeat("Z", 300) + " {P} HTTP/1.1"), want: refuse("501").warning(answers...)},
		{name: "a method of 64 KiB", text: lined(strings.Repeat("Z", 64<<10) + " {P} HTTP/1.1"), want: rejected().warning(answers...), whole: true},
	}},
	{Requirement: "HREQ-6", Shapes: []shape{
		{name: "a request line of 8,000 bytes", bytes: longLine, want: tooLarge(), look: unlessMissing},
	}},
	{Requirement: "HREQ-7", Shapes: []shape{
		{name: "a target of 64 KiB", text: lined("GET {T}?" + longText(64<<10) + " HTTP/1.1"), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("414"), targetIsWhole), whole: true},
		{name: "a target of 1 MiB", text: lined("GET {T}?" + longText(1<<20) + " HTTP/1.1"), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("414"), targetIsWhole), whole: true},
	}},
	{Requirement: "HREQ-8", Lacks: persist, Shapes: spaced()},
	{Requirement: "HREQ-9", Shapes: []shape{
		{name: "SP and a word behind the target", text: lined("GET {P} x HTTP/1.1"), want: notRepaired(), look: unless301},
		{name: "SP inside the query", text: lined("GET {P}?a b HTTP/1.1"), want: notRepaired(), look: unless301},
		{name: "HTAB inside the query", text: lined("GET {P}?a\tb HTTP/1.1"), want: notRepaired(), look: unless301},
	}},
	{Requirement: "HREQ-10", Shapes: []shape{
		{name: "GET P, and an empty line", text: "GET {P}\n\n", want: orBare(better())},
		{name: "GET P, and no empty line", text: "GET {P}\n", want: orWait(orBare(better()))},
	}},
	{Requirement: "HREQ-11", Shapes: versions(orBare(better()),
		"http/1.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/01.1", "HTTP/1.01", "HTTP/1.10", "HTTP/1.1x", "HTTP/1,1", "HTTP/ 1.1", "HTTQ/1.1")},
	{Requirement: "HREQ-12", Shapes: slices.Concat(
		versions(rather().noting(service.Stopped), "HTTP/1.2", "HTTP/1.9"),
		versions(orBare(either()), "HTTP/2.0", "HTTP/3.1", "HTTP/0.9"),
	)},
	{Requirement: "HREQ-13", Shapes: slices.Concat(
		queries(notRepaired(), unless301, "NUL", "\x00", "01", "\x01", "1F", "\x1f", "DEL", "\x7f"),
		[]shape{
			{name: "no leading slash", bytes: noSlash, want: notRepaired(), look: unless301},
			{name: "GET *", text: lined("GET * HTTP/1.1"), lacks: routes, want: notRepaired(), look: unless301},
			{name: "GET localhost:80", text: lined("GET localhost:80 HTTP/1.1"), want: notRepaired(), look: unless301},
			{name: "a fragment", text: lined("GET {P}?a#frag HTTP/1.1"), want: either()},
		},
		queries(either(), nil, "E9", "\xe9", "FF", "\xff", `"`, `"`, "<", "<", ">", ">", `\`, `\`, "^", "^", "`", "`", "{", "{", "|", "|", "}", "}"),
		[]shape{{name: "OPTIONS *", text: lined("OPTIONS * HTTP/1.1"), want: either()}},
	)},
	{Requirement: "HREQ-14", Lacks: routes, Shapes: []shape{
		{name: "CONNECT HOST:", bytes: connect(":"), asked: []http1.Asked{{Connect: true}}, alone: true, want: want{pass: slices.Concat(answers, refusedOrEnded)}, look: noTunnel},
		{name: "CONNECT HOST:x", bytes: connect(":x"), asked: []http1.Asked{{Connect: true}}, alone: true, want: want{pass: slices.Concat(answers, refusedOrEnded)}, look: noTunnel},
	}},
	{Requirement: "HREQ-15", Shapes: []shape{
		{name: "no method", text: lined(" {P} HTTP/1.1"), want: orBare(better())},
		{name: "the method G@T", text: lined("G@T {P} HTTP/1.1"), want: orBare(better())},
		{name: "the method G(T", text: lined("G(T {P} HTTP/1.1"), want: orBare(better())},
		{name: "NUL in the method", text: lined("G\x00T {P} HTTP/1.1"), want: orBare(better())},
		{name: "C9 in the method", text: lined("G\xc9T {P} HTTP/1.1"), want: orBare(better())},
	}},
	{Requirement: "HREQ-16", Lacks: persist, Shapes: []shape{
		{name: "LF behind the request line", text: "GET {P} HTTP/1.1␊Host: {H}\n{F}X-Probe: a\n\n", want: takenOrRefused()},
		{name: "LF behind Host", text: "GET {P} HTTP/1.1\nHost: {H}␊{F}X-Probe: a\n\n", want: takenOrRefused()},
		{name: "LF behind the last field", text: "GET {P} HTTP/1.1\nHost: {H}\n{F}X-Probe: a␊\n", want: takenOrRefused()},
		{name: "LF for the empty line", text: "GET {P} HTTP/1.1\nHost: {H}\n{F}X-Probe: a\n␊", want: takenOrRefused()},
		{name: "LF for every CR LF", bytes: endedBy("\n", fielded("X-Probe: a")), want: takenOrRefused()},
	}},
	{Requirement: "HREQ-17", Shapes: []shape{
		{name: "CR behind the request line", text: "GET {T} HTTP/1.1␍X-Probe: " + crEnds + "\nHost: {H}\n{F}\n", plain: ofTold,
			want: orBare(want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.Waiting}), info: answers}), look: notALine},
		{name: "CR for every CR LF", bytes: endedBy("\r", probed("X-Probe: "+crEnds)), plain: ofTold,
			want: orBare(want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.Waiting}), info: []service.Reading{service.Stopped, service.Left, service.Swallowed}}), look: notALine},
		{name: "CR inside the query", text: lined("GET {P}?a␍b HTTP/1.1"), want: notRepaired(), look: unless301},
	}},
}

// versions are requests of these versions.
func versions(w want, all ...string) (shapes []shape) {
	for _, v := range all {
		shapes = append(shapes, shape{name: "the version " + v, text: lined("GET {P} " + v), want: w})
	}
	return shapes
}

// queries are requests with such a byte in the query, where no route hangs on it; each by name and by itself.
func queries(w want, look func(*service.Service, *service.Seen) (string, finding.Grade), all ...string) (shapes []shape) {
	for pair := range slices.Chunk(all, 2) {
		shapes = append(shapes, shape{name: pair[0] + " in the target", text: lined("GET {P}?a" + pair[1] + "b HTTP/1.1"), want: w, look: look})
	}
	return shapes
}

// spaced are request lines with white space that is not one SP.
func spaced() []shape {
	var all []shape
	for _, sp := range [][2]string{{"SP SP", "  "}, {"HTAB", "\t"}, {"VT", "\v"}, {"FF", "\f"}, {"CR", "␍"}} {
		all = append(all,
			shape{name: sp[0] + " before the target", text: lined("GET" + sp[1] + "{P} HTTP/1.1"), want: orBare(takenOrRefused()), look: elsewhere},
			shape{name: sp[0] + " behind the target", text: lined("GET {P}" + sp[1] + "HTTP/1.1"), want: orBare(takenOrRefused()), look: elsewhere})
	}
	return append(all,
		shape{name: "SP before the method", text: lined(" GET {P} HTTP/1.1"), want: takenOrRefused(), look: elsewhere},
		shape{name: "SP behind the version", text: lined("GET {P} HTTP/1.1 "), want: takenOrRefused(), look: elsewhere})
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
func orBare(w want) want {
	w.info = slices.Concat(w.info, []service.Reading{service.Garbled})
	return w
}

// orWait lets wait, of a message that may go on where nothing follows it at once, and says so.
func orWait(w want) want {
	w.info = slices.Concat(w.info, []service.Reading{service.Waiting})
	return w
}

// absolute looks at how the absolute form was answered.
func absolute(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	words := fmt.Sprintf("the server %s (%s)", seen.Reading, seen.Status())
	switch st := seen.First.Status; {
	case seen.Reading == service.Taken:
		return "", finding.ByLevel
	case !slices.Contains(refusals, seen.Reading), st == 403, st == 421:
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
func otherHost(a *asker) *finding.Finding {
	var plain *service.Seen
	q := shape{name: "another Host", text: "GET {T} HTTP/1.1\nHost: " + hostOfField + "\n{F}\n", plain: ofTold}.question(a.service)
	f := a.Confirm(a.ctx, func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
		plain, f = a.service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
		return f
	})
	if f != nil {
		return f
	}
	if content, ok := toldTo(a.service, plain); !ok || !strings.Contains(content, hostOfField) {
		return finding.NewNotShown("the server does not repeat which host its request is for (--echo-path names what does)")
	}
	return a.show(shape{name: "GET http://other/, Host: another", text: "GET http://" + hostOfTarget + "{T} HTTP/1.1\nHost: " + hostOfField + "\n{F}\n", plain: ofTold,
		want: rather().noting(service.Stopped, service.Otherwise, service.Left), look: byTarget})
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
func otherMethod() want {
	return want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken, service.Alone}), info: []service.Reading{service.Stopped, service.Otherwise, service.Left}}
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
	if slices.Contains(refusals, seen.Reading) && seen.First.Status != s.Control.Missing.Status {
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
