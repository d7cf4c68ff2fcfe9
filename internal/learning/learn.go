// Package learning has the conversations by which it is learned what a server answers to the messages of an exchange file.
package learning

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Samples is how often each message is sent whole before anything is judged by its answer.
const Samples = 4

// Learn sends every message of an exchange file whole, several times, and makes
// the dialect of what the server answers. It finds a fact where the server does not say what the file
// demands, and is undecided where what it says is not stable.
func Learn(ctx context.Context, b *bench.Bench, x *exchange.Dialect) (*exchange.Dialect, *finding.Finding) {
	c := conversations{Bench: b, learner: exchange.NewLearner(x.File), atOnce: mostConversations}
	if most := b.Limits().Clients; most > 0 {
		c.atOnce = min(most, c.atOnce)
	}
	if b.Launcher != nil {
		c.warm(ctx, x.File)
	}
	f := c.rounds(ctx)
	if c.beside && ctx.Err() == nil && !f.Fact() && (f != nil || !c.stable(x)) { // the others may have made it so
		c = conversations{Bench: b, learner: exchange.NewLearner(x.File)}
		f = c.rounds(ctx)
	}
	if f != nil {
		return nil, f
	}
	learned, err := c.learner.Dialect(x.Name())
	if learned == nil {
		if f := finding.From(err); f.Fact() {
			return nil, f
		}
		return nil, finding.NewUndecided("unstable: %v", err)
	}
	if n, alike := learned.Alike(); alike {
		return nil, finding.NewUndecided("the server answers all %d messages of the file alike, as one does that says the same to whatever it is sent: give the file a message that is answered otherwise, or say by expect what must be answered to each", n)
	}
	return learned, nil
}

// conversations are those by which a learner learns.
type conversations struct {
	*bench.Bench
	learner *exchange.Learner
	atOnce  int  // how many there may be at once; one by one where it is less than 2
	beside  bool // some were had beside one another
}

// mostConversations is how many conversations a slow server has at once.
const mostConversations = 8

// stable says whether all that was learned is.
func (c *conversations) stable(x *exchange.Dialect) bool {
	learned, err := c.learner.Dialect(x.Name())
	if learned == nil {
		return finding.From(err) != nil
	}
	return !slices.ContainsFunc(learned.Unusable(), func(err error) bool { return finding.From(err) == nil })
}

// rounds have all conversations: with a quick server one after another. A slow one has those at once that do not hang on one another, as long
// as each is answered as soon as the first was.
func (c *conversations) rounds(ctx context.Context) *finding.Finding {
	began, messages := time.Now(), len(c.learner.File().Messages)
	first, f := c.alone(ctx, 0, 0)
	if f != nil {
		return f
	}
	if !(patience.Patience{Exchange: first}).Slow() {
		c.atOnce = 1
	}
	var some []conversation
	for n := range Samples {
		for i := range messages {
			if n > 0 || i > 0 {
				some = append(some, conversation{of: i, round: n})
			}
		}
		switch n {
		case 1: // which is had with the next
			continue
		case Samples - 1:
			player.Sleep(ctx, patience.LateSample-time.Since(began))
		}
		if f := c.all(ctx, some, first); f != nil {
			return f
		}
		some = nil
	}
	return nil
}

// all have these conversations, at the first as the two that tell whether the server has several at once.
func (c *conversations) all(ctx context.Context, some []conversation, first time.Duration) *finding.Finding {
	for {
		some = slices.DeleteFunc(some, func(o conversation) bool { return c.learner.Failed(o.of) != nil })
		if len(some) == 0 {
			return nil
		}
		n := min(len(some), c.atOnce)
		if !c.beside {
			n = min(n, 2)
		}
		if n < 2 {
			if _, f := c.alone(ctx, some[0].of, some[0].round); f != nil {
				return f
			}
			some = some[1:]
			continue
		}
		c.beside = true
		var together sync.WaitGroup
		for i := range some[:n] {
			one := &some[i]
			together.Go(func() { one.found = c.converse(ctx, one, c.Wait()) })
		}
		together.Wait()
		for i := range some[:n] {
			one := &some[i]
			if one.found != nil || one.took > first*3/2 { // it has waited for the others, or was refused beside them
				c.atOnce = 1
			}
			if one.found == nil {
				one.tell()
			} else if _, f := c.alone(ctx, one.of, one.round); f != nil {
				return f
			}
		}
		some = some[n:]
	}
}

// alone has one conversation, unless its message is not judged by, by the rule of retries, and returns how long an answer took at the most.
func (c *conversations) alone(ctx context.Context, i, n int) (took time.Duration, f *finding.Finding) {
	if c.learner.Failed(i) != nil {
		return 0, nil
	}
	f = c.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		one := conversation{of: i, round: n, now: true}
		defer func() { took = one.took }()
		return c.converse(ctx, &one, wait)
	})
	switch {
	case ctx.Err() != nil:
		return took, finding.Ended(ctx)
	case f.Fact() && f.OfMessage:
		c.learner.Fail(i, finding.Error{Finding: f})
		return took, nil
	}
	return took, f
}

// A conversation is one about a message, and what came of it.
type conversation struct {
	of, round int
	now       bool          // the learner is told at once, and not when all have ended that were had at once
	took      time.Duration // how long an answer took at the most
	found     *finding.Finding
	notes     []func() (goesOn bool) // for the learner
}

// note tells the learner something, now or later. It says whether the conversation goes on, as far as that is known now.
func (o *conversation) note(tell func() (goesOn bool)) (goesOn bool) {
	if o.now {
		return tell()
	}
	o.notes = append(o.notes, tell)
	return true
}

// tell tells the learner what was noted for later, up to where the conversation should have ended.
func (o *conversation) tell() {
	for _, tell := range o.notes {
		if !tell() {
			return
		}
	}
}

// warm waits until a server that the suite has started is ready to answer, or some seconds have passed: one that listens
// may say for a while that it is still starting.
func (c conversations) warm(ctx context.Context, f *exchange.File) {
	for began := time.Now(); time.Since(began) < patience.Warm && ctx.Err() == nil; player.Sleep(ctx, patience.LookAtStart) {
		trial := conversations{Bench: c.Bench, learner: exchange.NewLearner(f)} // what it says meanwhile is not learned
		if trial.converse(ctx, &conversation{round: 1, now: true}, c.Wait()/4) == nil {
			return
		}
	}
}
