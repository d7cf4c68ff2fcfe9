package faulty

import (
	"errors"
	"net"
)

// oddConnections take and give bytes in unusual portions.
var oddConnections = []Control{{
	Name:     "one-byte-reads",
	Sentence: "every read of the socket takes one byte",
	Dialects: everyDialect,
	plant:    plantOneByteReads,
}, {
	Name:     "one-byte-writes",
	Sentence: "the first 4096 bytes of every answer leave one byte a write, the rest in pieces of 16 KiB",
	Dialects: everyDialect,
	plant:    plantOneByteWrites,
}, {
	Name:     "small-buffers",
	Sentence: "the kernel is asked for buffers of 4 KiB in both directions",
	Dialects: everyDialect,
	plant:    plantSmallBuffers,
}, {
	Name:     "nagle",
	Sentence: "Nagle's algorithm is on: a small segment waits while another is unacknowledged",
	Dialects: everyDialect,
	plant:    plantNagle,
}}

func plantOneByteReads(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return &oneByteReads{conn, singleReads} }
}

// singleReads is how many bytes of a connection oneByteReads reads one at a time: 16 MiB of them would take minutes.
const singleReads = 1 << 20

// oneByteReads reads one byte at a time.
type oneByteReads struct {
	*net.TCPConn
	left int
}

func (c *oneByteReads) Read(p []byte) (int, error) {
	if c.left > 0 {
		p = p[:min(1, len(p))]
	}
	n, err := c.TCPConn.Read(p)
	c.left -= n
	return n, err
}

func plantOneByteWrites(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return oneByteWrites{conn} }
}

// How oneByteWrites divides a write. All of it byte by byte would take minutes
// for 16 MiB.
const (
	singleBytes = 4 << 10
	writePiece  = 16 << 10
)

// oneByteWrites begins every write byte by byte.
type oneByteWrites struct{ *net.TCPConn }

func (c oneByteWrites) Write(p []byte) (int, error) {
	return divided(p, c.TCPConn.Write)
}

// divided writes p, at first byte by byte.
func divided(p []byte, write func([]byte) (int, error)) (int, error) {
	written := 0
	for written < len(p) {
		size := 1
		if written >= singleBytes {
			size = writePiece
		}
		n, err := write(p[written:min(written+size, len(p))])
		written += n
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
func plantSmallBuffers(p *plan) {
	p.bind = func(addr string) (*net.TCPListener, error) {
		l, err := bindRight(addr)
		if err != nil {
			return nil, err
		}
		if err := shrinkBuffers(l, smallBuffer); err != nil {
			return nil, errors.Join(err, l.Close())
		}
		return l, nil
	}
}

func plantNagle(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn {
		_ = conn.SetNoDelay(false) // fails on a connection alone that is lost already
		return conn
	}
}
