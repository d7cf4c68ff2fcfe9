//go:build unix && !linux

package target

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/internal/kernel"
)

// awaitGone waits until a process group has no member, so that its sockets and
// files are given back too.
func awaitGone(group int, _ []kernel.Identity, bound time.Duration) {
	await(bound, func() bool { return errors.Is(unix.Kill(-group, 0), unix.ESRCH) })
}
