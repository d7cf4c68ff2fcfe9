package delivery

import (
	"bytes"

	"github.com/streamspec/streamspec/internal/match"
)

// The bounds of the evidence that an answer carries.
const (
	defaultHead = 4 << 10  // bytes from the beginning
	mostHead    = 64 << 20 // when the caller wants more
	around      = 256      // bytes before, and from, the first difference on
)

// comparison compares an answer with the right ones while it arrives, and keeps evidence of bounded size.
type comparison struct {
	any    [][]byte
	like   []*match.State // beside any: where it is not nil, it judges
	agreed []int          // for each right answer, how many of the bytes received agree with it
	living int            // how many right answers agree with all of them
	total  int64
	head   []byte
	keep   int
	tail   []byte // from the first difference on, at most around
}

// newComparison returns the comparison with the right answers of w, nothing being received yet.
func newComparison(w Want) *comparison {
	keep := defaultHead
	if w.Keep > 0 {
		keep = min(w.Keep, mostHead)
	}
	c := &comparison{any: w.Any, like: make([]*match.State, len(w.Any)), agreed: make([]int, len(w.Any)), living: len(w.Any), keep: keep}
	for i, p := range w.Like {
		if p != nil {
			c.like[i] = p.Start()
		}
	}
	return c
}

// take compares the bytes that arrived next. It copies what it keeps of them.
func (c *comparison) take(b []byte) {
	if room := c.keep - len(c.head); room > 0 {
		c.head = append(c.head, b[:min(room, len(b))]...)
	}
	at := c.total
	c.total += int64(len(b))
	if len(c.any) == 0 {
		return
	}
	if c.living == 0 {
		c.tail = append(c.tail, b[:min(around-len(c.tail), len(b))]...)
		return
	}
	living, most := 0, 0
	for i, right := range c.any {
		if int64(c.agreed[i]) < at {
			continue
		}
		n := 0
		if c.like[i] != nil {
			n = c.like[i].Take(b)
		} else {
			n = commonPrefix(right[at:], b)
		}
		c.agreed[i] += n
		most = max(most, n)
		if n == len(b) {
			living++
		}
	}
	c.living = living
	if living == 0 {
		c.tail = append(c.tail, b[most:min(most+around, len(b))]...)
	}
}

// commonPrefix returns how many bytes a and b begin with in common.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	// Half as far each time, so that nearly all is compared as fast as the machine can.
	low, high := 0, n // a[:low] is equal, a[:high] is not
	for high-low > 1 {
		mid := (low + high) / 2
		if bytes.Equal(a[low:mid], b[low:mid]) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// closest returns the index of the right answer that agrees longest: a complete one before others that agree as long, then
// the first; -1 without any.
func (c *comparison) closest() int {
	best := -1
	for i, n := range c.agreed {
		if best < 0 || n > c.agreed[best] || n == c.agreed[best] && c.complete(i) && !c.complete(best) {
			best = i
		}
	}
	return best
}

// complete says whether exactly the right answer i was received.
func (c *comparison) complete(i int) bool {
	if int64(c.agreed[i]) != c.total {
		return false
	}
	if c.like[i] != nil {
		return c.like[i].Complete()
	}
	return c.total == int64(len(c.any[i]))
}

// more says whether the right answer i, which agrees with all that was received, can go on.
func (c *comparison) more(i int) bool {
	if c.like[i] != nil {
		return c.like[i].More()
	}
	return c.total < int64(len(c.any[i]))
}

// wrong says whether no right answer agrees with what was received.
func (c *comparison) wrong() bool { return len(c.any) > 0 && c.living == 0 }

// enough says whether the most expected answer is complete, or none that agrees has more to come.
func (c *comparison) enough() bool {
	if len(c.any) == 0 || c.living == 0 {
		return false
	}
	if c.complete(0) && !c.more(0) {
		return true
	}
	for i := range c.any {
		if int64(c.agreed[i]) == c.total && c.more(i) {
			return false
		}
	}
	return true
}

// answer returns what the comparison came to. With prefix, the start of a right answer is right.
func (c *comparison) answer(prefix bool) Answer {
	a := Answer{
		Total: c.total, Head: c.head, FirstDifference: -1, Match: -1, Closest: c.closest(),
		State: Unjudged, Ending: StillOpen,
	}
	if a.Closest < 0 {
		return a
	}
	switch {
	case c.wrong():
		a.State = Wrong
	case c.complete(a.Closest):
		a.State, a.Match = Right, a.Closest
		return a
	case prefix:
		a.State = Right
		return a
	default:
		a.State = Short
	}
	at := c.agreed[a.Closest]
	a.FirstDifference = int64(at)
	if min(c.total, int64(at+around)) > int64(len(c.head)) {
		from := max(0, at-around)
		if c.like[a.Closest] != nil { // whose example is not what has come
			from = at
		}
		a.Window = append(append(a.Window, c.any[a.Closest][min(from, len(c.any[a.Closest])):min(at, len(c.any[a.Closest]))]...), c.tail...)
		a.WindowAt = int64(from)
	}
	return a
}
