package conduct

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

var robuFaults = []plant.Fault{{
	Name:        "gives-up-100",
	Sentence:    "after 100 connections that their clients reset, the server ends",
	Requirement: "ROBU-1",
	Mistake:     "errors are counted, to stop in case of trouble, and nothing ever sets the count back",
	Dialects:    plant.EveryDialect,
	Plant:       plantGivesUp,
}, {
	Name:        "write-retried",
	Sentence:    "a connection that its client reset before the answer keeps a core busy from then on",
	Requirement: "ROBU-1",
	Mistake:     "a write that failed is tried again at once, whatever the error, as if it only had to wait",
	Dialects:    plant.EveryDialect,
	Plant:       plantWriteRetried,
}, {
	Name:        "answers-queued",
	Sentence:    "answers that a client does not take are kept in memory, however many they are",
	Requirement: "ROBU-7",
	Mistake:     "writing never waits: what the socket does not take goes into a queue, and nobody looks how long that is",
	Dialects:    plant.EveryDialect,
	Plant:       plantAnswersQueued,
}, {
	Name:        "leak-memory",
	Sentence:    "everything that clients send stays in the server's memory",
	Requirement: "ROBU-2",
	Mistake:     "what comes is kept in a list for debugging",
	Dialects:    plant.EveryDialect,
	Plant:       plantLeakMemory,
}, {
	Name:        "history-kept",
	Sentence:    "every line that clients send stays in the server's memory",
	Requirement: "ROBU-2",
	Mistake:     "what was answered goes into a history that nothing shortens",
	Dialects:    []string{"echo"},
	Exchanged:   true,
	Plant:       plantHistoryKept,
}, {
	Name:        "beginnings-kept",
	Sentence:    "while a line comes, every beginning of it that has come so far stays in the server's memory",
	Requirement: "ROBU-2",
	Mistake:     "each part that comes makes a new text of all that has come, and a closure or a list holds the ones before",
	Dialects:    []string{"echo"},
	Exchanged:   true,
	Plant:       plantBeginningsKept,
}, {
	Name:        "line-collected",
	Sentence:    "nothing of a line is answered before its LF has come, and all of it is in memory until then",
	Requirement: "ROBU-2",
	Mistake:     "the line is read to its end first, and then cut to the limit",
	Dialects:    plant.LineDialects,
	Plant:       plantLineCollected,
}, {
	Name:        "line-added-up",
	Sentence:    "each part of a line takes longer than the one before it: a line of 16 MiB keeps a core busy for a minute",
	Requirement: "ROBU-2",
	Mistake:     "each part that comes is added to a string, by a copy of all that has come before",
	Dialects:    []string{"line"}, // 16 MiB of a script would keep it at work for two minutes
	Plant:       plantLineAddedUp,
}, {
	Name:        "open-300",
	Sentence:    "with more than 300 connections open, the server ends",
	Requirement: "ROBU-3",
	Mistake:     "a descriptor that select has no room for, or that cannot be had, is an error that nobody catches",
	Dialects:    plant.EveryDialect,
	Plant:       plantOpen300,
}, {
	Name:        "hello-ends",
	Sentence:    "a TLS handshake ends the server",
	Requirement: "ROBU-4",
	Mistake:     "the first byte is looked up in a table that has no place for it",
	Dialects:    plant.EveryDialect,
	Plant:       plantHelloEnds,
}, {
	Name:        "connects-1500",
	Sentence:    "after 1500 connections that were closed before a byte came, the server ends",
	Requirement: "ROBU-5",
	Mistake:     "something is taken for each connection, and given back when its request was answered",
	Dialects:    plant.EveryDialect,
	Plant:       plantConnects,
}, {
	Name:        "stuck-ends",
	Sentence:    "a client that takes nothing of its answer for 600 ms ends the server",
	Requirement: "ROBU-6",
	Mistake:     "nobody catches the exception of a write that timed out",
	Dialects:    plant.EveryDialect,
	Plant:       plantStuckEnds,
}}

