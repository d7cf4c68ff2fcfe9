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

// helloInChunks is, in chunks, what a POST of the control has.
const helloInChunks = "5\nhello\n0\n\n"

// hfld shows the family HFLD.
var hfld = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HFLD-1", Shapes: []ask.Shape{
			{Name: "no Host", Text: "GET {P} HTTP/1.1\n{F}\n", Want: ask.Refuse("400")},
		}},
		{Requirement: "HFLD-2", Shapes: []ask.Shape{
			{Name: "Host, and another behind it", Text: "GET {P} HTTP/1.1\nHost: {H}\nHost: other.example\n{F}\n", Want: ask.Refuse("400")},
			{Name: "Host, and another before it", Text: "GET {P} HTTP/1.1\nHost: other.example\nHost: {H}\n{F}\n", Want: ask.Refuse("400")},
			{Name: "Host twice", Text: "GET {P} HTTP/1.1\nHost: {H}\nHost: {H}\n{F}\n", Want: ask.Refuse("400")},
		}},
		{Requirement: "HFLD-3", Shapes: slices.Concat(
			withHosts(ask.Refuse("400"), "a b", "a, b"),
			withHosts(ask.Refuse("400").Warning(ask.Answers...), "a/b", "a?b", "a#b", `a\b`, `a"b`, "u@a", "a:8x", "a:1:1", "[::1"),
		)},
		{Requirement: "HFLD-4", Shapes: []ask.Shape{
			{Name: "an empty Host", Text: "GET {P} HTTP/1.1\nHost:\n{F}\n", Want: ask.Either()},
			{Name: "HTTP/1.0 without Host", Text: "GET {P} HTTP/1.0\n{F}\n", Asked: []http1.Asked{{Old: true}}, Ends: true, Want: ask.Either()},
		}},
		{Requirement: "HFLD-5", Shapes: slices.Concat(beforeColon("SP", " "), beforeColon("HTAB", "\t"))},
		{Requirement: "HFLD-6", Also: leadingHost, Shapes: []ask.Shape{
			{Name: "SP before the first field", Text: "GET {T} HTTP/1.1\n X-Probe: " + leading + "\nHost: {H}\n{F}\n", Plain: ask.OfTold, Want: orLeftOut(),
				Look: probeIsNot(leading, "the server took a line that begins with white space for a field")},
			{Name: "a line of SP before the first field", Text: "GET {P} HTTP/1.1\n \nHost: {H}\n{F}\n", Lacks: ask.Persist, Want: orLeftOut()},
			// Where the length is used, the request in the body is no request.
			{Name: "HTAB before Content-Length", Bytes: leadingLength, Parts: disguisedLength, Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.More, service.Stopped, service.Left})}},
		}},
		{Requirement: "HFLD-7", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "X-Probe folded", Text: probed(between("\n ")), Plain: ask.OfTold, Want: folded(), Look: becomesSpace("\r\n ", "the fold")},
			{Name: "a fold that looks like Content-Length", Text: fielded("X: a\n Content-Length: 10"), Want: folded()},
			{Name: "Content-Length folded", Text: posted("Content-Length:\n 5\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: folded()},
			{Name: "Transfer-Encoding folded", Text: posted("Transfer-Encoding:\n chunked\n", helloInChunks), Plain: ask.OfPost, Lacks: ask.Modern | ask.Posts, Want: folded()},
		}},
		{Requirement: "HFLD-8", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "CR in X-Probe", Text: probed(between("␍")), Plain: ask.OfTold, Want: asSpace(), Look: isSaid("\r", "a CR in a value")},
			{Name: "CR before what looks like Content-Length", Text: fielded("X: a␍Content-Length: 10"), Want: asSpace()},
			{Name: "CR CR LF behind a field", Text: fielded("X: a␍"), Want: asSpace()},
		}},
		{Requirement: "HFLD-9", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "NUL in X-Probe", Text: probed(between("\x00")), Plain: ask.OfTold, Want: asSpace(), Look: becomesSpace("\x00", "the NUL")},
			{Name: "NUL behind Content-Length", Text: posted("Content-Length: 5\x00\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: asSpace()},
			{Name: "NUL behind Transfer-Encoding", Text: posted("Transfer-Encoding: chunked\x00\n", helloInChunks), Plain: ask.OfPost, Lacks: ask.Modern | ask.Posts, Want: asSpace()},
		}},
		{Requirement: "HFLD-10", Shapes: []ask.Shape{
			{Name: "01 in X-Probe", Text: probed(between("\x01")), Plain: ask.OfTold, Want: ask.Either(), Look: isSaid("\x01", "a 01 in a value")},
			{Name: "DEL in X-Probe", Text: probed(between("\x7f")), Plain: ask.OfTold, Want: ask.Either(), Look: isSaid("\x7f", "a DEL in a value")},
		}},
		{Requirement: "HFLD-11", Shapes: []ask.Shape{
			{Name: "E9 FF in X-Probe", Text: probed(between("\xe9\xff")), Plain: ask.OfTold, Want: ask.Rather().Noting(service.Stopped), Look: opaque("\xe9\xff")},
		}},
		{Requirement: "HFLD-12", Shapes: noFields()},
		{Requirement: "HFLD-13", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "hOsT", Text: "GET {P} HTTP/1.1\nhOsT: {H}\n{F}\n", Want: ask.Take()},
			{Name: "cOnTeNt-LeNgTh", Text: posted("cOnTeNt-LeNgTh: 5\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Take()},
			{Name: "tRaNsFeR-eNcOdInG", Text: posted("tRaNsFeR-eNcOdInG: chunked\n", helloInChunks), Plain: ask.OfPost, Lacks: ask.Modern | ask.Posts, Want: ask.Take()},
		}},
		{Requirement: "HFLD-14", Lacks: ask.Persist, Shapes: []ask.Shape{
			{Name: "no white space before X-Probe's value", Text: probed("X-Probe:" + inner), Plain: ask.OfTold, Want: ask.Take(), Look: trimmed},
			{Name: "SP SP around X-Probe's value", Text: probed("X-Probe:  " + inner + "  "), Plain: ask.OfTold, Want: ask.Take(), Look: trimmed},
			{Name: "HTAB around X-Probe's value", Text: probed("X-Probe:\t" + inner + "\t"), Plain: ask.OfTold, Want: unusual(), Look: trimmed},
			{Name: "no white space before Content-Length's value", Text: posted("Content-Length:5\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Take()},
			{Name: "SP SP around Content-Length's value", Text: posted("Content-Length:  5  \n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Take()},
			{Name: "HTAB around Content-Length's value", Text: posted("Content-Length:\t5\t\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: unusual()},
		}},
		{Requirement: "HFLD-15", Shapes: []ask.Shape{ // Host stands behind it, lest it be the value
			{Name: "X-Probe with nothing behind the colon", Text: "GET {P} HTTP/1.1\nX-Probe:\nHost: {H}\n{F}\n", Want: answered()},
			{Name: "X-Probe with SP behind the colon", Text: "GET {P} HTTP/1.1\nX-Probe: \nHost: {H}\n{F}\n", Want: answered()},
		}},
		{Requirement: "HFLD-16", Shapes: []ask.Shape{
			{Name: "a field of 64 KiB", Bytes: ask.Long(func() string { return probed("X-Probe: " + longText(64<<10)) }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), Whole: true},
			{Name: "a field of 1 MiB", Bytes: ask.Long(func() string { return probed("X-Probe: " + longText(1<<20)) }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), Whole: true},
			{Name: "101 fields", Bytes: ask.Long(func() string { return probed(manyFields(100) + "X-Probe: " + rightEnd) }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), Whole: true},
			{Name: "150 fields", Bytes: ask.Long(func() string { return probed(manyFields(149) + "X-Probe: " + rightEnd) }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), Whole: true},
			{Name: "2,000 fields", Bytes: ask.Long(func() string { return probed(manyFields(1999) + "X-Probe: " + rightEnd) }), Plain: ask.OfTold, Want: tooLarge(), Look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), Whole: true},
		}},
		{Requirement: "HFLD-17", Shapes: []ask.Shape{
			{Name: "three unknown fields", Text: fielded("X-One: 1\nX-Two: 2\nX-Three: 3"), Want: ask.Rather().Noting(service.Stopped)},
			{Name: "50 unknown fields, one of 3 KiB", Text: fielded(manyFields(49) + "X-Long: " + strings.Repeat("a", 3<<10)), Want: ask.Rather().Noting(service.Stopped)},
		}},
	}
})

// withHosts are requests whose Host has these values.
func withHosts(w ask.Want, all ...string) (shapes []ask.Shape) {
	for _, v := range all {
		shapes = append(shapes, ask.Shape{Name: "Host: " + v, Text: "GET {P} HTTP/1.1\nHost: " + v + "\n{F}\n", Want: w})
	}
	return shapes
}

// beforeColon are requests with such white space between a name and its colon. What ends the connection behind each POST may have answered that
// before it came to the line.
func beforeColon(name, sp string) []ask.Shape {
	return []ask.Shape{
		{Name: name + " behind X-Probe", Text: fielded("X-Probe" + sp + ": a"), Want: ask.Refuse("400")},
		{Name: name + " behind Host", Text: "GET {P} HTTP/1.1\nHost" + sp + ": {H}\n{F}\n", Want: ask.Refuse("400")},
		{Name: name + " behind Content-Length", Text: posted("Content-Length"+sp+": 5\n", "hello"), Plain: ask.OfPost, Lacks: ask.Posts, Want: ask.Refuse("400")},
		{Name: name + " behind Transfer-Encoding", Text: posted("Transfer-Encoding"+sp+": chunked\n", helloInChunks), Plain: ask.OfPost, Lacks: ask.Modern | ask.Posts, Want: ask.Refuse("400")},
	}
}

// noFields are lines that are not a token, a colon and a value.
func noFields() (shapes []ask.Shape) {
	for line := range slices.Chunk([]string{
		": v", ": v", "X Y: v", "X Y: v", "X[]: v", "X[]: v", "X(y): v", "X(y): v", `"X": v`, `"X": v`, "X@: v", "X@: v", "X/Y: v", "X/Y: v",
		"01 in a name", "X\x01: v", "NUL in a name", "X\x00: v", "E9 in a name", "X\xe9: v", "X v (no colon)", "X v",
	}, 2) {
		shapes = append(shapes, ask.Shape{Name: line[0], Text: fielded(line[1]), Want: ask.Better()})
	}
	return shapes
}

// manyFields are n field lines, each with its line end.
func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-Unknown-%04d: streamspec\n", i)
	}
	return b.String()
}

