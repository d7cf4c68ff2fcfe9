package faulty

import (
	"io"
	"net"
	"os"
	"sync/atomic"

	"github.com/streamspec/streamspec/reference"
)

var lifeFaults = []Fault{{
	Name:        "leak-descriptor",
	Sentence:    "every connection costs the server a descriptor for good",
	Requirement: "LIFE-10",
	Mistake:     "a file is opened for each client, and closed on no path",
	Dialects:    everyDialect,
	plant:       plantLeakDescriptor,
}, {
	Name:        "fail-kills",
	Sentence:    "a handler that fails ends the whole server",
	Requirement: "LIFE-4",
	Mistake:     "the error of a handler is returned from the accept loop",
	Dialects:    lineDialects,
	plant:       plantFailKills,
}, {
	Name:        "busy-eof",
	Sentence:    "a half-close keeps one core busy from then on",
	Requirement: "LIFE-11",
	Mistake:     "a connection at its end stays in the poll set, where it is always readable",
	Dialects:    everyDialect,
	plant:       plantBusyEOF,
}}

func plantLeakDescriptor(p *plan) {
	p.conn = func(conn *net.TCPConn) net.Conn {
		if leaked, err := os.Open(os.DevNull); err == nil {
			go func() {
				<-p.stopped
				_ = leaked.Close()
			}()
		}
		return conn
	}
}

func plantFailKills(p *plan) {
	p.session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			err := d(s)
			if err != nil {
				p.kill()
			}
			return err
		}
	}
}

func plantBusyEOF(p *plan) {
	spins := new(atomic.Bool)
	spin := func() {
		for !p.isStopped() {
		}
	}
	p.conn = func(conn *net.TCPConn) net.Conn {
		return &atEOF{TCPConn: conn, closed: func() {
			if spins.CompareAndSwap(false, true) {
				go spin()
			}
		}}
	}
}

// atEOF calls closed when it is closed after the end of the stream.
type atEOF struct {
	*net.TCPConn
	ended  atomic.Bool
	closed func()
}

func (c *atEOF) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if err == io.EOF {
		c.ended.Store(true)
	}
	return n, err
}

func (c *atEOF) Close() error {
	if c.ended.Load() {
		c.closed()
	}
	return c.TCPConn.Close()
}
