package http1

import (
	"math"
	"time"
)

// The defaults of Limits.
const (
	DefaultLine       = 8 << 10
	DefaultFields     = 64 << 10
	DefaultFieldCount = 256
	DefaultBody       = 16 << 20
	DefaultExtensions = 16 << 10
	DefaultDrain      = 256 << 10
	DefaultHeadTime   = 30 * time.Second
)

// Limits bound what a client can make the handler read. The zero value of every field
// means its default. Line, Fields and Extensions are within the ReadLimit of the server.
type Limits struct {
	// Line is how many bytes a request line may have, its CR LF left out; RFC 9112,
	// section 3 recommends 8,000 at least (HREQ-6). A longer one is refused with 414, or
	// with 501 where the method fills it (HREQ-5, HREQ-7).
	Line int
	// Fields is how many bytes the field lines of a request may have together, and
	// those of its trailer section as well. More are refused with 431 (HFLD-16).
	Fields int
	// FieldCount is how many field lines a request, or its trailer section, may have.
	// More are refused with 431.
	FieldCount int
	// Body is how many bytes of content a request may have. More are refused with 413,
	// before Serve is called where the request says how many they are. Negative means any
	// number: they are never held in memory.
	Body int64
	// Extensions is how many bytes of chunk extensions, and of zeros before a chunk's
	// size, a request may have in all (RFC 9112, section 7.1.1; HCHK-14). More are refused
	// with 413.
	Extensions int
	// Drain is how many bytes of a body that Serve has left are read, so that the
	// connection can go on (RFC 9112, section 9.3; HCON-12). Behind more it is closed.
	Drain int64
	// HeadTime is how long the head of a request may take from its first byte on, and
	// the rest of a body that Serve has left. A client that needs longer for a head gets
	// 408. Each wait for a body is bounded by the server's IdleTime.
	HeadTime time.Duration
}

// withDefaults returns l with every field set.
func (l Limits) withDefaults() Limits {
	atLeast(&l.Line, DefaultLine)
	atLeast(&l.Fields, DefaultFields)
	atLeast(&l.FieldCount, DefaultFieldCount)
	atLeast(&l.Extensions, DefaultExtensions)
	atLeast(&l.Drain, DefaultDrain)
	atLeast(&l.HeadTime, DefaultHeadTime)
	switch {
	case l.Body == 0:
		l.Body = DefaultBody
	case l.Body < 0:
		l.Body = math.MaxInt64 - 1 // a number that is larger than any is refused all the same
	}
	return l
}

// atLeast sets *limit to its default unless it is above zero.
func atLeast[T int | int64 | time.Duration](limit *T, byDefault T) {
	if *limit <= 0 {
		*limit = byDefault
	}
}
