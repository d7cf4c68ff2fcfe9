package dialect

import (
	"math/rand/v2"
	"time"
)

// What a dialect can do beyond what every dialect can, it says by the interfaces below that it has. Requirements are shown in
// every dialect that has what their cases take; nobody asks a dialect for its name.

// A Predictor predicts the answer to any input.
type Predictor interface {
	Dialect
	// Predict is the model: what a right server does with this input, after which the client half-closes.
	Predict(input []byte) Prediction
}

// A Generator makes sessions of any size.
type Generator interface {
	Predictor
	// Rich is a session whose request holds all that is worth cutting: delimiters, CR LF where lines
	// matter, characters of two to four bytes, several requests. At most 200 bytes.
	Rich() Session
	// Random is a session drawn from r, with a request of at most about size bytes.
	Random(r *rand.Rand, size int) Session
	// Values is a session that carries every byte value that the dialect can carry.
	Values() Session
	// Bulk is a session whose request is size bytes long, 32 at the least, and its answer about as long. It is drawn
	// from seed; no byte of it is like the one before it, so that a byte lost, doubled or moved shows.
	Bulk(size int, seed uint64) Session
	// Unbroken is a session of size bytes that no line end divides, as far as the dialect can do without line ends; else it is
	// Bulk's.
	Unbroken(size int, seed uint64) Session
}

// A Closer speaks a dialect whose server closes the connection: after the client's half-close, or when the client asks.
type Closer interface {
	// Closing are sessions behind which the server closes, that carry id.
	Closing(id string) []Session
}

// A Failer can make a handler fail.
type Failer interface {
	// Failing are sessions that make a handler fail, the shortest first.
	Failing() []Session
}

// A LineReader reads lines, as the contract's readline does.
type LineReader interface {
	Predictor
	// Lines is a session of these raw lines, each with the line end that it brings; the last may have none.
	Lines(name string, raws ...string) Session
	// LongLine is a session with a line of so many bytes before its LF, and one behind it.
	LongLine(content int) Session
	// EmptyLine is a session with an empty line in it, and for each of its right answers what the server does at it, in words.
	EmptyLine() (s Session, does []string)
}

// A Scripter lets the client script the handler's operations, by [Commands].
type Scripter interface {
	LineReader
	// Unsent is a request that leaves content written and not sent.
	Unsent() []byte
	// EndlessLine is what is sent before a line that does not end, so that it is read as one.
	EndlessLine() []byte
}

// A Streamer answers every byte as it comes, with itself.
type Streamer interface {
	Predictor
	// Stream are the turns by which these pieces are sent, one after another.
	Stream(pieces ...[]byte) []Turn
}

// An Answerer has long answers that can be in progress when the server is told to stop.
type Answerer interface {
	Predictor
	// LongAnswer is a session with an answer of about size bytes. atOnce says that all of it is answered when the whole
	// request was read; else each part of it when its part of the request was.
	LongAnswer(size int, seed uint64) (s Session, atOnce bool)
}

// An Amasser has sessions with much to answer, all of which is known.
type Amasser interface {
	// Amass returns a session with about size bytes of answers, or as many as one request of no more than most messages may have, and
	// of how many messages it is, which is 0 where there are under 64 KiB of answers.
	Amass(size, most int) (s Session, messages int)
	// Lengthy are the sessions of one message each whose answers have so many bytes at the least, the longest first.
	Lengthy(least int) []Session
}

// A Batcher may send several requests together.
type Batcher interface {
	// Batches are sessions of several requests that are sent together, the fewest first; none where no request can be.
	Batches() []Batch
}

// A Batch is a session of several requests.
type Batch struct {
	Session
	Starts []int // where each of its requests begins
}

// A Filler has whole requests that fill a buffer.
type Filler interface {
	// Fill returns requests that are sent together and have n bytes: so many of them, or fewer where n is too small for that, where
	// they can be of any length. Else it is as many as it takes for more than n bytes. There are none where none can be sent with others,
	// or the answers are too many for that.
	Fill(id string, n, requests int) Batch
}

// A Burster has requests that can be sent over and over, without an answer being waited for.
type Burster interface {
	// Burst returns whole requests, some 64 KiB to 1 MiB of them, that may be sent over and over on the connection of that name, and
	// about how many bytes of answers they have; nil where there are none.
	Burst(conn string, seed uint64) (requests []byte, answers int)
}

