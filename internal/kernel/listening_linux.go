package kernel

import (
	"errors"
	"os"
	"strconv"
)

// Listeners returns the sockets that listen on a port, by sock_diag, and where
// that is not allowed from /proc/net. The error is [ErrUnknown] where the system tells neither.
func Listeners(port int) ([]Listener, error) {
	found, err := diagnose(port)
	if err != nil {
		found, err = readTables(port)
	}
	if err != nil {
		return nil, errors.Join(ErrUnknown, err)
	}
	return found, nil
}

// queues returns the sockets that listen on a port, with their queues. The error is [ErrUnknown] where the system does not tell.
func queues(port int) ([]Listener, error) {
	found, err := diagnose(port)
	if err != nil {
		return nil, errors.Join(ErrUnknown, err)
	}
	return found, nil
}

// Holder returns the process that holds one of the sockets: the leader of a process group,
// else its nearest descendant, else a member of its group; 0 when none is seen
// to, be it for want of permission.
func Holder(leader int, sockets []Listener) int {
	wanted := make(map[string]bool)
	for _, s := range sockets {
		wanted["socket:["+strconv.FormatUint(s.Inode, 10)+"]"] = true
	}
	if holdsAny(leader, wanted) {
		return leader
	}
	table, err := processes()
	if err != nil {
		return 0
	}
	candidates := descendants(table, leader)
	seen := map[int]bool{leader: true}
	for _, c := range candidates {
		seen[c.pid] = true
	}
	for _, s := range table {
		if s.group == leader && !seen[s.pid] && !s.ended() {
			candidates = append(candidates, s)
		}
	}
	for _, c := range candidates {
		if holdsAny(c.pid, wanted) {
			return c.pid
		}
	}
	return 0
}

// holdsAny tells whether a descriptor of the process is one of the sockets.
func holdsAny(pid int, sockets map[string]bool) bool {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	names, _ := d.Readdirnames(-1)
	_ = d.Close()
	for _, name := range names {
		if link, err := os.Readlink(dir + "/" + name); err == nil && sockets[link] {
			return true
		}
	}
	return false
}
