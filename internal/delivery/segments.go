package delivery

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// ClientEnd is how the client ends its stream once the last segment of a request was sent.
type ClientEnd int

const (
	// Open leaves the stream open: nothing follows the last segment.
	Open ClientEnd = iota
	// HalfClose sends a FIN on its own, after the last segment was read as a cut would be confirmed.
	HalfClose
	// HalfCloseWithData lets the FIN travel with the last segment, so that one segment brings the data and the end. It is
	// exact on Linux for a last segment that is not a multiple of the connection's segment size; elsewhere the FIN follows
	// the data at once. A request without bytes ends in a FIN on its own.
	HalfCloseWithData
	// Reset sends a RST as soon as the server's kernel acknowledged the last segment, or after the wait for it ran out;
	// the server may not have read the segment by then. The connection is closed.
	Reset
)

// String names the end in the words that [Segments.Describe] uses: "open", "half-close", "half-close with the last segment",
// "reset".
func (e ClientEnd) String() string {
	switch e {
	case Open:
		return "open"
	case HalfClose:
		return "half-close"
	case HalfCloseWithData:
		return "half-close with the last segment"
	case Reset:
		return "reset"
	}
	return fmt.Sprintf("ClientEnd(%d)", int(e))
}

// Cut divides a request in two segments.
type Cut struct {
	// At is the number of the request's bytes that lie before the cut.
	At int
	// Pause is how long the client waits before the next segment, counted from when the cut was confirmed. A cut is given up
	// no sooner than this has passed, and then the client waits no longer.
	Pause time.Duration
}

// Segments is a delivery: where a request is cut, and how its stream ends. The zero value sends the whole request in one
// segment and leaves the stream open. They are values: the With methods return changed copies that share nothing.
type Segments struct {
	Cuts []Cut
	End  ClientEnd
}

// Whole sends the request undivided, and leaves the stream open.
func Whole() Segments { return Segments{} }

// CutAt cuts the request at the offsets, which must be ascending and inside of the request
// ([Segments.Validate] says whether they are), and leaves the stream open.
func CutAt(offsets ...int) Segments {
	var p Segments
	for _, at := range offsets {
		p.Cuts = append(p.Cuts, Cut{At: at})
	}
	return p
}

// EveryByte sends each of a request's n bytes as a segment of its own. For n under 2 that is [Whole].
func EveryByte(n int) Segments {
	if n < 2 {
		return Segments{}
	}
	p := Segments{Cuts: make([]Cut, n-1)}
	for i := range p.Cuts {
		p.Cuts[i].At = i + 1
	}
	return p
}

// Random cuts a request of n bytes at distinct random offsets, every choice being equally likely.
// There are as many cuts as asked for, at most n-1 and at least none.
func Random(r *rand.Rand, n, cuts int) Segments {
	places := max(n-1, 0)
	cuts = min(max(cuts, 0), places)
	if cuts == 0 {
		return Segments{}
	}
	// Floyd's choice of a subset: as many draws as cuts, however long the request is.
	chosen := make(map[int]bool, cuts)
	offsets := make([]int, 0, cuts)
	for j := places - cuts + 1; j <= places; j++ {
		at := 1 + r.IntN(j)
		if chosen[at] {
			at = j
		}
		chosen[at] = true
		offsets = append(offsets, at)
	}
	slices.Sort(offsets)
	return CutAt(offsets...)
}

// WithEnd returns the segments with another end.
func (p Segments) WithEnd(e ClientEnd) Segments {
	p.Cuts = slices.Clone(p.Cuts)
	p.End = e
	return p
}

// WithPause returns the segments with the same pause after each of its cuts.
func (p Segments) WithPause(d time.Duration) Segments {
	p.Cuts = slices.Clone(p.Cuts)
	for i := range p.Cuts {
		p.Cuts[i].Pause = d
	}
	return p
}

// Validate says whether the segments fit a request of n bytes. It returns an error that names the first fault: a cut that is
// not inside of the request (0 < At < n), cuts that do not ascend, a pause below zero, or an end that does not exist.
func (p Segments) Validate(n int) error {
	if n < 0 {
		return fmt.Errorf("a request of %d bytes", n)
	}
	last := 0
	for i, c := range p.Cuts {
		switch {
		case c.At <= 0 || c.At >= n:
			return fmt.Errorf("cut %d is after byte %d, not inside of a request of %d bytes", i+1, c.At, n)
		case c.At <= last:
			return fmt.Errorf("cut %d is after byte %d, not beyond the one before it, after byte %d", i+1, c.At, last)
		case c.Pause < 0:
			return fmt.Errorf("cut %d has a pause of %v", i+1, c.Pause)
		}
		last = c.At
	}
	if p.End < Open || p.End > Reset {
		return fmt.Errorf("the end %d does not exist", int(p.End))
	}
	return nil
}