// folded wants a 400, or an answer and that of what follows.
func folded() ask.Want {
	return ask.Want{Pass: slices.Concat(ask.Refusals, []service.Reading{service.Taken}), Warn: []service.Reading{service.Dropped}, Statuses: []string{"400"}}
}

// asSpace wants a refusal of whatever status, or an answer and that of what follows.
func asSpace() ask.Want {
	return ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken})}
}

// orLeftOut is asSpace of what no end of a message hangs on.
func orLeftOut() ask.Want {
	return ask.Want{Pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken}), Info: []service.Reading{service.Stopped}}
}

// unusual is take of a form that no usual client sends: a refusal is said.
func unusual() ask.Want { return ask.Take().Noting(ask.Refusals...).Noting(service.Dropped) }

// leading is the value of a field that is none.
const leading = "streamspec-leading"

// leadingHost has white space before the only Host. A server that needs none answers it whatever it makes of the line.
func leadingHost(a *ask.Asker) *finding.Finding {
	var without *service.Seen
	f := a.Confirm(a.Ctx, func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
		q := ask.Shape{Name: "no Host", Text: "GET {P} HTTP/1.1\n{F}\n"}.Question(a.Service)
		without, f = a.Service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
		return f
	})
	if f != nil {
		return f
	}
	if without.Class == http1.OK {
		return finding.NewNotShown("the server answers a request that has no Host (HFLD-1): whether it used a Host behind white space does not show")
	}
	return a.Show(ask.Shape{Name: "SP before the only Host", Text: "GET {P} HTTP/1.1\n Host: {H}\n{F}\n", Want: rejected()})
}

