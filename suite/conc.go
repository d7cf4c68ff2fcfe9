package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// conc is the family CONC.
var conc = Family{ID: "CONC", Name: "clients beside one another", Summary: "what one client does is nothing to another", Requirements: []Requirement{
	{
		ID: "CONC-1", Level: report.Must, Title: "does not mix bytes between connections",
		Sentence:  "A server MUST NOT mix the bytes of one connection with another's, in either direction, open at once or one after another.",
		Rationale: "Mixed bytes give one user's data to another.",
		Citation:  "RFC 9293, section 3.3 (a connection is its pair of sockets); contract section 1: the handler's buffers are the connection's own",
		Dialects:  "eglsx",
		Causes:    []string{"a buffer is global, or a class attribute, or a default argument that all handlers share", "a buffer goes back to a pool with its bytes and is not emptied", "a closure holds the variable of the last connection"},
		Cases: []Case{
			{ID: "side-by-side", Needs: Together | Turns, Run: concInterleaved},
			{ID: "all-at-once", Needs: Together, Run: concParallel},
			{ID: "one-after-another", Needs: Alone, Run: concLeftovers},
		},
	},
	{
		ID: "CONC-2", Level: report.Should, Title: "serves a second client while the first is silent",
		Sentence:  "A server SHOULD serve a second client while the first is silent, in the middle of a request or before one.",
		Rationale: "Otherwise one slow or stalled client takes the server from all the others.",
		Citation:  "contract section 4, CONC-2",
		Dialects:  "eglsx",
		Causes:    []string{"the accept loop runs the handler itself, and accepts nothing until it is done: hand the connection to a thread, a task or a process", "a lock is held while a connection is read"},
		Cases:     []Case{{ID: "silent-client", Run: concSilent}},
	},
	{
		ID: "CONC-3", Level: report.Should, Title: "holds 200 clients",
		Sentence:  "A server SHOULD hold 200 clients at once; the report says how far it got.",
		Rationale: "Connections are kept open by pools, phones and browsers long before they are busy.",
		Citation:  "contract section 4, CONC-3",
		Dialects:  "eglsx",
		Causes:    []string{"a pool of threads or processes that is smaller, one connection each", "the limit of open files", "select with descriptors above 1023"},
		Cases:     []Case{{ID: "ramp", Needs: Together | Alone | Turns, Run: concRamp}},
	},
}}

// concInterleaved has twelve sessions open, and sends the halves of their requests in turn.
func concInterleaved(ctx context.Context, e *Env) error {
	const rounds = 4
	clients := e.clients(12)
	if err := e.suite.gate.mixed; err != nil {
		e.tally.checks++
		return err
	}
	shown, err := e.halves(ctx)
	if err != nil {
		return err
	}
	err = e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		type one struct {
			c     *Client
			turns []dialect.Turn
		}
		all := make([]one, clients)
		for i := range all {
			turns, err := e.turns(rounds)
			if err != nil {
				return err
			}
			c, err := e.Enter(ctx, delivery.Options{Number: i}, wait)
			if err != nil {
				return err
			}
			defer c.Close()
			all[i] = one{c, turns}
		}
		for round := range rounds {
			for _, o := range all {
				r := o.c.turn(o.turns[round]).Request
				if err := o.c.Send(ctx, r[:len(r)/2]); err == nil {
					o.c.Cut(ctx)
				}
			}
			for _, o := range all {
				rest := o.c.turn(o.turns[round])
				rest.Request = rest.Request[len(rest.Request)/2:]
				if err := o.c.Turn(ctx, rest, delivery.Whole(), wait); err != nil {
					return during(err, fmt.Sprintf("with %d clients that sent their requests in halves by turns, ", clients))
				}
			}
		}
		return nil
	})
	if b := (*Broken)(nil); errors.As(err, &b) && !shown && !b.gone {
		return undecided("%s; but that a request in halves is answered rightly on a connection of its own could not be shown", b.Problem)
	}
	return err
}

