package web

import (
	"fmt"
	"strings"
	"sync"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// hlen shows the family HLEN.
var hlen = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HLEN-1", Lacks: framed, Shapes: []ask.Shape{
			ofLength(0), ofLength(1), ofLength(5), ofLength(8191), ofLength(8192), ofLength(8193), ofLength(64 << 10), ofLength(1 << 20),
		}},
		{Requirement: "HLEN-2", Lacks: framed, Shapes: []ask.Shape{
			{Name: "Content-Length: 005", Text: posted("Content-Length: 005\n", "hello"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "Content-Length: 010", Text: posted("Content-Length: 010\n", "helloworld"), Plain: ask.OfBody, Want: next(), Look: received("helloworld")},
			{Name: "Content-Length: 5 behind 60 zeros", Text: posted("Content-Length: "+strings.Repeat("0", 60)+"5\n", "hello"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
		}},
		{Requirement: "HLEN-3", Shapes: invalidLengths(
			"+5", "-5", "-0", "5x", "0x5", "5.0", "5e0", "1_0", `"5"`, "abc", "5 5", "5;", "", "\v5", "5\v", "\x005", "5\x00", "５",
		)},
		{Requirement: "HLEN-4", Shapes: []ask.Shape{
			{Name: "Content-Length: 5, then Content-Length: 6", Text: posted("Content-Length: 5\nContent-Length: 6\n", "hello!"), Plain: ask.OfBody, Want: invalid("400"), Look: takenForValid},
			{Name: "Content-Length: 6, then Content-Length: 5", Text: posted("Content-Length: 6\nContent-Length: 5\n", "hello!"), Plain: ask.OfBody, Want: invalid("400"), Look: takenForValid},
			{Name: "Content-Length: 5, 6", Text: posted("Content-Length: 5, 6\n", "hello!"), Plain: ask.OfBody, Want: invalid("400"), Look: takenForValid},
			{Name: "Content-Length: 5, then Content-Length: x", Text: posted("Content-Length: 5\nContent-Length: x\n", "hello"), Plain: ask.OfBody, Want: invalid("400"), Look: takenForValid},
		}},
		{Requirement: "HLEN-5", Lacks: framed, Shapes: []ask.Shape{
			{Name: "Content-Length: 5, twice", Text: posted("Content-Length: 5\nContent-Length: 5\n", "hello"), Plain: ask.OfBody, Want: asOneOrRefused(), Look: all(echoed("hello"), tells)},
			{Name: "Content-Length: 5, 5", Text: posted("Content-Length: 5, 5\n", "hello"), Plain: ask.OfBody, Want: asOneOrRefused(), Look: all(echoed("hello"), tells)},
			{Name: "Content-Length: 5, then Content-Length: 05", Text: posted("Content-Length: 5\nContent-Length: 05\n", "hello"), Plain: ask.OfBody, Want: asOneOrRefused(), Look: all(echoed("hello"), tells)},
		}},
		{Requirement: "HLEN-6", Lacks: framed, Shapes: []ask.Shape{
			overflowing("2^32+5", "4294967301"),
			overflowing("2^63+5", "9223372036854775813"),
			overflowing("2^64+5", "18446744073709551621"),
			overflowing("2^128+5", "340282366920938463463374607431768211461"),
			overflowing("400 nines", strings.Repeat("9", 400)),
		}},
		{Requirement: "HLEN-7", Shapes: []ask.Shape{
			{Name: "POST with neither Content-Length nor Transfer-Encoding", Text: posted("", ""), Plain: ask.OfBody, Want: ask.Want{
				Pass: []service.Reading{service.Taken, service.Otherwise, service.Kept, service.Refused, service.Stopped, service.Left},
				Warn: []service.Reading{service.Dropped}, Statuses: []string{"4xx"},
			}},
		}},
		{Requirement: "HLEN-8", Also: func(a *ask.Asker) *finding.Finding {
			return short(a, "a POST with Content-Length: 5", posted("Content-Length: 5\n", "hello"), 0)
		}},
		{Requirement: "HLEN-9", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "Transfer-Encoding: foo, chunked", Text: coded("foo, chunked"), Plain: ask.OfBody, Want: notImplemented(), Look: undecoded("")},
			{Name: "Transfer-Encoding: gzip, chunked", Text: posted("Transfer-Encoding: gzip, chunked\n", "{GZIP}"), Bytes: zipped, Plain: ask.OfBody, Want: notImplemented(), Look: undecoded("hello")},
		}},
		{Requirement: "HLEN-10", Lacks: ask.Modern, Shapes: notChunked(
			"chunked, gzip", "gzip", "identity", "chunked, identity", "xchunked", "chunkedx", `"chunked"`, "chunked foo",
			"\vchunked", "chunked\v", "\fchunked", "chunked\f", "\x00chunked", "chunked\x00",
		)},
		{Requirement: "HLEN-11", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "Content-Length: 5, then chunked", Text: posted("Content-Length: 5\nTransfer-Encoding: chunked\n", helloInChunk), Plain: ask.OfBody, Lacks: framed, Want: byChunks(), Look: echoed("hello")},
			{Name: "chunked, then Content-Length: 5", Text: posted("Transfer-Encoding: chunked\nContent-Length: 5\n", helloInChunk), Plain: ask.OfBody, Lacks: framed, Want: byChunks(), Look: echoed("hello")},
			{Name: "Content-Length: 5000, then chunked", Text: posted("Content-Length: 5000\nTransfer-Encoding: chunked\n", helloInChunk), Plain: ask.OfBody, Want: byChunks(), Look: echoed("hello")},
			{Name: "chunked, then Content-Length: 5000", Text: posted("Transfer-Encoding: chunked\nContent-Length: 5000\n", helloInChunk), Plain: ask.OfBody, Want: byChunks(), Look: echoed("hello")},
		}},
		{Requirement: "HLEN-12", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "Content-Length: 15, then chunked", Text: posted("Content-Length: 15\nTransfer-Encoding: chunked\n", helloInChunk), Plain: ask.OfBody, Want: ended().Noting(service.Dropped)},
			{Name: "chunked, then Content-Length: 15", Text: posted("Transfer-Encoding: chunked\nContent-Length: 15\n", helloInChunk), Plain: ask.OfBody, Want: ended().Noting(service.Dropped)},
		}},
		{Requirement: "HLEN-13", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "HTTP/1.0, Connection: keep-alive, chunked", Text: "POST {Q} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\nTransfer-Encoding: chunked\n\n" + helloInChunk,
				Asked: []http1.Asked{{Old: true}}, Plain: ask.OfBody, Want: ended().Warning(service.Dropped)},
		}},
		{Requirement: "HLEN-14", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "Transfer-Encoding: CHUNKED", Text: coded("CHUNKED"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "Transfer-Encoding: ChUnKeD", Text: coded("ChUnKeD"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
		}},
		{Requirement: "HLEN-15", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "Transfer-Encoding: SP SP chunked SP", Text: coded("  chunked "), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "Transfer-Encoding: HTAB chunked HTAB", Text: coded("\tchunked\t"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
			{Name: "Transfer-Encoding: , chunked", Text: coded(", chunked"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
			{Name: "Transfer-Encoding: chunked,", Text: coded("chunked,"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
			{Name: "an empty Transfer-Encoding, then chunked", Text: coded("\nTransfer-Encoding: chunked"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
			{Name: "chunked, then an empty Transfer-Encoding", Text: coded("chunked\nTransfer-Encoding:"), Plain: ask.OfBody, Want: perhaps(), Look: echoed("hello")},
			{Name: "Transfer-Encoding: chunked, then Transfer-Encoding: identity", Text: coded("chunked\nTransfer-Encoding: identity"), Plain: ask.OfBody, Want: invalid("400", "501"), Look: takenForValid},
			{Name: "Transfer-Encoding: foo, then Transfer-Encoding: chunked", Text: coded("foo\nTransfer-Encoding: chunked"), Plain: ask.OfBody, Want: notImplemented(), Look: undecoded("")},
			{Name: "Transfer-Encoding: chunked, chunked", Text: coded("chunked, chunked"), Plain: ask.OfBody, Want: ask.Either()},
			{Name: "an empty Transfer-Encoding alone", Text: posted("Transfer-Encoding:\n", ""), Plain: ask.OfBody, Want: ask.Either()},
		}},
		{Requirement: "HLEN-16", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "Transfer-Encoding: chunked;q=1", Text: coded("chunked;q=1"), Plain: ask.OfBody, Want: ask.Better().Or(service.Stopped, service.Left), Look: processed},
		}},
		{Requirement: "HLEN-17", Lacks: ask.Persist, Shapes: unexpected},
	}
})

// ofLength is a POST of n bytes.
func ofLength(n int) ask.Shape {
	return ask.Shape{
		Name: fmt.Sprintf("Content-Length: %d", n), Plain: ask.OfBody, Want: limited(n), Look: within(n),
		Bytes: func(s *service.Service) []byte {
			return append(s.Write(posted(fmt.Sprintf("Content-Length: %d\n", n), "")), content(n)...)
		},
	}
}

func invalidLengths(values ...string) (shapes []ask.Shape) {
	for _, v := range values {
		h := ask.Shape{Name: "Content-Length: " + printed(v), Text: posted("Content-Length: "+v+"\n", "hello"), Plain: ask.OfBody, Want: invalid("400"), Look: takenForValid}
		switch v {
		case "1_0":
			h.Text = posted("Content-Length: 1_0\n", "helloworld")
		case "-0":
			h.Text = posted("Content-Length: -0\n", "")
		case "5\x00", "\x005": // which may be read as with a space there (RFC 9110, 5.5)
			h.Want = h.Want.Or(service.Taken)
		}
		shapes = append(shapes, h)
	}
	return shapes
}

func notChunked(values ...string) (shapes []ask.Shape) {
	for _, v := range values {
		h := ask.Shape{Name: "Transfer-Encoding: " + printed(v), Text: coded(v), Plain: ask.OfBody, Want: invalid("400", "501"), Look: takenForValid}
		if strings.Contains(v, "\x00") { // which may be read as a space (RFC 9110, 5.5)
			h.Want = h.Want.Or(service.Taken)
		}
		shapes = append(shapes, h)
	}
	return shapes
}

// printed is a text with names for what is not printed, and none where there is nothing.
func printed(text string) string {
	if text == "" {
		return "nothing"
	}
	return strings.TrimSpace(strings.NewReplacer("\v", " VT ", "\f", " FF ", "\x00", " NUL ", "\t", " HTAB ", "\x01", " 01 ", "５", "a full-width 5").Replace(text))
}

// asOneOrRefused takes equal lengths as one, or refuses them.
func asOneOrRefused() ask.Want { return ask.RefuseAndEnd("400").Or(service.Taken, service.Stopped) }

func overflowing(name, value string) ask.Shape {
	return ask.Shape{Name: "Content-Length: " + name, Text: posted("Content-Length: "+value+"\n", "hello"), Plain: ask.OfBody, Want: unended(), Look: answeredBefore}
}

// notImplemented wants 501, and looks at what is processed.
func notImplemented() ask.Want {
	w := ask.Refuse("501").Or(service.Taken, service.Otherwise, service.Stopped, service.Left)
	w.Warn, w.Info, w.Noted = nil, []service.Reading{service.Dropped}, true
	return w
}

// undecoded warns of content that was processed as it came, and not as it is when it was decoded; it cannot be, where there is nothing.
func undecoded(content string) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		words, _ := tells(s, seen)
		switch {
		case seen.First == nil || seen.Class == http1.Refused:
			return "", finding.ByLevel
		case content == "":
			return words, finding.Warns
		case !s.Echoes:
			return words + "; whether it decodes the body does not show", finding.ByLevel
		case holds(s, seen.First, content):
			return words + ", and decodes the body", finding.ByLevel
		}
		return words + ", and does not decode the body", finding.Warns
	}
}

