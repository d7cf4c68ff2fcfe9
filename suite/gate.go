package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
)

// gate is what is found out before anything is judged.
type gate struct {
	baseline error  // of the plain session
	breaks   string // the requirement that it breaks
	trouble  string // the one message of a run that cannot judge
	reason   string // the same, short, for those that were not judged
	sees     bool   // the server's end of a connection can be seen
	unseen   string // why not
	serial   bool   // the server serves one client at a time
	silent   error  // CONC-2's finding: how a silent client held up another
	held     error  // a request is answered only when the client's side has ended
	mixed    error  // a client was sent what was meant for another
}

// pass goes through the gate: one plain session must be answered rightly; then
// it is found out whether the server answers while its client's side is open,
// whether it serves clients side by side, and whether it keeps them apart.
func (s *Suite) pass(ctx context.Context) {
	if x, ok := s.dialect.(*exchange.Dialect); ok {
		if err := s.learn(ctx, x); err != nil {
			s.gate.baseline, s.gate.breaks = err, breaks(err, 0)
			s.refuse(ctx, s.env(Case{ID: "gate"}))
			return
		}
	}
	e := s.env(Case{ID: "gate"})
	defer e.done()
	quickest := time.Duration(0)
	slow := func() bool { return quickest > s.wait/4 && !s.unclosed.Load() }
	for served := 0; served < 3 || served < 8 && slow(); served++ { // a busy machine is slow now and then
		began := time.Now()
		if err := e.Deliver(ctx, s.dialect.Plain("baseline"), Delivery{Options: delivery.Options{ConfirmCap: mostCap}}); err != nil {
			s.gate.baseline, s.gate.breaks = err, breaks(err, served)
			s.refuse(ctx, e)
			return
		}
		if took := time.Since(began); quickest == 0 || took < quickest {
			quickest = took
		}
	}
	if slow() {
		s.gate.reason = "the server is too slow"
		s.gate.trouble = fmt.Sprintf("the server took %s to answer a plain session of %d bytes rightly, and judging it takes some thousands of them: if it is meant to be so slow, give it a --timeout of %s",
			quickest.Round(100*time.Millisecond), len(s.dialect.Plain("baseline").Request), (5 * quickest).Round(time.Second))
		return
	}
	s.gate.sees, s.gate.unseen = s.look(ctx, e)
	// A server that needs long for a plain session gets longer for every other.
	s.wait = min(max(s.wait, 10*quickest), MaxTimeout)
	if s.cfg.Workers == 0 {
		s.cfg.Workers = workersFor(quickest)
		if !s.gate.sees { // each cut is a pause
			s.cfg.Workers = max(s.cfg.Workers, 6)
		}
	}
	if !s.gate.sees {
		s.note("the cuts could not be confirmed (%s): each was acknowledged and followed by a pause, so that they are likely separate reads", s.gate.unseen)
	}
	left := s.probeLeft(ctx)
	if s.gate.held = s.probeOpen(ctx); ctx.Err() != nil {
		return
	}
	s.gate.silent, s.gate.serial = s.probeSerial(ctx)
	switch {
	case s.gate.serial:
		s.note("the server serves one client at a time: it was judged one connection at a time")
	case left == nil && s.gate.held == nil:
		left = s.probeMixed(ctx)
	}
	if s.gate.mixed = left; left != nil {
		s.note("the server mixes the bytes of its clients: it was judged one connection at a time")
	}
	if s.oneAtATime() || s.exchanges() {
		s.cfg.Workers = 1
	}
}

// oneAtATime says whether the server is judged one connection at a time, lest what clients do to
// one another be blamed on something else.
func (s *Suite) oneAtATime() bool { return s.gate.serial || s.gate.mixed != nil }

// exchanges says whether an exchange file says what the server speaks.
func (s *Suite) exchanges() bool {
	_, ok := s.dialect.(*exchange.Dialect)
	return ok
}

// breaks names the requirement that a baseline breaks which came after so many that were served: a
// server that answers nothing does not serve, and one that answers wrongly is wrong to the whole request.
func breaks(err error, served int) string {
	var b *Broken
	switch {
	case !errors.As(err, &b) || b.Failure.Actual.Total > 0:
		return "FRAM-1"
	case served > 0:
		return "LIFE-2"
	}
	return "LIFE-1"
}

// workersFor is how many cases to run beside one another when a plain session
// takes so long. While an answer takes next to nothing, the cases are busy with
// their own cuts, and more of them at a time only get into one another's way.
func workersFor(session time.Duration) int {
	const quick = 3 * time.Millisecond
	return int(min(max(session/quick*2, 1), 16))
}

// mostCap is the most that a cut waits for the server to read what came before it; leastCap is what it waits where a
// server is not known to be slow.
const (
	leastCap = 60 * time.Millisecond
	mostCap  = time.Second
)

