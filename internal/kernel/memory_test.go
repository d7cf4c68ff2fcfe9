//go:build unix

package kernel

import (
	"strconv"
	"strings"
	"testing"
)

// looked is what a watch of memory sees.
func looked(t *testing.T, w *MemoryWatch) uint64 {
	t.Helper()
	memory, err := w.Look()
	if err != nil {
		t.Fatal(err)
	}
	return memory
}

// TestMemoryIsWatched: what the process takes is seen at once, what a child takes soon.
func TestMemoryIsWatched(t *testing.T) {
	t.Parallel()
	p := start(t)
	if err := canObserve(p.pid); err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	watch := WatchMemory(p.pid)
	before := looked(t, watch)
	p.ask(t, "allocate "+strconv.Itoa(64<<20))
	after := looked(t, watch)
	if grown := int64(after) - int64(before); grown < 63<<20 || grown > 80<<20 {
		t.Errorf("64 MiB make %d bytes", grown)
	}
	p.ask(t, "child "+strconv.Itoa(16<<20))
	eventually(t, "the child is seen", func() bool { return looked(t, watch) >= after+8<<20 })
}

// TestMemoryOfAProcessThatEnded is an error that names it.
func TestMemoryOfAProcessThatEnded(t *testing.T) {
	t.Parallel()
	p := start(t)
	watch := WatchMemory(p.pid)
	looked(t, watch)
	p.kill() // which waits for its end
	if _, err := watch.Look(); err == nil || !strings.Contains(err.Error(), strconv.Itoa(p.pid)) {
		t.Errorf("it is still watched: %v", err)
	}
}