// leadingLength has white space before the only length, of a body that is a request.
func leadingLength(s *service.Service) []byte {
	body := string(s.Write(another))
	return append(s.Write(fmt.Sprintf("POST {Q} HTTP/1.1\n\tContent-Length: %d\nHost: {H}\n{F}\n", len(body))), body...)
}

// opaque warns of what is told of a value where the bytes in its middle are others.
func opaque(what string) func(*service.Service, *service.Seen) (string, finding.Grade) {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if content, ok := toldTo(s, seen); ok && !strings.Contains(content, leftEnd+what+rightEnd) {
			return "the server took it, and repeated other bytes than it was sent", finding.Warns
		}
		return "", finding.ByLevel
	}
}

// inner is a value with white space inside, which belongs to it.
const inner = "streamspec  inner"

// trimmed fails what is told of the value where white space around it is told too, or that inside of it is not.
func trimmed(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	content, ok := toldTo(s, seen)
	before, behind, known := around(s)
	switch {
	case !ok:
		return "", finding.ByLevel
	case !strings.Contains(content, inner):
		return "the server changed the value: the white space inside of it, or more, is gone", finding.Fails
	case known && !strings.Contains(content, before+inner+behind):
		return "the server took white space around the value for a part of it", finding.Fails
	}
	return "", finding.ByLevel
}

// around is the end and the beginning of what stands around a value where it is told: known from the control, whose values have no white
// space around them.
func around(s *service.Service) (before, behind string, known bool) {
	const near = 4
	before, behind, known = strings.Cut(string(s.Told.Content), service.FirstTold)
	return before[max(0, len(before)-near):], behind[:min(1, len(behind))], known
}
