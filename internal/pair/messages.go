package pair

import (
	"fmt"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
)

// A Message is a request that two readers may end in different places. What its content hides is a request, where that tells more.
type Message struct {
	Name        string // in words
	Requirement string // that it shows of a single server (contract-http.md)
	Valid       bool   // RFC 9112 lets every server take it

	method, lines, body string // as [http1.Target.Write] has them; {N} is how long the content is
}

// hidden is a request in the content of another.
const hidden = "GET {HIDDEN} HTTP/1.1\nHost: {H}\n\n"

// bytes writes the message for a target. Q is its own path, and HIDDEN that of what it hides.
func (m Message) bytes(t http1.Target) []byte {
	body := t.Write(m.body)
	lines := strings.NewReplacer("{N}", fmt.Sprint(len(body)), "{0xN}", fmt.Sprintf("%#x", len(body)),
		"{2^32+5}", "4294967301", "{2^63+5}", "9223372036854775813", "{2^64+5}", "18446744073709551621").Replace(m.lines)
	return append(t.Write(m.method+" {Q} HTTP/1.1\nHost: {H}\n{F}"+lines+"\n"), body...)
}

// hiddenChunk is a chunk of the hidden request, and the last one.
func hiddenChunk(t http1.Target) string {
	return fmt.Sprintf("%x\n%s\n0\n\n", len(t.Write(hidden)), hidden)
}

