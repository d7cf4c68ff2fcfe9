package reference_test

// A meter is a writer that counts, and measures what is alive on the heap at
// every 64th write, the first included.
type meter struct {
	writes, total  int
	first, highest int64
}

func (m *meter) Write(p []byte) (int, error) {
	if m.writes%64 == 0 {
		alive := liveHeap()
		if m.writes == 0 {
			m.first = alive
		}
		m.highest = max(m.highest, alive)
	}
	m.writes++
	m.total += len(p)
	return len(p), nil
}
