package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/suite/dialect"
)

const (
	// quiet is how long nothing may come until an answer of which nothing is known is taken to be complete. It counts in
	// the gate alone: what was learned there says where later answers end.
	quiet = 250 * time.Millisecond
	// lateSample is how far apart the first and the last sample of an answer are at the least: what changes with the
	// second shows then.
	lateSample = 1100 * time.Millisecond
	// samples is how often each message is sent whole before anything is judged by its answer.
	samples = 4
)

// learn sends every message of the exchange file whole, several times, and makes
// the dialect of what the server answers. Its error is *Broken where the server does not say what the file
// demands, *Undecided where what it says is not stable.
func (s *Suite) learn(ctx context.Context, x *exchange.Dialect) error {
	e := s.env(Case{ID: "gate/learn"})
	defer e.done()
	l := exchange.NewLearner(x.File)
	if s.target.Launcher() != nil {
		e.warm(ctx, x.File)
	}
	began := time.Now()
	for n := range samples {
		if n == samples-1 {
			wait(ctx, lateSample-time.Since(began))
		}
		for i := range x.File.Messages {
			if l.Failed(i) != nil {
				continue
			}
			err := e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
				return e.converse(ctx, l, i, n, wait)
			})
			var b *Broken
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.As(err, &b) && b.asked:
				l.Fail(i, err)
			case err != nil:
				return err
			}
		}
	}
	learned, err := l.Dialect(x.Name())
	switch {
	case learned != nil:
		s.dialect = learned
	case isWrong(err):
		return err
	case err != nil:
		return undecided("unstable: %v", err)
	}
	for _, line := range learned.Masked() {
		s.note("masked in the answers to %s", line)
	}
	return nil
}

// warm waits until a server that the suite has started is ready to answer, or some seconds have passed: one that listens
// may say for a while that it is still starting.
func (e *Env) warm(ctx context.Context, f *exchange.File) {
	const most = 5 * time.Second
	for began := time.Now(); time.Since(began) < most && ctx.Err() == nil; wait(ctx, 50*time.Millisecond) {
		if e.converse(ctx, exchange.NewLearner(f), 0, 1, e.Wait()/4) == nil {
			return
		}
	}
}

