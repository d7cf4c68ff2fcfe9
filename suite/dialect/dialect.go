// Package dialect makes requests and predicts their answers. A dialect is what
// a server does with the bytes that it reads; its model is a pure function of
// those bytes. The package knows no network and no clock.
package dialect

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/match"
)

// LineLimit is the most bytes that one readline takes, its LF included
// (contract section 1).
const LineLimit = 65536

// EndedBy says how a session comes to its end.
type EndedBy int

const (
	// ByClient: the server closes because the client has half-closed.
	ByClient EndedBy = iota
	// ByServer: the request itself tells the server to close.
	ByServer
	// ByFailure: the request makes the handler fail, and the server closes.
	ByFailure
	// ByLeaving: the client leaves when it has its answer, in the way of its protocol.
	ByLeaving
)

// A Session is all that a client sends on one connection, and what it must get.
type Session struct {
	Name    string   // in words, for evidence
	Request []byte   // what is delivered, in whatever way
	Answers [][]byte // the answers that are right, the most expected first
	End     EndedBy

	// What a protocol asks for beyond that. Opening comes before the request, each turn whole; a greeting is a
	// turn without a request.
	Opening []Turn
	// Like holds patterns beside Answers, where an answer varies: Answers[i] is then an example of it, and Like[i] judges.
	// It may be shorter, and hold nil.
	Like []*match.Pattern
	// Closing is what a client that leaves sends, and gets.
	Closing []Turn
	// Farewell is what the server says when the client's side ends, and then it closes; nil where it is not known to close.
	Farewell *Turn
	// Unasked is what the server may say at any time, beside its answers; nil where it says nothing.
	Unasked *match.Pattern
	// Refused is how an answer begins by which the server says that the message is longer than it takes; nil where it takes all.
	Refused *match.Pattern
	// Bind returns the session for a connection of that name, as long as this one; nil where it is the same on every connection.
	Bind func(conn string) Session
	// Told returns the session, perhaps of another length, where its Opening got these answers; nil where it does not hang on them.
	Told func(answers [][]byte) (Session, error)
	// Exchanges are the names of those of its file that the request is made of; none where it is made of bytes.
	Exchanges []string
}

// Pattern returns the pattern of the right answer i.
func (s Session) Pattern(i int) *match.Pattern {
	if i < len(s.Like) && s.Like[i] != nil {
		return s.Like[i]
	}
	return match.Text(s.Answers[i])
}

// Answer returns the most expected answer.
func (s Session) Answer() []byte { return s.Answers[0] }

// Hangs says whether the session's request, and how long it is, hangs on what the server has answered before it.
func (s Session) Hangs() bool {
	if s.Bind != nil {
		s = s.Bind("")
	}
	return s.Told != nil
}

// A Prediction is what a model says of an input.
type Prediction struct {
	Answers [][]byte // the right answers, the most expected first
	// End says what ends the session: the end of the input (ByClient), something in it
	// (ByServer), or a failing handler (ByFailure).
	End EndedBy
	// Used counts the input bytes that the handler has read when the session ends.
	Used int
	// Due is what every right server has answered by the end of the input to a client that goes on, whatever it sends next: all
	// that the whole requests are owed, and nothing to one that has only begun. It is nil where right servers differ in it, and
	// where the handler has failed.
	Due []byte
}

// A Dialect makes sessions of its kind. Every method is a pure function of its
// arguments: the same arguments give the same bytes on every machine.
type Dialect interface {
	// Name is the word of the command line, such as "echo".
	Name() string
	// Summary says in one sentence what a server of this dialect does.
	Summary() string
	// Plain is a short session that carries id: one request, where the dialect has such. It uses no more of the
	// dialect than it must, and printable ASCII alone, so that a server which is wrong elsewhere answers it rightly.
	Plain(id string) Session
	// Ending returns a session of one whole request that carries id, as plain as Plain, ended by a half-close where that
	// is how such sessions end.
	Ending(id string) Session
	// Turns are n requests of one session, as plain, which the client sends one after another; fewer where the dialect
	// has no way to.
	Turns(id string, n int) []Turn
	// Joined is the session of several turns whose requests are sent together.
	Joined(turns []Turn) Session
	// Cuttable are the sessions whose cuts show framing, the shortest first: delimiters, and characters of several bytes,
	// where the dialect has such.
	Cuttable() []Session
	// Controls are sessions that are answered rightly when they come whole, as plain as Plain where the answer is predicted:
	// what is wrong of them is no matter of framing.
	Controls() []Session
	// Beginning returns as much of a request as a client may send and leave without making a handler fail.
	Beginning(request []byte) []byte
}

