package conduct

import (
	"bytes"
	"math/rand/v2"
	"net"
	"sync"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// The faults that show by chance.
var rareFaults = []plant.Fault{{
	Name:        "rare-connection",
	Sentence:    "on one connection in 20 the first byte of the answer is wrong",
	Requirement: "FRAM-1",
	Mistake:     "a buffer is used before the thread that fills it is done",
	Dialects:    plant.EveryDialect,
	Rare:        true,
	Plant:       plantRareConnection,
}, {
	Name:        "rare-cut",
	Sentence:    "of 50 segments that end in the middle of a line, one loses its last byte",
	Requirement: "FRAM-2",
	Mistake:     "two threads share the index of the buffer's end",
	Dialects:    plant.LineDialects,
	Rare:        true,
	Plant:       plantRareCut,
}, {
	Name:        "megabyte",
	Sentence:    "in every megabyte that a client sends one byte is changed",
	Requirement: "FRAM-8",
	Mistake:     "the machine's memory is broken, or written by code that has no business there",
	Dialects:    plant.EveryDialect,
	Rare:        true,
	Plant:       plantMegabyte,
}, {
	Name:        "rare-other",
	Sentence:    "one answer in 20 goes to another client, while there is one",
	Requirement: "CONC-1",
	Mistake:     "a descriptor is used after it was closed, and is another client's by then",
	Dialects:    plant.EveryDialect,
	Rare:        true,
	Plant:       plantRareOther,
}}

// oneIn is true once in n times, by chance.
func oneIn(n int) bool {
	return rand.IntN(n) == 0
}

func plantRareConnection(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn {
		if oneIn(20) {
			return &spoiling{Conn: conn}
		}
		return conn
	}
}

// spoiling changes the first byte that it writes.
type spoiling struct {
	plant.Conn
	done bool
}

func (c *spoiling) Write(p []byte) (int, error) {
	if !c.done && len(p) > 0 {
		c.done = true
		p = bytes.Clone(p)
		p[0] ^= 1
	}
	return c.Conn.Write(p)
}

func plantRareCut(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return dropping{conn} }
}

// dropping now and then loses the last byte of a read that ends inside a line.
type dropping struct{ plant.Conn }

func (c dropping) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n > 0 && p[n-1] != '\n' && oneIn(50) {
			n--
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

func plantMegabyte(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &flipping{Conn: conn, in: rand.IntN(megabyte)} }
}

const megabyte = 1 << 20

// flipping changes one byte in every megabyte of its input.
type flipping struct {
	plant.Conn
	at int  // how much of the megabyte has come
	in int  // from which place in it on a byte is to be changed
	ok bool // that was done
}

func (c *flipping) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for i := range p[:n] {
		if !c.ok && c.at >= c.in && p[i] != '\n' && p[i]^1 != '\n' {
			p[i] ^= 1
			c.ok = true
		}
		if c.at++; c.at == megabyte {
			c.at, c.in, c.ok = 0, rand.IntN(megabyte), false
		}
	}
	return n, err
}

func plantRareOther(changes *plant.Changes) {
	all := &others{open: map[*straying]bool{}}
	changes.Conn = func(conn plant.Conn) net.Conn {
		c := &straying{conn, all}
		all.add(c)
		return c
	}
}

// others are the connections that are open.
type others struct {
	mu   sync.Mutex
	open map[*straying]bool
}

func (o *others) add(c *straying) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open[c] = true
}

func (o *others) remove(c *straying) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.open, c)
}

// than returns any other connection than c, or c when there is none.
func (o *others) than(c *straying) *straying {
	o.mu.Lock()
	defer o.mu.Unlock()
	for other := range o.open {
		if other != c {
			return other
		}
	}
	return c
}

// straying now and then writes to another connection.
type straying struct {
	plant.Conn
	all *others
}

func (c *straying) Write(p []byte) (int, error) {
	if oneIn(20) {
		return c.all.than(c).Conn.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *straying) CloseWrite() error {
	c.all.remove(c)
	return c.Conn.CloseWrite()
}

func (c *straying) Close() error {
	c.all.remove(c)
	return c.Conn.Close()
}