// processed warns of what was answered behind its body, though the connection ended then.
func processed(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if words, _ := tells(s, seen); s.Echoes && (seen.Reading == service.Stopped || seen.Reading == service.Left) {
		return words, finding.Warns
	}
	return "", finding.ByLevel
}

// zipped writes hello as gzip has it, in one chunk.
func zipped(s *service.Service) []byte {
	return append(s.Write(posted("Transfer-Encoding: gzip, chunked\n", "")), http1.Chunks(helloInGzip)...)
}

// helloInGzip is hello in a stored block (RFC 1951, 3.2.4; RFC 1952, 2.3).
const helloInGzip = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + "\x01\x05\x00\xfa\xffhello" + "\x86\xa6\x10\x36\x05\x00\x00\x00"

// byChunks wants a message to be framed by its chunks, or refused.
func byChunks() ask.Want {
	return ask.Take().Or(ask.Refusals...).Or(service.Dropped, service.Otherwise, service.Stopped, service.Left)
}

// ended wants the connection to end behind whatever answer.
func ended() ask.Want {
	return ask.Want{Pass: []service.Reading{service.Refused, service.Stopped, service.Left}}
}

// notByContent fails what answers a part of a HEAD as a request, unless there is nothing but what is no answer: that is content (HCON-8).
func notByContent(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
	switch {
	case seen.Reading != service.More:
		return "", finding.ByLevel
	case len(seen.Others) > 0:
		return "the server " + seen.Reading.String(), finding.Fails
	}
	return "the server sent content behind its answer (HCON-8): where it took the body to end does not show", finding.ByLevel
}