// wait returns when d has passed, or ctx has ended.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// converse has one conversation about the message i; n counts those about it.
func (e *Env) converse(ctx context.Context, l *exchange.Learner, i, n int, patience time.Duration) error {
	c, err := e.Dial(ctx, delivery.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	if n == 0 && i == 0 && !l.File().Greets {
		if a := c.Receive(ctx, delivery.Want{Idle: quiet, Total: quiet, Keep: 4 << 10}); a.Total > 0 {
			t := &trial{session: dialect.Session{Answers: [][]byte{{}}}, answer: a}
			t.saw(c)
			return t.broken("the server spoke first, and the exchange file has no greeting: give it one (greeting: whatever)")
		}
	}
	asked := 0
	for _, p := range l.Conversation(i, c.name) {
		h := e.hear(ctx, c, l, p, patience)
		if p.Kind == exchange.Asked {
			asked++
		}
		if asked > 1 && (h.err != nil || !l.Fits(p.Place, c.name, h.answer)) {
			l.Differs(i)
			return ctx.Err()
		}
		if h.err != nil {
			return h.err
		}
		l.Heard(p.Place, c.name, h.answer)
		if h.closed {
			if p.Kind == exchange.Asked {
				l.Closed(i)
			}
			return nil
		}
	}
	if p, ok := l.Leaving(c.name); ok && n%2 == 1 {
		h := e.hear(ctx, c, l, p, patience)
		if h.err == nil {
			l.Heard(p.Place, c.name, h.answer)
		}
		return h.err
	}
	if l.Lasts() || c.HalfClose() != nil {
		return nil // where it has closed meanwhile, nothing is known of it
	}
	a := c.Receive(ctx, delivery.Want{Idle: 4 * quiet, Total: patience + 4*quiet, Keep: exchange.MostAnswer, Limit: exchange.MostAnswer})
	l.Ended(c.name, a.Head, a.Ending == delivery.FIN)
	return ctx.Err()
}

// heard is what came at a part of a conversation.
type heard struct {
	answer []byte
	closed bool // the server closed behind it
	err    error
}

// hear sends a part of a conversation and takes its answer: up to where the file says that it
// ends, or where it ended before, or until nothing more comes.
func (e *Env) hear(ctx context.Context, c *Client, l *exchange.Learner, p exchange.Part, patience time.Duration) heard {
	t := &trial{session: dialect.Session{Name: p.What, Request: p.Send, Answers: [][]byte{{}}}, wait: patience, before: c.Sent()}
	if len(p.Send) > 0 {
		t.playErr = c.Send(ctx, p.Send)
	}
	if p.Expect != nil {
		t.session.Answers, t.session.Like = [][]byte{[]byte(p.Expect.String())}, []*match.Pattern{p.Expect}
		t.answer = c.Receive(ctx, delivery.Want{Any: t.session.Answers, Like: t.session.Like, Idle: patience, Keep: exchange.MostAnswer, ToEnd: p.Kind == exchange.Left})
	} else {
		t.answer = e.hearWhatever(ctx, c, l.Expected(p, c.name), p.Kind == exchange.Left, patience)
	}
	h := heard{answer: t.answer.Head, closed: t.answer.Ending != delivery.StillOpen}
	t.saw(c)
	switch {
	case ctx.Err() != nil:
		h.err = ctx.Err()
	case p.Expect != nil:
		h.err = during(t.judge(ctx, e), fmt.Sprintf("to %s, sent whole: ", p.What))
	case t.answer.Total >= exchange.MostAnswer:
		h.err = undecided("the answer to %s goes on: it was cut off after %d bytes", p.What, exchange.MostAnswer)
	case t.answer.Total == 0 && p.Kind != exchange.Left && h.closed:
		h.err = t.broken(fmt.Sprintf("to %s, sent whole, there was no answer: the server closed the connection", p.What))
	case t.answer.Total == 0 && p.Kind != exchange.Left:
		h.err = &missing{t.broken(fmt.Sprintf("to %s, sent whole, there was no answer within %s", p.What, patience))}
	}
	asked(h.err, p)
	return h
}

// asked notes of a failure that it is the message's own, and not its opening's.
func asked(err error, p exchange.Part) {
	var b *Broken
	var m *missing
	if errors.As(err, &m) {
		b = m.Broken
	} else if !errors.As(err, &b) {
		return
	}
	b.asked = p.Kind == exchange.Asked || p.Kind == exchange.Before
}

// hearWhatever takes an answer of which no more is known than what came before.
func (e *Env) hearWhatever(ctx context.Context, c *Client, known *match.Pattern, toEnd bool, patience time.Duration) delivery.Answer {
	var all delivery.Answer
	for idle := patience; ; idle = quiet {
		w := delivery.Want{Idle: idle, Total: patience + time.Second, Keep: exchange.MostAnswer, Limit: exchange.MostAnswer - all.Total}
		before := all.Head
		w.Done = func(head []byte) bool {
			return len(before) == 0 || !toEnd && known != nil && known.Matches(append(before[:len(before):len(before)], head...))
		}
		a := c.Receive(ctx, w)
		all.Head, all.Total = append(all.Head, a.Head...), all.Total+a.Total
		all.Ending, all.TimedOut, all.Err = a.Ending, a.TimedOut, a.Err
		all.FirstDifference, all.State, all.Match, all.Closest = -1, delivery.Unjudged, -1, -1
		if a.Total == 0 || a.Ending != delivery.StillOpen || a.Err != nil || all.Total >= exchange.MostAnswer || !toEnd && known != nil && known.Matches(all.Head) {
			return all
		}
	}
}
