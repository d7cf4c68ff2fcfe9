package odd

import (
	"errors"
	"net"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// connections take and give bytes in unusual portions.
var connections = []plant.Control{{
	Name:     "one-byte-reads",
	Sentence: "the first 64 KiB of every connection are read one byte at a time",
	Dialects: plant.EveryDialect,
	Plant:    plantOneByteReads,
}, {
	Name:     "one-byte-writes",
	Sentence: "the first 4 KiB of every connection are written one byte at a time, the rest in pieces of 16 KiB",
	Dialects: plant.EveryDialect,
	Plant:    plantOneByteWrites,
}, {
	Name:     "small-buffers",
	Sentence: "the kernel is asked for buffers of 4 KiB in both directions",
	Dialects: plant.EveryDialect,
	Plant:    plantSmallBuffers,
}, {
	Name:     "nagle",
	Sentence: "Nagle's algorithm is on: a small segment waits while another is unacknowledged",
	Dialects: plant.EveryDialect,
	Plant:    plantNagle,
}}

// How many bytes of a connection are read, and written, one at a time: reads more than any line has, and writes no more than what
// leaves soon on a busy machine, since a server that is asked to stop must give its answers in time. All of what some requirements
// send and ask for would take a minute of a processor.
const (
	singleReads  = 64 << 10
	singleWrites = 4 << 10
)

func plantOneByteReads(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &oneByteReads{conn, singleReads} }
}

// oneByteReads reads one byte at a time.
type oneByteReads struct {
	plant.Conn
	left int
}

func (c *oneByteReads) Read(p []byte) (int, error) {
	if c.left > 0 {
		p = p[:min(1, len(p))]
	}
	n, err := c.Conn.Read(p)
	c.left -= n
	return n, err
}

func plantOneByteWrites(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &oneByteWrites{conn, singleWrites} }
}

// writePiece is how many bytes oneByteWrites writes at a time then.
const writePiece = 16 << 10

// oneByteWrites writes one byte at a time.
type oneByteWrites struct {
	plant.Conn
	left int
}

func (c *oneByteWrites) Write(p []byte) (int, error) { return divided(p, &c.left, c.Conn.Write) }

// divided writes p, while bytes are left byte by byte.
func divided(p []byte, left *int, write func([]byte) (int, error)) (int, error) {
	written := 0
	for written < len(p) {
		size := writePiece
		if *left > 0 {
			size = 1
		}
		n, err := write(p[written:min(written+size, len(p))])
		written += n
		*left -= n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// smallBuffer is what small-buffers asks for; the system may give more.
const smallBuffer = 4 << 10

// plantSmallBuffers asks for small buffers before a client connects, and its
// connections inherit them. A window that shrinks later, far below what the
// client has seen, makes the client's kernel wait for a timer before each segment.
func plantSmallBuffers(changes *plant.Changes) {
	changes.Bind = func(addr string) (*net.TCPListener, error) {
		l, err := plant.BindRight(addr)
		if err != nil {
			return nil, err
		}
		if err := shrinkBuffers(l, smallBuffer); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	}
}

func plantNagle(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		_ = conn.SetNoDelay(false) // fails on a connection alone that is lost already
		return conn
	}
}
