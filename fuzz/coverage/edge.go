package coverage

import "sync"

// An Edge is a place of the code with about how often it was reached, or a feature of an answer. Places are numbered by
// the build: edges of two builds of a server have nothing to do with each other.
//
// The lowest three bits are the bucket of the count, and the others the place: 16 bits for the package, 20 for the
// function in it, 24 for the counter in that. The highest bit says that it is a feature.
type Edge uint64

// The bits of an edge.
const (
	bucketBits   = 3
	counterBits  = 24
	functionBits = 20
	packageBits  = 16
	featureFlag  = Edge(1) << 63
)

// place is the edge of a counter, in the bucket of 1.
func place(pkg, function, counter uint32) Edge {
	return Edge(pkg)<<(functionBits+counterBits+bucketBits) | Edge(function)<<(counterBits+bucketBits) | Edge(counter)<<bucketBits
}

// bucket divides counts, which are above 0, as AFL does: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, 128 and more.
func bucket(count uint32) Edge {
	switch {
	case count < 4:
		return Edge(count) - 1
	case count < 8:
		return 3
	case count < 16:
		return 4
	case count < 32:
		return 5
	case count < 128:
		return 6
	}
	return 7
}

// Place returns the edge without its count: the same for every count of a place.
func (e Edge) Place() Edge { return e &^ (1<<bucketBits - 1) }

// A Map remembers every edge that was ever reached. Its zero value is empty and ready, and it may be used from several
// goroutines.
type Map struct {
	mu   sync.Mutex
	seen map[Edge]uint8 // a place's buckets, a bit for each
	n    int
}

// Add remembers the edges, and returns how many of them are new.
func (m *Map) Add(edges []Edge) (fresh int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = make(map[Edge]uint8)
	}
	for _, e := range edges {
		at, bit := e.Place(), uint8(1)<<(e&(1<<bucketBits-1))
		if had := m.seen[at]; had&bit == 0 {
			m.seen[at] = had | bit
			fresh++
		}
	}
	m.n += fresh
	return fresh
}

// Len is how many edges were reached.
func (m *Map) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n
}

// Places is how many places were reached, however often.
func (m *Map) Places() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.seen)
}
