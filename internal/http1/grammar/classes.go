package grammar

import (
	"fmt"
	"slices"
	"strings"
)

// A Class is one way in which messages are nearly valid, and what RFC 9112 and RFC 9110 let a server make of them.
type Class struct {
	Requirement string
	Source      string // the section: "12 §…" of RFC 9112, "10 §…" of RFC 9110
	Name        string // what is wrong, in words
	Ways        Way
	Kept        string   // the requirement that is broken where the message is read as it may be, and the connection goes on all the same
	values      []string // one of which is drawn; none where there is nothing to choose
	of          Answer
	also        bool // by the RFC the message ends before what it hides, which is a request of its own
	old, closes bool // it is in HTTP/1.0; the connection ends behind it as it says itself
	write       func(text) string
}

// Classes are all of them.
func Classes() []*Class { return classes }

var classes = slices.Concat(lines, fields, lengthsAndCodings, disguises, chunked, conduct)

// get is a GET with such a request line.
func (x text) get(start string) string { return x.head(start, "") }

// with is a GET with a line more.
func (x text) with(line string) string { return x.head("GET "+x.Path+" HTTP/1.1", line+crlf) }

// post is a POST with these lines, and a body.
func (x text) post(lines, body string) string {
	return x.head("POST "+x.Post+" HTTP/1.1", lines) + body
}

// data is what a body holds.
func (x text) data() string {
	if x.hides {
		return x.hidden
	}
	return "hello"
}

// of numbers is the value for a body of such data.
func (x text) numbers(data string) string { return numbered(x.value, len(data)) }

// chunks is a body of one chunk, and the last.
func chunks(data string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(data), data) }

// within is a query with the value in its middle.
func (x text) within() string {
	mark := "?"
	if strings.Contains(x.Path, "?") {
		mark = "&"
	}
	return x.Path + mark + "a" + x.value + "b"
}

var lines = []*Class{
	{Requirement: "HREQ-1", Source: "12 §2.2", Name: "an empty line before the request line", Ways: open, values: []string{crlf, "\n", crlf + crlf},
		write: func(x text) string { return x.value + x.get("GET "+x.Path+" HTTP/1.1") }},
	{Requirement: "HREQ-8", Source: "12 §3", Name: "white space in the request line that is not one space", Ways: open | Bare, values: []string{"  ", "\t", "\v", "\f"},
		write: func(x text) string { return x.get("GET" + x.value + x.Path + " HTTP/1.1") }},
	{Requirement: "HREQ-8", Source: "12 §3", Name: "white space around the request line", Ways: open | Bare, values: []string{" {}", "{} ", "{}\t"},
		write: func(x text) string {
			return x.get(strings.Replace(x.value, "{}", "GET "+x.Path+" HTTP/1.1", 1))
		}},
	{Requirement: "HREQ-9", Source: "12 §3.2", Name: "white space inside the target", Ways: open | Bare, values: []string{" ", "\t"}, of: OfQuery,
		write: func(x text) string { return x.get("GET " + x.within() + " HTTP/1.1") }},
	{Requirement: "HREQ-10", Source: "12 §2.2", Name: "a request line without a version", Ways: open | Bare | Wait,
		write: func(x text) string { return "GET " + x.Path + crlf + crlf }},
	{Requirement: "HREQ-11", Source: "12 §2.3", Name: "a version that is none", Ways: open | Bare, values: []string{"http/1.1", "HTTP/1", "HTTP/1.10", "HTTP/01.1", "HTTP/1.1x", "HTTP/ 1.1", "HTTP/1,1", "HTTQ/1.1"},
		write: func(x text) string { return x.get("GET " + x.Path + " " + x.value) }},
	{Requirement: "HREQ-12", Source: "10 §6.2", Name: "a version that is higher", Ways: open, values: []string{"HTTP/1.2", "HTTP/1.9"},
		write: func(x text) string { return x.get("GET " + x.Path + " " + x.value) }},
	{Requirement: "HREQ-13", Source: "12 §3.2", Name: "a control byte in the target", Ways: open | Bare, values: []string{"\x7f", "\x00", "\x01", "\x1f"}, of: OfQuery,
		write: func(x text) string { return x.get("GET " + x.within() + " HTTP/1.1") }},
	{Requirement: "HREQ-13", Source: "12 §3.2", Name: "a byte in the target that no URI has", Ways: open | Bare, values: []string{"\"", "<", "\\", "^", "`", "{", "|", "#", "\xe9"}, of: OfQuery,
		write: func(x text) string { return x.get("GET " + x.within() + " HTTP/1.1") }},
	{Requirement: "HREQ-15", Source: "12 §3.1", Name: "a method that is no token", Ways: open | Bare, values: []string{"G@T", "G(T", "G\x00T", "G\xc9T", ""}, of: OfAny,
		write: func(x text) string { return x.get(x.value + " " + x.Path + " HTTP/1.1") }},
	{Requirement: "HREQ-16", Source: "12 §2.2", Name: "a lone LF behind the request line", Ways: open,
		write: func(x text) string { return strings.Replace(x.with("X-Probe: a"), crlf, "\n", 1) }},
	{Requirement: "HREQ-16", Source: "12 §2.2", Name: "a lone LF behind a field", Ways: open,
		write: func(x text) string { return strings.Replace(x.with("X-Probe: a"), "X-Probe: a\r", "X-Probe: a", 1) }},
	{Requirement: "HREQ-16", Source: "12 §2.2", Name: "a lone LF for the empty line", Ways: open,
		write: func(x text) string { return strings.TrimSuffix(x.with("X-Probe: a"), crlf) + "\n" }},
	{Requirement: "HREQ-16", Source: "12 §2.2", Name: "a lone LF for every CR LF", Ways: open,
		write: func(x text) string { return strings.ReplaceAll(x.with("X-Probe: a"), crlf, "\n") }},
	{Requirement: "HREQ-17", Source: "12 §2.2", Name: "a lone CR for every CR LF", Ways: Refuse | Wait | End | Bare,
		write: func(x text) string { return strings.ReplaceAll(x.with("X-Probe: a"), crlf, "\r") }},
}

