package stream

import (
	"bytes"
	"net"
	"unicode/utf8"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that cuts between segments bring out.
var framCutFaults = []plant.Fault{{
	Name:        "partial-dropped",
	Sentence:    "the beginning of a line is lost when the rest of it comes in another segment",
	Requirement: "FRAM-2",
	Mistake:     "what was read is split at LF, and the last part, which has none, is forgotten when more comes",
	Dialects:    plant.LineDialects,
	Plant:       filtering(dropPartial),
}, {
	Name:        "eight-reads",
	Sentence:    "the connection is closed after more than eight reads in a row of a single byte",
	Requirement: "FRAM-3",
	Mistake:     "a guard against slow clients counts short reads, and gives up",
	Dialects:    plant.EveryDialect,
	Plant:       plantEightReads,
}, {
	Name:        "third-read",
	Sentence:    "the third and every later segment of a line that brings two bytes or more loses its first one",
	Requirement: "FRAM-5",
	Mistake:     "the index at which a third piece is appended is one too low: two pieces were tried",
	Dialects:    plant.EveryDialect,
	Plant:       filtering(loseInThird),
}, {
	Name:        "decode-each-read",
	Sentence:    "a character that is cut between two segments becomes U+FFFD for each of its parts",
	Requirement: "FRAM-6",
	Mistake:     "each read is decoded by itself, and errors are replaced",
	Dialects:    plant.LineDialects,
	Plant:       filtering(replaceCutCharacter),
}, {
	Name:        "cr-loses-next",
	Sentence:    "a cut between CR and LF loses the line after them",
	Requirement: "FRAM-6",
	Mistake:     "after a CR at the end of the buffer the rest of the line end is skipped by reading a line",
	Dialects:    plant.LineDialects,
	Plant:       filtering(dropLineAfterCR),
}, {
	Name:        "second-after-half",
	Sentence:    "where a segment ends inside the line after a whole one, the rest of that line loses its first byte",
	Requirement: "FRAM-4",
	Mistake:     "the incomplete line is moved to the start of the buffer, and the next read is put one byte too early",
	Dialects:    plant.LineDialects,
	Plant:       filtering(loseAfterHalf),
}, {
	Name:        "long-and-cut",
	Sentence:    "a cut that comes after 4096 bytes of a line loses the byte behind it",
	Requirement: "FRAM-8",
	Mistake:     "the buffer is enlarged when a long line is not complete, and the copy is one byte short",
	Dialects:    plant.EveryDialect,
	Plant:       filtering(loseInLong),
}}

// dropPartial keeps back what a segment has after its last LF. It is read at the
// end of the stream, and lost when more comes before that.
func dropPartial() filter {
	var partial []byte
	return func(read []byte, cut bool) []byte {
		if len(read) == 0 {
			last := partial
			partial = nil
			return last
		}
		partial = nil
		if !cut {
			return read
		}
		whole := bytes.LastIndexByte(read, '\n') + 1
		partial = bytes.Clone(read[whole:])
		return read[:whole]
	}
}

func plantEightReads(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &eightReads{Conn: conn} }
}

// eightReads fails after more than eight reads of one byte.
type eightReads struct {
	plant.Conn
	single int // the reads of one byte since the last longer one
}

func (c *eightReads) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 1 {
		c.single++
	} else {
		c.single = 0
	}
	if c.single > 8 {
		return 0, net.ErrClosed
	}
	return n, err
}

// loseInThird counts the segments since the last one that held an LF.
func loseInThird() filter {
	segments := 0
	return func(read []byte, cut bool) []byte {
		if cut {
			segments++
		}
		lost := cut && segments >= 3 && len(read) >= 2
		if bytes.IndexByte(read, '\n') >= 0 {
			segments = 0
		}
		if lost {
			return read[1:]
		}
		return read
	}
}

// replaceCutCharacter keeps back the beginning of a character at the end of a
// segment. When the rest makes it whole, each of its parts becomes U+FFFD; when it
// does not, or the stream ends, all is left as it is: it is no UTF-8.
func replaceCutCharacter() filter {
	var begun []byte
	parts := 0
	return func(read []byte, cut bool) []byte {
		joined := append(begun, read...)
		begun = nil
		if len(read) == 0 {
			return joined
		}
		if _, size := utf8.DecodeRune(joined); parts > 0 && size > 1 {
			joined = append(bytes.Repeat([]byte("\uFFFD"), parts+1), joined[size:]...)
		}
		whole := len(joined) - len(incomplete(joined))
		if whole > 0 {
			parts = 0
		}
		if cut && whole < len(joined) {
			begun = bytes.Clone(joined[whole:])
			parts++
			return joined[:whole]
		}
		parts = 0
		return joined
	}
}

// incomplete returns the beginning of a character with which b ends, if it does.
func incomplete(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return nil
			}
			return b[i:]
		}
	}
	return nil
}

// dropLineAfterCR drops a line after an LF that came first behind a CR.
func dropLineAfterCR() filter {
	afterCR, dropping := false, false
	return func(read []byte, _ bool) []byte {
		if len(read) == 0 {
			return nil
		}
		kept := 0
		if afterCR && !dropping && read[0] == '\n' {
			kept, dropping = 1, true
		}
		afterCR = read[len(read)-1] == '\r'
		if !dropping {
			return read
		}
		end := bytes.IndexByte(read[kept:], '\n')
		if end < 0 {
			return read[:kept]
		}
		dropping = false
		return append(read[:kept], read[kept+end+1:]...)
	}
}

// loseAfterHalf loses the byte after a segment that ended in its second line or
// a later one.
func loseAfterHalf() filter {
	half := false
	return func(read []byte, cut bool) []byte {
		if len(read) == 0 {
			return nil
		}
		kept := read
		if half {
			kept = read[1:]
		}
		half = cut && bytes.IndexByte(read, '\n') >= 0 && read[len(read)-1] != '\n'
		return kept
	}
}

// longLine is how much of a line has come where loseInLong loses a byte.
const longLine = 4 << 10

// loseInLong loses the byte after a segment that ended far from the last LF.
func loseInLong() filter {
	sinceLF, afterCut := 0, false
	return func(read []byte, cut bool) []byte {
		kept := read
		if afterCut && sinceLF >= longLine && len(read) > 0 {
			kept = read[1:]
		}
		if i := bytes.LastIndexByte(read, '\n'); i >= 0 {
			sinceLF = len(read) - i - 1
		} else {
			sinceLF += len(read)
		}
		afterCut = cut
		return kept
	}
}
