//go:build unix

package target

import (
	"strconv"
	"strings"
	"testing"
	"time"
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
	p := start(t, LauncherOptions{}, "plain")
	if err := CanObserve(p.PID()); err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	watch := WatchMemory(p.PID())
	before := looked(t, watch)
	ask(t, p.Address(), "allocate "+strconv.Itoa(64<<20))
	after := looked(t, watch)
	if grown := int64(after) - int64(before); grown < 63<<20 || grown > 80<<20 {
		t.Errorf("64 MiB make %d bytes", grown)
	}
	ask(t, p.Address(), "child")
	for end := time.Now().Add(20 * time.Second); looked(t, watch) < after+1<<20; time.Sleep(latest / 10) {
		if time.Now().After(end) {
			t.Fatal("the child is not seen")
		}
	}
}

// TestMemoryOfAProcessThatEnded is an error that names it.
func TestMemoryOfAProcessThatEnded(t *testing.T) {
	t.Parallel()
	p := start(t, LauncherOptions{}, "plain")
	watch := WatchMemory(p.PID())
	looked(t, watch)
	p.Kill() // which waits for its end
	if _, err := watch.Look(); err == nil || !strings.Contains(err.Error(), strconv.Itoa(p.PID())) {
		t.Errorf("it is still watched: %v", err)
	}
}
