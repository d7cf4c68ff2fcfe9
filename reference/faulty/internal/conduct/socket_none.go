//go:build !unix

package conduct

import (
	"net"
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// What the faults of sockets need is not had here: they do as the right server does.

func doNotReuse(_, _ string, _ syscall.RawConn) error {
	return nil
}

func setBacklog(*net.TCPListener, int) error {
	return nil
}

func endFollows(plant.Conn) bool {
	return false
}
