// Package http1 reads what a server answers in HTTP/1.1, as strictly as RFC 9112 has it written. It repairs nothing: what is wrong with
// an answer, and where, is what it is for.
package http1

import (
	"bytes"
	"strings"
)

// An Asked is what of its request the framing of an answer hangs on (RFC 9112, 6.3).
type Asked struct {
	Head    bool // by HEAD, whose answers have no content
	Connect bool // by CONNECT, behind whose 2xx there is no HTTP any more
	Old     bool // in HTTP/1.0, whose answers are in no coding, and come without interim ones
}

// A Framing says how the length of an answer's content is known.
type Framing int

// The framings.
const (
	None    Framing = iota // it has no content, by its status or its request
	Length                 // as many bytes as Content-Length says
	Chunked                // in chunks (RFC 9112, 7.1)
	ToEnd                  // what comes until the connection ends
)

func (f Framing) String() string {
	return [...]string{"without content", "Content-Length", "chunked", "up to the end of the connection"}[f]
}

// A Field is one field line, or trailer.
type Field struct {
	Name, Value string // as they came, but for the white space around the value
	At          int    // where the line begins in the stream
}

// An Answer is what was read of one answer, interim or final.
type Answer struct {
	Start   int // where its status line begins in the stream
	Body    int // where what follows its head begins; 0 where the head is not whole
	End     int // behind the last of its bytes that has come
	Version string
	Status  int
	Reason  string
	Fields  []Field
	Framing Framing
	// Content is what it holds, without its chunks, up to the reader's limit; Size counts all of it.
	Content  []byte
	Size     int64
	Said     int64 // the length that Content-Length says; -1 where none does
	Trailers []Field
	Whole    bool // its end has come
	Flaws    []Flaw
}

// Interim says whether a final answer is to follow (RFC 9110, 15.2).
func (a *Answer) Interim() bool { return a.Status >= 100 && a.Status < 200 && a.Status != switching }

// switching is the status behind which the connection speaks something else; it is final.
const switching = 101

// Values are those of the fields of a name, in their order.
func (a *Answer) Values(name string) []string {
	var all []string
	for _, f := range a.Fields {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// Has says whether a field of that name, which is a list, has an element, in whatever letters (RFC 9110, 5.6.1).
func (a *Answer) Has(name, element string) bool {
	for _, v := range a.Values(name) {
		for e := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.Trim(e, " \t"), element) {
				return true
			}
		}
	}
	return false
}

// A Kind is what is wrong with an answer.
type Kind int

// The kinds of flaws.
const (
	NoStatusLine  Kind = iota + 1 // it does not begin as an answer does
	BadStatusLine                 // its status line is not formed as RFC 9112, 4 says
	BadVersion                    // it says a version that no server of HTTP/1.1 conforms to
	BadField                      // a field line is not a token, a colon and a value (RFC 9112, 5)
	LoneLF                        // a line ends without its CR
	FramedTwice                   // it has both Content-Length and Transfer-Encoding (RFC 9112, 6.2)
	BadLength                     // its Content-Length is no number, or there are two (RFC 9112, 6.3)
	BadCoding                     // its Transfer-Encoding is not understood
	BadChunk                      // its chunks are not formed as RFC 9112, 7.1 says
	CodedToOld                    // it is in a transfer coding, to a request in HTTP/1.0 (RFC 9112, 6.1)
	FramedInVain                  // a 1xx or 204 has Transfer-Encoding or Content-Length (RFC 9112, 6.1; RFC 9110, 8.6)
	InterimToOld                  // it is interim, to a request in HTTP/1.0 (RFC 9110, 15.2)
	CutShort                      // the connection ended before it did
	TooMuch                       // its head, or what comes before the final answer, has no end
)

// A Flaw is one thing that is wrong with an answer.
type Flaw struct {
	Kind Kind
	At   int    // where, in the stream
	Text string // in words
}

// Flawed returns the first flaw of a kind, nil where there is none.
func (a *Answer) Flawed(k Kind) *Flaw {
	for i := range a.Flaws {
		if a.Flaws[i].Kind == k {
			return &a.Flaws[i]
		}
	}
	return nil
}

// isToken says whether b is one (RFC 9110, 5.6.2).
func isToken(b []byte) bool {
	return len(b) > 0 && bytes.IndexFunc(b, func(r rune) bool {
		return r > '~' || r <= ' ' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
	}) < 0
}