// look finds out, by a plain session in two segments, whether the server's end
// of a connection can be seen, and how long it takes to read. Cuts wait for it as long as four times that.
func (s *Suite) look(ctx context.Context, e *Env) (sees bool, unseen string) {
	c, err := e.Dial(ctx, delivery.Options{ConfirmCap: mostCap})
	if err != nil {
		return false, "no connection was had"
	}
	p := c.bind(s.dialect.Plain(e.ID()))
	if err := c.enter(ctx, p.Opening, s.wait); err != nil {
		return false, "no session was had"
	}
	if err := c.Send(ctx, p.Request[:len(p.Request)/2]); err == nil {
		began := time.Now()
		c.Cut(ctx) // decides what can be seen
		if took := time.Since(began); took > s.cap/4 {
			s.cap = min(4*took, mostCap)
		}
	}
	c.finish(ctx, p, len(p.Request)/2)
	return c.Sees(), c.Unseen()
}

// refuse words the trouble of a baseline that was not answered rightly.
func (s *Suite) refuse(ctx context.Context, e *Env) {
	err := s.gate.baseline
	if ctx.Err() != nil {
		s.gate.trouble, s.gate.reason = "interrupted before the baseline exchange was answered", "interrupted"
		return
	}
	s.gate.reason = "the baseline exchange failed"
	s.gate.trouble = fmt.Sprintf("the baseline exchange, a plain session of the dialect %s sent whole, was not answered rightly: %s", s.cfg.Dialect, err)
	if s.gate.breaks == "LIFE-2" {
		s.gate.trouble = fmt.Sprintf("a plain session of the dialect %s was served, and the next one was not: %s", s.cfg.Dialect, err)
	}
	if u := (*Undecided)(nil); errors.As(err, &u) {
		s.gate.trouble = fmt.Sprintf("the baseline exchange, each message of %s sent whole, could not be judged: %s", s.cfg.Dialect, err)
	}
	if other := s.guess(ctx, e); other != "" {
		s.gate.trouble += fmt.Sprintf("; its answers look like the dialect %s: try --dialect %s", other, other)
	}
	if text := s.target.Stderr(); text != "" {
		s.gate.trouble += "; see what the server wrote to stderr"
	}
}

// guess returns the dialect whose rich session the server answers rightly, or "".
func (s *Suite) guess(ctx context.Context, e *Env) string {
	var b *Broken
	own, ok := s.dialect.(dialect.Model)
	if !ok || !errors.As(s.gate.baseline, &b) || b.Failure.Actual.Total == 0 && s.cfg.Dialect != "script" {
		return ""
	}
	for _, d := range dialect.All() {
		if d.Name() == s.cfg.Dialect {
			continue
		}
		if _, err := e.try(ctx, d.Rich(), Delivery{}, 300*time.Millisecond); err == nil && distinct(d, own) {
			return d.Name()
		}
	}
	return ""
}

// distinct reports whether the rich session of d would be answered otherwise by other.
func distinct(d, other dialect.Model) bool {
	p := d.Rich()
	for _, a := range other.Predict(p.Request).Answers {
		if bytes.Equal(a, p.Answer()) {
			return false
		}
	}
	return true
}

// openRequirement is the requirement that a server breaks which answers only
// when its client's side has ended.
func openRequirement(d dialect.Dialect) string {
	if r, ok := Lookup("FLOW-3"); ok && r.In(d) {
		return r.ID
	}
	return "FRAM-1"
}

// probeOpen finds out whether a request is answered while the client's side stays open.
func (s *Suite) probeOpen(ctx context.Context) error {
	if s.exchanges() {
		return nil // every answer that was learned came while the client's side was open
	}
	e := s.env(Case{ID: "gate/open"})
	defer e.done()
	err := e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.leave(ctx)
		return c.Turn(ctx, s.dialect.Turns("a", 1)[0], delivery.Whole(), wait)
	})
	if !isWrong(err) {
		return nil
	}
	return err
}

// probeLeft finds out whether what one client left behind, a request that is not whole or
// content that was not sent, comes to the next one.
func (s *Suite) probeLeft(ctx context.Context) error {
	e := s.env(Case{ID: "gate/left"})
	defer e.done()
	for _, left := range e.leavings() {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return nil // of which nothing can be said here
		}
		if err := c.Send(ctx, left); err == nil {
			c.Cut(ctx)
		}
		c.leave(ctx)
		_, err = e.try(ctx, s.dialect.Plain("next"), Delivery{}, e.Wait())
		if b := (*Broken)(nil); errors.As(err, &b) && b.Failure.Actual.Total > 0 {
			b.Problem = "after a client that left in the middle of its request, " + b.Problem
			b.Failure.Cost = 0 // whatever else is wrong may come from it
			return b
		}
	}
	return nil
}

// leavings are what clients leave behind that go away in the middle of something.
func (e *Env) leavings() [][]byte {
	left := [][]byte{e.partial()}
	if e.Dialect.Letter() == 's' {
		left = append(left, new(dialect.Commands).Write("never sent").Request())
	}
	return left
}

