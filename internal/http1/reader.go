package http1

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/streamspec/streamspec/internal/show"
)

// What a reader takes at the most: a server that sends more has no end, as far as anybody waits for it.
const (
	mostHead    = 1 << 20 // bytes of a head, or of trailers
	mostFields  = 4096    // lines in them
	mostInterim = 64      // answers before the final one
	mostLine    = 8 << 10 // bytes of the line before a chunk
)

// A Reader reads the answers of one connection, in whatever pieces they come, in one pass. Its zero value expects one answer to a GET.
type Reader struct {
	Asked []Asked // the requests, in their order; what comes behind their answers is read as the answer to a GET
	Limit int     // how much of each content is kept

	answers []Answer
	final   int // how many of them are
	interim int // those since the last final one
	at      int // in the stream
	place   place
	line    []byte
	head    int   // bytes of this head, or of these trailers
	lines   int   // their lines
	left    int64 // bytes of the content, or of the chunk
	ended   bool
}

// The places of a reader.
type place int

const (
	between place = iota // no answer has begun
	inStatus
	inFields
	inContent
	inSize
	inData
	behindData
	inTrailers
	toEnd
	lost // what comes cannot be understood any more
)

// Answers are those that have come so far, the last perhaps in part.
func (r *Reader) Answers() []Answer { return r.answers }

// Final counts the final answers that are whole.
func (r *Reader) Final() int { return r.final }

// Lost says whether what comes cannot be understood: the last answer has a flaw that says why, or it has switched to what is not HTTP.
func (r *Reader) Lost() bool { return r.place == lost }

// At is how many bytes have been read.
func (r *Reader) At() int { return r.at }

// Write reads what has come next. It takes all of it, and never fails.
func (r *Reader) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		n := r.take(rest)
		r.at += n
		rest = rest[n:]
		if len(r.answers) > 0 && r.place != between {
			r.current().End = r.at
		}
	}
	return len(b), nil
}

// End says that the stream has ended.
func (r *Reader) End() {
	if r.ended {
		return
	}
	r.ended = true
	switch r.place {
	case between, lost:
	case toEnd:
		r.finish()
	default:
		r.flaw(CutShort, r.at, "the connection ended before the answer was whole")
		r.place = lost
	}
}

func (r *Reader) current() *Answer { return &r.answers[len(r.answers)-1] }

func (r *Reader) asked() Asked {
	if r.final < len(r.Asked) {
		return r.Asked[r.final]
	}
	return Asked{}
}

func (r *Reader) flaw(k Kind, at int, format string, args ...any) {
	a := r.current()
	if a.Flawed(k) == nil { // one of a kind tells it
		a.Flaws = append(a.Flaws, Flaw{k, at, fmt.Sprintf(format, args...)})
	}
}

// lose is flaw, behind which nothing can be understood.
func (r *Reader) lose(k Kind, at int, format string, args ...any) {
	r.flaw(k, at, format, args...)
	r.place, r.line = lost, nil
}

// take reads a part of what has come, at least a byte of it, and returns how much.
func (r *Reader) take(b []byte) int {
	switch r.place {
	case between:
		r.answers = append(r.answers, Answer{Start: r.at, Said: -1})
		r.place, r.line, r.head, r.lines = inStatus, r.line[:0], 0, 0
		return r.takeLine(b)
	case inContent, inData:
		n := int(min(int64(len(b)), r.left))
		r.keep(b[:n])
		if r.left -= int64(n); r.left == 0 {
			if r.place == inData {
				r.place = behindData
			} else {
				r.finishAt(r.at + n)
			}
		}
		return n
	case toEnd:
		r.keep(b)
		return len(b)
	case lost:
		return len(b)
	}
	return r.takeLine(b)
}

// keep takes bytes of the content.
func (r *Reader) keep(b []byte) {
	a := r.current()
	a.Size += int64(len(b))
	if room := r.Limit - len(a.Content); room > 0 {
		a.Content = append(a.Content, b[:min(room, len(b))]...)
	}
}

