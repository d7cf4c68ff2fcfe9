//go:build !unix

package conduct

import (
	"net"
	"sync"
)

// receive reads, and calls note with what came; mu is held for note alone.
func receive(conn *net.TCPConn, p []byte, mu *sync.Mutex, note func([]byte, error)) (int, error) {
	n, err := conn.Read(p)
	mu.Lock()
	defer mu.Unlock()
	note(p[:n], err)
	return n, err
}

// wasReset cannot be known here before a read fails.
func wasReset(*net.TCPConn) bool {
	return false
}
