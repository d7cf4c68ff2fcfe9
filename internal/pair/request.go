package pair

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/show"
)

// A request is what RFC 9112 has of the bytes of a connection, read to the letter: what a recipient may repair is a flaw here.
type request struct {
	method  string
	target  string
	fields  []http1.Field
	head    int    // bytes of its head; 0 while that is not whole
	end     int    // behind its last byte; 0 while it is not whole, and where that cannot be told
	flaw    string // why it must or may be refused; "" where nothing is wrong so far
	at      int    // where the flaw is
	chunked bool
	length  uint64
}

var (
	requestLine = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\\.[01]$")
	fieldName   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	decimal     = regexp.MustCompile("^[0-9]+$")
	chunkLine   = regexp.MustCompile(`^([0-9A-Fa-f]+)([ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?$`)
)

// read reads the request with which b begins.
func read(b []byte) (q request) {
	first, at, ok := q.line(b, 0)
	if !ok {
		return q
	}
	if words := strings.Fields(string(first)); len(words) > 1 {
		q.method, q.target = words[0], words[1]
	}
	if !requestLine.Match(first) {
		q.wrong(0, "its request line is %s", quote(first))
	}
	for {
		line, next, ok := q.line(b, at)
		if !ok {
			return q
		}
		if len(line) == 0 {
			q.head = next
			break
		}
		q.field(line, at)
		at = next
	}
	q.frame(strings.HasSuffix(string(first), "1.0"))
	switch rest := b[q.head:]; {
	case q.flaw != "":
	case q.chunked:
		q.chunks(b)
	case q.length <= uint64(len(rest)):
		q.end = q.head + int(q.length)
	}
	return q
}

// wrong keeps the first flaw.
func (q *request) wrong(at int, format string, args ...any) {
	if q.flaw == "" {
		q.flaw, q.at = fmt.Sprintf(format, args...), at
	}
}

// line returns the line that begins at an offset, without its end, and where the next begins. There is none while it is not whole.
func (q *request) line(b []byte, at int) (line []byte, next int, ok bool) {
	n := bytes.IndexByte(b[at:], '\n')
	if n < 0 {
		return nil, 0, false
	}
	line, found := bytes.CutSuffix(b[at:at+n], []byte("\r"))
	if !found {
		q.wrong(at+n, "a line ends with LF alone (RFC 9112, 2.2)")
	}
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		q.wrong(at+i, "a CR stands alone (RFC 9112, 2.2)")
	}
	return line, at + n + 1, true
}

// field takes a field line.
func (q *request) field(line []byte, at int) {
	name, value, colon := strings.Cut(string(line), ":")
	switch {
	case line[0] == ' ' || line[0] == '\t':
		q.wrong(at, "the line %s continues the one before it (RFC 9112, 5.2)", quote(line))
		return
	case !colon || !fieldName.MatchString(name):
		q.wrong(at, "the line %s is not a name, a colon and a value (RFC 9112, 5.1)", quote(line))
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		q.wrong(at, "the field %s holds a control character (RFC 9110, 5.5)", quote(line))
	}
	q.fields = append(q.fields, http1.Field{Name: name, Value: strings.Trim(value, " \t"), At: at})
}

// values are those of the fields of a name.
func (q *request) values(name string) (all []string) {
	for _, f := range q.fields {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// has says whether a field that is a list has an element.
func (q *request) has(name, element string) bool {
	a := http1.Answer{Fields: q.fields}
	return a.Has(name, element)
}

// frame finds out how long the content is (RFC 9112, 6.3).
func (q *request) frame(old bool) {
	codings, lengths := q.values("Transfer-Encoding"), q.values("Content-Length")
	q.chunked = len(codings) > 0
	switch {
	case len(codings) > 0 && len(lengths) > 0:
		q.wrong(0, "it has both Content-Length and Transfer-Encoding (RFC 9112, 6.3)")
	case len(codings) > 0 && old:
		q.wrong(0, "it is of HTTP/1.0, and has a Transfer-Encoding (RFC 9112, 6.1)")
	case len(codings) > 1 || len(codings) == 1 && !strings.EqualFold(codings[0], "chunked"):
		q.wrong(0, "its Transfer-Encoding is %s", quote([]byte(strings.Join(codings, ", "))))
	case len(lengths) > 1 || len(lengths) == 1 && !decimal.MatchString(lengths[0]):
		q.wrong(0, "its Content-Length is %s, which is no number (RFC 9110, 8.6)", quote([]byte(strings.Join(lengths, ", "))))
	case len(lengths) == 1:
		q.length, _ = strconv.ParseUint(lengths[0], 10, 64) // what is larger than any is as large as the largest
	}
}

// chunks reads content in chunks, and its trailers (RFC 9112, 7.1).
func (q *request) chunks(b []byte) {
	for at := q.head; ; {
		line, next, ok := q.line(b, at)
		if !ok || q.flaw != "" {
			return
		}
		size := chunkLine.FindSubmatch(line)
		if size == nil {
			q.wrong(at, "a chunk begins with %s (RFC 9112, 7.1)", quote(line))
			return
		}
		n, err := strconv.ParseUint(string(size[1]), 16, 64)
		if n == 0 && err == nil {
			q.trailers(b, next)
			return
		}
		if left := uint64(len(b) - next); err != nil || n > left || left-n < 2 {
			if err == nil && left > n && b[next+int(n)] != '\r' {
				q.wrong(next+int(n), "CR LF does not follow the data of a chunk (RFC 9112, 7.1)")
			}
			return
		}
		if at = next + int(n); string(b[at:at+2]) != "\r\n" {
			q.wrong(at, "CR LF does not follow the data of a chunk (RFC 9112, 7.1)")
			return
		}
		at += 2
	}
}

// trailers reads the lines behind the last chunk.
func (q *request) trailers(b []byte, at int) {
	before := len(q.fields)
	for {
		line, next, ok := q.line(b, at)
		if !ok || q.flaw != "" {
			break
		}
		if len(line) == 0 {
			q.end = next
			break
		}
		q.field(line, at)
		at = next
	}
	q.fields = q.fields[:before] // they are no fields of the head
}

// forbidden says what a front end must not have sent on, whatever is behind it; "" where nothing is.
func (q *request) forbidden() string {
	codings, lengths := q.values("Transfer-Encoding"), q.values("Content-Length")
	switch {
	case q.head == 0:
		return ""
	case len(codings) > 0 && len(lengths) > 0:
		return fmt.Sprintf("it sent on Content-Length: %s beside Transfer-Encoding: %s, and must remove the one (RFC 9112, 6.3)", show.Bytes([]byte(strings.Join(lengths, ", "))), show.Bytes([]byte(strings.Join(codings, ", "))))
	case len(lengths) > 1 || len(lengths) == 1 && !decimal.MatchString(lengths[0]):
		return fmt.Sprintf("it sent on Content-Length: %s, which is no number, and must not (RFC 9110, 8.6)", show.Bytes([]byte(strings.Join(lengths, ", "))))
	}
	return ""
}

// mostQuoted bounds what is quoted in a sentence.
const mostQuoted = 60

func quote(b []byte) string {
	if len(b) > mostQuoted {
		return `"` + show.Bytes(b[:mostQuoted]) + `…"`
	}
	return `"` + show.Bytes(b) + `"`
}