// takeLine takes bytes up to the end of a line.
func (r *Reader) takeLine(b []byte) int {
	n := bytes.IndexByte(b, '\n') + 1
	if n == 0 {
		n = len(b)
	}
	most := mostHead - r.head
	if r.place == inSize || r.place == behindData {
		most = mostLine
	}
	start := r.at - len(r.line)
	if r.place == inStatus && len(r.line) < len(begin) { // what is no answer at all is told by its first bytes
		if k := min(len(begin), len(r.line)+n); string(append(r.line[:len(r.line):len(r.line)], b[:k-len(r.line)]...)) != begin[:k] {
			r.lose(NoStatusLine, start, "what comes there is no answer")
			return len(b)
		}
	}
	if len(r.line)+n > most {
		r.lose(TooMuch, start, "a head, or a line of it, has more than %d bytes", most)
		return len(b)
	}
	r.line = append(r.line, b[:n]...)
	if b[n-1] != '\n' {
		return n
	}
	line := r.line[:len(r.line)-1]
	if !bytes.HasSuffix(line, []byte("\r")) {
		r.flaw(LoneLF, start+len(line), "a line ends with LF alone (RFC 9112, 2.2)")
	} else {
		line = line[:len(line)-1]
	}
	r.head += len(r.line)
	r.takes(line, start, r.at+n)
	r.line = r.line[:0]
	return n
}

// begin is how an answer begins (RFC 9112, 2.3).
const begin = "HTTP/"

// takes takes a whole line that began at start, behind which the stream is at next.
func (r *Reader) takes(line []byte, start, next int) {
	switch r.place {
	case inStatus:
		r.status(line, start)
	case inFields, inTrailers:
		r.field(line, start, next)
	case inSize:
		r.size(line, start)
	case behindData:
		if r.place = inSize; len(line) > 0 {
			r.lose(BadChunk, start, "a chunk's data is followed by %s, and not by CR LF", quote(line[:min(len(line), 32)]))
		}
	}
}

// status takes a status line: version SP 3DIGIT SP [reason] (RFC 9112, 4).
func (r *Reader) status(line []byte, start int) {
	a := r.current()
	r.place = inFields
	version, rest, spaced := strings.Cut(string(line), " ")
	code, reason, again := strings.Cut(rest, " ")
	a.Version, a.Reason = version, reason
	n, err := strconv.Atoi(code)
	switch {
	case !spaced || err != nil || len(code) != 3 || n < 100:
		r.lose(BadStatusLine, start, "the status line %s is not a version, a space, three digits and a space", quote(line[:min(len(line), 80)]))
		return
	case !again:
		r.flaw(BadStatusLine, start, "no space follows the status in %s", quote(line))
	case strings.ContainsFunc(reason, func(c rune) bool { return c != '\t' && c < ' ' || c == 0x7F }):
		r.flaw(BadStatusLine, start, "the reason in %s holds a control character", quote(line[:min(len(line), 80)]))
	}
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		r.flaw(BadVersion, start, "the answer says that it is %s", quote([]byte(version)))
	}
	a.Status = n
}

// field takes a field line, or the empty one behind the last.
func (r *Reader) field(line []byte, start, next int) {
	a := r.current()
	if len(line) == 0 {
		if r.place == inTrailers {
			r.finishAt(next)
			return
		}
		a.Body = next
		r.behindHead(next)
		return
	}
	if r.lines++; r.lines > mostFields {
		r.lose(TooMuch, start, "a head has more than %d fields", mostFields)
		return
	}
	name, value, colon := bytes.Cut(line, []byte(":"))
	quoted := func() string { return quote(line[:min(len(line), 80)]) }
	switch {
	case line[0] == ' ' || line[0] == '\t':
		r.flaw(BadField, start, "the line %s continues the field before it (RFC 9112, 5.2)", quoted())
		return
	case !colon || !isToken(name):
		r.flaw(BadField, start, "the line %s is not a name, a colon and a value", quoted())
	case bytes.ContainsAny(value, "\r\x00"):
		r.flaw(BadField, start, "the field %s holds a CR or a NUL", quoted())
	}
	f := Field{Name: string(name), Value: strings.Trim(string(value), " \t"), At: start}
	if r.place == inTrailers {
		a.Trailers = append(a.Trailers, f)
	} else {
		a.Fields = append(a.Fields, f)
	}
}