var fields = []*Class{
	{Requirement: "HFLD-1", Source: "12 §3.2", Name: "no Host", Ways: refused,
		write: func(x text) string { return "GET " + x.Path + " HTTP/1.1" + crlf + x.own() + x.more + crlf }},
	{Requirement: "HFLD-2", Source: "12 §3.2", Name: "two Host lines", Ways: refused, values: []string{"", ".other.example"},
		write: func(x text) string { return x.with("Host: " + x.Host + x.value) }},
	{Requirement: "HFLD-3", Source: "12 §3.2", Name: "an invalid Host", Ways: refused, values: []string{"a b", "a, b"},
		write: func(x text) string {
			return "GET " + x.Path + " HTTP/1.1" + crlf + "Host: " + x.value + crlf + x.own() + x.more + crlf
		}},
	{Requirement: "HFLD-5", Source: "12 §5.1", Name: "white space before a colon", Ways: refused, values: []string{" ", "\t"},
		write: func(x text) string { return x.with("X-Probe" + x.value + ": a") }},
	{Requirement: "HFLD-5", Source: "12 §5.1", Name: "white space before the colon of Content-Length", Ways: refused, values: []string{" ", "\t"}, of: OfPost,
		write: func(x text) string {
			return x.post("Content-Length"+x.value+": "+fmt.Sprint(len(x.data()))+crlf, x.data())
		}},
	{Requirement: "HFLD-5", Source: "12 §5.1", Name: "white space before the colon of Transfer-Encoding", Ways: refused, values: []string{" ", "\t"}, of: OfPost,
		write: func(x text) string { return x.post("Transfer-Encoding"+x.value+": chunked"+crlf, chunks(x.data())) }},
	{Requirement: "HFLD-6", Source: "12 §2.2", Name: "white space before the first field", Ways: open, values: []string{" X: y", "\tX: y", " "},
		write: func(x text) string {
			return strings.Replace(x.get("GET "+x.Path+" HTTP/1.1"), crlf, crlf+x.value+crlf, 1)
		}},
	{Requirement: "HFLD-6", Source: "12 §2.2", Name: "white space before the first field, Content-Length", Ways: open, values: []string{" ", "\t"}, of: OfPost, also: true,
		write: func(x text) string {
			return strings.Replace(x.post("", x.hidden), crlf, fmt.Sprintf("\r\n%sContent-Length: %d\r\n", x.value, len(x.hidden)), 1)
		}},
	{Requirement: "HFLD-7", Source: "12 §5.2", Name: "a folded field", Ways: open, values: []string{" b", "\tb", " "},
		write: func(x text) string { return x.with("X-Probe: a" + crlf + x.value) }},
	{Requirement: "HFLD-7", Source: "12 §5.2", Name: "a field whose fold looks like Content-Length", Ways: open, values: []string{" ", "\t"}, of: OfPost, also: true,
		write: func(x text) string {
			return x.post(fmt.Sprintf("X-Probe: a\r\n%sContent-Length: %d\r\n", x.value, len(x.hidden)), x.hidden)
		}},
	{Requirement: "HFLD-7", Source: "12 §5.2", Name: "a folded Content-Length", Ways: open, values: []string{" ", "\t"}, of: OfPost,
		write: func(x text) string {
			return x.post(fmt.Sprintf("Content-Length:\r\n%s%d\r\n", x.value, len(x.data())), x.data())
		}},
	{Requirement: "HFLD-7", Source: "12 §5.2", Name: "a folded Transfer-Encoding", Ways: open, values: []string{" ", "\t"}, of: OfPost,
		write: func(x text) string {
			return x.post("Transfer-Encoding:"+crlf+x.value+"chunked"+crlf, chunks(x.data()))
		}},
	{Requirement: "HFLD-8", Source: "12 §2.2", Name: "a lone CR in a value", Ways: open, values: []string{"a\rb", "a\r", "\ra"},
		write: func(x text) string { return x.with("X-Probe: " + x.value) }},
	{Requirement: "HFLD-8", Source: "12 §2.2", Name: "a lone CR, behind which is Content-Length", Ways: open, of: OfPost, also: true,
		write: func(x text) string {
			return x.post(fmt.Sprintf("X-Probe: a\rContent-Length: %d\r\n", len(x.hidden)), x.hidden)
		}},
	{Requirement: "HFLD-9", Source: "10 §5.5", Name: "NUL in a value", Ways: open, values: []string{"a\x00b", "\x00", "a\x00"},
		write: func(x text) string { return x.with("X-Probe: " + x.value) }},
	{Requirement: "HFLD-10", Source: "10 §5.5", Name: "a control byte in a value", Ways: open, values: []string{"a\x01b", "a\x7fb", "a\vb", "a\fb"},
		write: func(x text) string { return x.with("X-Probe: " + x.value) }},
	{Requirement: "HFLD-12", Source: "12 §5", Name: "a line that is no field", Ways: open, values: []string{"X", ": v", "X Y: v", "X(y): v", "X@: v", "X/Y: v", "X\x00: v", "X\xe9: v"},
		write: func(x text) string { return x.with(x.value) }},
}

