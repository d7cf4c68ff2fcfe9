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

// hchk shows the family HCHK.
var hchk = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "HCHK-1", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "one chunk of one byte", Text: inChunks("1\nh\n0\n\n"), Plain: ask.OfBody, Want: next(), Look: received("h")},
			{Name: "one chunk", Text: inChunks("5\nhello\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "two chunks", Text: inChunks("2\nhe\n3\nllo\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "chunks of one byte", Text: inChunks("1\nh\n1\ne\n1\nl\n1\nl\n1\no\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "a chunk that holds 0 CR LF CR LF", Text: inChunks("5\n0\n\n\n2\nhi\n0\n\n"), Plain: ask.OfBody, Want: next(), Look: received("0\r\n\r\nhi")},
			{Name: "no chunk but the last", Text: inChunks("0\n\n"), Plain: ask.OfBody, Want: next().Noting(service.Refused), Look: received("")},
		}},
		{Requirement: "HCHK-2", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "size a", Text: inChunks("a\nhelloworld\n0\n\n"), Plain: ask.OfBody, Want: next(), Look: received("helloworld")},
			{Name: "size A", Text: inChunks("A\nhelloworld\n0\n\n"), Plain: ask.OfBody, Want: next(), Look: received("helloworld")},
			{Name: "size 0005", Text: inChunks("0005\nhello\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "last chunk 000", Text: inChunks("5\nhello\n000\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			oddly("size 5 behind 30 zeros", zeros(30)+"5\nhello\n0\n\n", "hello"),
			oddly("last chunk of 30 zeros", "5\nhello\n"+zeros(30)+"\n\n", "hello"),
		}},
		{Requirement: "HCHK-3", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "extension ;a", Text: inChunks("5;a\nhello\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "extension ;a=b", Text: inChunks("5;a=b\nhello\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "extensions ;a;b=c", Text: inChunks("5;a;b=c\nhello\n0\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			{Name: "extension ;a on the last chunk", Text: inChunks("5\nhello\n0;a\n\n"), Plain: ask.OfBody, Want: ask.Take(), Look: echoed("hello")},
			oddly(`extension ;a="q;\"x"`, "5;a=\"q;\\\"x\"\nhello\n0\n\n", "hello"),
		}},
		{Requirement: "HCHK-4", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			oddly("extension SP ; SP a SP = SP b", "5 ; a = b\nhello\n0\n\n", "hello"),
			oddly("extension HTAB ; HTAB a HTAB = HTAB b", "5\t;\ta\t=\tb\nhello\n0\n\n", "hello"),
			{Name: "SP behind the size", Text: inChunks("5 \nhello\n0\n\n"), Plain: ask.OfBody, Want: open(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "HTAB behind the size", Text: inChunks("5\t\nhello\n0\n\n"), Plain: ask.OfBody, Want: open(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "; alone behind the size", Text: inChunks("5;\nhello\n0\n\n"), Plain: ask.OfBody, Want: open(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "; and a control byte behind the size", Text: inChunks("5;\x01\nhello\n0\n\n"), Plain: ask.OfBody, Want: open(), Look: all(answeredBefore, echoed("hello"))},
		}},
		{Requirement: "HCHK-5", Lacks: framed | ask.Modern, Shapes: append(badSizes(
			"+5", "-5", "0x5", "5_", "0_5", "5.", "5,", "5h", "g", "", " 5", "\v5", "5\v", "\x005", "5\x00"),
			misread("last chunk -0", "5\nhello\n-0\n\n"),
			misread("last chunk 0x0", "5\nhello\n0x0\n\n"),
			parting("size 0xNN of a chunk that holds a request", bySize, func(n int) string { return fmt.Sprintf("0x%x", n) }, "\r\n", finding.Warns),
			parting("size 0_NN of a chunk that holds a request", bySize, func(n int) string { return fmt.Sprintf("0_%x", n) }, "\r\n", finding.Warns),
		)},
		{Requirement: "HCHK-6", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			oversized("2^32+5", "100000005"),
			oversized("2^63+5", "8000000000000005"),
			oversized("2^64+5", "10000000000000005"),
			oversized("of 33 digits", "1"+zeros(31)+"5"),
			oversized("of 200 digits", "1"+zeros(198)+"5"),
		}},
		{Requirement: "HCHK-7", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			misread("XX for CR LF behind the data", "5\nhelloXX0\n\n"),
			misread("nothing behind the data", "5\nhello0\n\n"),
			misread("one more byte behind the data", "5\nhello!\n0\n\n"),
			misread("a size one short", "4\nhello\n0\n\n"),
			misread("XX for CR LF between two chunks", "2\nheXX3\nllo\n0\n\n"),
		}},
		{Requirement: "HCHK-8", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			misread("LF behind the size", "5␊hello\n0\n\n"),
			misread("LF behind an extension", "5;a␊hello\n0\n\n"),
			parting("LF inside an extension, behind which a request is hidden", byLF, func(n int) string { return fmt.Sprintf("%x;a\n%s", n, content(n)) }, "0\r\n\r\n", finding.Warns),
			misread("LF behind the data", "5\nhello␊0\n\n"),
			misread("LF behind the last chunk's size", "5\nhello\n0␊\n"),
			misread("LF for each CR LF", "5␊hello␊0␊␊"),
			{Name: "LF for the empty line at the end", Text: inChunks("5\nhello\n0\n␊"), Plain: ask.OfBody, Want: trailing(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "LF behind a trailer", Text: inChunks("5\nhello\n0\nX-Probe: a␊\n"), Plain: ask.OfBody, Want: trailing(), Look: all(answeredBefore, echoed("hello"))},
		}},
		{Requirement: "HCHK-9", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "CR behind the size", Text: inChunks("5␍hello\n0\n\n"), Plain: ask.OfBody, Want: untaken(), Look: answeredBefore},
			{Name: "CR behind the data", Text: inChunks("5\nhello␍0\n\n"), Plain: ask.OfBody, Want: untaken(), Look: answeredBefore},
			parting("CR inside an extension, behind which a request is hidden", byCR, func(n int) string { return fmt.Sprintf("%x;a\r%s", n, content(n)) }, "0\r\n\r\n", finding.Fails),
			{Name: "CR CR LF behind the size", Text: inChunks("5␍\nhello\n0\n\n"), Plain: ask.OfBody, Want: untaken().Or(service.Taken, service.Otherwise), Look: all(answeredBefore, echoed("hello"))},
		}},
		{Requirement: "HCHK-10", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "one trailer", Text: inChunks("5\nhello\n0\nX-Probe: a\n\n"), Plain: ask.OfBody, Want: nextOrRefused(), Look: echoed("hello")},
			{Name: "20 trailers", Text: inChunks("5\nhello\n0\n" + trailers(20, 1) + "\n"), Plain: ask.OfBody, Want: nextOrRefused(), Look: echoed("hello")},
			{Name: "trailer Content-Length: 50", Text: inChunks("5\nhello\n0\nContent-Length: 50\n\n"), Plain: ask.OfBody, Want: nextOrRefused().Or(service.More), Look: all(answeredBefore, echoed("hello"))},
			{Name: "trailer Host", Text: inChunks("5\nhello\n0\nHost: " + toldHost + "\n\n"), Plain: ask.OfBody, Want: nextOrRefused().Or(service.More), Look: all(answeredBefore, echoed("hello"))},
			{Name: "trailer Transfer-Encoding: chunked", Text: inChunks("5\nhello\n0\nTransfer-Encoding: chunked\n\n"), Plain: ask.OfBody, Want: nextOrRefused().Or(service.More), Look: all(answeredBefore, echoed("hello"))},
			merged("POST", "X-Probe: "+toldValue), merged("GET", "X-Probe: "+toldValue),
			merged("POST", "Host: "+toldHost), merged("GET", "Host: "+toldHost),
		}},
		{Requirement: "HCHK-11", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			{Name: "a trailer without a colon", Text: inChunks("5\nhello\n0\nX-Probe\n\n"), Plain: ask.OfBody, Want: skipped(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "SP before the colon of a trailer", Text: inChunks("5\nhello\n0\nX-Probe : a\n\n"), Plain: ask.OfBody, Want: skipped(), Look: all(answeredBefore, echoed("hello"))},
			{Name: "a folded trailer", Text: inChunks("5\nhello\n0\nX-Probe: a\n b\n\n"), Plain: ask.OfBody, Want: skipped(), Look: all(answeredBefore, echoed("hello"))},
		}},
		{Requirement: "HCHK-12", Lacks: ask.Modern, Also: func(a *ask.Asker) *finding.Finding {
			return short(a, "a POST in chunks", inChunks("5\nhello\n6\n world\n0\n\n"), len("\r\n"))
		}},
		{Requirement: "HCHK-13", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			inPieces("a chunk of 1 MiB", 1<<20, 1<<20),
			inPieces("5,000 chunks of one byte", 5000, 1),
		}},
		// None is cut: beyond a limit of size it may hang on what a read brings where the limit falls (HTTP contract, R6; h11 has it so).
		{Requirement: "HCHK-14", Lacks: ask.Modern, Shapes: []ask.Shape{
			{Name: "an extension of 64 KiB", Bytes: ask.Long(func() string { return inChunks("5;a=" + strings.Repeat("x", 64<<10) + "\nhello\n0\n\n") }), Plain: ask.OfBody, Want: bounded(), Look: all(answeredBefore, sized), Whole: true},
			{Name: "64 KiB of extensions, in 64 chunks", Bytes: ask.Long(func() string {
				return inChunks(strings.Repeat("1;a="+strings.Repeat("x", 1<<10)+"\nh\n", 64) + "0\n\n")
			}), Plain: ask.OfBody, Want: bounded(), Look: all(answeredBefore, sized), Whole: true},
			{Name: "64 KiB of trailers", Bytes: ask.Long(func() string { return inChunks("5\nhello\n0\n" + trailers(64, 1<<10) + "\n") }), Plain: ask.OfBody, Want: bounded(), Look: all(answeredBefore, sized), Whole: true},
		}},
	}
})