// behindHead finds out how long the content is (RFC 9112, 6.3).
func (r *Reader) behindHead(next int) {
	a, asked := r.current(), r.asked()
	coded, chunked := r.coding(a)
	lengthOf := r.length(a)
	if coded && lengthOf {
		r.flaw(FramedTwice, a.Start, "it has both Transfer-Encoding and Content-Length")
	}
	if coded && asked.Old {
		r.flaw(CodedToOld, a.Start, "it has a Transfer-Encoding, and was asked for in HTTP/1.0")
	}
	if (coded || lengthOf) && (a.Status < 200 || a.Status == 204) {
		r.flaw(FramedInVain, a.Start, "a %d has no content, and says how long it is", a.Status)
	}
	if a.Interim() && asked.Old {
		r.flaw(InterimToOld, a.Start, "it is interim, and was asked for in HTTP/1.0")
	}
	switch {
	case a.Status == switching, asked.Connect && a.Status/100 == 2:
		r.finishAt(next)
		r.place = lost // by right: what follows is not HTTP
	case a.Status < 200, a.Status == 204, a.Status == 304, asked.Head:
		r.finishAt(next)
	case chunked:
		a.Framing, r.place, r.head = Chunked, inSize, 0
	case coded:
		a.Framing, r.place = ToEnd, toEnd
	case a.Said == 0:
		a.Framing = Length
		r.finishAt(next)
	case a.Said > 0:
		a.Framing, r.place, r.left = Length, inContent, a.Said
	default:
		a.Framing, r.place = ToEnd, toEnd
	}
}

// coding reads the transfer codings: whether there are any, and whether chunked is the last of them.
func (r *Reader) coding(a *Answer) (coded, chunked bool) {
	all := a.Values("Transfer-Encoding")
	if len(all) == 0 {
		return false, false
	}
	codings := strings.Split(strings.Join(all, ","), ",")
	for i, c := range codings {
		switch c = strings.ToLower(strings.Trim(c, " \t")); {
		case c == "chunked":
			chunked = i == len(codings)-1
		case c == "gzip", c == "x-gzip", c == "deflate", c == "compress", c == "x-compress":
		default:
			r.flaw(BadCoding, a.Start, "its Transfer-Encoding %s is none that is registered", quote([]byte(strings.Join(all, ", "))))
		}
	}
	return true, chunked
}

// length reads Content-Length, and says whether there is one.
func (r *Reader) length(a *Answer) bool {
	all := a.Values("Content-Length")
	if len(all) == 0 {
		return false
	}
	n, err := strconv.ParseUint(all[0], 10, 63)
	switch {
	case len(all) > 1:
		r.flaw(BadLength, a.Start, "it has Content-Length %d times", len(all))
	case err != nil || strings.Trim(all[0], "0123456789") != "":
		r.flaw(BadLength, a.Start, "its Content-Length is %s", quote([]byte(all[0][:min(len(all[0]), 80)])))
		return true
	}
	if err == nil {
		a.Said = int64(n)
	}
	return true
}

// size takes the line before a chunk: its size in hexadecimal, and extensions (RFC 9112, 7.1.1). White space before an extension is bad, and a
// reader must take it out (RFC 9110, 5.6.3); behind a size alone there is none.
func (r *Reader) size(line []byte, start int) {
	digits, _, extended := bytes.Cut(line, []byte(";"))
	if extended {
		digits = bytes.TrimRight(digits, " \t")
	}
	n, err := strconv.ParseUint(string(digits), 16, 64)
	switch {
	case err != nil || n > math.MaxInt64 || bytes.ContainsAny(digits, "+_"):
		r.lose(BadChunk, start, "a chunk begins with %s, which is no size", quote(line[:min(len(line), 80)]))
	case n == 0:
		r.place, r.head, r.lines = inTrailers, 0, 0
	default:
		r.place, r.left = inData, int64(n)
	}
}

func (r *Reader) finish() { r.finishAt(r.at) }

// finishAt ends the current answer there.
func (r *Reader) finishAt(end int) {
	a := r.current()
	a.Whole, a.End, r.place = true, end, between
	if !a.Interim() {
		r.final++
		r.interim = 0
	} else if r.interim++; r.interim > mostInterim {
		r.lose(TooMuch, a.Start, "more than %d interim answers came before the final one", mostInterim)
	}
}

// quote is how bytes of an answer stand in a sentence.
func quote(b []byte) string { return `"` + show.Bytes(b) + `"` }
