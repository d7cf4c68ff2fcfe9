package faulty

import (
	"io"
	"net"
	"time"

	"github.com/streamspec/streamspec/reference"
)

var framFaults = []Fault{{
	Name:        "lose-byte-64k",
	Sentence:    "byte number 65536 of a connection's input is lost",
	Requirement: "FRAM-8",
	Mistake:     "an index at the edge of a buffer is one too high",
	Dialects:    everyDialect,
	plant:       plantLoseByte,
}, {
	Name:        "read-is-message",
	Sentence:    "where a segment ends, the message ends",
	Requirement: "FRAM-2",
	Mistake:     "recv is called once, and what it returns is taken for the whole message",
	Dialects:    everyDialect,
	plant:       plantReadIsMessage,
}, {
	Name:        "crlf-split",
	Sentence:    "a cut between CR and LF loses the LF: two lines become one",
	Requirement: "FRAM-6",
	Mistake:     "an LF at the start of a read is taken for the rest of the CR LF before it",
	Dialects:    lineDialects,
	plant:       plantCRLFSplit,
}, {
	Name:        "drip",
	Sentence:    "the right answer comes at ten bytes a second",
	Requirement: "FRAM-8",
	Mistake:     "every byte is a write of its own, and waits for a timer",
	Dialects:    everyDialect,
	plant:       plantDrip,
}}

func plantLoseByte(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return &losing{TCPConn: conn, in: 1 << 16} }
}

// losing loses one byte of its input: number in of those that are to come.
type losing struct {
	*net.TCPConn
	in int
}

func (c *losing) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	lost := c.in - 1
	c.in -= n
	if lost >= 0 && lost < n {
		n = lost + copy(p[lost:], p[lost+1:n])
	}
	return n, err
}

func plantReadIsMessage(p *plan) {
	switch p.dialect {
	case "line", "script":
		p.conn = func(conn *net.TCPConn) net.Conn { return readIsLine{conn} }
	default:
		p.stream = func(s reference.Stream) reference.Stream { return &oneRead{Stream: s} }
	}
}

// readIsLine ends a line where a read ends.
type readIsLine struct{ *net.TCPConn }

func (c readIsLine) Read(p []byte) (int, error) {
	if len(p) < 2 {
		return c.TCPConn.Read(p)
	}
	n, err := c.TCPConn.Read(p[:len(p)-1])
	if n > 0 && p[n-1] != '\n' {
		p[n] = '\n'
		n++
	}
	return n, err
}

// oneRead ends the stream after one read.
type oneRead struct {
	reference.Stream
	done bool
}

func (s *oneRead) ReadSome() ([]byte, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	return s.Stream.ReadSome()
}

func plantCRLFSplit(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return &crlfSplit{TCPConn: conn} }
}

// crlfSplit drops an LF that comes first after a read that ended in CR.
type crlfSplit struct {
	*net.TCPConn
	afterCR bool
}

func (c *crlfSplit) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if n == 0 {
		return n, err
	}
	dropped := c.afterCR && p[0] == '\n'
	c.afterCR = p[n-1] == '\r'
	if dropped {
		n = copy(p, p[1:n])
	}
	return n, err
}

func plantDrip(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn { return dripping{TCPConn: conn, stopped: p.stopped} }
}

// dripInterval is the time between two bytes of drip.
const dripInterval = 100 * time.Millisecond

// dripping writes one byte at a time, until the server stops.
type dripping struct {
	*net.TCPConn
	stopped <-chan struct{}
}

func (c dripping) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := c.TCPConn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		select {
		case <-time.After(dripInterval):
		case <-c.stopped:
			n, err := c.TCPConn.Write(p[i+1:])
			return i + 1 + n, err
		}
	}
	return len(p), nil
}
