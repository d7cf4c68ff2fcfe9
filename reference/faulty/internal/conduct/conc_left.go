package conduct

import (
	"bytes"
	"net"
	"sync"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

func plantInputOutlives(changes *plant.Changes) {
	left := &leftInput{open: map[*inheriting]bool{}}
	changes.Conn = func(conn plant.Conn) net.Conn {
		c := &inheriting{Conn: conn, left: left}
		left.add(c)
		return c
	}
}

// leftInput is what clients left behind. Its lock is held while a connection is read, so that a
// connection that begins after a reset finds what was left, whichever of the two is noticed first.
type leftInput struct {
	mu   sync.Mutex
	line []byte
	open map[*inheriting]bool
}

func (l *leftInput) add(c *inheriting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = true
}

func (l *leftInput) remove(c *inheriting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}

// take empties it, for a connection that begins. l.mu is held.
func (l *leftInput) take() []byte {
	for c := range l.open {
		if len(c.unfinished) > 0 && wasReset(c.Conn) {
			c.leave()
		}
	}
	line := l.line
	l.line = nil
	return line
}

// mostLeft is how much of a line is left behind at most.
const mostLeft = 64 << 10

// inheriting begins with what was left behind, and leaves its own unfinished line
// when its client resets it.
type inheriting struct {
	plant.Conn
	left       *leftInput
	began      bool
	input      []byte // what is to be read before the socket's
	unfinished []byte // what came since the last LF; guarded by left.mu
}

func (c *inheriting) Read(p []byte) (int, error) {
	if len(c.input) == 0 {
		n, err := receive(c.Conn, p, &c.left.mu, c.note)
		if len(c.input) == 0 {
			return n, err
		}
	}
	n := copy(p, c.input)
	c.input = c.input[n:]
	return n, nil
}

// note sees what one read brought. At the first bytes of a connection it puts
// what was left behind before them. c.left.mu is held.
func (c *inheriting) note(got []byte, err error) {
	if !c.began && len(got) > 0 {
		c.began = true
		if line := c.left.take(); len(line) > 0 {
			c.input = append(line, got...)
		}
	}
	if i := bytes.LastIndexByte(got, '\n'); i >= 0 {
		c.unfinished, got = nil, got[i+1:]
	}
	c.unfinished = append(c.unfinished, got[:min(len(got), mostLeft-len(c.unfinished))]...)
	if isReset(err) && len(c.unfinished) > 0 {
		c.leave()
	}
}

// leave leaves what is unfinished to the connection that begins next. c.left.mu is held.
func (c *inheriting) leave() {
	c.left.line, c.unfinished = c.unfinished, nil
}

func (c *inheriting) Close() error {
	c.left.remove(c)
	return c.Conn.Close()
}