// A Follower has other messages than those of its turns behind which more can follow.
type Follower interface {
	// Followed are, for each message behind which others can be sent on its connection, that message and n plain ones, as turns.
	Followed(n int) [][]Turn
}

// A Marker has sessions with places where a cut is delicate: inside a CR LF, or a character of several bytes.
type Marker interface {
	// Marked are the sessions with such places, the shortest first.
	Marked() []Session
}

// An Opener has something to say on every connection before its requests.
type Opener interface {
	// Opening is what comes first on a connection of that name, each turn whole; a greeting is a turn without a request.
	Opening(conn string) []Turn
}

// A Learner was learned from what a server answers: it predicts nothing.
type Learner interface {
	// Unusable returns why messages are not judged by, each with its message's name. An error that says of itself that the server
	// is wrong there is the server's failure.
	Unusable() []error
	// Named is the session of the messages of these names, sent together. Its error says which name there is not, or which
	// message cannot be sent together with others.
	Named(names []string) (Session, error)
	// HalfClosed returns the session as one that the client's half-close ends.
	HalfClosed(s Session) Session
}

// A Grower has a message with a part whose length is free.
type Grower interface {
	// Grows says how short and how long that part may be, in bytes; ok is false where no message has one.
	Grows() (least, most int, ok bool)
	// Grown returns the session of the message with that part n bytes long; ok is false where it may not be so long.
	Grown(n int) (s Session, ok bool)
}

// A TurnGrower has such a message behind which another can come on its connection.
type TurnGrower interface {
	// GrownTurns are the message with that part n bytes long, and another; none where none can come behind it.
	GrownTurns(n int) []Turn
}

// GrownTurnsOf are those of g; none where it has none.
func GrownTurnsOf(g Grower, n int) []Turn {
	if t, ok := g.(TurnGrower); ok {
		return t.GrownTurns(n)
	}
	return nil
}

// A Guesser has messages whose right answer is taken to be that of the shortest: how it hangs on the length is not known.
type Guesser interface{ Guesses() bool }

// Guesses says of a message with a part whose length is free whether its right answer is taken to be that of the shortest.
func Guesses(g Grower) bool {
	x, ok := g.(Guesser)
	return ok && x.Guesses()
}

// A Forgetter knows whether a server keeps nothing of such a message behind its answer.
type Forgetter interface{ Forgets() bool }

// Forgets says whether it is known that a server keeps nothing of the message of the dialect whose part grows furthest.
func Forgets(d Dialect) bool {
	f, ok := d.(Forgetter)
	return ok && f.Forgets()
}

// An Unending has a message with a part that may go on and on.
type Unending interface {
	// Endless is what comes before a part whose length is free on the connection of that name, where the part is as long as it may be,
	// and some of what the part is made of, which may be sent over and over; nil where no message has one.
	Endless(conn string) (head, more []byte)
}

// A Growers has several such messages.
type Growers interface {
	// Growers are these, the one whose part grows furthest first.
	Growers() []Grower
}

// GrowersOf are the messages of the dialect with a part whose length is free; none where it has none.
func GrowersOf(d Dialect) []Grower {
	switch g := d.(type) {
	case Growers:
		return g.Growers()
	case Grower:
		return []Grower{g}
	}
	return nil
}

// A Limiter tells what its servers hold against their clients.
type Limiter interface{ Limits() Limits }

// Limits are what a server may hold against its clients.
type Limits struct {
	// Clients is how many connections there may be at once; 0 is any number.
	Clients int
	// Idle is how long a client may say nothing; 0 is for ever.
	Idle time.Duration
	// Messages is how many messages a client may send on one connection, which the server ends behind the last; 0 is any number.
	Messages int
	// Polite says that the server must be sent nothing but whole messages of its protocol: it bans who sends rubbish, or slows him down.
	Polite bool
}

// LimitsOf returns the limits of d; none where it does not tell.
func LimitsOf(d Dialect) Limits {
	if l, ok := d.(Limiter); ok {
		return l.Limits()
	}
	return Limits{}
}

// A Model is a dialect that can do all that the contract's own can.
type Model interface {
	Generator
	Closer
	Batcher
	Filler
	Burster
}