// All returns the dialects that need no file, in the order of the contract.
func All() []Model { return []Model{Echo{}, Greet{}, Line{}, Script{}} }

// Lookup finds a dialect by name.
func Lookup(name string) (Model, bool) {
	for _, d := range All() {
		if d.Name() == name {
			return d, true
		}
	}
	return nil, false
}

// Names returns the names of All.
func Names() []string {
	var names []string
	for _, d := range All() {
		names = append(names, d.Name())
	}
	return names
}

// session runs the model over a request and makes the session of it.
func session(d Model, name string, request []byte) Session {
	p := d.Predict(request)
	return Session{Name: name, Request: request, Answers: p.Answers, End: p.End}
}

// joined is Joined of a model.
func joined(d Model, turns []Turn) Session {
	var request []byte
	for _, t := range turns {
		request = append(request, t.Request...)
	}
	return session(d, fmt.Sprintf("%d requests", len(turns)), request)
}

// controls are the sessions that every model sends whole.
func controls(d Model) []Session { return []Session{d.Ending("a"), d.Plain("b")} }

// unbroken is a session of n bytes without a line end. No byte is like the one before it.
func unbroken(d Model, n int) Session {
	request := make([]byte, n)
	for i := range request {
		request[i] = byte('a' + i%26)
	}
	return session(d, "a long request", request)
}

// marked are the shortest sessions of lines with a CR LF or a long character to cut, and a long one.
func marked(d interface {
	LineReader
	Generator
}) []Session {
	return []Session{
		d.Lines("a character of two bytes", "é\n"), d.Lines("a character of three bytes", "日\n"), d.Lines("a character of four bytes", "😀\n"),
		d.Lines("a line that ends in CR LF, and another", "x\r\n", "y\n"), d.Rich(),
	}
}

// cuttable are the sessions that every model cuts.
func cuttable(d Model) []Session { return []Session{d.Ending("a"), d.Plain("b"), d.Rich()} }

// beginning is Beginning of a model: two thirds of the request, or less.
func beginning(d Model, request []byte) []byte {
	for n := len(request) * 2 / 3; n > 1; n-- {
		if d.Predict(request[:n]).End == ByClient {
			return request[:n]
		}
	}
	return request[:min(1, len(request))]
}

// CRLFSplits returns the offsets that fall between a CR and its LF.
func CRLFSplits(b []byte) []int {
	var at []int
	for i := 1; i < len(b); i++ {
		if b[i-1] == '\r' && b[i] == '\n' {
			at = append(at, i)
		}
	}
	return at
}

// CharacterSplits returns the offsets that fall inside a UTF-8 character.
func CharacterSplits(b []byte) []int {
	var at []int
	for i := 0; i < len(b); {
		_, n := utf8.DecodeRune(b[i:])
		for k := 1; k < n; k++ {
			at = append(at, i+k)
		}
		i += n
	}
	return at
}

// readLine is contract section 1's readline, as the models understand it: it
// takes the bytes up to and including the next LF, at most limit of them, from
// the start of in, and returns the stripped line and how many bytes it took.
func readLine(in []byte, limit int) (line []byte, taken int) {
	taken = min(len(in), limit)
	if i := bytes.IndexByte(in[:taken], '\n'); i >= 0 {
		taken = i + 1
	}
	return bytes.Trim(in[:taken], " \t\n\v\f\r"), taken
}

// isWhole says of what readLine took that it is not the end of the input that ended it.
func isWhole(taken []byte, limit int) bool {
	return len(taken) == limit || bytes.HasSuffix(taken, []byte("\n"))
}

