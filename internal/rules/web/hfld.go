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

// helloInChunks is, in chunks, what a POST of the control has.
const helloInChunks = "5\nhello\n0\n\n"

// hfld shows the family HFLD.
var hfld = []Rule{
	{Requirement: "HFLD-1", Shapes: []shape{
		{name: "no Host", text: "GET {P} HTTP/1.1\n{F}\n", want: refuse("400")},
	}},
	{Requirement: "HFLD-2", Shapes: []shape{
		{name: "Host, and another behind it", text: "GET {P} HTTP/1.1\nHost: {H}\nHost: other.example\n{F}\n", want: refuse("400")},
		{name: "Host, and another before it", text: "GET {P} HTTP/1.1\nHost: other.example\nHost: {H}\n{F}\n", want: refuse("400")},
		{name: "Host twice", text: "GET {P} HTTP/1.1\nHost: {H}\nHost: {H}\n{F}\n", want: refuse("400")},
	}},
	{Requirement: "HFLD-3", Shapes: slices.Concat(
		withHosts(refuse("400"), "a b", "a, b"),
		withHosts(refuse("400").warning(answers...), "a/b", "a?b", "a#b", `a\b`, `a"b`, "u@a", "a:8x", "a:1:1", "[::1"),
	)},
	{Requirement: "HFLD-4", Shapes: []shape{
		{name: "an empty Host", text: "GET {P} HTTP/1.1\nHost:\n{F}\n", want: either()},
		{name: "HTTP/1.0 without Host", text: "GET {P} HTTP/1.0\n{F}\n", asked: []http1.Asked{{Old: true}}, ends: true, want: either()},
	}},
	{Requirement: "HFLD-5", Shapes: slices.Concat(beforeColon("SP", " "), beforeColon("HTAB", "\t"))},
	{Requirement: "HFLD-6", Also: leadingHost, Shapes: []shape{
		{name: "SP before the first field", text: "GET {T} HTTP/1.1\n X-Probe: " + leading + "\nHost: {H}\n{F}\n", plain: ofTold, want: orLeftOut(),
			look: probeIsNot(leading, "the server took a line that begins with white space for a field")},
		{name: "a line of SP before the first field", text: "GET {P} HTTP/1.1\n \nHost: {H}\n{F}\n", lacks: persist, want: orLeftOut()},
		// Where the length is used, the request in the body is no request.
		{name: "HTAB before Content-Length", bytes: leadingLength, plain: ofPost, lacks: posts, want: want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.More, service.Stopped, service.Left})}},
	}},
	{Requirement: "HFLD-7", Lacks: persist, Shapes: []shape{
		{name: "X-Probe folded", text: probed(between("\n ")), plain: ofTold, want: folded(), look: becomesSpace("\r\n ", "the fold")},
		{name: "a fold that looks like Content-Length", text: fielded("X: a\n Content-Length: 10"), want: folded()},
		{name: "Content-Length folded", text: posted("Content-Length:\n 5\n", "hello"), plain: ofPost, lacks: posts, want: folded()},
		{name: "Transfer-Encoding folded", text: posted("Transfer-Encoding:\n chunked\n", helloInChunks), plain: ofPost, lacks: modern | posts, want: folded()},
	}},
	{Requirement: "HFLD-8", Lacks: persist, Shapes: []shape{
		{name: "CR in X-Probe", text: probed(between("␍")), plain: ofTold, want: asSpace(), look: isSaid("\r", "a CR in a value")},
		{name: "CR before what looks like Content-Length", text: fielded("X: a␍Content-Length: 10"), want: asSpace()},
		{name: "CR CR LF behind a field", text: fielded("X: a␍"), want: asSpace()},
	}},
	{Requirement: "HFLD-9", Lacks: persist, Shapes: []shape{
		{name: "NUL in X-Probe", text: probed(between("\x00")), plain: ofTold, want: asSpace(), look: becomesSpace("\x00", "the NUL")},
		{name: "NUL behind Content-Length", text: posted("Content-Length: 5\x00\n", "hello"), plain: ofPost, lacks: posts, want: asSpace()},
		{name: "NUL behind Transfer-Encoding", text: posted("Transfer-Encoding: chunked\x00\n", helloInChunks), plain: ofPost, lacks: modern | posts, want: asSpace()},
	}},
	{Requirement: "HFLD-10", Shapes: []shape{
		{name: "01 in X-Probe", text: probed(between("\x01")), plain: ofTold, want: either(), look: isSaid("\x01", "a 01 in a value")},
		{name: "DEL in X-Probe", text: probed(between("\x7f")), plain: ofTold, want: either(), look: isSaid("\x7f", "a DEL in a value")},
	}},
	{Requirement: "HFLD-11", Shapes: []shape{
		{name: "E9 FF in X-Probe", text: probed(between("\xe9\xff")), plain: ofTold, want: rather().noting(service.Stopped), look: opaque("\xe9\xff")},
	}},
	{Requirement: "HFLD-12", Shapes: noFields()},
	{Requirement: "HFLD-13", Lacks: persist, Shapes: []shape{
		{name: "hOsT", text: "GET {P} HTTP/1.1\nhOsT: {H}\n{F}\n", want: take()},
		{name: "cOnTeNt-LeNgTh", text: posted("cOnTeNt-LeNgTh: 5\n", "hello"), plain: ofPost, lacks: posts, want: take()},
		{name: "tRaNsFeR-eNcOdInG", text: posted("tRaNsFeR-eNcOdInG: chunked\n", helloInChunks), plain: ofPost, lacks: modern | posts, want: take()},
	}},
	{Requirement: "HFLD-14", Lacks: persist, Shapes: []shape{
		{name: "no white space before X-Probe's value", text: probed("X-Probe:" + inner), plain: ofTold, want: take(), look: trimmed},
		{name: "SP SP around X-Probe's value", text: probed("X-Probe:  " + inner + "  "), plain: ofTold, want: take(), look: trimmed},
		{name: "HTAB around X-Probe's value", text: probed("X-Probe:\t" + inner + "\t"), plain: ofTold, want: unusual(), look: trimmed},
		{name: "no white space before Content-Length's value", text: posted("Content-Length:5\n", "hello"), plain: ofPost, lacks: posts, want: take()},
		{name: "SP SP around Content-Length's value", text: posted("Content-Length:  5  \n", "hello"), plain: ofPost, lacks: posts, want: take()},
		{name: "HTAB around Content-Length's value", text: posted("Content-Length:\t5\t\n", "hello"), plain: ofPost, lacks: posts, want: unusual()},
	}},
	{Requirement: "HFLD-15", Shapes: []shape{ // Host stands behind it, lest it be the value
		{name: "X-Probe with nothing behind the colon", text: "GET {P} HTTP/1.1\nX-Probe:\nHost: {H}\n{F}\n", want: answered()},
		{name: "X-Probe with SP behind the colon", text: "GET {P} HTTP/1.1\nX-Probe: \nHost: {H}\n{F}\n", want: answered()},
	}},
	{Requirement: "HFLD-16", Shapes: []shape{
		{name: "a field of 64 KiB", text: probed("X-Probe: " + longText(64<<10)), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), whole: true},
		{name: "a field of 1 MiB", text: probed("X-Probe: " + longText(1<<20)), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), whole: true},
		{name: "101 fields", text: probed(manyFields(100) + "X-Probe: " + rightEnd), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), whole: true},
		{name: "150 fields", text: probed(manyFields(149) + "X-Probe: " + rightEnd), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), whole: true},
		{name: "2,000 fields", text: probed(manyFields(1999) + "X-Probe: " + rightEnd), plain: ofTold, want: tooLarge(), look: bothLooks(sizeRefused("431"), probeIs(rightEnd)), whole: true},
	}},
	{Requirement: "HFLD-17", Shapes: []shape{
		{name: "three unknown fields", text: fielded("X-One: 1\nX-Two: 2\nX-Three: 3"), want: rather().noting(service.Stopped)},
		{name: "50 unknown fields, one of 3 KiB", text: fielded(manyFields(49) + "X-Long: " + strings.Repeat("a", 3<<10)), want: rather().noting(service.Stopped)},
	}},
}

