package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
)

// What a delivery that was not as planned is given, when it is made once more.
const (
	patienceTimes = 8               // so many times as long for a cut to be confirmed, up to mostCap
	mostVain      = 3               // deliveries that were made once more, or waits as long, for nothing: the server reads as it likes, and there are no more
	mostRepeated  = 5 * time.Second // a delivery that took longer is not made once more
)

// An attempt is one delivery of a session, and what came of it.
type attempt struct {
	answer delivery.Answer
	cuts   delivery.CutCount
	amiss  bool // the session was not delivered as it was to be: see Client.amiss
	err    error
}

// try delivers the session: nil, *Broken, *missing, *Undecided or the context's error. A right answer shows little where the
// server did not read in time for the delivery to be as planned: it is made once more then, with more time for the cuts, and
// what it comes to is what counts.
func (e *Env) try(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) (delivery.Answer, error) {
	began := time.Now()
	first := e.attempt(ctx, s, d, wait)
	if first.err != nil || !first.amiss || d.Options.ConfirmCap != 0 || time.Since(began) > mostRepeated || !e.morePatience() {
		return first.answer, first.err
	}
	again := e.attempt(ctx, s, d, wait)
	if again.err != nil && !isFailure(again.err) {
		return first.answer, nil
	}
	e.tally.madeAgain(first.cuts, again.amiss)
	return again.answer, again.err
}

// madeAgain takes a delivery out of what is counted: another counts in its place, and was in vain where it is amiss too.
func (t *tally) madeAgain(first delivery.CutCount, amiss bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checks--
	t.cuts.Made -= first.Made
	t.cuts.Confirmed -= first.Confirmed
	if amiss {
		t.vain++
	}
}

// attempt delivers the session once, on a connection of its own.
func (e *Env) attempt(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) (a attempt) {
	c, err := e.Dial(ctx, d.Options)
	if err != nil {
		return attempt{err: e.killedBy(err)}
	}
	defer c.Close()
	a.answer, a.err = c.try(ctx, s, d, wait)
	a.cuts, a.amiss = c.Conn.Cuts(), c.amiss
	return a
}

// cutPatience is how long a cut of the case waits to be confirmed.
func (e *Env) cutPatience() time.Duration {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	if e.tally.patient {
		return e.tally.longCut(e.suite.cap)
	}
	return e.suite.cap
}

// longCut is how long a cut waits that has more time than limit, unless that has been in vain; t.mu is held.
func (t *tally) longCut(limit time.Duration) time.Duration {
	if t.vain < mostVain {
		return min(patienceTimes*limit, mostCap)
	}
	return limit
}

// Cut is the connection's, for a case that sends the parts of a request itself: what was sent cannot be delivered once more,
// and so the server has at once the time to read it that it would have then.
func (c *Client) Cut(ctx context.Context) delivery.Confirmation {
	t := c.env.tally
	t.mu.Lock()
	most := t.longCut(c.env.suite.cap)
	t.mu.Unlock()
	how := c.Conn.CutWithin(ctx, most)
	if how == delivery.Unconfirmed && ctx.Err() == nil && c.PeerClosed() == delivery.StillOpen {
		t.mu.Lock()
		t.vain++
		t.mu.Unlock()
	}
	return how
}

// morePatience has the case's later cuts wait longer to be confirmed; false where that has been in vain, or they wait as long
// as they may.
func (e *Env) morePatience() bool {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	e.tally.patient = true
	return e.tally.vain < mostVain && e.suite.cap < mostCap
}

// missing is a failure that a slow machine could have made: an answer, a close
// or a connection that did not come in time. Confirm asks again before it becomes Broken.
type missing struct{ *Broken }

// Confirm is the rule of retries. f is one attempt that waits as long as it is
// told. A wrong byte fails at once; the attempt is then repeated only to say how
// often it fails. What is missing fails when it is missing again after a longer
// wait; when it comes then, the verdict is left open.
func (e *Env) Confirm(ctx context.Context, f func(ctx context.Context, wait time.Duration) error) error {
	began := time.Now()
	err := f(ctx, e.Wait())
	var b *Broken
	var m *missing
	switch {
	case errors.As(err, &m):
		return e.ask(ctx, m, f)
	case errors.As(err, &b):
		if b.amiss {
			e.morePatience()
		}
		quick := time.Since(began) < time.Second
		for quick && b.Failure.Runs < 3 && ctx.Err() == nil {
			again := f(ctx, e.Wait())
			if ctx.Err() != nil {
				break
			}
			b.Failure.Runs++
			if isFailure(again) {
				b.Failure.Failed++
			}
			if plain := (*Broken)(nil); b.amiss && errors.As(again, &plain) && !plain.amiss {
				plain.Failure.Runs, plain.Failure.Failed = b.Failure.Runs, b.Failure.Failed
				b, err = plain, again // the same, delivered as it was to be
			}
			quick = time.Since(began) < time.Second
		}
	}
	return err
}

// ask asks again for what was missing, with a longer wait.
func (e *Env) ask(ctx context.Context, first *missing, f func(ctx context.Context, wait time.Duration) error) error {
	const tries = 4
	b := first.Broken
	if b.amiss {
		e.morePatience()
	}
	for b.Failure.Runs < tries {
		err := f(ctx, e.LongWait())
		if ctx.Err() != nil {
			break
		}
		b.Failure.Runs++
		var again *Broken
		var m *missing
		switch {
		case errors.As(err, &m):
			m.Failure.Runs, m.Failure.Failed = b.Failure.Runs, b.Failure.Failed+1
			return m.Broken
		case errors.As(err, &again):
			again.Failure.Runs, again.Failure.Failed = b.Failure.Runs, b.Failure.Failed+1
			return again
		case err != nil:
			return err
		}
	}
	return &Undecided{Reason: fmt.Sprintf("%s, once of %d times: too rarely to tell the server from a busy machine", b.Problem, b.Failure.Runs), Failure: &b.Failure}
}

func isFailure(err error) bool {
	var b *Broken
	var m *missing
	return errors.As(err, &b) || errors.As(err, &m)
}
