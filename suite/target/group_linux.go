package target

import (
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// awaitGone waits until no process of a group and none of its leader's kin
// runs, so that their sockets and files are given back too.
func awaitGone(group int, kin []kernel.Identity, bound time.Duration) {
	await(bound, func() bool {
		for _, k := range kin {
			if k.Running() {
				return false
			}
		}
		if syscall.Kill(-group, 0) == syscall.ESRCH {
			return true
		}
		return !kernel.GroupRuns(group)
	})
}
