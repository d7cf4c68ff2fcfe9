package stream

import (
	"errors"
	"net"
	"os"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that show in a burst that is larger than a buffer, and in long messages.
var framBurstFaults = []plant.Fault{{
	Name:        "length-in-a-byte",
	Sentence:    "of a line of 256 bytes or more only as many are there as the last byte of its length says",
	Requirement: "FRAM-12",
	Mistake:     "the length of a line is kept in one byte",
	Dialects:    plant.LineDialects,
	Plant: reading(func(r *reader) {
		r.strip = func(line []byte) []byte {
			line = stripSpace(line)
			return line[:len(line)%256]
		}
	}),
}, {
	Name:        "one-read-each",
	Sentence:    "of what comes at once 1024 bytes are taken, and the rest when more comes, or the stream ends",
	Requirement: "FRAM-11",
	Mistake:     "edge-triggered events: one read is made for each, and what it leaves in the socket raises none",
	Dialects:    []string{"echo", "greet", "line"},
	Plant:       plantOneReadEach,
}}

func plantOneReadEach(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &oneReadEach{Conn: conn} }
}

const (
	readEach = 1 << 10  // what is taken for one event
	mostHeld = 64 << 20 // beyond it the socket is full: a client must not have all of the machine's memory
)

// oneReadEach takes no more for an event than one read brings. An event is that bytes have come: what the socket had is held here as
// if it was there still.
type oneReadEach struct {
	plant.Conn
	held []byte
	left int   // of what this event gives
	err  error // behind what is held
}

func (c *oneReadEach) Read(p []byte) (int, error) {
	for len(p) > 0 && c.left == 0 && c.err == nil {
		c.event()
	}
	n := copy(p, c.held[:c.left])
	c.held, c.left = c.held[n:], c.left-n
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	err := c.err
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.err = nil // it is over once
	}
	return 0, err
}

// event waits for bytes, and gives as many of what is held as one read brings; at the end of the stream, all.
func (c *oneReadEach) event() {
	if len(c.held) < mostHeld {
		chunk := make([]byte, 64<<10)
		n, err := c.Conn.Read(chunk)
		c.held, c.err = append(c.held, chunk[:n]...), err
	}
	c.left = min(len(c.held), readEach)
	if c.err != nil && !errors.Is(c.err, os.ErrDeadlineExceeded) {
		c.left = len(c.held)
	}
}
