package delivery

import (
	"time"

	"github.com/streamspec/streamspec/internal/match"
)

// Want is what to receive: which answers are right, and how long and how fast to read.
type Want struct {
	// Any holds the right answers, the most expected first. All are compared at once while the bytes arrive; they are
	// neither copied nor changed, and must not be changed until the answer is returned. Without any, nothing is judged: what
	// comes is read up to the end, Idle, Total, Limit, or until Done says so.
	Any [][]byte
	// Like holds patterns beside Any, where an answer varies: Any[i] is then an example of what Like[i] describes, and the
	// pattern judges. It may be shorter than Any, and hold nil.
	Like []*match.Pattern
	// Prefix makes any prefix of one of Any right too, for sessions that fail half-way.
	Prefix bool
	// ToEnd reads on to the end of the stream. Otherwise the reading ends as soon as Any[0] is complete, or no right answer
	// has more to come; what arrived with the last byte still counts.
	ToEnd bool
	// Idle is how long to wait without a byte, and without the server reading one; 0 means 2 s.
	Idle time.Duration
	// EndIdle takes the place of Idle once Any[0] is complete and only the end of the stream is waited for; 0 means Idle.
	EndIdle time.Duration
	// Total is how long to read altogether; 0 means 30 s. In an [Conn.Exchange] it counts from the end of the play.
	Total time.Duration
	// Chunk, when above 0, makes a slow reader: no read takes more than so many bytes, and Pause follows each.
	Chunk int
	// Pause is how long a slow reader waits after each read; without Chunk it is not used.
	Pause time.Duration
	// Delay is how long a reader waits before its first read; in that time nothing is taken from the kernel's buffers.
	Delay time.Duration
	// Keep is how many bytes of the answer its Head holds; 0 means 4 KiB, and 64 MiB is the most.
	Keep int
	// Limit ends the reading after so many bytes when Any is empty; 0 means 64 MiB. An answer with Any needs no limit: it
	// ends at most 4 KiB and one read after the longest right one.
	Limit int64
	// Done, where Any is empty, is called after each read with the answer's head so far; true ends the reading.
	Done func(head []byte) bool
}

// State is what became of the comparison of an answer with the right ones.
type State string

const (
	// Right is a complete answer, or with [Want.Prefix] the start of one.
	Right State = "right"
	// Wrong is an answer with a byte that no right answer has at this place, one beyond the end included.
	Wrong State = "wrong"
	// Short is an answer whose bytes are all right, but which is not complete.
	Short State = "short"
	// Unjudged is the state of what was read without a right answer to compare it with.
	Unjudged State = "unjudged"
)

// ServerEnd is how a server ended its stream, as far as the client's kernel knows. The first end counts: a RST that
// answers what was sent after a FIN leaves it a FIN.
type ServerEnd string

const (
	// StillOpen is a stream that was not ended.
	StillOpen ServerEnd = "open"
	// FIN is the orderly end of a stream.
	FIN ServerEnd = "fin"
	// RST is the abortive end of a connection.
	RST ServerEnd = "rst"
)

// Answer is what was received, judged against a [Want].
type Answer struct {
	// Total is the number of bytes received.
	Total int64
	// Head holds the first bytes received: 4 KiB, or as many as [Want.Keep] says.
	Head []byte
	// Window holds up to 256 bytes before the first difference and up to 256 from it on; nil when the Head holds them all, or
	// when there is no difference.
	Window []byte
	// WindowAt is the offset of the Window's first byte in the answer.
	WindowAt int64
	// FirstDifference is the offset of the first byte at which the answer differs from the closest right one, the place where
	// it stopped short or went on too long included; -1 when it is right or unjudged.
	FirstDifference int64
	// Match is the index in [Want.Any] of the answer that was received completely; -1 when none was.
	Match int
	// State says whether the answer is right.
	State State
	// Ending is how the server ended its stream, as far as it was read.
	Ending ServerEnd
	// TimedOut says that Idle or Total ran out.
	TimedOut bool
	// Steady says that Total ran out, and not Idle: bytes came, or the request was read, all the time.
	Steady bool
	// Unread is how many bytes of what was sent the server had not read when Idle or Total ran out, as far as that is seen.
	Unread int64
	// Closest is the index in [Want.Any] of the answer that agreed longest, the first of those; -1 when Any is empty.
	Closest int
	// Elapsed is how long the reading took.
	Elapsed time.Duration
	// Err is what ended the reading when it was neither the answer, nor its end, nor a wait that ran out: the context's error,
	// use of a closed connection, or an error of the system. It is nil otherwise.
	Err error
}