var lengthsAndCodings = []*Class{
	{Requirement: "HLEN-3", Source: "12 §6.3", Name: "a Content-Length that is no number", Ways: broken, of: OfPost,
		values: []string{"+{n}", "-{n}", "{n}x", "0x{x}", "{n}.0", "{n}e0", `"{n}"`, "{n} {n}", "{n};", "{n}_0", "abc", "", "\v{n}", "{n}\v"},
		write:  func(x text) string { return x.post("Content-Length: "+x.numbers(x.data())+crlf, x.data()) }},
	{Requirement: "HFLD-9", Source: "10 §5.5", Name: "NUL beside a Content-Length", Ways: open, of: OfPost, values: []string{"{n}\x00", "\x00{n}"},
		write: func(x text) string { return x.post("Content-Length: "+x.numbers(x.data())+crlf, x.data()) }},
	{Requirement: "HLEN-4", Source: "12 §6.3", Name: "two lengths that differ", Ways: broken, of: OfPost,
		values: []string{"{n}\r\nContent-Length: {m}", "{m}\r\nContent-Length: {n}", "{n}\r\nContent-Length: {half}", "{half}\r\nContent-Length: {n}", "{n}, {m}", "{n}\r\nContent-Length: x", "{n}\r\nContent-Length: 0", "0\r\nContent-Length: {n}"},
		write:  func(x text) string { return x.post("Content-Length: "+x.numbers(x.data())+crlf, x.data()) }},
	{Requirement: "HLEN-5", Source: "12 §6.3", Name: "equal lengths", Ways: open, of: OfPost, values: []string{"{n}\r\nContent-Length: {n}", "{n}, {n}", "{n}\r\nContent-Length: 0{n}"},
		write: func(x text) string { return x.post("Content-Length: "+x.numbers(x.data())+crlf, x.data()) }},
	{Requirement: "HLEN-6", Source: "10 §8.6", Name: "a Content-Length that overflows", Ways: waits, of: OfPost, values: []string{"{32}", "{63}", "{64}", strings.Repeat("9", 60)},
		write: func(x text) string { return x.post("Content-Length: "+x.numbers(x.data())+crlf, x.data()) }},
	{Requirement: "HLEN-9", Source: "12 §6.1", Name: "a coding that nobody knows before chunked", Ways: open, of: OfPost, values: []string{"foo, chunked", "foo\r\nTransfer-Encoding: chunked"},
		write: func(x text) string { return x.post("Transfer-Encoding: "+x.value+crlf, chunks(x.data())) }},
	{Requirement: "HLEN-10", Source: "12 §6.3", Name: "a Transfer-Encoding that does not end with chunked", Ways: broken, of: OfPost,
		values: []string{"identity", "gzip", "xchunked", "chunkedx", "chunked, identity", "chunked, gzip", `"chunked"`, "chunked foo", "\vchunked", "chunked\f", "chunked\r\nTransfer-Encoding: identity"},
		write:  func(x text) string { return x.post("Transfer-Encoding: "+x.value+crlf, chunks(x.data())) }},
	{Requirement: "HLEN-11", Kept: "HLEN-12", Source: "12 §6.3", Name: "Content-Length and chunked", Ways: broken, of: OfPost,
		values: []string{"{first}", "{whole}", "0", "5000"},
		write: func(x text) string {
			return x.post("Content-Length: "+x.length()+crlf+"Transfer-Encoding: chunked"+crlf, chunks(x.data()))
		}},
	{Requirement: "HLEN-11", Kept: "HLEN-12", Source: "12 §6.3", Name: "chunked and Content-Length", Ways: broken, of: OfPost,
		values: []string{"{first}", "{whole}", "0", "5000"},
		write: func(x text) string {
			return x.post("Transfer-Encoding: chunked"+crlf+"Content-Length: "+x.length()+crlf, chunks(x.data()))
		}},
	{Requirement: "HLEN-13", Source: "12 §6.1", Name: "Transfer-Encoding in HTTP/1.0", Ways: broken | Bare, of: OfPost, old: true,
		write: func(x text) string {
			return x.head("POST "+x.Post+" HTTP/1.0", "Connection: keep-alive"+crlf+"Transfer-Encoding: chunked"+crlf) + chunks(x.data())
		}},
	{Requirement: "HLEN-15", Source: "10 §5.6.1", Name: "chunked, twice", Ways: open, of: OfPost, values: []string{"chunked, chunked", "chunked\r\nTransfer-Encoding: chunked"},
		write: func(x text) string { return x.post("Transfer-Encoding: "+x.value+crlf, chunks(x.data())) }},
	{Requirement: "HLEN-16", Source: "12 §7.1", Name: "a parameter on chunked", Ways: open, of: OfPost, values: []string{"chunked;q=1", "chunked; a"},
		write: func(x text) string { return x.post("Transfer-Encoding: "+x.value+crlf, chunks(x.data())) }},
}

