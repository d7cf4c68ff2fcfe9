package player

import (
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/report"
)

// Counts are what the connections of one player add up to.
type Counts struct {
	Checks   int
	Cuts     report.Cuts
	Observed []string
	LeftOut  int  // deliveries that were not made, or cut less often, since the server is slow
	Exceeded bool // there were to be more clients than the server serves
}

// tally counts what the connections of one player do, and holds what is to be undone.
type tally struct {
	over func() error // why the player must end now, if it must

	mu      sync.Mutex
	serial  int
	open    int // connections
	counted Counts
	undo    []func()
	last    *Trial        // the last session that was delivered
	came    []came        // the clients that came last
	patient bool          // cuts wait longer to be confirmed
	began   time.Time     // since when deliveries may be left out; zero where none may
	full    time.Duration // how long all are made
	offered int           // deliveries since then, made or left out
	vain    int           // deliveries that were made once more, and were no more as planned than before; and long waits for a cut in vain
}

// mostVain is how many deliveries are made once more, or cuts waited for as long, for nothing: the server reads as it likes, and
// there are no more then.
const mostVain = 3

func newTally() *tally { return &tally{over: func() error { return nil }} }

func (t *tally) next() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.serial++
	return t.serial
}

func (t *tally) observe(remark string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counted.Observed = append(t.counted.Observed, remark)
}

func (t *tally) check(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counted.Checks += n
}

// exceed notes that there were to be more clients than the server serves.
func (t *tally) exceed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counted.Exceeded = true
}

func (t *tally) counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counted
	c.Observed = slices.Clone(c.Observed)
	return c
}

func (t *tally) cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.undo = append(t.undo, f)
}

// clear ends what was left, the last first.
func (t *tally) clear() {
	t.mu.Lock()
	undo := t.undo
	t.undo = nil
	t.mu.Unlock()
	for _, f := range slices.Backward(undo) {
		f()
	}
}

// came is a client, and whether it came when those before it had left.
type came struct {
	client *Client
	then   bool
}

func (t *tally) opened(c *Client) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.came) == mostDoings {
		t.came = append(t.came[:0], t.came[1:]...)
	}
	t.came = append(t.came, came{c, t.open == 0})
	t.open++
}

// closed counts what a connection did.
func (t *tally) closed(cuts delivery.CutCount) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	t.counted.Checks++
	t.counted.Cuts.Made += cuts.Made
	t.counted.Cuts.Confirmed += cuts.Confirmed
}

// others is how many connections are open beside one.
func (t *tally) others() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.open-1, 0)
}

func (t *tally) keep(last *Trial) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = last
}

func (t *tally) kept() *Trial {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// madeAgain takes a delivery out of what is counted: another counts in its place, and was in vain where it is unplanned too.
func (t *tally) madeAgain(first delivery.CutCount, unplanned bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counted.Checks--
	t.counted.Cuts.Made -= first.Made
	t.counted.Cuts.Confirmed -= first.Confirmed
	if unplanned {
		t.vain++
	}
}

// cut is how long a cut waits to be confirmed.
func (t *tally) cut(p patience.Patience) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.patient {
		return t.long(p)
	}
	return p.Cut
}

// longCut is how long a cut waits that has more time, unless that has been in vain.
func (t *tally) longCut(p patience.Patience) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.long(p)
}

// long is longCut; t.mu is held.
func (t *tally) long(p patience.Patience) time.Duration {
	if t.vain < mostVain {
		return p.CutAgain()
	}
	return p.Cut
}

func (t *tally) inVain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vain++
}

// morePatience has later cuts wait longer to be confirmed; false where that has been in vain, or they wait as long as they may.
func (t *tally) morePatience(p patience.Patience) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.patient = true
	return t.vain < mostVain && p.Cut < p.CutAgain()
}
