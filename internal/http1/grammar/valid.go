package grammar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// plainest is the requirement of a message that has nothing but what each has.
const plainest = "HCON-1"

func (m Message) method() string {
	switch {
	case m.Method != "":
		return m.Method
	case m.Framed != "":
		return "POST"
	}
	return "GET"
}

func (m Message) target() string {
	switch {
	case m.Target != "":
		return m.Target
	case m.method() == "POST":
		return "{Q}"
	}
	return "{P}"
}

func (m Message) old() bool {
	if m.Class != nil {
		return m.Class.old
	}
	return m.Old
}

func (m Message) version() string {
	if m.Old {
		return "HTTP/1.0"
	}
	return "HTTP/1.1"
}

func (m Message) chunked() bool {
	return strings.Contains(strings.ToLower(m.Framed), "chunked")
}

// closes says whether the connection ends behind the message, as it says itself (RFC 9112, 9.3).
func (m Message) closes() bool {
	if m.Class != nil {
		return m.Class.closes
	}
	return m.Old || slices.ContainsFunc(m.Fields, func(line string) bool {
		return strings.HasPrefix(line, "Connection:") && strings.Contains(strings.ToLower(line), "close")
	})
}

// body is the body, and how much it holds.
func (m Message) body(x text) (text string, n int) {
	var b strings.Builder
	for _, c := range m.Chunks {
		data := c.Data
		if c.Hidden {
			data += x.hidden
		}
		n += len(data)
		if !m.chunked() {
			b.WriteString(data)
		} else if len(data) > 0 {
			fmt.Fprintf(&b, or(c.Size, "%x")+"%s\r\n%s\r\n", len(data), c.Ext, data)
		}
	}
	if m.chunked() {
		b.WriteString(or(m.Zeros, "0") + crlf + strings.Join(append(slices.Clone(m.Extra), ""), crlf) + crlf)
	}
	if m.Framed == "" {
		return "", 0
	}
	return b.String(), n
}

// or is a text, or another where it is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// numbered has numbers where the names of their forms stand: {n} is n in decimal, {x} in hexadecimal digits, and {32}, {63} and {64} are n and so
// many bits more, in decimal, and {x32} and so on in hexadecimal digits.
func numbered(text string, n int) string {
	return strings.NewReplacer("{n}", strconv.Itoa(n), "{x}", strconv.FormatInt(int64(n), 16), "{m}", strconv.Itoa(n+1), "{half}", strconv.Itoa(n/2),
		"{32}", sum("4294967296", n), "{63}", sum("9223372036854775808", n), "{64}", sum("18446744073709551616", n),
		"{x32}", fmt.Sprintf("1%08x", n), "{x63}", fmt.Sprintf("8%015x", n), "{x64}", fmt.Sprintf("1%016x", n), "{x132}", fmt.Sprintf("1%032x", n),
	).Replace(text)
}

// sum adds a small number to a large one.
func sum(large string, n int) string {
	const low = 9 // digits that the sum of both fits into with room
	tail, _ := strconv.Atoi(large[len(large)-low:])
	return large[:len(large)-low] + fmt.Sprintf("%0*d", low, tail+n)
}

// The lines that say how long a body is: the plainest first, behind which each is as valid. Those of odd are forms that no usual client sends, and
// many servers refuse on purpose.
var (
	lengths = []string{"Content-Length: {n}", "content-length: {n}", "cOnTeNt-LeNgTh:{n}", "Content-Length: 00{n}", "Content-Length:   {n}  "}
	codings = []string{"Transfer-Encoding: chunked", "transfer-encoding: chunked", "Transfer-Encoding: CHUNKED", "Transfer-Encoding:  ChUnKeD "}
	odd     = slices.Concat(oddLengths, []string{
		"Transfer-Encoding:\tchunked\t", "Transfer-Encoding: , chunked", "Transfer-Encoding: chunked,", "Transfer-Encoding:\r\nTransfer-Encoding: chunked",
	})
	oddLengths = []string{"Content-Length:\t{n}\t", "Content-Length: 000000000000000000000000000000000000000000000000000000000000{n}"}
)

