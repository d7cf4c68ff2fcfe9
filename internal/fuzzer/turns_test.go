package fuzzer

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns: who wants to be alone waits for all others, and they for him.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		begun := time.Now()
		at := func(want time.Duration) {
			t.Helper()
			if got := time.Since(begun); got != want {
				t.Errorf("at %v, want %v", got, want)
			}
		}
		for _, stay := range []time.Duration{time.Second, time.Minute} {
			turns.join()
			time.AfterFunc(stay, turns.leave)
		}
		at(0)
		turns.take()
		at(time.Minute)
		if turns.try() {
			t.Error("one is beside who is alone")
		}
		time.AfterFunc(time.Hour, turns.yield)
		turns.join()
		at(time.Minute + time.Hour)
		if !turns.try() {
			t.Error("nobody may be beside others")
		}
	})
}
