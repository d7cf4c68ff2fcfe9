package web

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// hlen shows the family HLEN.
var hlen = []Rule{
	{Requirement: "HLEN-1", Lacks: framed, Shapes: []shape{
		ofLength(0), ofLength(1), ofLength(5), ofLength(8191), ofLength(8192), ofLength(8193), ofLength(64 << 10), ofLength(1 << 20),
	}},
	{Requirement: "HLEN-2", Lacks: framed, Shapes: []shape{
		{name: "Content-Length: 005", text: posted("Content-Length: 005\n", "hello"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "Content-Length: 010", text: posted("Content-Length: 010\n", "helloworld"), plain: ofBody, want: next(), look: received("helloworld")},
		{name: "Content-Length: 5 behind 60 zeros", text: posted("Content-Length: "+strings.Repeat("0", 60)+"5\n", "hello"), plain: ofBody, want: perhaps(), look: echoed("hello")},
	}},
	{Requirement: "HLEN-3", Shapes: invalidLengths(
		"+5", "-5", "-0", "5x", "0x5", "5.0", "5e0", "1_0", `"5"`, "abc", "5 5", "5;", "", "\v5", "5\v", "\x005", "5\x00", "５",
	)},
	{Requirement: "HLEN-4", Shapes: []shape{
		{name: "Content-Length: 5, then Content-Length: 6", text: posted("Content-Length: 5\nContent-Length: 6\n", "hello!"), plain: ofBody, want: invalid("400"), look: takenForValid},
		{name: "Content-Length: 6, then Content-Length: 5", text: posted("Content-Length: 6\nContent-Length: 5\n", "hello!"), plain: ofBody, want: invalid("400"), look: takenForValid},
		{name: "Content-Length: 5, 6", text: posted("Content-Length: 5, 6\n", "hello!"), plain: ofBody, want: invalid("400"), look: takenForValid},
		{name: "Content-Length: 5, then Content-Length: x", text: posted("Content-Length: 5\nContent-Length: x\n", "hello"), plain: ofBody, want: invalid("400"), look: takenForValid},
	}},
	{Requirement: "HLEN-5", Lacks: framed, Shapes: []shape{
		{name: "Content-Length: 5, twice", text: posted("Content-Length: 5\nContent-Length: 5\n", "hello"), plain: ofBody, want: asOneOrRefused(), look: all(echoed("hello"), tells)},
		{name: "Content-Length: 5, 5", text: posted("Content-Length: 5, 5\n", "hello"), plain: ofBody, want: asOneOrRefused(), look: all(echoed("hello"), tells)},
		{name: "Content-Length: 5, then Content-Length: 05", text: posted("Content-Length: 5\nContent-Length: 05\n", "hello"), plain: ofBody, want: asOneOrRefused(), look: all(echoed("hello"), tells)},
	}},
	{Requirement: "HLEN-6", Lacks: framed, Shapes: []shape{
		overflowing("2^32+5", "4294967301"),
		overflowing("2^63+5", "9223372036854775813"),
		overflowing("2^64+5", "18446744073709551621"),
		overflowing("2^128+5", "340282366920938463463374607431768211461"),
		overflowing("400 nines", strings.Repeat("9", 400)),
	}},
	{Requirement: "HLEN-7", Shapes: []shape{
		{name: "POST with neither Content-Length nor Transfer-Encoding", text: posted("", ""), plain: ofBody, want: want{
			pass: []service.Reading{service.Taken, service.Otherwise, service.Kept, service.Refused, service.Stopped, service.Left},
			warn: []service.Reading{service.Dropped}, statuses: []string{"4xx"},
		}},
	}},
	{Requirement: "HLEN-8", Also: func(a *asker) *finding.Finding {
		return a.short("a POST with Content-Length: 5", posted("Content-Length: 5\n", "hello"), 0)
	}},
	{Requirement: "HLEN-9", Lacks: framed | modern, Shapes: []shape{
		{name: "Transfer-Encoding: foo, chunked", text: coded("foo, chunked"), plain: ofBody, want: notImplemented(), look: undecoded("")},
		{name: "Transfer-Encoding: gzip, chunked", text: posted("Transfer-Encoding: gzip, chunked\n", "{GZIP}"), bytes: zipped, plain: ofBody, want: notImplemented(), look: undecoded("hello")},
	}},
	{Requirement: "HLEN-10", Lacks: modern, Shapes: notChunked(
		"chunked, gzip", "gzip", "identity", "chunked, identity", "xchunked", "chunkedx", `"chunked"`, "chunked foo",
		"\vchunked", "chunked\v", "\fchunked", "chunked\f", "\x00chunked", "chunked\x00",
	)},
	{Requirement: "HLEN-11", Lacks: modern, Shapes: []shape{
		{name: "Content-Length: 5, then chunked", text: posted("Content-Length: 5\nTransfer-Encoding: chunked\n", helloInChunk), plain: ofBody, lacks: framed, want: byChunks(), look: echoed("hello")},
		{name: "chunked, then Content-Length: 5", text: posted("Transfer-Encoding: chunked\nContent-Length: 5\n", helloInChunk), plain: ofBody, lacks: framed, want: byChunks(), look: echoed("hello")},
		{name: "Content-Length: 5000, then chunked", text: posted("Content-Length: 5000\nTransfer-Encoding: chunked\n", helloInChunk), plain: ofBody, want: byChunks(), look: echoed("hello")},
		{name: "chunked, then Content-Length: 5000", text: posted("Transfer-Encoding: chunked\nContent-Length: 5000\n", helloInChunk), plain: ofBody, want: byChunks(), look: echoed("hello")},
	}},
	{Requirement: "HLEN-12", Lacks: modern, Shapes: []shape{
		{name: "Content-Length: 15, then chunked", text: posted("Content-Length: 15\nTransfer-Encoding: chunked\n", helloInChunk), plain: ofBody, want: ended().noting(service.Dropped)},
		{name: "chunked, then Content-Length: 15", text: posted("Transfer-Encoding: chunked\nContent-Length: 15\n", helloInChunk), plain: ofBody, want: ended().noting(service.Dropped)},
	}},
	{Requirement: "HLEN-13", Lacks: modern, Shapes: []shape{
		{name: "HTTP/1.0, Connection: keep-alive, chunked", text: "POST {Q} HTTP/1.0\nHost: {H}\n{F}Connection: keep-alive\nTransfer-Encoding: chunked\n\n" + helloInChunk,
			asked: []http1.Asked{{Old: true}}, plain: ofBody, want: ended().warning(service.Dropped)},
	}},
	{Requirement: "HLEN-14", Lacks: framed | modern, Shapes: []shape{
		{name: "Transfer-Encoding: CHUNKED", text: coded("CHUNKED"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "Transfer-Encoding: ChUnKeD", text: coded("ChUnKeD"), plain: ofBody, want: take(), look: echoed("hello")},
	}},
	{Requirement: "HLEN-15", Lacks: framed | modern, Shapes: []shape{
		{name: "Transfer-Encoding: SP SP chunked SP", text: coded("  chunked "), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "Transfer-Encoding: HTAB chunked HTAB", text: coded("\tchunked\t"), plain: ofBody, want: perhaps(), look: echoed("hello")},
		{name: "Transfer-Encoding: , chunked", text: coded(", chunked"), plain: ofBody, want: perhaps(), look: echoed("hello")},
		{name: "Transfer-Encoding: chunked,", text: coded("chunked,"), plain: ofBody, want: perhaps(), look: echoed("hello")},
		{name: "an empty Transfer-Encoding, then chunked", text: coded("\nTransfer-Encoding: chunked"), plain: ofBody, want: perhaps(), look: echoed("hello")},
		{name: "chunked, then an empty Transfer-Encoding", text: coded("chunked\nTransfer-Encoding:"), plain: ofBody, want: perhaps(), look: echoed("hello")},
		{name: "Transfer-Encoding: chunked, then Transfer-Encoding: identity", text: coded("chunked\nTransfer-Encoding: identity"), plain: ofBody, want: invalid("400", "501"), look: takenForValid},
		{name: "Transfer-Encoding: foo, then Transfer-Encoding: chunked", text: coded("foo\nTransfer-Encoding: chunked"), plain: ofBody, want: notImplemented(), look: undecoded("")},
		{name: "Transfer-Encoding: chunked, chunked", text: coded("chunked, chunked"), plain: ofBody, want: either()},
		{name: "an empty Transfer-Encoding alone", text: posted("Transfer-Encoding:\n", ""), plain: ofBody, want: either()},
	}},
	{Requirement: "HLEN-16", Lacks: modern, Shapes: []shape{
		{name: "Transfer-Encoding: chunked;q=1", text: coded("chunked;q=1"), plain: ofBody, want: better().or(service.Stopped, service.Left), look: processed},
	}},
	{Requirement: "HLEN-17", Lacks: persist, Shapes: withBodies(
		"GET {P}", "HEAD {P}", "DELETE {P}", "OPTIONS {P}", "PUT {Q}", "PATCH {Q}", "POST {X}",
	)},
}

// ofLength is a POST of n bytes.
func ofLength(n int) shape {
	body := content(n)
	return shape{
		name: fmt.Sprintf("Content-Length: %d", n), plain: ofBody, want: limited(n), look: within(n, body),
		bytes: func(s *service.Service) []byte {
			return append(s.Write(posted(fmt.Sprintf("Content-Length: %d\n", n), "")), body...)
		},
	}
}

func invalidLengths(values ...string) (shapes []shape) {
	for _, v := range values {
		h := shape{name: "Content-Length: " + printed(v), text: posted("Content-Length: "+v+"\n", "hello"), plain: ofBody, want: invalid("400"), look: takenForValid}
		switch v {
		case "1_0":
			h.text = posted("Content-Length: 1_0\n", "helloworld")
		case "-0":
			h.text = posted("Content-Length: -0\n", "")
		case "5\x00", "\x005": // which may be read as with a space there (RFC 9110, 5.5)
			h.want = h.want.or(service.Taken)
		}
		shapes = append(shapes, h)
	}
	return shapes
}

func notChunked(values ...string) (shapes []shape) {
	for _, v := range values {
		h := shape{name: "Transfer-Encoding: " + printed(v), text: coded(v), plain: ofBody, want: invalid("400", "501"), look: takenForValid}
		if strings.Contains(v, "\x00") { // which may be read as a space (RFC 9110, 5.5)
			h.want = h.want.or(service.Taken)
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
func asOneOrRefused() want { return refuseAndEnd("400").or(service.Taken, service.Stopped) }

func overflowing(name, value string) shape {
	return shape{name: "Content-Length: " + name, text: posted("Content-Length: "+value+"\n", "hello"), plain: ofBody, want: unended(), look: answeredBefore}
}

// notImplemented wants 501, and looks at what is processed.
func notImplemented() want {
	w := refuse("501").or(service.Taken, service.Otherwise, service.Stopped, service.Left)
	w.warn, w.info, w.noted = nil, []service.Reading{service.Dropped}, true
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
func byChunks() want {
	return take().or(refusals...).or(service.Dropped, service.Otherwise, service.Stopped, service.Left)
}

// ended wants the connection to end behind whatever answer.
func ended() want {
	return want{pass: []service.Reading{service.Refused, service.Stopped, service.Left}}
}

// withBodies are requests with a body that is a whole request, by length and in chunks.
func withBodies(requests ...string) (shapes []shape) {
	for _, r := range requests {
		for _, chunked := range []bool{false, true} {
			h := shape{
				name: strings.NewReplacer("{P}", "P", "{Q}", "Q", "{X}", "X").Replace(r) + ", the body a request", plain: ofGet,
				want: take().or(service.Otherwise, service.Kept, service.Refused, service.Refusing, service.Dropped, service.Stopped, service.Left),
				bytes: func(s *service.Service) []byte {
					body := string(s.Write("GET {HIDDEN} HTTP/1.1\nHost: {H}\n{F}\n"))
					lines, rest := fmt.Sprintf("Content-Length: %d\n", len(body)), body
					if chunked {
						lines, rest = "Transfer-Encoding: chunked\n", http1.Chunks(body)
					}
					return append(s.Write(r+" HTTP/1.1\nHost: {H}\n{F}"+lines+"\n"), rest...)
				},
			}
			if chunked {
				h.name += " in a chunk"
				h.lacks = modern
			}
			if strings.HasPrefix(r, "HEAD ") {
				h.asked, h.plain = []http1.Asked{{Head: true}}, ofHead
			}
			shapes = append(shapes, h)
		}
	}
	return shapes
}
