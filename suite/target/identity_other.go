//go:build !linux

package target

import (
	"os"

	"github.com/shirou/gopsutil/v4/process"
)

// identity is one process for good: its id alone may be given to another.
type identity struct {
	pid   int
	start int64
}

// identify returns the identity of a process that runs.
func identify(pid int) (identity, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return identity{}, err
	}
	start, err := p.CreateTime()
	return identity{pid, start}, err
}

// running tells whether the process still runs.
func (i identity) running() bool {
	now, err := identify(i.pid)
	return err == nil && now == i
}

// kill ends the process if it still is the same.
func (i identity) kill() {
	if process, err := os.FindProcess(i.pid); err == nil && i.running() {
		_ = process.Kill()
	}
}

// kin returns the leader's living descendants.
func (p *Process) kin() []identity {
	if _, ended := p.Exited(); ended {
		return nil // they have another parent by now
	}
	pids, err := family(p.Leader())
	if err != nil {
		return nil
	}
	var kin []identity
	for _, pid := range pids[1:] {
		if i, err := identify(pid); err == nil {
			kin = append(kin, i)
		}
	}
	return kin
}
