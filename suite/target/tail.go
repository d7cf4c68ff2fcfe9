package target

import (
	"io"
	"sync"
)

// tailSize is how much of each of a process's outputs is kept.
const tailSize = 4096

// tail keeps the last tailSize bytes that were written to it.
type tail struct {
	mu   sync.Mutex
	buf  [tailSize]byte
	next int  // where the next byte goes
	full bool // buf has been filled once
}

// Write keeps the end of p; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if len(p) >= tailSize {
		copy(t.buf[:], p[len(p)-tailSize:])
		t.next, t.full = 0, true
		return n, nil
	}
	for len(p) > 0 {
		c := copy(t.buf[t.next:], p)
		p = p[c:]
		if t.next += c; t.next == tailSize {
			t.next, t.full = 0, true
		}
	}
	return n, nil
}

// ReadFrom keeps the end of what r gives until it ends, in little memory.
func (t *tail) ReadFrom(r io.Reader) (int64, error) {
	var total int64
	buf := make([]byte, 8*tailSize)
	for {
		n, err := r.Read(buf)
		_, _ = t.Write(buf[:n])
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

// String returns what was kept, fit to print.
func (t *tail) String() string {
	t.mu.Lock()
	b := make([]byte, 0, tailSize)
	if t.full {
		b = append(b, t.buf[t.next:]...)
	}
	b = append(b, t.buf[:t.next]...)
	t.mu.Unlock()
	return printable(b)
}
