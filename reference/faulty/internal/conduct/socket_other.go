//go:build !linux

package conduct

import (
	"syscall"

	"github.com/streamspec/streamspec/reference/faulty/internal/plant"
)

// canShare says that it is not known how two sockets could listen on one address here.
const canShare = false

func share(_, _ string, _ syscall.RawConn) error {
	return nil
}

// unsent cannot be known here: what is in doubt has not come to the client.
func unsent(plant.Conn) bool {
	return true
}

// hungUp leaves it to endFollows: here it is not known what had come before.
func hungUp(plant.Conn) bool { return true }