// withHosts are requests whose Host has these values.
func withHosts(w want, all ...string) (shapes []shape) {
	for _, v := range all {
		shapes = append(shapes, shape{name: "Host: " + v, text: "GET {P} HTTP/1.1\nHost: " + v + "\n{F}\n", want: w})
	}
	return shapes
}

// beforeColon are requests with such white space between a name and its colon. What ends the connection behind each POST may have answered that
// before it came to the line.
func beforeColon(name, sp string) []shape {
	return []shape{
		{name: name + " behind X-Probe", text: fielded("X-Probe" + sp + ": a"), want: refuse("400")},
		{name: name + " behind Host", text: "GET {P} HTTP/1.1\nHost" + sp + ": {H}\n{F}\n", want: refuse("400")},
		{name: name + " behind Content-Length", text: posted("Content-Length"+sp+": 5\n", "hello"), plain: ofPost, lacks: posts, want: refuse("400")},
		{name: name + " behind Transfer-Encoding", text: posted("Transfer-Encoding"+sp+": chunked\n", helloInChunks), plain: ofPost, lacks: modern | posts, want: refuse("400")},
	}
}

// noFields are lines that are not a token, a colon and a value.
func noFields() (shapes []shape) {
	for line := range slices.Chunk([]string{
		": v", ": v", "X Y: v", "X Y: v", "X[]: v", "X[]: v", "X(y): v", "X(y): v", `"X": v`, `"X": v`, "X@: v", "X@: v", "X/Y: v", "X/Y: v",
		"01 in a name", "X\x01: v", "NUL in a name", "X\x00: v", "E9 in a name", "X\xe9: v", "X v (no colon)", "X v",
	}, 2) {
		shapes = append(shapes, shape{name: line[0], text: fielded(line[1]), want: better()})
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
func folded() want {
	return want{pass: slices.Concat(refusals, []service.Reading{service.Taken}), warn: []service.Reading{service.Dropped}, statuses: []string{"400"}}
}

// asSpace wants a refusal of whatever status, or an answer and that of what follows.
func asSpace() want {
	return want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken})}
}

