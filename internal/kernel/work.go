package kernel

import "time"

// Work is what the threads of each process of a family have had of the processors up to when it was looked at.
type Work struct {
	at time.Time
	of map[int]map[int]thread // by the numbers of the process and of the thread
}

// A thread is what the kernel says of one.
type thread struct {
	ran      time.Duration
	waited   time.Duration // for a processor, while it would have run; the kernel counts a wait once that is over
	runnable bool          // it ran just now, or waited for a processor
}

func (t thread) ready() time.Duration { return t.ran + t.waited }

// held says whether the thread has waited for a processor up to now since it was looked at, as far as that can be told.
func (t thread) held(since thread) bool { return t.runnable && t.ready() == since.ready() }

// WorkOf looks at a process and its living descendants; ok is false where that cannot be done. It costs less than Observe.
func WorkOf(pid int) (w Work, ok bool) {
	members, err := family(pid)
	if err != nil {
		return Work{}, false
	}
	w = Work{at: time.Now(), of: make(map[int]map[int]thread, len(members))}
	for _, m := range members {
		threads, ok := threadsOf(m)
		if !ok {
			cpu, err := cpuOf(m)
			if err != nil {
				continue // it has ended
			}
			threads = map[int]thread{m: {ran: cpu}}
		}
		w.of[m] = threads
	}
	return w, true
}

// Since returns for how long the family ran, or waited for a processor, since before was looked at. What a process did that has begun or
// ended since is not known: the family is taken to have been at work for all of the time then.
func (w Work) Since(before Work) time.Duration {
	elapsed := w.at.Sub(before.at)
	var sum time.Duration
	for pid, threads := range w.of {
		then, known := before.of[pid]
		if !known {
			return max(elapsed, sum)
		}
		for n, t := range threads {
			if did := t.ready() - then[n].ready(); t.held(then[n]) {
				sum += elapsed
			} else {
				sum += max(did, 0)
			}
		}
	}
	if len(before.of) > len(w.of) {
		return max(elapsed, sum)
	}
	return sum
}

// Waited returns for how much of the time since before was looked at the family was kept from what there was to do: that for which one of its
// threads waited for a processor, the one that did longest.
func (w Work) Waited(before Work) time.Duration {
	elapsed := w.at.Sub(before.at)
	var longest time.Duration
	for pid, threads := range w.of {
		for n, t := range threads {
			then := before.of[pid][n]
			if t.held(then) {
				return elapsed
			}
			longest = max(longest, t.waited-then.waited)
		}
	}
	return min(longest, elapsed)
}
