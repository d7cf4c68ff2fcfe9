package kernel

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"
)

// family lists a process and its living descendants.
func family(pid int) ([]int, error) {
	if _, err := Identify(pid); err != nil {
		return nil, err
	}
	table, err := processes()
	if err != nil {
		return nil, err
	}
	members := []int{pid}
	for _, d := range descendants(table, pid) {
		members = append(members, d.pid)
	}
	return members, nil
}

// cpuOf returns the processor time of a process and of the children that it
// has waited for.
func cpuOf(pid int) (time.Duration, error) {
	s, err := statOf(pid)
	return s.cpu, err
}

// threadsOf returns what the living threads of a process have had of the processors, by their numbers. ok is false where the kernel does not
// count it.
func threadsOf(pid int) (threads map[int]thread, ok bool) {
	folder := "/proc/" + strconv.Itoa(pid) + "/task"
	numbers, err := numbered(folder)
	if err != nil {
		return nil, false
	}
	threads = make(map[int]thread, len(numbers))
	for _, n := range numbers {
		var room [96]byte // more than three numbers take
		path := folder + "/" + strconv.Itoa(n)
		b, err := readInto(room[:], path+"/schedstat")
		if err != nil {
			continue // it ended, or there is no such file
		}
		ran, rest, found := bytes.Cut(bytes.TrimSpace(b), []byte(" "))
		waited, _, _ := bytes.Cut(rest, []byte(" "))
		r, err1 := strconv.ParseInt(string(ran), 10, 64)
		w, err2 := strconv.ParseInt(string(waited), 10, 64)
		if !found || err1 != nil || err2 != nil {
			continue
		}
		state, _ := statAt(path+"/stat", n) // none, of one that has ended
		threads[n] = thread{ran: time.Duration(r), waited: time.Duration(w), runnable: state.state == 'R'}
	}
	return threads, len(threads) > 0
}

// sharedMemory sums the resident memory of a family so that a page counts once,
// however many of them share it: the anonymous and shared memory in proportion
// to the sharers, and the mapped files of the first member, whose text is the
// others' too and strangers'. ok is false where the kernel (before 5.4) or a
// permission does not let us.
func sharedMemory(members []int) (bytes uint64, ok bool) {
	for i, pid := range members {
		dir := "/proc/" + strconv.Itoa(pid)
		parts, err := sizes(dir+"/smaps_rollup", "Pss_Anon", "Pss_Shmem")
		if err != nil {
			if i > 0 && gone(pid, err) {
				continue
			}
			return 0, false
		}
		bytes += parts[0] + parts[1]
		if i == 0 {
			files, err := sizes(dir+"/status", "RssFile")
			if err != nil {
				return 0, false
			}
			bytes += files[0]
		}
	}
	return bytes, true
}

// sizes reads the lines "Name:  123 kB" of a file in /proc.
func sizes(path string, names ...string) ([]uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	found := make([]uint64, len(names))
	missing := len(names)
	for lines := bufio.NewScanner(f); missing > 0 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		for i := range names {
			if names[i] == name {
				kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 54)
				if err != nil {
					return nil, err
				}
				found[i] = kib << 10
				missing--
			}
		}
	}
	if missing > 0 {
		return nil, errors.New(path + " lacks " + strings.Join(names, " or "))
	}
	return found, nil
}
