// Package load tells what a server does with the processors, from two looks at it.
package load

import (
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// A Share is what a server took between two looks at it, in parts of one core.
type Share struct {
	Used  float64 // for which it ran
	Ready float64 // for which it ran, or waited for a processor
}

// Between returns the share of two looks, so far apart.
func Between(before, after kernel.Figures, took time.Duration) Share {
	if before.Runnable && after.Runnable && after.Ready == before.Ready { // it has waited for a processor all the time
		return Share{Ready: 1}
	}
	return Share{Used: (after.CPU - before.CPU).Seconds() / took.Seconds(), Ready: (after.Ready - before.Ready).Seconds() / took.Seconds()}
}

// A Load is what a server does with the processor while nothing happens.
type Load int

const (
	Resting  Load = iota
	Spinning      // it burns CPU
	Starved       // it would run, and others left it next to nothing of the processor
)

// Load says what it is. A server that burns CPU takes a fifth of a core; or, on a machine whose cores others take, it takes some and is ready
// for most of the time.
func (s Share) Load() Load {
	const burning, some, most = 0.2, 0.04, 0.7
	switch {
	case s.Used >= burning, s.Used >= some && s.Ready >= most:
		return Spinning
	case s.Ready >= most:
		return Starved
	}
	return Resting
}

// Owed says whether a server under this load may be at work on what it was asked for, when it has worked for so long before its clients
// left, and so long since.
func (l Load) Owed(since, before time.Duration) bool { return l != Resting && since < before }