// probeMixed finds out whether one client is sent the answer to another's request.
func (s *Suite) probeMixed(ctx context.Context) error {
	e := s.env(Case{ID: "gate/mixed"})
	defer e.done()
	var clients [2]*Client
	var turns [2]dialect.Turn
	for i := range clients {
		t, err := e.turns(1)
		if err != nil {
			return nil
		}
		c, err := e.Enter(ctx, delivery.Options{Number: i}, s.wait/2)
		if err != nil {
			return nil // of which nothing can be said here
		}
		defer c.leave(ctx)
		clients[i], turns[i] = c, c.turn(t[0])
	}
	for i, c := range clients {
		err := c.Turn(ctx, turns[i], delivery.Whole(), s.wait/2)
		if err == nil {
			continue
		}
		t := &trial{session: dialect.Session{Answers: [][]byte{{}}}, wait: s.wait}
		t.answer = clients[1-i].Receive(ctx, delivery.Want{Any: t.session.Answers, ToEnd: true, Idle: 50 * time.Millisecond})
		t.saw(clients[1-i])
		if t.answer.Total > 0 && bytes.HasPrefix(turns[i].Answer, t.answer.Head[:min(len(t.answer.Head), len(turns[i].Answer))]) {
			b := t.broken("the answer to one client's request was sent to another, which had asked for nothing")
			b.Failure.Cost = 0 // whatever else is wrong may come from it
			return b
		}
		return nil
	}
	return nil
}

// probeSerial finds out whether a client is served while another is silent:
// one that has sent nothing, and one that is in the middle of a request. serial
// says that clients are served one after another: the second got its answer
// only when the first had left, twice.
func (s *Suite) probeSerial(ctx context.Context) (finding error, serial bool) {
	for _, how := range []string{"that has sent nothing", "in the middle of a request"} {
		held := 0
		for range 2 {
			err := s.besideSilent(ctx, how)
			if err == nil {
				break
			}
			var b *Broken
			if !errors.As(err, &b) {
				return err, false
			}
			finding = b
			if held++; held == 2 {
				return finding, true
			}
		}
	}
	return nil, false
}

// besideSilent asks for a plain session while another client is silent. It
// returns *Broken when the answer came only after that client had left.
func (s *Suite) besideSilent(ctx context.Context, how string) error {
	e := s.env(Case{ID: "gate/serial"})
	defer e.done()
	silent, err := e.Dial(ctx, delivery.Options{})
	if err != nil {
		return undecided("%v", err)
	}
	defer silent.leave(ctx)
	own, sent := silent.bind(s.dialect.Plain(e.ID())), 0
	if how == "in the middle of a request" {
		if err := silent.enter(ctx, own.Opening, s.wait/2); err != nil {
			return undecided("%v", err)
		}
		sent = len(e.Dialect.Beginning(own.Request))
		if err := silent.Send(ctx, own.Request[:sent]); err == nil {
			silent.Cut(ctx)
		}
	}
	second, err := e.Dial(ctx, delivery.Options{Number: 1})
	if err != nil {
		return undecided("%v", err)
	}
	defer second.Close()
	p := second.bind(s.dialect.Plain(e.ID()))
	t := &trial{session: p, plan: delivery.Whole(), wait: s.wait / 2}
	if p.End == dialect.ByClient {
		t.plan.End = delivery.HalfClose
	}
	w := delivery.Want{Any: p.Answers, Like: p.Like, Idle: s.wait / 2}
	entered := second.enter(ctx, p.Opening, s.wait/2)
	if isWrong(entered) {
		return undecided("beside a silent client %s, %v", how, entered)
	}
	if entered == nil {
		t.answer, t.playErr = second.Exchange(ctx, p.Request, t.plan, w)
	}
	t.saw(second)
	if t.answer.State == delivery.Right {
		silent.finish(ctx, own, sent)
		return nil
	}
	if t.answer.State == delivery.Wrong {
		return undecided("beside a silent client %s, %s", how, t.wrong())
	}
	problem := fmt.Sprintf("a second client got no answer while the first, %s, stayed silent for %s; it was served when the first had left", how, t.wait)
	b := t.broken(problem)
	silent.leave(ctx)
	if s.exchanges() { // a greeting that came too late has been given up
		second.Close()
		if _, err := e.try(ctx, s.dialect.Plain(e.ID()), Delivery{}, 3*s.wait); err != nil {
			return undecided("a second client beside a silent one was not served, and none when that one had left either")
		}
		return b
	}
	rest := second.Receive(ctx, delivery.Want{Any: after(p.Answers, t.answer.Total), Idle: 3 * s.wait})
	if rest.State != delivery.Right {
		return undecided("a second client beside a silent one was not served, and not when that one had left either")
	}
	return b
}

// after returns what is left of each answer when n bytes of it have come.
func after(answers [][]byte, n int64) [][]byte {
	var rest [][]byte
	for _, a := range answers {
		if int64(len(a)) >= n {
			rest = append(rest, a[n:])
		}
	}
	return rest
}