// text returns size bytes of printable ASCII drawn from r: letters, digits and
// inner spaces, never a space at an end.
func text(r *rand.Rand, size int) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -"
	b := make([]byte, size)
	for i := 0; i < size; {
		for v := r.Uint64(); i < size && v != 0; v >>= 6 {
			b[i] = alphabet[v&63]
			i++
		}
	}
	for _, i := range []int{0, size - 1} {
		if i >= 0 && b[i] == ' ' {
			b[i] = '_'
		}
	}
	return b
}

// restless returns size bytes of printable ASCII drawn from r, none of them like the one before it.
func restless(r *rand.Rand, size int) []byte {
	const even, odd = "abcdefghijklmnopqrstuvwxyzABCDEF", "0123456789GHIJKLMNOPQRSTUVWXYZ-_"
	b := make([]byte, size)
	i := 0
	for ; i+12 <= size; i += 12 {
		v := r.Uint64()
		for twelve, k := b[i:i+12], 0; k < 12; k += 2 {
			twelve[k], twelve[k+1] = even[v&31], odd[v>>5&31]
			v >>= 10
		}
	}
	if i < size {
		for v := r.Uint64(); i < size; i++ {
			if b[i] = even[v&31]; i%2 == 1 {
				b[i] = odd[v&31]
			}
			v >>= 5
		}
	}
	return b
}

// restlessBinary is anyBytes, none of its bytes like the one before it.
func restlessBinary(size int, seed uint64) []byte {
	b := anyBytes(size, seed)
	i := 0
	for ; i+8 <= size; i += 8 { // the last bit of every other byte is set
		eight := binary.LittleEndian.Uint64(b[i:])
		binary.LittleEndian.PutUint64(b[i:], eight&^0x0101010101010101|0x0100010001000100)
	}
	for ; i < size; i++ {
		b[i] = b[i]&^1 | byte(i&1)
	}
	return b
}

// Text returns size bytes of printable ASCII drawn from seed, none of them like the one before it: the same on every
// machine.
func Text(size int, seed uint64) []byte {
	return restless(rand.New(rand.NewPCG(seed, uint64(size))), size)
}

// Bytes returns size bytes of all values drawn from seed, none of them like the one before it: the same on every machine.
func Bytes(size int, seed uint64) []byte { return restlessBinary(size, seed) }

// Numbered is n bytes of text in which every eight bytes tell their place.
func Numbered(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, n+8)
	for place := 0; len(b) < n; place++ {
		for shift := 24; shift >= 0; shift -= 4 {
			b = append(b, digits[place>>shift&15])
		}
		b = append(b, '.')
	}
	return string(b[:n])
}

// anyBytes returns size bytes drawn from seed.
func anyBytes(size int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(size)))
	b := make([]byte, size)
	i := 0
	for ; i+8 <= size; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	for ; i < size; i++ {
		b[i] = byte(r.Uint64())
	}
	return b
}

// words are texts for random sessions: characters of every length, and things
// that look like delimiters and are none. What LINE and CODE are about (white space
// and line ends beyond the plain, control bytes, forms of a character) is not among
// them: a server that fails there must not fail at its framing too.
var words = []string{
	"a", "hello", "two words", "café", "naïve – dash", "日本語", "😀 smile", "0", "ends in é", "é", "ß",
	"5:hello,", "SEND", "READLINE", "%s%n", "'; --", "a.b", "\\n", "…",
}

// word draws one of words, or text of up to 40 bytes.
func word(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return words[r.IntN(len(words))]
	}
	return string(text(r, 1+r.IntN(40)))
}

// named returns a text that carries id and the number n.
func named(id string, n int) string { return fmt.Sprintf("%s-%d", id, n) }

// What the contract's dialects can do.
var (
	_ Model = Echo{}
	_ Model = Greet{}
	_ Model = Line{}
	_ Model = Script{}

	_ Streamer   = Echo{}
	_ Streamer   = Greet{}
	_ LineReader = Line{}
	_ Failer     = Line{}
	_ Marker     = Line{}
	_ Answerer   = Echo{}
	_ Answerer   = Line{}
	_ Grower     = Line{}
	_ Grower     = Script{}
	_ Answerer   = Script{}
	_ Scripter   = Script{}
	_ Failer     = Script{}
	_ Marker     = Script{}
	_ Follower   = Script{}
)
