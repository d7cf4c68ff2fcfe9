package odd

import (
	"net"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// pieces write their answers in more than one part, as is right.
var pieces = []plant.Control{{
	Name:     "head-and-body",
	Sentence: "answers leave in two writes, with Nagle's algorithm off",
	Dialects: plant.EveryDialect,
	Plant:    plantHeadAndBody,
}, {
	Name:     "corked",
	Sentence: "answers leave in two writes, with Nagle's algorithm on, and the socket is corked until the second",
	Dialects: plant.EveryDialect,
	Plant:    plantCorked,
}, {
	Name:     "long-in-pieces",
	Sentence: "long answers leave in pieces of 32 KiB, a millisecond apart",
	Dialects: plant.EveryDialect,
	Plant:    plantLongInPieces,
}}

func plantHeadAndBody(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		_ = conn.SetNoDelay(true) // fails on a connection alone that is lost already
		return headAndBody{conn}
	}
}

// headAndBody writes in two parts.
type headAndBody struct{ plant.Conn }

func (c headAndBody) Write(p []byte) (int, error) { return inTwo(p, c.Conn.Write) }

// inTwo writes the halves of p one after the other.
func inTwo(p []byte, write func([]byte) (int, error)) (int, error) {
	if len(p) < 2 {
		return write(p)
	}
	head, err := write(p[:len(p)/2])
	if err != nil {
		return head, err
	}
	body, err := write(p[head:])
	return head + body, err
}

func plantCorked(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		_ = conn.SetNoDelay(false) // fails on a connection alone that is lost already
		return corked{conn}
	}
}

// corked writes in two parts, which leave together. Where a socket has no cork, it writes in one.
type corked struct{ plant.Conn }

func (c corked) Write(p []byte) (int, error) {
	if cork(c.Conn, true) != nil {
		return c.Conn.Write(p)
	}
	n, err := inTwo(p, c.Conn.Write)
	_ = cork(c.Conn, false) // fails on a connection alone that is lost already
	return n, err
}

func plantLongInPieces(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &inPieces{Conn: conn, writing: deadline{set: conn.SetWriteDeadline}}
	}
}

// The pieces of a long answer, and how far apart they are.
const (
	longPiece  = 32 << 10
	piecesWait = time.Millisecond
)

// inPieces writes what is long in pieces.
type inPieces struct {
	plant.Conn
	writing deadline
}

func (c *inPieces) Write(p []byte) (int, error) {
	written := 0
	for {
		n, err := c.Conn.Write(p[written:min(written+longPiece, len(p))])
		if written += n; err != nil || written == len(p) {
			return written, err
		}
		c.writing.wait(piecesWait)
	}
}

func (c *inPieces) SetWriteDeadline(t time.Time) error { return c.writing.change(t) }