// The readings of a chunk's line.
var (
	bySize = service.Parts{Before: "by a size of 0", Behind: "by the digits after it"}
	byLF   = service.Parts{Before: "where an LF ends the line of a chunk", Behind: "where CR LF alone does"}
	byCR   = service.Parts{Before: "where a CR ends the line of a chunk", Behind: "where CR LF alone does"}
)

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
func open() ask.Want { return ask.Either().Or(service.More) }

// trailing is [open] where the line is one of the trailer section: RFC 9112, section 2.2, leaves it to the recipient whether an LF alone
// ends a field line. To a server that does not take it so, the section goes on, and what follows is a part of it.
func trailing() ask.Want { return open().Noting(service.Swallowed, service.Waiting) }

// skipped wants a refusal, and says where the faulty line was skipped.
func skipped() ask.Want {
	return ask.Want{
		Pass: []service.Reading{service.Refused, service.Refusing, service.Dropped, service.Stopped, service.Left, service.More},
		Info: []service.Reading{service.Taken, service.Otherwise, service.Kept},
	}
}

func badSizes(values ...string) (shapes []ask.Shape) {
	for _, v := range values {
		name := "size " + printed(v)
		if v == " 5" {
			name = "size SP 5"
		}
		shapes = append(shapes, misread(name, v+"\nhello\n0\n\n"))
	}
	return shapes
}

