package web

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/rules/web/ask"
)

// smug shows the family SMUG.
var smug = sync.OnceValue(func() []ask.Rule {
	return []ask.Rule{
		{Requirement: "SMUG-1", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			behindChunks("Content-Length, then chunked", posted("Content-Length: {ALL}\nTransfer-Encoding: chunked\n", ""), chunkedAndEnded(), repeated("")),
			behindChunks("chunked, then Content-Length", posted("Transfer-Encoding: chunked\nContent-Length: {ALL}\n", ""), chunkedAndEnded(), repeated("")),
			behindLength("Content-Length, then chunked", "Content-Length: {LEAD}\nTransfer-Encoding: chunked\n"),
			behindLength("chunked, then Content-Length", "Transfer-Encoding: chunked\nContent-Length: {LEAD}\n"),
		}},
		{Requirement: "SMUG-2", Lacks: framed | ask.Modern, Shapes: slices.Concat(
			codedAs(onlyRefused, misframed, " : chunked", "\t: chunked", ": \vchunked", ": chunked\v", ": \fchunked", ": chunked\f", ": \xa0chunked", `: "chunked"`, ": xchunked",
				": identity", ": chunked, identity", ": chunked\nTransfer-Encoding: identity"),
			codedAs(chunkedAndEnded, repeated(""), ": \x00chunked", ": chunked\x00", ": identity\nTransfer-Encoding: chunked"),
			[]ask.Shape{
				behindChunks("SP before Transfer-Encoding, behind another field", posted("Content-Length: {ALL}\nX: a\n Transfer-Encoding: chunked\n", ""), byLength(), repeated(endOfChunks+another)),
				behindChunks("SP before Transfer-Encoding, first of all", "POST {Q} HTTP/1.1\n Transfer-Encoding: chunked\nHost: {H}\n{F}Content-Length: {ALL}\n\n", byLength(), repeated(endOfChunks+another)),
				behindChunks("Transfer-Encoding behind a CR", posted("Content-Length: {ALL}\nX: a␍Transfer-Encoding: chunked\n", ""), byLength(), repeated(endOfChunks+another)),
				behindChunks("Transfer-Encoding behind an LF", posted("Content-Length: {ALL}\nX: a␊Transfer-Encoding: chunked\n", ""), chunkedAndEnded().Or(service.Taken, service.Otherwise, service.Kept, service.Refusing), hiddenAnswered),
				behindChunks("Transfer_Encoding: chunked", posted("Content-Length: {ALL}\nTransfer_Encoding: chunked\n", ""), byLength(), repeated(endOfChunks+another)),
				behindChunks("Transfer-Encoding;: chunked", posted("Content-Length: {ALL}\nTransfer-Encoding;: chunked\n", ""), byLength(), repeated(endOfChunks+another)),
			},
		)},
		{Requirement: "SMUG-3", Lacks: framed, Shapes: slices.Concat(
			sizedAs(onlyRefused, unlessRefused(misframed), "Content-Length : {ALL}", "Content-Length\t: {ALL}", "Content-Length: +{ALL}", "Content-Length: {ALL}, 0", "Content-Length: {ALL}\nContent-Length: 0",
				"Content-Length: 0\nContent-Length: {ALL}", "Content-Length: \v{ALL}", "Content-Length: {ALL}\v", "Content-Length: 0x{HEX}", "Content-Length: {ALL}.0"),
			sizedAs(byLength, unlessRefused(repeated(another)), "Content-Length:\n {ALL}", "Content-Length: {ALL}\nX: a\n Content-Length: 0", "Content-Length: {ALL}\nX: a␍Content-Length: 0",
				"Content-Length: {ALL}\nX: a␊Content-Length: 0", "Content-Length: {ALL}\nContent_Length: 0"),
			sizedAs(byLength, noLength, "X: a\n Content-Length: {ALL}", "X: a␍Content-Length: {ALL}", "Content_Length: {ALL}"),
		)},
		{Requirement: "SMUG-4", Lacks: framed | ask.Modern, Shapes: []ask.Shape{
			parting("size 0xNN", bySize, func(n int) string { return fmt.Sprintf("0x%x", n) }, "\r\n", finding.Warns),
			parting("size +NN", service.Parts{Before: "by no size before the +", Behind: "by the digits after it"}, func(n int) string { return fmt.Sprintf("+%x", n) }, "\r\n", finding.Warns),
			parting("size 0_NN", bySize, func(n int) string { return fmt.Sprintf("0_%x", n) }, "\r\n", finding.Warns),
			parting("size 0 SP NN", bySize, func(n int) string { return fmt.Sprintf("0 %x", n) }, "\r\n", finding.Warns),
			parting("LF in an extension", byLF, func(n int) string { return fmt.Sprintf("%x;a\n%s", n, content(n)) }, endInChunks, finding.Warns),
			parting("CR in an extension", byCR, func(n int) string { return fmt.Sprintf("%x;a\r%s", n, content(n)) }, endInChunks, finding.Warns),
			unterminated("no empty line behind the last chunk", "5\nhello\n0\n"),
			unterminated("no empty line behind the trailers", "5\nhello\n0\nX-Probe: a\n"),
		}},
		{Requirement: "SMUG-5", Lacks: ask.Persist, Shapes: slices.Concat(unexpected, withBodies("GET {X}", "OPTIONS *"))},
		{Requirement: "SMUG-6", Lacks: framed, Shapes: slices.Concat(
			expected("VT before 100-continue", "Expect: \v100-continue\n"),
			expected("100-continue, x", "Expect: 100-continue, x\n"),
			expected("100-continue twice", "Expect: 100-continue\nExpect: 100-continue\n"),
		)},
		{Requirement: "SMUG-7", Lacks: framed, Shapes: afterRefusal()},
	}
})

