package kernel

import (
	"os"
	"strconv"
)

// Identity is one process for good: its id alone may be given to another.
type Identity struct {
	PID   int
	start uint64
}

// Identify returns the identity of a process that runs. The error is [os.ErrProcessDone] for one of which only the exit status
// is left, else why nothing can be told of it.
func Identify(pid int) (Identity, error) {
	s, err := statOf(pid)
	if err == nil && s.ended() {
		err = os.ErrProcessDone
	}
	return Identity{pid, s.start}, err
}

// Rests tells whether each thread of a process waits for something from outside, so that it neither computes nor ends; it is also
// true of one of which that cannot be told.
func Rests(pid int) bool {
	folder := "/proc/" + strconv.Itoa(pid) + "/task"
	threads, err := numbered(folder)
	if err != nil {
		return true
	}
	for _, thread := range threads {
		if s, err := statAt(folder+"/"+strconv.Itoa(thread)+"/stat", thread); err == nil && s.state != 'S' {
			return false
		}
	}
	return true
}

// Running tells whether the process still runs.
func (i Identity) Running() bool {
	s, err := statOf(i.PID)
	return err == nil && s.start == i.start && !s.ended()
}

// Kill ends the process if it still is the same. The handle (a pidfd) is taken
// before the look, so that no other process can be hit.
func (i Identity) Kill() {
	process, err := os.FindProcess(i.PID)
	if err != nil {
		return
	}
	if i.Running() {
		_ = process.Kill()
	}
	_ = process.Release()
}

// Descendants returns the living descendants of a process, the nearest first, whatever group they are in; none where that
// cannot be told.
func Descendants(pid int) []Identity {
	table, err := processes()
	if err != nil {
		return nil
	}
	var found []Identity
	for _, s := range descendants(table, pid) {
		found = append(found, Identity{s.pid, s.start})
	}
	return found
}

// GroupRuns tells whether a process of the group runs: of one that has ended nothing but its status may be left for a while.
// It is false where that cannot be told.
func GroupRuns(group int) bool {
	table, err := processes()
	if err != nil {
		return false
	}
	for _, s := range table {
		if s.group == group && !s.ended() {
			return true
		}
	}
	return false
}