// unexpected are requests of which many servers expect no body.
var unexpected = withBodies("GET {P}", "HEAD {P}", "DELETE {P}", "OPTIONS {P}", "PUT {Q}", "PATCH {Q}", "POST {X}")

// withBodies are requests with a body that is a whole request, by length and in chunks.
func withBodies(requests ...string) (shapes []ask.Shape) {
	for _, r := range requests {
		for _, chunked := range []bool{false, true} {
			h := ask.Shape{
				Name: strings.NewReplacer("{P}", "P", "{Q}", "Q", "{X}", "X").Replace(r) + ", the body a request", Plain: ask.OfGet,
				Want: ask.Take().Or(service.Otherwise, service.Kept, service.Refused, service.Refusing, service.Dropped, service.Stopped, service.Left),
				Bytes: func(s *service.Service) []byte {
					body := string(s.Write(another))
					lines, rest := fmt.Sprintf("Content-Length: %d\n", len(body)), body
					if chunked {
						lines, rest = "Transfer-Encoding: chunked\n", http1.Chunks(body)
					}
					return append(s.Write(r+" HTTP/1.1\nHost: {H}\n{F}"+lines+"\n"), rest...)
				},
				Parts: service.Parts{Before: "without a body", Behind: "by its Content-Length"},
			}
			if chunked {
				h.Parts.Behind = "by its chunks"
				h.Name += " in a chunk"
				h.Lacks = ask.Modern
			}
			if strings.HasPrefix(r, "HEAD ") {
				h.Asked, h.Plain = []http1.Asked{{Head: true}}, ask.OfHead
				h.Want, h.Look = h.Want.Or(service.More), notByContent
			}
			shapes = append(shapes, h)
		}
	}
	return shapes
}