// Messages are all that a pair is asked, for targets with marks as long as this one's. What is formed as the RFC says comes first.
func Messages(t http1.Target) (all []Message) {
	post := func(requirement, name, lines, body string) {
		all = append(all, Message{Name: name, Requirement: requirement, method: "POST", lines: lines, body: body})
	}
	valid := func(requirement, method, name, lines, body string) {
		all = append(all, Message{Name: name, Requirement: requirement, Valid: true, method: method, lines: lines, body: body})
	}
	const length, chunked = "Content-Length: {N}\n", "Transfer-Encoding: chunked\n"
	const short = "5\nhello\n0\n\n"
	inChunk := hiddenChunk(t)
	valid("HLEN-1", "POST", "a length", length, "hello")
	valid("HLEN-1", "POST", "a length of 0", length, "")
	valid("HCHK-1", "POST", "chunks", chunked, "3\nhel\n2\nlo\n0\n\n")
	valid("HCHK-2", "POST", "a size with zeros before it", chunked, "0005\nhello\n000\n\n")
	valid("HCHK-3", "POST", "a chunk extension", chunked, "5;a=b\nhello\n0\n\n")
	valid("HCHK-10", "POST", "a trailer", chunked, "5\nhello\n0\nX-Trailer: a\n\n")
	valid("HLEN-14", "POST", "the coding in capitals", "Transfer-Encoding: CHUNKED\n", short)
	valid("HCON-10", "POST", "Expect: 100-continue", "Expect: 100-continue\n"+length, "hello")
	for _, method := range []string{"POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		valid("SMUG-5", method, method+" with a request as content, by its length", length, hidden)
		valid("SMUG-5", method, method+" with a request as content, in a chunk", chunked, inChunk)
	}

	const behind = "0\n\n" + hidden // what is read in chunks ends before the hidden request
	cut := fmt.Sprintf("Content-Length: %d\n", strings.Index(inChunk, "\n")+len("\r\n"))
	post("SMUG-1", "Content-Length before chunked, hidden by the length", length+chunked, behind)
	post("SMUG-1", "chunked before Content-Length, hidden by the length", chunked+length, behind)
	post("SMUG-1", "Content-Length before chunked, hidden by the chunks", cut+chunked, inChunk)
	post("SMUG-1", "chunked before Content-Length, hidden by the chunks", chunked+cut, inChunk)

	for _, c := range []struct{ name, line string }{
		{"SP before the colon", "Transfer-Encoding : chunked"}, {"HTAB before the colon", "Transfer-Encoding\t: chunked"},
		{"in a line that begins with SP", "X-A: a\n Transfer-Encoding: chunked"}, {"behind a CR", "X-A: a␍Transfer-Encoding: chunked"}, {"behind an LF", "X-A: a␊Transfer-Encoding: chunked"},
		{"VT before the value", "Transfer-Encoding: \x0bchunked"}, {"FF behind the value", "Transfer-Encoding: chunked\x0c"}, {"NUL behind the value", "Transfer-Encoding: chunked\x00"},
		{"NBSP before the value", "Transfer-Encoding: \xa0chunked"}, {"quoted", "Transfer-Encoding: \"chunked\""}, {"xchunked", "Transfer-Encoding: xchunked"},
		{"identity", "Transfer-Encoding: identity"}, {"chunked, identity", "Transfer-Encoding: chunked, identity"}, {"chunked, and identity in another line", "Transfer-Encoding: chunked\nTransfer-Encoding: identity"},
		{"identity, and chunked in another line", "Transfer-Encoding: identity\nTransfer-Encoding: chunked"}, {"a parameter", "Transfer-Encoding: chunked;q=1"}, {"folded", "Transfer-Encoding:\n chunked"},
		{"with an underscore", "Transfer_Encoding: chunked"}, {"a semicolon behind the name", "Transfer-Encoding;: chunked"},
	} {
		post("SMUG-2", "Transfer-Encoding, "+c.name+", beside a length", c.line+"\n"+length, behind)
	}
	post("SMUG-2", "Transfer-Encoding: chunked, identity without a length", "Transfer-Encoding: chunked, identity\n", inChunk)
	post("SMUG-2", "Transfer-Encoding: xchunked without a length", "Transfer-Encoding: xchunked\n", inChunk)

	for _, c := range []struct{ name, line string }{
		{"SP before the colon", "Content-Length : {N}"}, {"+ before it", "Content-Length: +{N}"}, {"- before it", "Content-Length: -{N}"},
		{"in a line that begins with SP", "X-A: a\n Content-Length: {N}"}, {"behind a CR", "X-A: a␍Content-Length: {N}"}, {"behind an LF", "X-A: a␊Content-Length: {N}"},
		{"folded", "Content-Length:\n {N}"}, {"n, 0", "Content-Length: {N}, 0"}, {"0, n", "Content-Length: 0, {N}"}, {"n, n", "Content-Length: {N}, {N}"},
		{"n and 0 in two lines", "Content-Length: {N}\nContent-Length: 0"}, {"0 and n in two lines", "Content-Length: 0\nContent-Length: {N}"}, {"n and n in two lines", "Content-Length: {N}\nContent-Length: {N}"},
		{"VT before it", "Content-Length: \x0b{N}"}, {"NUL behind it", "Content-Length: {N}\x00"}, {"in hexadecimal", "Content-Length: {0xN}"}, {".0 behind it", "Content-Length: {N}.0"}, {"digits behind SP", "Content-Length: 0 {N}"},
		{"empty", "Content-Length:"}, {"with an underscore", "Content_Length: {N}"},
	} {
		post("SMUG-3", "Content-Length, "+c.name, c.line+"\n", hidden)
	}
	for _, n := range []string{"2^32+5", "2^63+5", "2^64+5"} {
		post("SMUG-3", "Content-Length: "+n, "Content-Length: {"+n+"}\n", "hello"+hidden)
	}

	for _, c := range []struct{ name, body string }{
		{"0x before a size", "0x5\nhello\n0\n\n"}, {"+ before a size", "+5\nhello\n0\n\n"}, {"- before a size", "-5\nhello\n0\n\n"}, {"an underscore in a size", "0_5\nhello\n0\n\n"},
		{"SP before a size", " 5\nhello\n0\n\n"}, {"no size", "\nhello\n0\n\n"}, {"LF behind a size", "5␊hello\n0\n\n"}, {"LF for every line end", "5␊hello␊0␊␊"},
		{"LF behind the last size, and a request behind it", "0␊␊" + hidden}, {"LF in an extension", "5;a␊hello\n0\n\n"}, {"LF in an extension, and a request in the chunk", "2;␊xx\n" + inChunk},
		{"CR in an extension", "5;a␍b\nhello\n0\n\n"}, {"CR behind a size", "5␍hello\n0\n\n"}, {"NUL in an extension", "5;a\x00\nhello\n0\n\n"},
		{"other bytes for CR LF behind data", "5\nhelloXX0\n\n"}, {"one byte more than the size", "5\nhello!\n0\n\n"}, {"the last size behind data without CR LF", "5\nhello0\n\n" + hidden},
		{"a trailer without a colon", "5\nhello\n0\nX-Trailer\n\n"}, {"a request in place of trailers", "5\nhello\n0\n" + hidden},
		{"a size of 2^32+5", "100000005\nhello\n0\n\n" + hidden}, {"a size of 2^63+5", "8000000000000005\nhello\n0\n\n" + hidden}, {"a size of 2^64+5", "10000000000000005\nhello\n0\n\n" + hidden},
		{"a size of 2^128", "100000000000000000000000000000000\n" + hidden},
	} {
		post("SMUG-4", "chunks, "+c.name, chunked, c.body)
	}

	for _, c := range []struct{ name, lines string }{
		{"VT before it", "Expect: \x0b100-continue"}, {"beside another", "Expect: 100-continue, x"}, {"twice", "Expect: 100-continue\nExpect: 100-continue"}, {"y 100-continue", "Expect: y 100-continue"}, {"in a line that begins with SP", "X-A: a\n Expect: 100-continue"},
	} {
		post("SMUG-6", "Expect, "+c.name+", and a length", c.lines+"\n"+length, hidden)
		post("SMUG-6", "Expect, "+c.name+", and a length of 0", c.lines+"\n"+length, "")
	}
	return all
}
