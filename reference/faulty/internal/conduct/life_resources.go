package conduct

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// lifeResourceFaults are those of what a connection costs.
var lifeResourceFaults = []plant.Fault{{
	Name:        "leak-descriptor",
	Sentence:    "every connection costs the server a descriptor for good",
	Requirement: "LIFE-10",
	Mistake:     "a file is opened for each client, and closed on no path",
	Dialects:    plant.EveryDialect,
	Plant:       plantLeakDescriptor,
}, {
	Name:        "busy-eof",
	Sentence:    "a half-close keeps one core busy from then on",
	Requirement: "LIFE-11",
	Mistake:     "a connection at its end stays in the poll set, where it is always readable",
	Dialects:    plant.EveryDialect,
	Plant:       plantBusyEOF,
}, {
	Name:        "fail-leaks",
	Sentence:    "every handler that fails costs the server a descriptor for good",
	Requirement: "LIFE-10",
	Mistake:     "what was opened for a client is closed at the handler's end, which an exception does not reach",
	Dialects:    plant.LineDialects,
	Plant:       plantFailLeaks,
}, {
	Name:        "leak-on-reset",
	Sentence:    "every connection that its client reset costs the server a descriptor for good",
	Requirement: "LIFE-10",
	Mistake:     "after an error the connection is taken for closed",
	Dialects:    plant.EveryDialect,
	Plant:       plantLeakOnReset,
}, {
	Name:        "busy-idle",
	Sentence:    "a silent client keeps one core busy",
	Requirement: "LIFE-11",
	Mistake:     "the socket is non-blocking, and read again and again until something comes",
	Dialects:    plant.EveryDialect,
	Plant:       plantBusyIdle,
}}

func plantLeakDescriptor(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		leak(changes)
		return conn
	}
}

// leak opens a file that stays open until the server stops.
func leak(changes *plant.Changes) {
	if leaked, err := os.Open(os.DevNull); err == nil {
		changes.Keep(leaked)
	}
}

func plantBusyEOF(changes *plant.Changes) {
	spins := new(atomic.Bool)
	spin := func() {
		for !changes.IsStopped() {
		}
	}
	changes.Conn = func(conn plant.Conn) net.Conn {
		return &atEOF{Conn: conn, closed: func() {
			if spins.CompareAndSwap(false, true) {
				go spin()
			}
		}}
	}
}

// atEOF calls closed when it is closed after the end of the stream.
type atEOF struct {
	plant.Conn
	ended  atomic.Bool
	closed func()
}

func (c *atEOF) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == io.EOF {
		c.ended.Store(true)
	}
	return n, err
}

func (c *atEOF) Close() error {
	if c.ended.Load() {
		c.closed()
	}
	return c.Conn.Close()
}

func plantFailLeaks(changes *plant.Changes) {
	afterFailure(changes, func(reference.Stream) { leak(changes) })
}

func plantLeakOnReset(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &leaking{Conn: conn, changes: changes} }
}

// leaking is not closed after a reset, until the server stops.
type leaking struct {
	plant.Conn
	changes *plant.Changes
	gone    atomic.Bool
}

func (c *leaking) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if isGone(err) {
		c.gone.Store(true)
	}
	return n, err
}

func (c *leaking) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if isGone(err) {
		c.gone.Store(true)
	}
	return n, err
}

func (c *leaking) Close() error {
	if !c.gone.Load() || c.changes.IsStopped() {
		return c.Conn.Close()
	}
	c.changes.Keep(c.Conn)
	return nil
}

func plantBusyIdle(changes *plant.Changes) {
	loop := &spinner{stopped: changes.IsStopped}
	changes.Conn = func(conn plant.Conn) net.Conn { return polled{conn, loop} }
}

// silence is how long a client says nothing before it counts as silent: those that
// speak are served no later for the loop.
const silence = 20 * time.Millisecond

// polled keeps the loop going while a read waits for a silent client.
type polled struct {
	plant.Conn
	loop *spinner
}

func (c polled) Read(p []byte) (int, error) {
	timer := time.AfterFunc(silence, func() { c.loop.add(1) })
	n, err := c.Conn.Read(p)
	if !timer.Stop() {
		c.loop.add(-1)
	}
	return n, err
}

// A spinner keeps one core busy, and no more, while anything is waited for.
type spinner struct {
	stopped func() bool

	mu      sync.Mutex
	waiting int // below 0 for a moment when a wait ends as its timer begins it
	spins   bool
}

// add says that so many more, or fewer, are waited for.
func (s *spinner) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += n
	if s.waiting > 0 && !s.spins {
		s.spins = true
		go s.spin()
	}
}

func (s *spinner) spin() {
	for s.goesOn() {
		for range 1000 {
			_ = s.stopped()
		}
	}
}

func (s *spinner) goesOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spins = s.waiting > 0 && !s.stopped()
	return s.spins
}
