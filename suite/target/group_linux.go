package target

import (
	"syscall"
	"time"
)

// awaitGone waits until no process of a group and none of its leader's kin
// runs, so that their sockets and files are given back too.
func awaitGone(group int, kin []identity, bound time.Duration) {
	await(bound, func() bool {
		for _, k := range kin {
			if k.running() {
				return false
			}
		}
		if syscall.Kill(-group, 0) == syscall.ESRCH {
			return true
		}
		table, err := processes() // of a process that has ended nothing but its status may be left for a while
		if err != nil {
			return true
		}
		for _, s := range table {
			if s.group == group && !s.ended() {
				return false
			}
		}
		return true
	})
}