func oversized(name, size string) ask.Shape {
	return ask.Shape{Name: "size " + name, Text: inChunks(size + "\nhello\n0\n\n"), Plain: ask.OfBody, Want: unended(), Look: answeredBefore}
}

// untaken wants a body to be refused, or waited for.
func untaken() ask.Want {
	w := faulty().Or(service.Dropped, service.Waiting, service.Swallowed).Or(ask.Refusals...)
	w.Info, w.Warn, w.Noted = nil, nil, true
	return w
}

// nextOrRefused wants what follows to be answered, or the message to be refused.
func nextOrRefused() ask.Want {
	return next().Or(ask.Refusals...).Or(service.Dropped, service.Stopped, service.Left)
}

// What trailers say, and no field does.
const (
	toldValue = "streamspec-trailer"
	toldHost  = "trailer.example"
)

// merged is a request in chunks to what repeats the fields of its request, with a trailer that is not to be among them.
func merged(method, trailer string) ask.Shape {
	name, value, _ := strings.Cut(trailer, ": ")
	return ask.Shape{
		Name: fmt.Sprintf("trailer %s of a %s to what repeats fields", name, method), Lacks: ask.Tell, Plain: ask.OfTold,
		Text: method + " {T} HTTP/1.1\nHost: {H}\n{F}Transfer-Encoding: chunked\n\n5\nhello\n0\n" + trailer + "\n\n",
		Want: nextOrRefused(),
		Look: func(_ *service.Service, seen *service.Seen) (string, finding.Grade) {
			if seen.First == nil || !strings.Contains(string(seen.First.Content), value) {
				return "", finding.ByLevel
			}
			return "the server took the trailer for a field: it repeats " + value, finding.Fails
		},
	}
}

// inPieces is a POST of n bytes in chunks of so many.
func inPieces(name string, n, each int) ask.Shape {
	return ask.Shape{
		Name: name, Plain: ask.OfBody, Want: limited(n), Look: within(n),
		Bytes: func(s *service.Service) []byte {
			body := content(n)
			var pieces []string
			for at := 0; at < n; at += each {
				pieces = append(pieces, body[at:min(at+each, n)])
			}
			return append(s.Write(inChunks("")), http1.Chunks(pieces...)...)
		},
	}
}

// bounded takes extensions and trailers, or refuses them; the connection is not ended without an answer.
func bounded() ask.Want {
	w := open()
	w.Info = nil
	return w.Or(ask.Answers...).Or(ask.Refusals...).Warning(service.Dropped)
}

// sized says what came of extensions and trailers, and warns of a refusal that blames the server.
func sized(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	words, _ := tells(s, seen)
	if seen.Class == http1.Refused && seen.First.Status >= 500 {
		return words, finding.Warns
	}
	return words, finding.ByLevel
}