// halves is the control: a request in halves on the only connection. Where that is wrong already, nothing is blamed on other
// clients. It reports whether it was shown to be right: the cut was real, or nobody can know that.
func (e *Env) halves(ctx context.Context) (shown bool, err error) {
	turns, err := e.turns(1)
	if err != nil {
		return false, err
	}
	s, wait := e.Dialect.Joined(turns), e.Wait()
	d := Delivery{Plan: cutAt(len(s.Request), len(s.Request)/2)}
	var last attempt
	for range 4 {
		a := e.attempt(ctx, s, d, wait)
		joined := a.cuts.Confirmed < a.cuts.Made
		if last.cuts.Made > 0 {
			e.tally.madeAgain(last.cuts, joined)
		}
		last = a
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case isWrong(a.err):
			return false, &NotShown{"a request in halves is answered wrongly on a connection of its own already (FRAM-2)"}
		case a.err == nil && (!joined || !e.suite.Confirms()):
			return true, nil
		case a.err != nil && wait == e.LongWait():
			return false, nil // it does not answer
		case a.err != nil: // or the machine is busy
			wait = e.LongWait()
		default:
			e.morePatience()
		}
	}
	return false, nil
}

// concParallel runs sessions from eight goroutines.
func concParallel(ctx context.Context, e *Env) error {
	const each = 6
	clients := e.clients(8)
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for range each {
				s := e.Dialect.Plain(e.ID())
				if errs[i] = e.Deliver(ctx, s, Delivery{}); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return worst(errs)
}

// worst returns the first failure among errs, else the first error.
func worst(errs []error) error {
	var first error
	for _, err := range errs {
		if b := (*Broken)(nil); errors.As(err, &b) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// concLeftovers leaves in mid-request, and looks for what was left in the next session.
func concLeftovers(ctx context.Context, e *Env) error {
	if err := e.suite.gate.mixed; err != nil {
		e.tally.checks++
		return err
	}
	const times = 5
	for i := range 2 * times {
		reset := i >= times
		if err := e.leave(ctx, i, reset); err != nil {
			return err
		}
		err := e.Deliver(ctx, e.Dialect.Plain(e.ID()), Delivery{})
		if b := (*Broken)(nil); errors.As(err, &b) && b.Failure.Actual.Total == 0 {
			if reset && e.startAgain(ctx) {
				return nil // it dies of resets, now or the next time: nothing was left by the others
			}
			return &NotShown{"after a client that left in the middle of its request, the next one was not served (LIFE-5)"}
		}
		if err != nil {
			return during(err, "after a client that left in the middle of its request, ")
		}
	}
	return nil
}

// leave begins a session, the i-th of its kind, and leaves in its middle.
func (e *Env) leave(ctx context.Context, i int, reset bool) error {
	c, err := e.Dial(ctx, delivery.Options{})
	if err != nil {
		return err
	}
	left, how := e.leavings(), delivery.Unconfirmed
	if err := c.Send(ctx, left[i%len(left)]); err == nil {
		how = c.Cut(ctx)
	}
	if reset && how != delivery.Unconfirmed { // a reset takes back what the server has not read: nothing of it can be left
		c.Abort()
	} else {
		c.Close()
	}
	return nil
}

// concSilent is what the gate found out.
func concSilent(_ context.Context, e *Env) error {
	e.tally.checks += 2
	return e.suite.gate.silent
}

// concRamp opens 200 sessions one after another, each with a first answer, and
// then has a second answer from each.
func concRamp(ctx context.Context, e *Env) error {
	clients := e.clients(200)
	held := make([]*Client, 0, clients)
	turns := make([][]dialect.Turn, 0, clients)
	for len(held) < clients {
		t, err := e.turns(2)
		if err != nil {
			return err
		}
		c, err := e.Enter(ctx, delivery.Options{Number: len(held)}, e.Wait())
		if err == nil {
			defer c.Close()
			if err = c.Turn(ctx, t[0], delivery.Whole(), e.Wait()); err == nil {
				held, turns = append(held, c), append(turns, t)
				continue
			}
		}
		e.Observe("held %d", len(held))
		return during(err, fmt.Sprintf("with %d clients held, the next was not served: ", len(held)))
	}
	for i, c := range held {
		if err := c.Turn(ctx, turns[i][1], delivery.Whole(), e.LongWait()); err != nil {
			return during(err, fmt.Sprintf("with %d clients held, one of them was not served any more: ", clients))
		}
	}
	e.Observe("held %d", clients)
	return nil
}