// ways are those of a valid message: it is taken. Where the application may not want it, or many servers do not, it may be refused.
func (m Message) ways() (w Way) {
	switch w = Take; {
	case m.Framed != "" && (m.method() != "POST" || m.target() != "{Q}"), slices.Contains(odd, m.Framed), len(m.Extra) > 0, m.expects(),
		slices.ContainsFunc(m.Chunks, func(c Chunk) bool { return strings.ContainsAny(c.Ext, " \t\"") }):
		return open // a body where none is expected, odd forms, trailers, an expectation
	case m.method() == "POST" && m.Framed == "", !slices.Contains([]string{"GET", "HEAD", "POST"}, m.method()), strings.Contains(m.target(), "://"):
		return open
	case m.Old:
		return Take | Refuse
	case m.target() == "{X}":
		return Take | Keep | End
	case m.method() == "POST": // the application may refuse the content
		w |= Keep
	}
	return w
}

// Modern says whether the stream has what HTTP/1.0 does not: a transfer coding, which a server that speaks that need not know of (RFC 9112, 6.1), or
// an expectation (RFC 9110, 10.1.1). By a server of HTTP/1.0 it shows nothing.
func (s Stream) Modern() bool {
	return slices.ContainsFunc(append(s.Before[:len(s.Before):len(s.Before)], s.Last), Message.modern)
}

func (m Message) modern() bool {
	if m.Class != nil {
		return m.Class.modern()
	}
	return m.chunked() || m.expects()
}

// modern says whether the messages of the class have what HTTP/1.0 does not, or what a reader may take for it.
func (c *Class) modern() bool {
	x := text{}
	if len(c.values) > 0 {
		x.value = c.values[0]
	}
	written := strings.ToLower(c.write(x))
	return strings.Contains(written, "chunked") || strings.Contains(written, "transfer-encoding") || strings.Contains(written, "expect:")
}

func (m Message) expects() bool {
	return slices.ContainsFunc(m.Fields, func(line string) bool { return strings.HasPrefix(line, "Expect:") })
}

// requirement is what the message shows by what it has beside the plainest.
func (m Message) requirement() string {
	chunks := func(is func(Chunk) bool) bool { return m.chunked() && slices.ContainsFunc(m.Chunks, is) }
	for _, one := range []struct {
		is bool
		id string
	}{
		{m.expects(), "HCON-11"},
		{m.closes() && !m.Old, "HCON-3"},
		{m.Old, "HCON-6"},
		{strings.Contains(m.target(), "://"), "HREQ-2"},
		{m.Framed != "" && m.method() != "POST", "HLEN-17"},
		{m.method() == "HEAD", "HCON-8"},
		{m.method() == "POST" && m.Framed == "", "HLEN-7"},
		{len(m.Extra) > 0, "HCHK-10"},
		{chunks(func(c Chunk) bool { return strings.ContainsAny(c.Ext, " \t") }), "HCHK-4"},
		{chunks(func(c Chunk) bool { return c.Ext != "" }), "HCHK-3"},
		{chunks(func(c Chunk) bool { return c.Size != "" && c.Size != "%x" }), "HCHK-2"},
		{strings.Contains(m.Framed, "CHUNKED") || strings.Contains(m.Framed, "ChUnKeD"), "HLEN-14"},
		{m.Zeros != "", "HCHK-2"},
		{m.chunked() && slices.Contains(odd, m.Framed), "HLEN-15"},
		{strings.Contains(m.Framed, "0{n}"), "HLEN-2"},
		{m.Framed != "" && m.Framed != lengths[0] && m.Framed != codings[0], "HFLD-13"},
		{m.chunked(), "HCHK-1"},
		{m.Framed != "", "HLEN-1"},
		{len(m.Fields) > 0, "HFLD-17"},
	} {
		if one.is {
			return one.id
		}
	}
	return plainest
}

// of is the answer that is due to it.
func (m Message) of() Answer {
	if m.Class != nil {
		return m.Class.of
	}
	switch method, target := m.method(), m.target(); {
	case method == "GET" && target == "{P}":
		return OfGet
	case method == "GET" && strings.HasPrefix(target, "{P}"):
		return OfQuery
	case method == "HEAD" && target == "{P}":
		return OfHead
	case method == "POST" && target == "{Q}":
		return OfPost
	case method == "GET" && target == "{X}":
		return OfMissing
	}
	return OfAny
}
