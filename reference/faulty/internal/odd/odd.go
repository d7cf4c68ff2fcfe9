// Package odd has the right servers that look odd: they take, give and wait in
// unusual ways, and keep the whole contract.
package odd

import (
	"slices"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// Controls returns every one of them.
func Controls() []plant.Control {
	return slices.Concat(connections, times, threads, sessions, buffers, pieces, full, histories)
}
