// Package patience holds how long the suite, the fuzzer and the launcher of servers wait, and why so long. All waits are here, but
// for how a single connection finds out that a cut was read (delivery's waits.go): those that follow from what was measured of
// this server are methods of [Patience], which the gate fills in once; the others are the constants of waits.go.
package patience

import (
	"fmt"
	"time"
)

// The bounds of what a user may ask for.
const (
	Default = 2 * time.Second
	Least   = 50 * time.Millisecond
	Most    = time.Minute
)

// Patience is how long this server is waited for. It is a value: the gate measures, and everybody else reads.
type Patience struct {
	// Answer is how long an answer is waited for at first, without a byte.
	Answer time.Duration
	// Exchange is what a plain session took, the quickest of some; 0 before it was measured.
	Exchange time.Duration
	// Cut is how long a cut waits to be confirmed.
	Cut time.Duration
	// OneByOne says that the server is judged one connection at a time: all that one case does, the others wait for.
	OneByOne bool
	// Shared is how many times as long some sessions take beside one another as one by itself, where the server is slow: they share its
	// processor, or wait for one another. 0 and 1 are that they do not.
	Shared int
}

// New returns the patience with a server of which only is known how long an answer is to be waited for; 0 stands for Default.
func New(answer time.Duration) Patience {
	if answer == 0 {
		answer = Default
	}
	return Patience{Answer: answer, Cut: leastCut}
}

// Measured returns the patience with a server whose plain session takes so long: it gets longer for every other too. A busy
// machine is slow now and then, by ten times; but what a slow server takes, it takes by itself: of that much the machine adds no more than
// some seconds, and who waits with it at once are no more than it serves ([Patience.Beside]).
func (p Patience) Measured(exchange time.Duration) Patience {
	const adds = 2 * time.Second
	p.Exchange = exchange
	p.Answer = min(max(p.Answer, min(10*exchange, 4*exchange+adds)), Most)
	return p
}

// Crowd is how many sessions tell whether the server takes longer for sessions beside one another.
const Crowd = 8

// Beside returns the patience with a slow server that took so long for [Crowd] sessions beside one another: where that is far longer than
// for one, fewer are made at once, and each is waited for while as many others are served as there may be.
func (p Patience) Beside(crowd time.Duration) Patience {
	const most = 60 // sessions of all cases, and what clients that have left are still served
	if p.Slow() && crowd >= 2*p.Exchange {
		p.Shared = int(crowd / p.Exchange)
		p.Answer = min(max(p.Answer, most*crowd/Crowd), Most)
	}
	return p
}

// Reading returns the patience with a server that took so long to read the first part of a request: its cuts wait for four times
// as long, since no two reads take the same.
func (p Patience) Reading(took time.Duration) Patience {
	if took > p.Cut/4 {
		p.Cut = min(4*took, MostCut)
	}
	return p
}

// Slow reports whether the server is so slow, or so far, that its cases do less. A machine that is busy many times over makes a quick
// one take a tenth of this.
func (p Patience) Slow() bool { return p.Exchange >= 50*time.Millisecond }

// Thinning is how long a case with a slow server delivers all that it has, and how long it then delivers a half of it, a quarter, and
// so on: less for a server each of whose answers takes a good part of that.
func (p Patience) Thinning() time.Duration {
	const least = 2 * time.Second
	return p.portion(max(mostThinning-2*p.Exchange, least))
}

// portion is what a case has of a time that cases have beside one another: a sixth, where they come one after another.
func (p Patience) portion(d time.Duration) time.Duration {
	if p.OneByOne {
		return d / 6
	}
	return d
}

// Large is how long a server may be expected to need for what a case sends, or for a part of that. What it would need longer for is
// left out, and said to be. Where the server is slow, each of many cases has such a part: the slower it is, the less is asked of it.
func (p Patience) Large() time.Duration {
	const least = 20 * time.Second
	if !p.Slow() {
		return mostLarge
	}
	return p.portion(max(mostLarge-10*p.Exchange, least))
}

// AtOnce is how many sessions of one case go on beside one another where each of them takes as long as the server needs, since that is
// slow or far: as many as it can be taken to serve at once, and its queue to hold. With a quick one each waits for the one before.
func (p Patience) AtOnce() int {
	if p.Slow() {
		return max(MostAtOnce/max(p.Shared, 1), 1)
	}
	return 1
}

// MostAtOnce is the most that [Patience.AtOnce] is.
const MostAtOnce = 20

// TooSlow reports whether a server whose plain session takes so long is too slow to be judged: that takes some thousands of
// sessions.
func (p Patience) TooSlow(exchange time.Duration) bool { return exchange > p.Answer/4 }

// Quickest is the quickest of some plain sessions. A busy machine is slow now and then, and not twice by as much: who seems to be slow is
// asked again, until two are Alike.
type Quickest struct {
	Took  time.Duration
	Alike bool // the last took a second or more, and about as long as the quickest before it
}

// Note takes in how long another took.
func (q *Quickest) Note(took time.Duration) {
	q.Alike = q.Took >= time.Second && took > q.Took*9/10 && took < q.Took*11/10
	if q.Took == 0 || took < q.Took {
		q.Took = took
	}
}

