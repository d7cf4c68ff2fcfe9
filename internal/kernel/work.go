package kernel

import "time"

// Work is for how long each process of a family had run, or waited for a processor, when it was looked at. It is what
// [Figures].Ready is the sum of.
type Work struct {
	at time.Time
	of map[int]time.Duration // by the number of the process
}

// WorkOf looks at a process and its living descendants; ok is false where that cannot be done. It costs less than Observe.
func WorkOf(pid int) (w Work, ok bool) {
	members, err := family(pid)
	if err != nil {
		return Work{}, false
	}
	w = Work{at: time.Now(), of: make(map[int]time.Duration, len(members))}
	for _, m := range members {
		ready, ok := readyOf(m)
		if !ok {
			if ready, err = cpuOf(m); err != nil {
				continue // it has ended
			}
		}
		w.of[m] = ready
	}
	return w, true
}

// Since returns how much was worked since before was looked at. What a process did that has begun or ended since is not
// known: the family is taken to have been at work for all of the time then.
func (w Work) Since(before Work) time.Duration {
	var sum time.Duration
	for pid, now := range w.of {
		then, known := before.of[pid]
		if !known {
			return max(w.at.Sub(before.at), sum)
		}
		sum += max(now-then, 0) // less, where a thread has ended
	}
	if len(before.of) > len(w.of) {
		return max(w.at.Sub(before.at), sum)
	}
	return sum
}
