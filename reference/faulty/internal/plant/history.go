package plant

import (
	"bytes"
	"net"
	"sync"
)

// A History keeps the lines that clients have sent, those of all connections together.
type History struct {
	// Most is how many bytes are kept. What comes then takes the place of the oldest, or is not kept where Full is set.
	Most int
	Full bool

	mu    sync.Mutex
	lines [][]byte
	size  int
}

// longestKept is up to how many bytes a line is kept.
const longestKept = 1 << 20

// Of is the connection, whose lines are kept.
func (h *History) Of(conn Conn) net.Conn { return &remembered{Conn: conn, history: h} }

func (h *History) keep(line []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.Full && h.size+len(line) > h.Most {
		return
	}
	h.lines, h.size = append(h.lines, line), h.size+len(line)
	for h.size > h.Most {
		h.size -= len(h.lines[0])
		h.lines[0] = nil
		h.lines = h.lines[1:]
	}
}

// remembered keeps each line that it reads, when that is whole; what is longer than longestKept is not kept.
type remembered struct {
	Conn
	history *History
	line    []byte
	long    bool
}

func (c *remembered) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for got := p[:n]; len(got) > 0; {
		part := got
		i := bytes.IndexByte(got, '\n')
		if i >= 0 {
			part = got[:i+1]
		}
		if c.long = c.long || len(c.line)+len(part) > longestKept; !c.long {
			c.line = append(c.line, part...)
		}
		if got = got[len(part):]; i >= 0 {
			if !c.long {
				c.history.keep(bytes.Clone(c.line))
			}
			c.line, c.long = nil, false
		}
	}
	return n, err
}