// endOfChunks ends a body in chunks that has none, and endInChunks is that on the wire.
const (
	endOfChunks = "0\n\n"
	endInChunks = "0\r\n\r\n"
)

// The readings by which messages part.
var (
	byChunksOrLength = service.Parts{Before: "by its chunks", Behind: "by its Content-Length"}
	byLengthOrChunks = service.Parts{Before: "by its Content-Length", Behind: "by its chunks"}
	disguisedLength  = service.Parts{Before: "without the disguised Content-Length", Behind: "by it"}
	zeroLength       = service.Parts{Before: "by a length of 0", Behind: "by its other length"}
)

// hiding is a message whose body is the other request, behind what leads to it. In its head {ALL} is how long the body is, and {LEAD} how long
// what comes before the request; {HEX} is the length of the request in a chunk, or of all in hexadecimal digits.
func hiding(name string, parts service.Parts, head, lead, tail string, w ask.Want, look closer) ask.Shape {
	return ask.Shape{
		Name: name, Parts: parts, Plain: ask.OfBody, Want: w, Look: look,
		Bytes: func(s *service.Service) []byte {
			hidden := s.Write(another)
			hex := strings.NewReplacer("{HEX}", fmt.Sprintf("%x", len(hidden)))
			before := s.Write(hex.Replace(lead))
			body := slices.Concat(before, hidden, s.Write(tail))
			lengths := strings.NewReplacer("{ALL}", fmt.Sprint(len(body)), "{LEAD}", fmt.Sprint(len(before)))
			return append(s.Write(lengths.Replace(hex.Replace(head))), body...)
		},
	}
}

// behindChunks hides the request behind the last chunk, where the length goes on.
func behindChunks(name, head string, w ask.Want, look closer) ask.Shape {
	return hiding(name+", a request behind the last chunk", byChunksOrLength, head, endOfChunks, "", w, look)
}

// behindLength hides the request in a chunk, where the length has ended.
func behindLength(name, lines string) ask.Shape {
	return hiding(name+", a request in a chunk behind that length", byLengthOrChunks, posted(lines, ""), "{HEX}\n", "\n"+endOfChunks, chunkedAndEnded(), repeated(another))
}

// codedAs are messages with a length and a Transfer-Encoding whose line goes on so behind its name.
func codedAs(w func() ask.Want, look closer, rests ...string) (shapes []ask.Shape) {
	for _, rest := range rests {
		shapes = append(shapes, behindChunks(onOneLine("Transfer-Encoding"+rest), posted("Content-Length: {ALL}\nTransfer-Encoding"+rest+"\n", ""), w(), look))
	}
	return shapes
}

// sizedAs are messages with these lines about the length of the hidden request.
func sizedAs(w func() ask.Want, look closer, all ...string) (shapes []ask.Shape) {
	for _, lines := range all {
		parts := disguisedLength
		if strings.Contains(lines, "0") {
			parts = zeroLength
		}
		shapes = append(shapes, hiding(onOneLine(lines)+", the body a request", parts, posted(lines+"\n", ""), "", "", w(), look))
	}
	return shapes
}

// onOneLine is what lines are called.
func onOneLine(lines string) string {
	return strings.Join(strings.Fields(printed(strings.NewReplacer("{ALL}", "N", "{HEX}", "NN", "\n ", " fold ", "\n", ", then ", "␍", " CR ", "␊", " LF ", "\xa0", "NBSP ", "Encoding :", "Encoding SP :", "Length :", "Length SP :").Replace(lines))), " ")
}

// chunkedAndEnded wants a message to be read by its chunks, and the connection to end behind that, or a refusal.
func chunkedAndEnded() ask.Want {
	return ended().Or(service.Refusing, service.More).Noting(service.Dropped)
}

// onlyRefused wants a message to be refused. What becomes of the connection then is shown by others.
func onlyRefused() ask.Want { return ask.Refuse().Or(service.Dropped, service.Stopped, service.More) }

// byLength wants a message to be read by its length, or refused.
func byLength() ask.Want {
	return ask.Take().Or(refusedOrEnded...).Or(service.Otherwise, service.More).Noting(service.Stopped, service.Left)
}