// orLeftOut is asSpace of what no end of a message hangs on.
func orLeftOut() want {
	return want{pass: slices.Concat(refusedOrEnded, []service.Reading{service.Taken}), info: []service.Reading{service.Stopped}}
}

// unusual is take of a form that no usual client sends: a refusal is said.
func unusual() want { return take().noting(refusals...).noting(service.Dropped) }

// leading is the value of a field that is none.
const leading = "streamspec-leading"

// leadingHost has white space before the only Host. A server that needs none answers it whatever it makes of the line.
func leadingHost(a *asker) *finding.Finding {
	var without *service.Seen
	f := a.Confirm(a.ctx, func(ctx context.Context, wait time.Duration) (f *finding.Finding) {
		q := shape{name: "no Host", text: "GET {P} HTTP/1.1\n{F}\n"}.question(a.service)
		without, f = a.service.Ask(ctx, a.Player, q, delivery.Whole(), wait)
		return f
	})
	if f != nil {
		return f
	}
	if without.Class == http1.OK {
		return finding.NewNotShown("the server answers a request that has no Host (HFLD-1): whether it used a Host behind white space does not show")
	}
	return a.show(shape{name: "SP before the only Host", text: "GET {P} HTTP/1.1\n Host: {H}\n{F}\n", want: rejected()})
}

// leadingLength has white space before the only length, of a body that is a request.
func leadingLength(s *service.Service) []byte {
	body := string(s.Write("GET {HIDDEN} HTTP/1.1\nHost: {H}\n{F}\n"))
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
