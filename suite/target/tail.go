package target

import (
	"io"
	"sync"
)

const (
	// tailSize is how much of each of a process's outputs is kept: a report of why it ended, with its stack trace, is in it.
	tailSize = 256 << 10
	// shownSize is how much of that is shown where it is not told what belongs together.
	shownSize = 4096
)

// tail keeps the last tailSize bytes that were written to it.
type tail struct {
	mu   sync.Mutex
	buf  []byte // of tailSize, once something is written
	next int    // where the next byte goes
	full bool   // buf has been filled once
}

// Write keeps the end of p; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if t.buf == nil && n > 0 {
		t.buf = make([]byte, tailSize)
	}
	if len(p) >= tailSize {
		copy(t.buf, p[len(p)-tailSize:])
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
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		_, _ = t.Write(buf[:n])
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

// kept returns a copy of what was kept.
func (t *tail) kept() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := make([]byte, 0, tailSize)
	if t.full {
		b = append(b, t.buf[t.next:]...)
	}
	return append(b, t.buf[:t.next]...)
}

// String returns the end of what was kept, fit to print.
func (t *tail) String() string {
	b := t.kept()
	return printable(b[max(0, len(b)-shownSize):], shownSize)
}

// report returns what was said last of why the process ended, as lines that are fit to print.
func (t *tail) report() string { return lastReport(printable(t.kept(), 2*tailSize)) }
