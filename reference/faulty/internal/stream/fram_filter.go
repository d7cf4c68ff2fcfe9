package stream

import (
	"io"
	"net"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// A filter changes what a connection receives. It is given what one read has
// brought, and returns what is to be read in its place; at the end of the stream
// it is given nothing, and returns what it has kept back. It owns what it is
// given until it is called again. cut says that a segment of
// the client's own ended with the read.
type filter func(read []byte, cut bool) []byte

// filtering plants a filter of its own for every connection.
func filtering(newFilter func() filter) func(*plant.Changes) {
	return func(changes *plant.Changes) {
		changes.Conn = func(conn plant.Conn) net.Conn {
			return &filtered{Conn: conn, filter: newFilter()}
		}
	}
}

// filteringEach plants a filter that remembers nothing and keeps nothing back.
func filteringEach(change func(read []byte) []byte) func(*plant.Changes) {
	return filtering(func() filter {
		return func(read []byte, _ bool) []byte { return change(read) }
	})
}

// filtered is a connection whose input goes through a filter.
type filtered struct {
	plant.Conn
	filter  filter
	rest    []byte // filtered and not yet read
	segment int    // the bytes read since nothing was left to read
}

func (c *filtered) Read(p []byte) (int, error) {
	for len(p) > 0 && len(c.rest) == 0 {
		n, err := c.Conn.Read(p)
		if n > 0 || err == io.EOF {
			c.rest = c.filter(p[:n], c.endsSegment(n, len(p)))
		}
		if err != nil && len(c.rest) == 0 {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// smallSegment is the size below which a segment is surely one that the client
// has cut: where the system itself divides on the loopback interface what was
// written at once, its segments have more than 32 KiB.
const smallSegment = 16 << 10

// endsSegment says whether a read of n bytes into room was the end of a small
// segment: it left nothing to be read. What the server's own buffer divides, or
// the system on the way of a long request, is no segment by itself; so a fault
// that waits for cuts leaves a request that comes whole alone.
func (c *filtered) endsSegment(n, room int) bool {
	c.segment += n
	if n == room {
		return false
	}
	small := c.segment < smallSegment
	c.segment = 0
	return small
}
