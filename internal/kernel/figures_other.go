//go:build !linux

package kernel

import (
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// familyMax bounds the walk through a table of processes that changes.
const familyMax = 4096

// family lists a process and its living descendants.
func family(pid int) ([]int, error) {
	if _, err := Identify(pid); err != nil {
		return nil, err
	}
	members := []int{pid}
	seen := map[int]bool{pid: true}
	for i := 0; i < len(members) && i < familyMax; i++ {
		children, err := (&process.Process{Pid: int32(members[i])}).Children()
		if err != nil {
			continue // it has none, or has ended
		}
		for _, c := range children {
			if pid := int(c.Pid); !seen[pid] {
				seen[pid] = true
				members = append(members, pid)
			}
		}
	}
	return members, nil
}

// cpuOf returns the processor time of a process.
func cpuOf(pid int) (time.Duration, error) {
	t, err := (&process.Process{Pid: int32(pid)}).Times()
	if err != nil {
		return 0, err
	}
	return time.Duration((t.User + t.System) * float64(time.Second)), nil
}

// sharedMemory cannot be told here.
func sharedMemory([]int) (uint64, bool) { return 0, false }

// threadsOf is told on Linux alone.
func threadsOf(int) (map[int]thread, bool) { return nil, false }
