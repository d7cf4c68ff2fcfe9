package conduct

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var flowFaults = []plant.Fault{{
	Name:        "write-deadline",
	Sentence:    "what a client has not taken of an answer after 250 ms is lost, and the next answer follows",
	Requirement: "FLOW-1",
	Mistake:     "a write that timed out is taken for done: the count that it returns is not looked at",
	Dialects:    plant.EveryDialect,
	Plant:       plantWriteDeadline,
}, {
	Name:        "write-lock",
	Sentence:    "while one client does not take its answer, nobody else gets one",
	Requirement: "FLOW-2",
	Mistake:     "a lock of the whole server is held while an answer is written",
	Dialects:    plant.EveryDialect,
	Plant:       plantWriteLock,
}, {
	Name:        "two-writes",
	Sentence:    "the second half of an answer comes when the client's kernel has acknowledged the first",
	Requirement: "FLOW-4",
	Mistake:     "head and body leave in two writes, with Nagle's algorithm on",
	Dialects:    plant.EveryDialect,
	Plant:       plantTwoWrites,
}, {
	Name:        "collect",
	Sentence:    "the answer begins when the client has half-closed",
	Requirement: "FLOW-3",
	Mistake:     "the whole input is read into memory first",
	Dialects:    plant.ByteDialects,
	Plant:       plantCollect,
}}

func plantWriteDeadline(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return impatient{conn} }
}

// longestWrite is how long a write of impatient may last.
const longestWrite = 250 * time.Millisecond

// impatient drops what it cannot write in time, without a word.
type impatient struct{ plant.Conn }

func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(longestWrite)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return len(p), nil
	}
	return n, err
}

func plantWriteLock(changes *plant.Changes) {
	lock := new(sync.Mutex)
	changes.Conn = func(conn plant.Conn) net.Conn { return taking{conn, lock} }
}

// taking writes while nobody else does.
type taking struct {
	plant.Conn
	turn *sync.Mutex
}

func (c taking) Write(p []byte) (int, error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	return c.Conn.Write(p)
}

func plantCollect(changes *plant.Changes) {
	changes.Stream = func(s reference.Stream) reference.Stream { return collecting{s} }
}

// mostCollected is how much collecting reads before it answers: a client must not
// have all of the machine's memory.
const mostCollected = 64 << 20

// collecting reads to the end of the stream before it returns anything.
type collecting struct{ reference.Stream }

func (s collecting) ReadSome() ([]byte, error) {
	var all []byte
	for len(all) < mostCollected {
		some, err := s.Stream.ReadSome()
		if err == io.EOF && len(all) > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func plantTwoWrites(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		_ = conn.SetNoDelay(false) // fails on a connection alone that is lost already
		return halving{conn}
	}
}

// longestHalved is up to how many bytes an answer is written in two parts: longer ones have segments that are full, and wait for nothing.
const longestHalved = 1 << 10

// halving writes what is short in two parts.
type halving struct{ plant.Conn }

func (c halving) Write(p []byte) (int, error) {
	if len(p) < 2 || len(p) > longestHalved {
		return c.Conn.Write(p)
	}
	first, err := c.Conn.Write(p[:len(p)/2])
	if err != nil {
		return first, err
	}
	rest, err := c.Conn.Write(p[first:])
	return first + rest, err
}
