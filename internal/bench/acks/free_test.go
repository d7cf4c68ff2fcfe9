package acks

import (
	"slices"
	"testing"
	"time"
)

// TestFreeOfAcknowledgements: a few answers in two writes may come without a wait, on a busy machine, and none of them whole before there
// was an acknowledgement.
func TestFreeOfAcknowledgements(t *testing.T) {
	whole := Turned{Took: 60 * time.Millisecond, Unacknowledged: true, Free: true}
	seen := Turned{Took: 60 * time.Millisecond, Free: true}
	quick := Turned{Took: time.Millisecond}
	untold := Turned{Took: 60 * time.Millisecond}
	held := Turned{Took: 41 * time.Millisecond, Held: 5}
	of := func(n int, t Turned) []Turned { return slices.Repeat([]Turned{t}, n) }
	for name, c := range map[string]struct {
		turned     []Turned
		free, held bool
	}{
		"all whole":                    {of(8, whole), true, false},
		"all quick, and not seen":      {of(8, quick), true, false},
		"two whole":                    {slices.Concat(of(2, whole), of(6, untold)), true, false},
		"one whole":                    {slices.Concat(of(1, whole), of(7, untold)), false, false},
		"two that nothing held":        {slices.Concat(of(2, seen), of(6, untold)), false, false},
		"two quick ones":               {slices.Concat(of(2, quick), of(6, untold)), false, false},
		"most, of one kind or another": {slices.Concat(of(2, quick), of(2, seen), of(1, whole), of(3, untold)), true, false},
		"most, and one is held":        {slices.Concat(of(7, seen), of(1, held)), false, false},
		"two whole, and one is held":   {slices.Concat(of(2, whole), of(1, held), of(5, untold)), true, false},
		"most are held":                {slices.Concat(of(2, quick), of(1, seen), of(5, held)), false, true},
		"none told":                    {of(8, untold), false, false},
	} {
		if got := Free(c.turned); got != c.free || (HeldBack(c.turned) != nil) != c.held {
			t.Errorf("%s: free is %v, held back %d", name, got, len(HeldBack(c.turned)))
		}
	}
}
