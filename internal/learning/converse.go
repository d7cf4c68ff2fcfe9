package learning

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// converse has a conversation, each of its answers waited for so long.
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
