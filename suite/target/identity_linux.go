package target

import "os"

// identity is one process for good: its id alone may be given to another.
type identity struct {
	pid   int
	start uint64
}

// identify returns the identity of a process that runs.
func identify(pid int) (identity, error) {
	s, err := statOf(pid)
	if err == nil && s.ended() {
		err = os.ErrProcessDone
	}
	return identity{pid, s.start}, err
}

// running tells whether the process still runs.
func (i identity) running() bool {
	s, err := statOf(i.pid)
	return err == nil && s.start == i.start && !s.ended()
}

// kill ends the process if it still is the same. The handle (a pidfd) is taken
// before the look, so that no other process can be hit.
func (i identity) kill() {
	process, err := os.FindProcess(i.pid)
	if err != nil {
		return
	}
	if i.running() {
		_ = process.Kill()
	}
	_ = process.Release()
}

// kin returns the leader's living descendants, whatever group they are in.
func (p *Process) kin() []identity {
	if _, ended := p.Exited(); ended {
		return nil // they have another parent by now
	}
	table, err := processes()
	if err != nil {
		return nil
	}
	var kin []identity
	for _, s := range descendants(table, p.Leader()) {
		kin = append(kin, identity{s.pid, s.start})
	}
	return kin
}
