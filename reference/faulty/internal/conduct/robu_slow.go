package conduct

import (
	"bytes"
	"errors"
	"net"
	"os"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantLineAddedUp(changes *plant.Changes) {
	changes.Conn = func(conn plant.Conn) net.Conn { return &addingUp{Conn: conn} }
}

// addedPart is how much addingUp reads at once.
const addedPart = 256

// addingUp reads until an LF has come before it returns anything, and adds what it reads to a string.
type addingUp struct {
	plant.Conn
	line string // what is to be returned
	err  error  // what is to be returned behind it
}

func (c *addingUp) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		c.collect()
	}
	if len(c.line) == 0 {
		err := c.err
		c.err = nil
		return 0, err
	}
	n := copy(p, c.line)
	c.line = c.line[n:]
	return n, nil
}

// collect reads up to an LF. A deadline is over once, any other error stays.
func (c *addingUp) collect() {
	for part := [addedPart]byte{}; c.err == nil && len(c.line) < longestLine; {
		n, err := c.Conn.Read(part[:])
		c.line += string(part[:n])
		if !errors.Is(err, os.ErrDeadlineExceeded) || len(c.line) == 0 {
			c.err = err
		}
		if err != nil || bytes.IndexByte(part[:n], '\n') >= 0 {
			return
		}
	}
}
