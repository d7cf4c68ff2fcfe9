package target

import "time"

// await looks until a thing is so, at first often, and gives up at the bound.
// It is for what the system can be asked and does not tell by itself.
func await(bound time.Duration, so func() bool) bool {
	deadline := time.Now().Add(bound)
	for pause := time.Millisecond; ; pause = lengthen(pause) {
		if so() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(pause)
	}
}

// lengthen returns the pause between two looks after one that was too early.
func lengthen(pause time.Duration) time.Duration {
	const longest = 20 * time.Millisecond
	return min(pause+pause/4, longest)
}
