package kernel

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamspec/streamspec/internal/patience"
)

// Adopt makes this process the parent of every descendant whose own parent ends, so that none is lost sight of: a daemon is ours then,
// and not the system's first process's.
func Adopt() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// Marked returns the living processes in whose environment, as they were started with it, a variable stands: name=value. Those of other
// users are not seen. A process that becomes another program just then has no environment for a moment, and is looked at again.
func Marked(variable string) []Identity {
	table, err := processes()
	if err != nil {
		return nil
	}
	const looks, kernelThreads = 5, 2 // which have none ever
	var found []Identity
	for range looks {
		for pid, s := range table {
			environ, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
			if err == nil && len(environ) == 0 && !s.ended() && s.parent != kernelThreads && pid != kernelThreads {
				continue
			}
			delete(table, pid)
			if err == nil && !s.ended() && pid != os.Getpid() && bytes.Contains(append([]byte{0}, environ...), []byte("\x00"+variable+"\x00")) {
				found = append(found, Identity{pid, s.start})
			}
		}
		if len(table) == 0 {
			break
		}
		time.Sleep(patience.LookAtQueue)
	}
	return found
}

// EndDescendants kills the descendants of this process, those that they start meanwhile too, and waits until none runs; so long at most.
func EndDescendants(bound time.Duration) {
	for end := time.Now().Add(bound); ; {
		left := Descendants(os.Getpid())
		if len(left) == 0 || time.Now().After(end) {
			return
		}
		for _, one := range left {
			one.Kill()
		}
		time.Sleep(patience.LookAtStop)
	}
}