func plantGivesUp(changes *plant.Changes) {
	var resets atomic.Int64
	changes.Conn = func(conn plant.Conn) net.Conn {
		// The first read or write after a reset fails by it, and no other.
		note := func(err error) {
			if isReset(err) && resets.Add(1) == 100 {
				changes.Kill()
			}
		}
		return &watched{
			Conn:    conn,
			onRead:  func(_ []byte, err error) { note(err) },
			onWrite: func(_ int, err error) { note(err) },
		}
	}
}

// mostKept is how much input leak-memory keeps: enough to be seen, and not all of
// the memory of the machine that a whole run is made on.
const mostKept = 512 << 20

func plantLeakMemory(changes *plant.Changes) {
	k := new(keeper)
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &watched{Conn: conn, onRead: func(got []byte, _ error) { k.keep(got) }}
	}
}

// A keeper keeps what it is given.
type keeper struct {
	mu   sync.Mutex
	size int
	kept [][]byte
}

func (k *keeper) keep(got []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(got) > 0 && k.size < mostKept {
		k.kept = append(k.kept, bytes.Clone(got))
		k.size += len(got)
	}
}

func plantLineCollected(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &lineCollecting{Conn: conn} }
}

// longestLine is how much of a line lineCollecting collects, for the machine's sake.
const longestLine = 256 << 20

// lineCollecting reads until an LF has come before it returns anything.
type lineCollecting struct {
	plant.Conn
	line []byte // what is to be returned
	err  error  // what is to be returned behind it
}

func (c *lineCollecting) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		c.collect(p)
	}
	if len(c.line) == 0 {
		err := c.err
		c.err = nil
		return 0, err
	}
	n := copy(p, c.line)
	if c.line = c.line[n:]; len(c.line) == 0 {
		c.line = nil
	}
	return n, nil
}

// collect reads by way of p. A deadline is over once, any other error stays.
func (c *lineCollecting) collect(p []byte) {
	for c.err == nil && len(c.line) < longestLine {
		n, err := c.Conn.Read(p)
		c.line = append(c.line, p[:n]...)
		if !errors.Is(err, os.ErrDeadlineExceeded) || len(c.line) == 0 {
			c.err = err
		}
		if err != nil || bytes.IndexByte(p[:n], '\n') >= 0 {
			return
		}
	}
}

func plantOpen300(changes *plant.Changes) {
	var open atomic.Int64
	changes.Conn = func(conn plant.Conn) net.Conn {
		if open.Add(1) > 300 {
			changes.Kill()
		}
		return &watched{Conn: conn, onClose: func() { open.Add(-1) }}
	}
}

// helloByte is what a TLS handshake begins with.
const helloByte = 0x16

func plantHelloEnds(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		began := false
		return &watched{Conn: conn, onRead: func(got []byte, _ error) {
			if !began && len(got) > 0 && got[0] == helloByte {
				changes.Kill()
			}
			began = began || len(got) > 0
		}}
	}
}

func plantConnects(changes *plant.Changes) {
	var empty atomic.Int64
	changes.Conn = func(conn plant.Conn) net.Conn {
		done := false // a byte has come, or the connection is counted
		return &watched{Conn: conn, onRead: func(got []byte, err error) {
			ended := err == io.EOF || isReset(err)
			if !done && ended && empty.Add(1) == 1500 {
				changes.Kill()
			}
			done = done || ended || len(got) > 0
		}}
	}
}

func plantStuckEnds(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return givingUpOn{conn, changes} }
}

// A write of givingUpOn ends the server when stuckTries of these waits, one after
// another, have brought it no further.
const (
	stuckWait  = 100 * time.Millisecond
	stuckTries = 6
)

// givingUpOn ends the server when its client takes nothing.
type givingUpOn struct {
	plant.Conn
	changes *plant.Changes
}

func (c givingUpOn) Write(p []byte) (int, error) {
	written := 0
	for tries := 0; tries < stuckTries; {
		if err := c.SetWriteDeadline(time.Now().Add(stuckWait)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(p[written:])
		if written += n; !errors.Is(err, os.ErrDeadlineExceeded) {
			return written, err
		}
		if tries++; n > 0 {
			tries = 0
		}
	}
	c.changes.Kill()
	return written, os.ErrDeadlineExceeded
}
