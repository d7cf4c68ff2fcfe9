//go:build !linux

package kernel

import (
	"os"

	"github.com/shirou/gopsutil/v4/process"
)

// Identity is one process for good: its id alone may be given to another.
type Identity struct {
	PID   int
	start int64
}

// Identify returns the identity of a process that runs; the error says why nothing can be told of it.
func Identify(pid int) (Identity, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return Identity{}, err
	}
	start, err := p.CreateTime()
	return Identity{pid, start}, err
}

// Rests tells whether a process waits for something from outside, which cannot be told here: it is true.
func Rests(int) bool { return true }

// Running tells whether the process still runs.
func (i Identity) Running() bool {
	now, err := Identify(i.PID)
	return err == nil && now == i
}

// Kill ends the process if it still is the same.
func (i Identity) Kill() {
	if process, err := os.FindProcess(i.PID); err == nil && i.Running() {
		_ = process.Kill()
	}
}

// Descendants returns the living descendants of a process; none where that cannot be told.
func Descendants(pid int) []Identity {
	members, err := family(pid)
	if err != nil {
		return nil
	}
	var found []Identity
	for _, member := range members[1:] {
		if i, err := Identify(member); err == nil {
			found = append(found, i)
		}
	}
	return found
}
