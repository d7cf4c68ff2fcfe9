package exchange

import (
	"bytes"
	"slices"

	"github.com/streamspec/streamspec/suite/dialect"
)

// How much is answered to what is sent: an answer may be a hundred thousand times as long as its message.

// very is how many times as long as its message an answer is that is not asked for over and over where there are others.
const very = 16

// mostAnswered is how many bytes of answers are asked for at once: they are in memory on both sides.
const mostAnswered = 32 << 20

// answerLen is about how many bytes the answer to the message i has.
func (d *Dialect) answerLen(i int) int {
	example, _ := d.known[i].answer.For(unnamed)
	return len(example)
}

// ratio is how many times as long as its message the answer is.
func (d *Dialect) ratio(i int) float64 {
	return float64(d.answerLen(i)) / float64(max(d.File.Messages[i].Send.Len(), 1))
}

// modest are the messages that pipeline whose answers are not very long for them; where all are, the one that has the least of them.
func (d *Dialect) modest() []int {
	which := d.Pipelined()
	if len(which) == 0 {
		return nil
	}
	least := slices.MinFunc(which, func(a, b int) int { return d.answerLen(a) - d.answerLen(b) })
	some := slices.DeleteFunc(slices.Clone(which), func(i int) bool { return d.ratio(i) > very })
	if len(some) == 0 {
		some = []int{least}
	}
	return some
}

// Burst is the message that pipelines with the longest answer for its bytes, over and over: answers that wait fill a buffer sooner. One
// that is answered with very much more than was sent is taken where there is no other.
func (d *Dialect) Burst(conn string, _ uint64) (requests []byte, answers int) {
	which := d.modest()
	if len(which) == 0 {
		return nil, 0
	}
	best := slices.MaxFunc(which, func(a, b int) int {
		if d.ratio(a) < d.ratio(b) {
			return -1
		}
		return 1
	})
	s := d.Copies(best, 1).Bind(conn)
	n := 1 + (64<<10)/len(s.Request)
	return bytes.Repeat(s.Request, n), n * len(s.Answer())
}

// Lengthy are the messages whose answers have so many bytes at the least, the longest answer first.
func (d *Dialect) Lengthy(least int) []dialect.Session {
	which := slices.DeleteFunc(d.stable(), func(i int) bool { return d.answerLen(i) < least })
	slices.SortStableFunc(which, func(a, b int) int { return d.answerLen(b) - d.answerLen(a) })
	var all []dialect.Session
	for _, i := range which {
		all = append(all, d.session(i, 1))
	}
	return all
}