// length is a Content-Length beside chunks: that of the first line, behind which its data begins, or of all of them.
func (x text) length() string {
	body := chunks(x.data())
	return strings.NewReplacer("{first}", fmt.Sprint(strings.Index(body, x.data())), "{whole}", fmt.Sprint(len(body))).Replace(x.value)
}

// masked is a POST of a body that is a request behind a last chunk: who reads the line for a coding ends the body before that.
func (x text) masked(line string) string {
	body := "0" + crlf + crlf + x.hidden
	return x.post(fmt.Sprintf("Content-Length: %d\r\n%s\r\n", len(body), line), body)
}

var disguises = []*Class{
	{Requirement: "SMUG-2", Source: "12 §5", Name: "a Content-Length, and a name that is not Transfer-Encoding", Ways: Take | refused, of: OfPost, values: []string{"Transfer_Encoding", "Transfer-Encoding-X", "XTransfer-Encoding", "Transfer.Encoding"},
		write: func(x text) string { return x.masked(x.value + ": chunked") }},
	{Requirement: "SMUG-2", Source: "12 §5.2, §2.2", Name: "a Content-Length, and Transfer-Encoding in the value of another field", Ways: Take | refused, of: OfPost,
		values: []string{"X-Probe: a\r\n Transfer-Encoding: chunked", "X-Probe: a\r\n\tTransfer-Encoding: chunked", "X-Probe: a\rTransfer-Encoding: chunked"},
		write:  func(x text) string { return x.masked(x.value) }},
	{Requirement: "SMUG-2", Source: "12 §6.3", Name: "a Content-Length, and a Transfer-Encoding that is not chunked", Ways: broken, of: OfPost,
		values: []string{"Transfer-Encoding: xchunked", "Transfer-Encoding: identity", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: \vchunked", `Transfer-Encoding: "chunked"`, "Transfer-Encoding: \xa0chunked"},
		write:  func(x text) string { return x.masked(x.value) }},
	{Requirement: "SMUG-2", Source: "12 §5.1", Name: "a Content-Length, and white space before the colon of Transfer-Encoding", Ways: refused, of: OfPost, values: []string{" ", "\t"},
		write: func(x text) string { return x.masked("Transfer-Encoding" + x.value + ": chunked") }},
	{Requirement: "SMUG-3", Source: "12 §5", Name: "a name that is not Content-Length", Ways: open, of: OfPost, also: true, values: []string{"Content_Length", "Content-Length-X", "XContent-Length"},
		write: func(x text) string {
			return x.post(fmt.Sprintf("%s: %d\r\n", x.value, len(x.hidden)), x.hidden)
		}},
}