// hiddenAnswered fails what answers the hidden request, or a part of the message that was not refused.
func hiddenAnswered(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	if seen.Smuggled() || seen.Reading == service.More && seen.Class != http1.Refused && !refusedLate(s, seen) {
		return "the server " + seen.Reading.String(), finding.Fails
	}
	return "", finding.ByLevel
}

// unlessRefused looks at what was not refused: what is answered behind a refusal is SMUG-7's.
func unlessRefused(look closer) closer {
	return func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		if seen.Class == http1.Refused {
			return "", finding.ByLevel
		}
		return look(s, seen)
	}
}

// misframed fails what answers an invalid message as a valid one.
var misframed = all(hiddenAnswered, takenForValid)

// repeated fails what answers the hidden request, or repeats another content than this.
func repeated(content string) closer {
	return all(hiddenAnswered, func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
		return echoed(string(s.Write(content)))(s, seen)
	})
}

// noLength fails what does not answer the request that is behind a message without a body, though it answers what follows that. One that loses
// what comes together with a message shows nothing.
func noLength(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	words, _ := tells(s, seen)
	switch {
	case seen.Class == http1.Refused || seen.Reading == service.More:
		return "", finding.ByLevel
	case seen.Reading != service.Taken && seen.Reading != service.Otherwise:
		return echoed("")(s, seen)
	case !s.Pipelines:
		return words + "; whether it used the length does not show", finding.ByLevel
	}
	return words, finding.Fails
}

// unterminated is a POST in chunks that ends so, where no empty line ends the trailers before another request.
func unterminated(name, body string) ask.Shape {
	return hiding(name+", then a request", service.Parts{Before: "without an empty line", Behind: "by the empty line"}, inChunks(""), body, "",
		faulty().Or(service.Taken, service.Otherwise), func(s *service.Service, seen *service.Seen) (string, finding.Grade) {
			if problem, _ := answeredBefore(s, seen); problem != "" {
				return problem, finding.Warns
			}
			return accepted("hello")(s, seen)
		})
}

// expected are POSTs with such expectations: the body of one is another request, and the other has none, so that the request behind it is the
// next, and the last: a server that loses the third of several requests breaks HCON-7.
func expected(name, lines string) []ask.Shape {
	w := ask.Take().Or(ask.Refusals...).Or(service.Otherwise, service.Stopped, service.Left).Warning(service.Dropped)
	empty := hiding(name+", the body empty, then a request", service.Parts{Before: "by its length of 0", Behind: "by a body that comes behind the expectation"},
		posted(lines+"Content-Length: 0\n", ""), "", "", w, nextAnswered)
	empty.Asked, empty.Alone = make([]http1.Asked, 2), true
	return []ask.Shape{
		hiding(name+", the body a request", service.Parts{Before: "without its body", Behind: "by its Content-Length"}, posted(lines+"Content-Length: {ALL}\n", ""), "", "", w, nil),
		empty,
	}
}

// nextAnswered fails what takes the request behind a message without a body, or a part of it, for a body. Of a server that refuses the message,
// or loses what comes together with one, that does not show.
func nextAnswered(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	const took = ask.Smuggling + "by its length of 0 the message ends with its head; the server took "
	switch others := seen.Others; {
	case !s.Pipelines || seen.Class == http1.Refused:
	case len(others) > 0 && others[0].Status != s.Control.Missing.Status:
		return fmt.Sprintf(took+"a part of the request behind it for a body, and answered %d to the rest", others[0].Status), finding.Fails
	case len(others) == 0 && seen.Finished && !seen.First.Has("Connection", "close"):
		return took + "the request behind it for a body, and never answered that", finding.Fails
	}
	return "", finding.ByLevel
}

// afterRefusal are the messages of HLEN-3, HLEN-4 and HLEN-10 with another request for a body.
func afterRefusal() (shapes []ask.Shape) {
	for _, r := range hlen() {
		if !slices.Contains([]string{"HLEN-3", "HLEN-4", "HLEN-10"}, r.Requirement) {
			continue
		}
		for _, h := range r.Shapes {
			head := strings.TrimSuffix(h.Text, bodyOf(h.Text))
			behind := hiding(h.Name+", then a request", service.Parts{Before: "without a body", Behind: "by a body of all that came"}, head, "", "",
				ask.Want{Pass: slices.Concat(ask.Answers, refusedOrEnded, []service.Reading{service.Waiting, service.Swallowed, service.More})}, notResumed)
			behind.Lacks = r.Lacks
			shapes = append(shapes, behind)
		}
	}
	return shapes
}

// notResumed fails what answers anything behind a message that it refused.
func notResumed(s *service.Service, seen *service.Seen) (string, finding.Grade) {
	switch {
	case seen.Class != http1.Refused:
		return "the server did not refuse it: what it does behind a refusal does not show", finding.ByLevel
	case seen.Reading == service.Kept, seen.Smuggled():
		return "the server " + seen.Reading.String(), finding.Fails
	}
	return "", finding.ByLevel
}
