package odd

import (
	"net"
	"runtime"
	"sync/atomic"

	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// threads run their handlers in unusual places.
var threads = []plant.Control{{
	Name:     "thread-each",
	Sentence: "each connection is served by an operating-system thread of its own",
	Dialects: plant.EveryDialect,
	Plant:    plantThreadEach,
}, {
	Name:     "two-workers",
	Sentence: "two workers serve all connections, and turn to another while one waits for its socket",
	Dialects: plant.EveryDialect,
	Plant:    plantTwoWorkers,
}}

func plantThreadEach(changes *plant.Changes) {
	changes.Session = func(d reference.Dialect) reference.Dialect {
		return func(s reference.Stream) error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			return d(s)
		}
	}
}

func plantTwoWorkers(changes *plant.Changes) {
	workers := make(chan struct{}, 2)
	changes.Conn = func(conn plant.Conn) net.Conn { return &worked{Conn: conn, workers: workers} }
}

// worked has a worker from the end of one read or write to the beginning of the
// next, which is when its handler computes.
type worked struct {
	plant.Conn
	workers chan struct{} // holds one token for each worker that is busy
	busy    atomic.Bool
}

func (c *worked) Read(p []byte) (int, error) {
	c.rest()
	defer c.work()
	return c.Conn.Read(p)
}

func (c *worked) Write(p []byte) (int, error) {
	c.rest()
	defer c.work()
	return c.Conn.Write(p)
}

// Close ends every connection, whatever its handler did.
func (c *worked) Close() error {
	c.rest()
	return c.Conn.Close()
}

// work waits for a worker.
func (c *worked) work() {
	c.workers <- struct{}{}
	c.busy.Store(true)
}

// rest gives the worker back, where there is one.
func (c *worked) rest() {
	if c.busy.CompareAndSwap(true, false) {
		<-c.workers
	}
}