// Slowness says of a server that is too slow to be judged how long a plain session of so many bytes took, and what helps.
func Slowness(exchange time.Duration, bytes int) string {
	return fmt.Sprintf("the server took %s to answer a plain session of %d bytes rightly, and judging it takes some thousands of them: if it is meant to be so slow, %s",
		Text(exchange.Round(100*time.Millisecond)), bytes, Advice(exchange, 1, 1))
}

// Enough is the answer that a user should have waited for, where a plain session takes so long.
func Enough(exchange time.Duration) time.Duration { return (5 * exchange).Round(time.Second) }

// Advice is what a user should do whose server took so long for a part of an exchange, n bytes of all: which --timeout to give, as far as
// that follows, and one may be so long.
func Advice(took time.Duration, n, all int64) string {
	if n <= 0 || n > all {
		return "give it a longer --timeout"
	}
	if enough := Enough(time.Duration(float64(took) * float64(all) / float64(n))); enough <= Most {
		return "give it a --timeout of " + Text(enough)
	}
	return "it cannot be judged: the longest --timeout is " + Text(Most)
}

// Again is how long what was missing is waited for before it is called missing: three times as long, since what a busy machine
// has held up once it may hold up longer the next time. What a slow server takes by itself it does not take three times.
func (p Patience) Again() time.Duration {
	const adds = 2 * Default
	if p.Slow() {
		return min(3*p.Answer, p.Answer+adds+3*p.Exchange)
	}
	return 3 * p.Answer
}

// CutAgain is how long a cut waits that was not confirmed in its time, when the delivery is made once more.
// A slow server may be at work on what came before for as long as it takes to answer.
func (p Patience) CutAgain() time.Duration {
	if p.Slow() {
		return max(min(8*p.Cut, MostCut), 2*p.Exchange)
	}
	return min(8*p.Cut, MostCut)
}

// Probe is how long the gate waits for what a server may have chosen not to do: half of an answer's time, since it asks again.
func (p Patience) Probe() time.Duration { return p.Answer / 2 }

// Cases is how many cases to run beside one another. While an answer takes next to nothing, the cases are busy with their own
// cuts, and more of them at a time only get into one another's way. Where cuts cannot be confirmed each of them is a pause.
func (p Patience) Cases(confirms bool) int {
	const quick = 3 * time.Millisecond
	most := time.Duration(16)
	if p.Slow() { // all of them wait
		most = max(32/time.Duration(max(p.Shared, 1)), 1)
	}
	n := int(min(max(p.Exchange/quick*2, 1), most))
	if !confirms && p.Shared < 2 {
		n = max(n, 6)
	}
	return n
}

// Work is what a case asks of a server: what is known of it before, and what it has played.
type Work struct {
	Exchanges int // how many sessions it has played
	Bytes     int // about how many bytes of requests and answers, where they are many
}

// Bound is how long a case may take that asks for so much. Who waits longer for an answer than is usual has it longer by as much as the
// rule of retries waits then, lest what was missing once cannot be asked for again.
func (p Patience) Bound(w Work) time.Duration {
	const waits = 1 + 3*3 // the first, and three of three times that
	return min(leastBound+carrying(w.Bytes), mostBound) + 2*p.Exchange*time.Duration(w.Exchanges) + waits*max(p.Answer-Default, 0)
}

// Session is how long a session may take altogether, however steadily its bytes come, that waits so long for its answer and
// has n bytes, of the request and its answer.
func Session(answer time.Duration, n int) time.Duration { return 5*answer + Carrying(n) }

// Total is [Session], and at least Pour where the server is slow: it may need its time for each of many messages.
func (p Patience) Total(answer time.Duration, n int) time.Duration {
	if p.Slow() {
		return max(Session(answer, n), Pour)
	}
	return Session(answer, n)
}

// Carrying is how long n bytes may take altogether, however steadily they come: half of what bounds a case, at the longest.
func Carrying(n int) time.Duration { return min(carrying(n), mostBound/2) }

// carrying is how long n bytes take at the slowest.
func carrying(n int) time.Duration { return time.Duration(n) * time.Second / slowest }

// Together is how many of so many messages a slow server is sent at once, each of which takes it so long, and all of them no longer than most:
// two at the least, and all where it is not known how long they take.
func Together(all int, each, most time.Duration) int {
	const fewest = 2
	if each <= 0 {
		return all
	}
	return min(max(int(most/each), fewest), all)
}

// Comers is how many of so many clients come to a server that is slow since it takes one such a time after another, within the time that
// thinning begins with: least at the least.
func (p Patience) Comers(all, least int, apart time.Duration) int {
	if !p.Slow() || apart <= 0 {
		return all
	}
	return min(max(int(p.Thinning()/apart), least), all)
}

// Thinking is how much longer a server may be silent over a request of n bytes than over a short one: it may have to work on all
// of it before the first byte of its answer. That is a quarter of a second for each whole MiB.
func Thinking(n int) time.Duration { return time.Duration(n>>20) * (time.Second / 4) }
