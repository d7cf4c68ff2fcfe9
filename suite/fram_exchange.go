package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// How FRAM is shown by an exchange file: what is judged is the answer to each of
// its messages, against what the server answered when the message came whole.

// framMessages delivers every message whole. What was wrong or not stable when
// the answers were learned is wrong here.
func framMessages(ctx context.Context, e *Env) error {
	var doubt error
	for _, err := range e.exchange().Unusable() {
		e.tally.checks++
		if isWrong(err) {
			return err
		}
		doubt = undecided("unstable: %v", err)
	}
	for _, s := range e.Dialect.Cuttable() {
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	return doubt
}

// framCopies sends several copies of each message that pipelines in one segment, and cut in the
// middle of each; and then different ones.
func framCopies(ctx context.Context, e *Env) error {
	x := e.exchange()
	shown := false
	for _, i := range x.Pipelined() {
		for _, n := range []int{2, 3, 10} {
			s := x.Copies(i, n)
			one := len(s.Request) / n
			var middles, thirds []int
			for k := range n {
				middles, thirds = append(middles, k*one+one/2), append(thirds, k*one+one/3)
			}
			size := len(s.Request)
			for _, plan := range []delivery.Plan{delivery.Whole(), cutAt(size, (n-1)*one+one/2), cutAt(size, middles...), cutAt(size, thirds...)} {
				if err := e.Deliver(ctx, s, Delivery{Plan: plan}); err != nil {
					return err
				}
			}
			shown = true
		}
	}
	if s, ok := x.All(); ok {
		if err := e.DeliverAll(ctx, s, delivery.Whole(), delivery.CutAt(len(s.Request)/2)); err != nil {
			return err
		}
	}
	if !shown {
		return &NotShown{"no message of the file pipelines, or can come again on its connection"}
	}
	return nil
}

// mostPairs bounds how many pairs of cuts are made of one message.
const mostPairs = 2000

// framPairs cuts the shortest message in three in every way, and all of them at random.
func framPairs(ctx context.Context, e *Env) error {
	sessions := e.Dialect.Cuttable()
	shortest := sessions[0]
	pairs := everyPair(len(shortest.Request))
	if len(pairs) > mostPairs {
		e.Rand.Shuffle(len(pairs), func(i, k int) { pairs[i], pairs[k] = pairs[k], pairs[i] })
		pairs = pairs[:mostPairs]
	}
	for _, plan := range pairs {
		if err := e.cut(ctx, shortest, plan); err != nil {
			return err
		}
	}
	if s, ok := e.exchange().All(); ok {
		sessions = append(sessions, s)
	}
	return cutAll(sessions, func(s dialect.Session) error {
		n := len(s.Request)
		for range 12 {
			if err := e.cut(ctx, s, delivery.Random(e.Rand, n, min(n-1, 1+e.Rand.IntN(14)))); err != nil {
				return err
			}
		}
		return nil
	})
}

// framDelicate cuts messages inside CR LF and inside characters.
func framDelicate(ctx context.Context, e *Env) error {
	all := e.Dialect.Cuttable()
	for _, i := range e.exchange().Pipelined() { // a delimiter in halves, with a whole message behind it
		all = append(all, e.exchange().Copies(i, 2))
	}
	var sessions []dialect.Session
	for _, s := range all {
		if len(marks(s)) > 0 {
			sessions = append(sessions, s)
		}
	}
	if len(sessions) == 0 {
		return &NotShown{"no message of the file has a CR LF, or a character of several bytes"}
	}
	return cutAll(sessions, func(s dialect.Session) error { return e.cutMarks(ctx, s) })
}

// framRests pauses in the messages, as long as the protocol lets a client be idle.
func framRests(cuts int, pause time.Duration) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		if idle := e.exchange().File.Limits.Idle; idle > 0 && pause > idle/2 {
			return &NotShown{fmt.Sprintf("the protocol lets a client be idle for %s", idle)}
		}
		const most = 6
		sessions := e.Dialect.Cuttable()
		sessions = sessions[:min(len(sessions), most, e.clients(most))]
		return e.pausing(ctx, sessions, cuts, pause)
	}
}
