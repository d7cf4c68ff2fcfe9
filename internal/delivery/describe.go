package delivery

import (
	"fmt"
	"strings"
	"time"
)

// listedCuts is the largest number of cuts that Describe names one by one.
const listedCuts = 5

// Describe says in words how a request of n bytes is delivered: "whole, then half-close", "cut in two after byte 7 of
// 12", "byte by byte (12 segments)", "cut after bytes 3, 9 and 14 of 20", and for more than five cuts "in 57 segments".
// Pauses follow (", 5ms after each cut", or ", with pauses"), and then the end, unless the stream is left open.
// The segments should be valid for n.
func (p Segments) Describe(n int) string {
	var b strings.Builder
	switch {
	case len(p.Cuts) == 0:
		b.WriteString("whole")
	case len(p.Cuts) == n-1:
		fmt.Fprintf(&b, "byte by byte (%d segments)", n)
	case len(p.Cuts) == 1:
		fmt.Fprintf(&b, "cut in two after byte %d of %d", p.Cuts[0].At, n)
	case len(p.Cuts) <= listedCuts:
		b.WriteString("cut after bytes ")
		for i, c := range p.Cuts {
			switch {
			case i == len(p.Cuts)-1:
				b.WriteString(" and ")
			case i > 0:
				b.WriteString(", ")
			}
			fmt.Fprint(&b, c.At)
		}
		fmt.Fprintf(&b, " of %d", n)
	default:
		fmt.Fprintf(&b, "in %d segments", len(p.Cuts)+1)
	}
	b.WriteString(p.describePauses())
	switch p.End {
	case Open:
	case HalfCloseWithData:
		b.WriteString(", half-close with the last segment")
	default:
		b.WriteString(", then " + p.End.String())
	}
	return b.String()
}

// describePauses says in words which pauses follow the cuts; nothing when there is none.
func (p Segments) describePauses() string {
	var first time.Duration
	paused, alike := false, true
	for i, c := range p.Cuts {
		if i == 0 {
			first = c.Pause
		}
		paused = paused || c.Pause > 0
		alike = alike && c.Pause == first
	}
	switch {
	case !paused:
		return ""
	case !alike:
		return ", with pauses"
	case len(p.Cuts) == 1:
		return fmt.Sprintf(", %v after the cut", first)
	}
	return fmt.Sprintf(", %v after each cut", first)
}
