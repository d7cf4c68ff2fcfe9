//go:build !unix

package conduct

import (
	"sync"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// receive reads, and calls note with what came; mu is held for note alone.
func receive(conn plant.Conn, p []byte, mu *sync.Mutex, note func([]byte, error)) (int, error) {
	n, err := conn.Read(p)
	mu.Lock()
	defer mu.Unlock()
	note(p[:n], err)
	return n, err
}

// wasReset cannot be known here before a read fails.
func wasReset(plant.Conn) bool {
	return false
}
