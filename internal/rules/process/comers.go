package process

import (
	"time"

	"github.com/streamspec/streamspec/internal/bench"
)

// comers is how many of n clients come one after another, least at the fewest. Where a server refuses who is too many, and counts those that
// have left for some time, each waits until there is room for it: no more come then than have room while other cases of it deliver all
// that they have.
func comers(b *bench.Bench, n, least int) int {
	return afforded(n, least, b.Late()/time.Duration(max(b.Clients(bench.MostWorkers), 1)), b.Patience.Thinning())
}

// afforded is how many of n there are, least at the fewest, where each takes so long, and all may take no more than most.
func afforded(n, least int, each, most time.Duration) int {
	if each <= 0 || !(each*time.Duration(n) > most) {
		return n
	}
	return min(max(int(most/each), least), n)
}
