package kernel

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// LimitDescriptors lets a process, and each of its living descendants, open no more than so many descriptors beside those that it
// has. The limit is the soft one (RLIMIT_NOFILE): a process may raise it again.
func LimitDescriptors(pid, more int) error {
	members, err := family(pid)
	if err != nil {
		return explain(pid, err)
	}
	for i, m := range members {
		limit, err := narrowed(m, more)
		if err == nil {
			err = unix.Prlimit(m, unix.RLIMIT_NOFILE, &limit, nil)
		}
		if err != nil && (i == 0 || !gone(m, err)) {
			return explain(m, err)
		}
	}
	return nil
}

// narrowed is the limit of a process below which so many numbers of descriptors are free.
func narrowed(pid, more int) (unix.Rlimit, error) {
	var limit unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return limit, err
	}
	taken, err := numbers(pid)
	if err != nil {
		return limit, err
	}
	most, left := uint64(0), more
	for ; left > 0 && most < limit.Cur; most++ {
		if !taken[most] {
			left--
		}
	}
	limit.Cur = most
	return limit, nil
}

// FreeDescriptors is how many descriptors a process may open still; of a family, the least of any member.
func FreeDescriptors(pid int) (int, error) {
	members, err := family(pid)
	if err != nil {
		return 0, explain(pid, err)
	}
	least := -1
	for i, m := range members {
		var limit unix.Rlimit
		err := unix.Prlimit(m, unix.RLIMIT_NOFILE, nil, &limit)
		var taken map[uint64]bool
		if err == nil {
			taken, err = numbers(m)
		}
		switch {
		case err != nil && i > 0 && gone(m, err):
			continue
		case err != nil:
			return 0, explain(m, err)
		}
		free := int(min(limit.Cur, mostDescriptors))
		for n := range taken {
			if n < limit.Cur {
				free--
			}
		}
		if least < 0 || free < least {
			least = free
		}
	}
	return least, nil
}

// mostDescriptors stands for a limit that is none.
const mostDescriptors = 1 << 30

// numbers are those of the descriptors that a process has.
func numbers(pid int) (map[uint64]bool, error) {
	all, err := numbered("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		return nil, err
	}
	taken := make(map[uint64]bool, len(all))
	for _, n := range all {
		taken[uint64(n)] = true
	}
	return taken, nil
}
