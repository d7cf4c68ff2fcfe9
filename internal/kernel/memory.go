package kernel

import (
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// MemoryWatch looks at the memory of one process and its descendants many times
// in a row. It is not for use by several goroutines at once.
type MemoryWatch struct {
	pid     int
	members []int
	found   time.Time     // when the members were found
	took    time.Duration // for how long they were looked for
}

// WatchMemory returns a watch of the process; nothing is looked at yet.
func WatchMemory(pid int) *MemoryWatch { return &MemoryWatch{pid: pid} }

// latest is how soon after the last time new descendants are looked for, however long that takes.
const latest = 100 * time.Millisecond

// Look returns the resident bytes, as [Figures] has them, and its errors are those of [Observe]. A new descendant may be
// seen a moment late: to look for them is to read the whole table of processes, for which a tenth of the time must do.
func (w *MemoryWatch) Look() (uint64, error) {
	if begin := time.Now(); begin.Sub(w.found) >= min(10*w.took, latest) {
		members, err := family(w.pid)
		if err != nil {
			return 0, explain(w.pid, err)
		}
		w.members, w.found = members, time.Now()
		w.took = w.found.Sub(begin)
	}
	if len(w.members) > 1 {
		if shared, ok := sharedMemory(w.members); ok {
			return shared, nil
		}
	}
	var sum uint64
	for i, pid := range w.members {
		memory, err := (&process.Process{Pid: int32(pid)}).MemoryInfo()
		if err != nil && i > 0 && gone(pid, err) {
			continue
		}
		if err != nil {
			return 0, explain(pid, err)
		}
		sum += memory.RSS
	}
	return sum, nil
}
