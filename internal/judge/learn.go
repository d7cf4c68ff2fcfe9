package judge

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// samples is how often each message is sent whole before anything is judged by its answer.
const samples = 4

// learn sends every message of an exchange file whole, several times, and makes
// the dialect of what the server answers. It finds a fact where the server does not say what the file
// demands, and is undecided where what it says is not stable. In another dialect there is nothing to learn.
func (r *Run) learn(ctx context.Context) *finding.Finding {
	x, ok := r.Server.Dialect.(*exchange.Dialect)
	if !ok {
		return nil
	}
	b := r.bench("gate/learn", "gate/learn")
	defer b.Done()
	c := conversations{Bench: b, learner: exchange.NewLearner(x.File), atOnce: mostConversations}
	if most := b.Limits().Clients; most > 0 {
		c.atOnce = min(most, c.atOnce)
	}
	if r.Server.Launcher != nil {
		c.warm(ctx, x.File)
	}
	f := c.rounds(ctx)
	if c.beside && ctx.Err() == nil && !f.Fact() && (f != nil || !c.stable(x)) { // the others may have made it so
		c = conversations{Bench: b, learner: exchange.NewLearner(x.File)}
		f = c.rounds(ctx)
	}
	if f != nil {
		return f
	}
	learned, err := c.learner.Dialect(x.Name())
	if learned == nil {
		if f := finding.From(err); f.Fact() {
			return f
		}
		return finding.NewUndecided("unstable: %v", err)
	}
	if n, alike := learned.Alike(); alike {
		return finding.NewUndecided("the server answers all %d messages of the file alike, as one does that says the same to whatever it is sent: give the file a message that is answered otherwise, or say by expect what must be answered to each", n)
	}
	r.Server.Dialect = learned
	for _, line := range learned.Masked() {
		r.note("masked in the answers to %s", line)
	}
	for _, err := range learned.Unusable() {
		if !finding.From(err).Fact() {
			r.note("left out: %v", err)
		}
	}
	for _, w := range x.File.Warnings {
		r.note("%v", &w)
	}
	return nil
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
	for n := range samples {
		for i := range messages {
			if n > 0 || i > 0 {
				some = append(some, conversation{of: i, round: n})
			}
		}
		switch n {
		case 1: // which is had with the next
			continue
		case samples - 1:
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

// converse has a conversation.
func (c conversations) converse(ctx context.Context, o *conversation, patient time.Duration) *finding.Finding {
	client, f := c.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	defer client.Close()
	if o.round == 0 && o.of == 0 && !c.learner.File().Greets {
		if f := spokeFirst(ctx, client); f != nil {
			return f
		}
	}
	asked, names := 0, exchange.Names{"conn": client.Name()}
	for _, p := range c.learner.Conversation(o.of, client.Name()) {
		p, said := p.In(names), names
		h := c.hear(ctx, client, p, said, patient)
		o.took = max(o.took, h.took)
		if p.Kind == exchange.Asked {
			asked++
		}
		differs := func() bool { c.learner.Differs(o.of); return false }
		if asked > 1 && (h.found != nil || !o.note(func() bool { return c.learner.Fits(p.Place, said, h.answer) || differs() })) {
			if h.found != nil {
				o.note(differs)
			}
			return finding.Ended(ctx)
		}
		if h.found != nil {
			return h.found
		}
		o.note(func() bool { c.learner.Heard(p.Place, said, h.answer); return true })
		var err error
		if names, err = p.Captured(names, h.answer); err != nil {
			return finding.NewUndecided("to %s, sent whole: %v", p.What, err)
		}
		if h.closed {
			if p.Kind == exchange.Asked {
				o.note(func() bool { c.learner.Closed(o.of); return true })
			}
			return nil
		}
	}
	if c.learner.File().Messages[o.of].Closes {
		return nil // there is nobody left to take leave of
	}
	return c.takeLeave(ctx, client, names, o, patient)
}

// spokeFirst finds out whether the server greets where the file has no greeting.
func spokeFirst(ctx context.Context, client *player.Client) *finding.Finding {
	a := client.Receive(ctx, delivery.Want{Idle: patience.Quiet, Total: patience.Quiet, Keep: 4 << 10})
	if a.Total == 0 {
		return nil
	}
	t := client.Trial(dialect.Session{Answers: [][]byte{{}}}, delivery.Whole(), 0).Took(a, nil)
	return t.Broken("the server spoke first, and the exchange file has no greeting: give it one (greeting: whatever)")
}

// takeLeave ends a conversation: in every other round as the file has a client leave, where it has it, else by a half-close.
func (c conversations) takeLeave(ctx context.Context, client *player.Client, names exchange.Names, o *conversation, patient time.Duration) *finding.Finding {
	if p, ok := c.learner.Leaving(client.Name()); ok && o.round%2 == 1 {
		h := c.hear(ctx, client, p.In(names), names, patient)
		if h.found == nil {
			o.note(func() bool { c.learner.Heard(p.Place, names, h.answer); return true })
		}
		return h.found
	}
	if c.learner.Lasts() || client.HalfClose() != nil {
		return nil // where it has closed meanwhile, nothing is known of it
	}
	a := client.Receive(ctx, delivery.Want{Idle: 4 * patience.Quiet, Total: patient + 4*patience.Quiet, Keep: exchange.MostAnswer, Limit: exchange.MostAnswer})
	o.note(func() bool { c.learner.Ended(names, a.Head, a.Ending == delivery.FIN); return true })
	return finding.Ended(ctx)
}

// heard is what came at a part of a conversation.
type heard struct {
	answer []byte
	closed bool // the server closed behind it
	took   time.Duration
	found  *finding.Finding
}

// hear sends a part of a conversation and takes its answer: up to where the file says that it
// ends, or where it ended before, or until nothing more comes.
func (c conversations) hear(ctx context.Context, client *player.Client, p exchange.Part, names exchange.Names, patient time.Duration) heard {
	t := client.Trial(dialect.Session{Name: p.What, Request: p.Send, Answers: [][]byte{{}}}, delivery.Whole(), patient)
	t.Before = client.Sent()
	var played error
	if len(p.Send) > 0 {
		played = client.Send(ctx, p.Send)
	}
	left := p.Kind == exchange.Left
	if p.Expect != nil {
		t.Session.Like = []*match.Pattern{p.Expect} // without an example
		if !p.Expect.Varies() {
			t.Session.Answers, t.Session.Like = [][]byte{[]byte(p.Expect.String())}, nil
		}
		t.Took(client.Receive(ctx, delivery.Want{Any: t.Session.Answers, Like: t.Session.Like, Idle: patient, Keep: exchange.MostAnswer, ToEnd: left}), played)
	} else {
		t.Took(hearWhatever(ctx, client, c.learner.Expected(p, names), left, patient), played)
	}
	h := heard{answer: t.Answer.Head, closed: t.Answer.Ending != delivery.StillOpen, took: t.Answer.Elapsed}
	switch {
	case ctx.Err() != nil:
		h.found = finding.Ended(ctx)
	case p.Expect != nil:
		h.found = t.Judge(ctx).During(fmt.Sprintf("to %s, sent whole: ", p.What))
	case t.Answer.Total >= exchange.MostAnswer:
		h.found = finding.NewUndecided("the answer to %s goes on: it was cut off after %d bytes", p.What, exchange.MostAnswer)
	case t.Answer.Total == 0 && !left && h.closed:
		h.found = t.Broken(fmt.Sprintf("to %s, sent whole, there was no answer: the server closed the connection", p.What))
	case t.Answer.Total == 0 && !left:
		h.found = t.Missing(fmt.Sprintf("to %s, sent whole, there was no answer within %s", p.What, patience.Text(patient)))
	}
	if h.found.Failed() { // it is the message's own, and not its opening's
		h.found.OfMessage = p.Kind == exchange.Asked || p.Kind == exchange.Before
	}
	return h
}

// hearWhatever takes an answer of which no more is known than what came before.
func hearWhatever(ctx context.Context, client *player.Client, known *match.Pattern, toEnd bool, patient time.Duration) delivery.Answer {
	var all delivery.Answer
	like := likeness{known: !toEnd && known != nil}
	if like.known {
		like.state = known.Start()
	}
	for idle := patient; ; idle = patience.Quiet {
		w := delivery.Want{Idle: idle, Total: patient + patience.Learnt, Keep: exchange.MostAnswer, Limit: exchange.MostAnswer - all.Total}
		first, taken := len(all.Head) == 0, 0
		w.Done = func(head []byte) bool {
			like.take(head[taken:])
			taken = len(head)
			return first || like.complete()
		}
		a := client.Receive(ctx, w)
		like.take(a.Head[taken:])
		all.Head, all.Total = append(all.Head, a.Head...), all.Total+a.Total
		if first { // what it waits for more is no time of the answer's
			all.Elapsed = a.Elapsed
		}
		all.Ending, all.TimedOut, all.Err = a.Ending, a.TimedOut, a.Err
		all.FirstDifference, all.State, all.Match, all.Closest = -1, delivery.Unjudged, -1, -1
		if a.Total == 0 || a.Ending != delivery.StillOpen || a.Err != nil || all.Total >= exchange.MostAnswer || like.complete() {
			return all
		}
	}
}

// A likeness says how far an answer is as one that came before. What comes is taken once, however many reads bring it.
type likeness struct {
	known bool // there is such an answer, and what has come agrees with it
	state *match.State
}

func (l *likeness) take(b []byte) { l.known = l.known && l.state.Take(b) == len(b) }

// complete says whether all of it has come.
func (l *likeness) complete() bool { return l.known && l.state.Complete() }
