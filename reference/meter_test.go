package reference_test

import "runtime"

// A meter is a writer that counts, and measures the heap, garbage included, at
// every write. Before the first it collects what earlier tests left.
type meter struct {
	total          int
	first, highest int64
}

func (m *meter) Write(p []byte) (int, error) {
	if m.total == 0 {
		runtime.GC()
	}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	if m.total == 0 {
		m.first = int64(now.HeapAlloc)
	}
	m.highest = max(m.highest, int64(now.HeapAlloc))
	m.total += len(p)
	return len(p), nil
}
