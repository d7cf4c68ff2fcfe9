package suite

import (
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// manyCuts is how many single cuts everyCut makes at most. FRAM-2 makes them all.
const manyCuts = 64

// everyCut is the session whole; cut in two at every byte, or, where it is long,
// at every delicate place and as many others as make manyCuts; and byte by byte.
func everyCut(s dialect.Session) []delivery.Plan {
	plans := []delivery.Plan{delivery.Whole()}
	n := len(s.Request)
	for _, at := range sample(n, append(dialect.CRLFSplits(s.Request), dialect.CharacterSplits(s.Request)...)) {
		plans = append(plans, delivery.CutAt(at))
	}
	return append(plans, delivery.EveryByte(n))
}

// everyPair cuts n bytes in three, in every way.
func everyPair(n int) []delivery.Plan {
	var plans []delivery.Plan
	for second := 2; second < n; second++ {
		for first := 1; first < second; first++ {
			plans = append(plans, delivery.CutAt(first, second))
		}
	}
	return plans
}

// sample returns offsets into n bytes in ascending order: all of them, or manyCuts that
// are spread evenly, and as many of the delicate ones again.
func sample(n int, delicate []int) []int {
	step := max(1, (n+manyCuts-1)/manyCuts)
	var at []int
	for i := 1; i < n; i += step {
		at = append(at, i)
	}
	for i := 0; i < len(delicate); i += max(1, (len(delicate)+manyCuts-1)/manyCuts) {
		at = append(at, delicate[i])
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// spread cuts n bytes in parts of about the same size.
func spread(n, cuts int) delivery.Plan {
	var at []int
	for k := 1; k <= cuts; k++ {
		at = append(at, n*k/(cuts+1))
	}
	return cutAt(n, at...)
}

// cutAt cuts n bytes at those of the offsets that fall inside, each once.
func cutAt(n int, offsets ...int) delivery.Plan {
	var at []int
	for _, o := range offsets {
		if 0 < o && o < n {
			at = append(at, o)
		}
	}
	slices.Sort(at)
	return delivery.CutAt(slices.Compact(at)...)
}
