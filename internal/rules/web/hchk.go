package web

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
)

// hchk shows the family HCHK.
var hchk = []Rule{
	{Requirement: "HCHK-1", Lacks: framed | modern, Shapes: []shape{
		{name: "one chunk", text: inChunks("5\nhello\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "two chunks", text: inChunks("2\nhe\n3\nllo\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "chunks of one byte", text: inChunks("1\nh\n1\ne\n1\nl\n1\nl\n1\no\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "a chunk that holds 0 CR LF CR LF", text: inChunks("5\n0\n\n\n2\nhi\n0\n\n"), plain: ofBody, want: next(), look: received("0\r\n\r\nhi")},
		{name: "no chunk but the last", text: inChunks("0\n\n"), plain: ofBody, want: next().noting(service.Refused), look: received("")},
	}},
	{Requirement: "HCHK-2", Lacks: framed | modern, Shapes: []shape{
		{name: "size a", text: inChunks("a\nhelloworld\n0\n\n"), plain: ofBody, want: next(), look: received("helloworld")},
		{name: "size A", text: inChunks("A\nhelloworld\n0\n\n"), plain: ofBody, want: next(), look: received("helloworld")},
		{name: "size 0005", text: inChunks("0005\nhello\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "last chunk 000", text: inChunks("5\nhello\n000\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		oddly("size 5 behind 30 zeros", zeros(30)+"5\nhello\n0\n\n", "hello"),
		oddly("last chunk of 30 zeros", "5\nhello\n"+zeros(30)+"\n\n", "hello"),
	}},
	{Requirement: "HCHK-3", Lacks: framed | modern, Shapes: []shape{
		{name: "extension ;a", text: inChunks("5;a\nhello\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "extension ;a=b", text: inChunks("5;a=b\nhello\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "extensions ;a;b=c", text: inChunks("5;a;b=c\nhello\n0\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		{name: "extension ;a on the last chunk", text: inChunks("5\nhello\n0;a\n\n"), plain: ofBody, want: take(), look: echoed("hello")},
		oddly(`extension ;a="q;\"x"`, "5;a=\"q;\\\"x\"\nhello\n0\n\n", "hello"),
	}},
	{Requirement: "HCHK-4", Lacks: framed | modern, Shapes: []shape{
		oddly("extension SP ; SP a SP = SP b", "5 ; a = b\nhello\n0\n\n", "hello"),
		oddly("extension HTAB ; HTAB a HTAB = HTAB b", "5\t;\ta\t=\tb\nhello\n0\n\n", "hello"),
		{name: "SP behind the size", text: inChunks("5 \nhello\n0\n\n"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
		{name: "HTAB behind the size", text: inChunks("5\t\nhello\n0\n\n"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
		{name: "; alone behind the size", text: inChunks("5;\nhello\n0\n\n"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
		{name: "; and a control byte behind the size", text: inChunks("5;\x01\nhello\n0\n\n"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
	}},
	{Requirement: "HCHK-5", Lacks: framed | modern, Shapes: append(badSizes(
		"+5", "-5", "0x5", "5_", "0_5", "5.", "5,", "5h", "g", "", " 5", "\v5", "5\v", "\x005", "5\x00"),
		misread("last chunk -0", "5\nhello\n-0\n\n"),
		misread("last chunk 0x0", "5\nhello\n0x0\n\n"),
		parting("size 0xNN of a chunk that holds a request", func(n int) string { return fmt.Sprintf("0x%x", n) }, "\r\n", finding.Warns),
		parting("size 0_NN of a chunk that holds a request", func(n int) string { return fmt.Sprintf("0_%x", n) }, "\r\n", finding.Warns),
	)},
	{Requirement: "HCHK-6", Lacks: framed | modern, Shapes: []shape{
		oversized("2^32+5", "100000005"),
		oversized("2^63+5", "8000000000000005"),
		oversized("2^64+5", "10000000000000005"),
		oversized("of 33 digits", "1"+zeros(31)+"5"),
		oversized("of 200 digits", "1"+zeros(198)+"5"),
	}},
	{Requirement: "HCHK-7", Lacks: framed | modern, Shapes: []shape{
		misread("XX for CR LF behind the data", "5\nhelloXX0\n\n"),
		misread("nothing behind the data", "5\nhello0\n\n"),
		misread("one more byte behind the data", "5\nhello!\n0\n\n"),
		misread("a size one short", "4\nhello\n0\n\n"),
		misread("XX for CR LF between two chunks", "2\nheXX3\nllo\n0\n\n"),
	}},
	{Requirement: "HCHK-8", Lacks: framed | modern, Shapes: []shape{
		misread("LF behind the size", "5␊hello\n0\n\n"),
		misread("LF behind an extension", "5;a␊hello\n0\n\n"),
		parting("LF inside an extension, behind which a request is hidden", func(n int) string { return fmt.Sprintf("%x;a\n%s", n, content(n)) }, "0\r\n\r\n", finding.Warns),
		misread("LF behind the data", "5\nhello␊0\n\n"),
		misread("LF behind the last chunk's size", "5\nhello\n0␊\n"),
		misread("LF for each CR LF", "5␊hello␊0␊␊"),
		{name: "LF for the empty line at the end", text: inChunks("5\nhello\n0\n␊"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
		{name: "LF behind a trailer", text: inChunks("5\nhello\n0\nX-Probe: a␊\n"), plain: ofBody, want: open(), look: all(answeredBefore, echoed("hello"))},
	}},
	{Requirement: "HCHK-9", Lacks: framed | modern, Shapes: []shape{
		{name: "CR behind the size", text: inChunks("5␍hello\n0\n\n"), plain: ofBody, want: untaken(), look: answeredBefore},
		{name: "CR behind the data", text: inChunks("5\nhello␍0\n\n"), plain: ofBody, want: untaken(), look: answeredBefore},
		parting("CR inside an extension, behind which a request is hidden", func(n int) string { return fmt.Sprintf("%x;a\r%s", n, content(n)) }, "0\r\n\r\n", finding.Fails),
		{name: "CR CR LF behind the size", text: inChunks("5␍\nhello\n0\n\n"), plain: ofBody, want: untaken().or(service.Taken, service.Otherwise), look: all(answeredBefore, echoed("hello"))},
	}},
	{Requirement: "HCHK-10", Lacks: framed | modern, Shapes: []shape{
		{name: "one trailer", text: inChunks("5\nhello\n0\nX-Probe: a\n\n"), plain: ofBody, want: nextOrRefused(), look: echoed("hello")},
		{name: "20 trailers", text: inChunks("5\nhello\n0\n" + trailers(20, 1) + "\n"), plain: ofBody, want: nextOrRefused(), look: echoed("hello")},
		{name: "trailer Content-Length: 50", text: inChunks("5\nhello\n0\nContent-Length: 50\n\n"), plain: ofBody, want: nextOrRefused().or(service.More), look: all(answeredBefore, echoed("hello"))},
		{name: "trailer Host", text: inChunks("5\nhello\n0\nHost: " + toldHost + "\n\n"), plain: ofBody, want: nextOrRefused().or(service.More), look: all(answeredBefore, echoed("hello"))},
		{name: "trailer Transfer-Encoding: chunked", text: inChunks("5\nhello\n0\nTransfer-Encoding: chunked\n\n"), plain: ofBody, want: nextOrRefused().or(service.More), look: all(answeredBefore, echoed("hello"))},
		merged("POST", "X-Probe: "+toldValue), merged("GET", "X-Probe: "+toldValue),
		merged("POST", "Host: "+toldHost), merged("GET", "Host: "+toldHost),
	}},
	{Requirement: "HCHK-11", Lacks: framed | modern, Shapes: []shape{
		{name: "a trailer without a colon", text: inChunks("5\nhello\n0\nX-Probe\n\n"), plain: ofBody, want: skipped(), look: all(answeredBefore, echoed("hello"))},
		{name: "SP before the colon of a trailer", text: inChunks("5\nhello\n0\nX-Probe : a\n\n"), plain: ofBody, want: skipped(), look: all(answeredBefore, echoed("hello"))},
		{name: "a folded trailer", text: inChunks("5\nhello\n0\nX-Probe: a\n b\n\n"), plain: ofBody, want: skipped(), look: all(answeredBefore, echoed("hello"))},
	}},
	{Requirement: "HCHK-12", Lacks: modern, Also: func(a *asker) *finding.Finding {
		return a.short("a POST in chunks", inChunks("5\nhello\n6\n world\n0\n\n"), len("\r\n"))
	}},
	{Requirement: "HCHK-13", Lacks: framed | modern, Shapes: []shape{
		inPieces("a chunk of 1 MiB", 1<<20, 1<<20),
		inPieces("5,000 chunks of one byte", 5000, 1),
	}},
	{Requirement: "HCHK-14", Lacks: modern, Shapes: []shape{
		{name: "an extension of 64 KiB", text: inChunks("5;a=" + strings.Repeat("x", 64<<10) + "\nhello\n0\n\n"), plain: ofBody, want: bounded(), look: all(answeredBefore, sized)},
		{name: "64 KiB of extensions, in 64 chunks", text: inChunks(strings.Repeat("1;a="+strings.Repeat("x", 1<<10)+"\nh\n", 64) + "0\n\n"), plain: ofBody, want: bounded(), look: all(answeredBefore, sized)},
		{name: "64 KiB of trailers", text: inChunks("5\nhello\n0\n" + trailers(64, 1<<10) + "\n"), plain: ofBody, want: bounded(), look: all(answeredBefore, sized)},
	}},
}

func zeros(n int) string { return strings.Repeat("0", n) }

// trailers are n trailers with values of so many bytes.
func trailers(n, size int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-Trailer-%d: %s\n", i+1, strings.Repeat("v", size))
	}
	return b.String()
}

// open takes what the RFC leaves open, or asks too little of: what was seen is said. A part of the message that is answered fails.
func open() want { return either().or(service.More) }

// skipped wants a refusal, and says where the faulty line was skipped.
func skipped() want {
	return want{
		pass: []service.Reading{service.Refused, service.Refusing, service.Dropped, service.Stopped, service.Left, service.More},
		info: []service.Reading{service.Taken, service.Otherwise, service.Kept},
	}
}

func badSizes(values ...string) (shapes []shape) {
	for _, v := range values {
		name := "size " + printed(v)
		if v == " 5" {
			name = "size SP 5"
		}
		shapes = append(shapes, misread(name, v+"\nhello\n0\n\n"))
	}
	return shapes
}

func oversized(name, size string) shape {
	return shape{name: "size " + name, text: inChunks(size + "\nhello\n0\n\n"), plain: ofBody, want: unended(), look: answeredBefore}
}

// untaken wants a body to be refused, or waited for.
func untaken() want {
	w := faulty().or(service.Dropped, service.Waiting, service.Swallowed).or(refusals...)
	w.info, w.warn, w.noted = nil, nil, true
	return w
}

// nextOrRefused wants what follows to be answered, or the message to be refused.
func nextOrRefused() want {
	return next().or(refusals...).or(service.Dropped, service.Stopped, service.Left)
}

// What trailers say, and no field does.
const (
	toldValue = "streamspec-trailer"
	toldHost  = "trailer.example"
)

// merged is a request in chunks to what repeats the fields of its request, with a trailer that is not to be among them.
func merged(method, trailer string) shape {
	name, value, _ := strings.Cut(trailer, ": ")
	return shape{
		name: fmt.Sprintf("trailer %s of a %s to what repeats fields", name, method), lacks: tell, plain: ofTold,
		text: method + " {T} HTTP/1.1\nHost: {H}\n{F}Transfer-Encoding: chunked\n\n5\nhello\n0\n" + trailer + "\n\n",
		want: nextOrRefused(),
		look: func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
			if seen.First == nil || !strings.Contains(string(seen.First.Content), value) {
				return "", finding.ByLevel
			}
			return "the server took the trailer for a field: it repeats " + value, finding.Fails
		},
	}
}

// inPieces is a POST of n bytes in chunks of so many.
func inPieces(name string, n, each int) shape {
	body := content(n)
	var pieces []string
	for at := 0; at < n; at += each {
		pieces = append(pieces, body[at:min(at+each, n)])
	}
	return shape{
		name: name, plain: ofBody, want: limited(n), look: within(n, body),
		bytes: func(s *service.Service) []byte { return append(s.Write(inChunks("")), http1.Chunks(pieces...)...) },
	}
}

// bounded takes extensions and trailers, or refuses them; the connection is not ended without an answer.
func bounded() want {
	w := open()
	w.info = nil
	return w.or(answers...).or(refusals...).warning(service.Dropped)
}

// sized says what came of extensions and trailers, and warns of a refusal that blames the server.
func sized(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	words, _ := tells(s, seen)
	if seen.Class == http1.Refused && seen.First.Status >= 500 {
		return words, finding.Warns
	}
	return words, finding.ByLevel
}
