package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Reach prepares a suite that plays plans, and leaves the gate out: a server that is wrong to everything can be played to. Of
// an exchange file it learns what the server answers. Its error is that of [Open], *Broken or *Undecided where nothing can be
// learned.
func Reach(ctx context.Context, cfg Config) (*Suite, error) {
	s, err := reach(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if x, ok := s.dialect.(*exchange.Dialect); ok {
		if err := s.learn(ctx, x); err != nil {
			_ = s.Close(context.WithoutCancel(ctx)) // the first error says more
			return nil, err
		}
	}
	e := s.env(Case{ID: "gate"})
	defer e.done()
	s.gate.sees, s.gate.unseen = s.look(ctx, e)
	return s, nil
}

// A Due is what one client of a plan must get.
type Due struct {
	Session dialect.Session // all that the client sends, and the right answers to it
	Rounds  []Round         // up to each await; none where the client waits for nothing
}

// A Round is what a client sends up to an await, and what must have come before it goes on.
type Round struct {
	To     int    // how many bytes the client has sent by then
	Answer []byte // all that has come by then
}

// Due returns what the clients of a plan must get. Its error says why the plan does not fit the dialect.
func (s *Suite) Due(p plan.Plan) ([]Due, error) { return DueOf(s.dialect, p) }

// DueOf returns what the clients of a plan must get of a server that speaks d. Its error says why the plan does not fit d.
func DueOf(d dialect.Dialect, p plan.Plan) ([]Due, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	all := make([]Due, len(p.Clients))
	for i, c := range p.Clients {
		var err error
		if all[i], err = dueTo(d, c); err != nil {
			return nil, fmt.Errorf("client %d: %w", i+1, err)
		}
	}
	return all, nil
}

func dueTo(d dialect.Dialect, c plan.Client) (Due, error) {
	if x, ok := d.(*exchange.Dialect); ok {
		return dueToExchanges(x, c)
	}
	if c.Exchanges() {
		return Due{}, fmt.Errorf("the dialect %s has no exchanges: the requests must be bytes", d.Name())
	}
	m, ok := d.(dialect.Model)
	if !ok {
		return Due{}, fmt.Errorf("the dialect %s does not predict answers", d.Name())
	}
	request := c.Bytes()
	predicted := m.Predict(request)
	if c.End == delivery.Open && predicted.End == dialect.ByFailure {
		return Due{}, fmt.Errorf("a handler fails, perhaps only when the stream ends: the client must end it")
	}
	due := Due{Session: dialect.Session{Name: "a plan", Request: request, Answers: predicted.Answers, End: predicted.End}}
	at := 0
	for i, r := range c.Requests {
		at += r.Len()
		if last := i == len(c.Requests)-1; !r.Await && !(last && c.End == delivery.Open && predicted.End == dialect.ByClient) {
			continue
		}
		answer, err := dueSoFar(m, request[:at:at])
		if err != nil {
			return Due{}, fmt.Errorf("request %d: %w", i+1, err)
		}
		due.Rounds = append(due.Rounds, Round{To: at, Answer: answer})
	}
	return due, nil
}

func dueToExchanges(x *exchange.Dialect, c plan.Client) (Due, error) {
	if !c.Exchanges() {
		return Due{}, fmt.Errorf("the dialect %s has exchanges: each request must be one of them, by its name", x.Name())
	}
	var names []string
	for _, r := range c.Requests {
		if r.Await {
			return Due{}, fmt.Errorf("a plan of exchanges has no await")
		}
		names = append(names, r.Exchange)
	}
	s, err := x.Named(names)
	if err != nil {
		return Due{}, err
	}
	if c.End == delivery.HalfClose || c.End == delivery.HalfCloseWithData {
		s = x.HalfClosed(s)
	}
	if err := c.Delivery().Validate(len(s.Request)); err != nil {
		return Due{}, err
	}
	return Due{Session: s}, nil
}

// dueSoFar is the answer that is due to what a client sent while its stream stays open. The error says that it hangs on what
// follows.
func dueSoFar(m dialect.Model, sent []byte) ([]byte, error) {
	p := m.Predict(sent)
	switch {
	case p.End == dialect.ByFailure:
		return nil, fmt.Errorf("a handler fails here, and there is no answer to wait for")
	case len(p.Answers) > 1:
		return nil, fmt.Errorf("more than one answer is right here, and there is no one to wait for")
	case p.End == dialect.ByClient && !p.Whole:
		return nil, fmt.Errorf("what is due here hangs on what follows: the request is not whole, and the client cannot wait for its answer")
	}
	return p.Answers[0], nil
}

// A Played is how one client of a plan fared.
type Played struct {
	Due      Due
	Answer   delivery.Answer // to what was sent last
	Timeline []report.Event
	Cuts     delivery.CutCount
	Err      error // what was not right: *Broken or what IsMissing knows; nil where all was
}

// Play plays a plan once, and judges each answer with this wait. Its error is the first of a
// client's: *Broken where an answer is wrong, one that [IsMissing] knows where something did not come in time, *Undecided,
// or the context's. A client that resets its connection is judged by whether a new one is answered.
func (e *Env) Play(ctx context.Context, p plan.Plan, wait time.Duration) ([]Played, error) {
	due, err := e.suite.Due(p)
	if err != nil {
		return nil, &Undecided{Reason: "the plan cannot be played: " + err.Error()}
	}
	return e.PlayDue(ctx, p, due, wait)
}

// PlayDue is Play of a plan whose answers are known.
func (e *Env) PlayDue(ctx context.Context, p plan.Plan, due []Due, wait time.Duration) ([]Played, error) {
	played := make([]Played, len(p.Clients))
	var first error
	for from, to := range p.Stages() {
		var beside sync.WaitGroup
		for i := from + 1; i < to; i++ {
			beside.Go(func() { e.playClient(ctx, p.Clients[i], due[i], wait, i, &played[i]) })
		}
		e.playClient(ctx, p.Clients[from], due[from], wait, from, &played[from])
		beside.Wait()
		for _, c := range played[from:to] {
			var b *Broken
			if c.Err != nil && (first == nil || !errors.As(first, &b)) {
				first = c.Err
			}
		}
		if first != nil {
			break
		}
	}
	if first == nil && slices.ContainsFunc(p.Clients, func(c plan.Client) bool { return c.End == delivery.Reset }) {
		_, first = e.try(ctx, e.Dialect.Plain(e.ID()), Delivery{}, wait)
		first = during(first, "after the reset, on a new connection, ")
	}
	return played, first
}

// playClient plays what one client does.
func (e *Env) playClient(ctx context.Context, p plan.Client, due Due, wait time.Duration, number int, played *Played) {
	played.Due = due
	c, err := e.Dial(ctx, delivery.Options{Number: number})
	if err != nil {
		played.Err = e.killedBy(err)
		return
	}
	defer c.Close()
	played.Err = c.playRounds(ctx, p, due, wait, played)
	played.Timeline, played.Cuts = events(c.Timeline()), c.Conn.Cuts()
}

// playRounds plays up to each await, and then the rest.
func (c *Client) playRounds(ctx context.Context, p plan.Client, due Due, wait time.Duration, played *Played) (err error) {
	s, from, had := due.Session, 0, 0
	for _, r := range due.Rounds {
		t := dialect.Turn{Request: s.Request[from:r.To], Answer: r.Answer[had:]}
		if err := c.Turn(ctx, t, between(p.Cuts, from, r.To, delivery.Open), wait); err != nil {
			return err
		}
		from, had = r.To, len(r.Answer)
	}
	rest := between(p.Cuts, from, len(s.Request), p.End)
	switch {
	case p.End == delivery.Reset:
		s = c.bind(s)
		if err := c.enter(ctx, s.Opening, wait); err != nil {
			return err
		}
		_ = c.Play(ctx, s.Request[from:], rest) // how far it comes is the server's choice
		return ctx.Err()
	case p.End == delivery.Open && len(due.Rounds) > 0 && from == len(s.Request):
		return nil // the client leaves when it has what is due
	case from > 0:
		s = tail(s, from, had)
	}
	played.Answer, err = c.try(ctx, s, Delivery{Plan: rest}, wait)
	return err
}

// tail is a session without what was sent and answered before.
func tail(s dialect.Session, sent, had int) dialect.Session {
	before := s.Answers[0][:had]
	s.Request, s.Like = s.Request[sent:], nil
	var answers [][]byte
	for _, a := range s.Answers {
		if bytes.HasPrefix(a, before) {
			answers = append(answers, a[had:])
		}
	}
	s.Answers = answers
	return s
}

// between is the part of a delivery that falls between two offsets.
func between(cuts []delivery.Cut, from, to int, end delivery.End) delivery.Plan {
	p := delivery.Plan{End: end}
	for _, cut := range cuts {
		if from < cut.At && cut.At < to {
			cut.At -= from
			p.Cuts = append(p.Cuts, cut)
		}
	}
	return p
}

// Evidence is what the client sent and got, whether or not it was right.
func (p *Played) Evidence(c plan.Client) report.Failure {
	if b := Evidence(p.Err); b != nil {
		f := b.Failure
		f.Problem = b.Problem
		return f
	}
	t := &trial{session: p.Due.Session, plan: c.Delivery(), answer: p.Answer, timeline: nil}
	f := t.broken("").Failure
	f.Timeline, f.FirstDifference = p.Timeline, -1
	return f
}

// IsMissing says of an error of [Env.Play] that something did not come in time: it may come when it is waited for longer.
func IsMissing(err error) bool {
	var m *missing
	return errors.As(err, &m)
}

// IsGone says of an error of [Env.Play] that the server is not there any more.
func IsGone(err error) bool {
	var m *missing
	if errors.As(err, &m) {
		return m.gone
	}
	var b *Broken
	return errors.As(err, &b) && b.gone
}

// Evidence returns what an error of [Env.Play] shows; nil where it is no failure of the server.
func Evidence(err error) *Broken {
	var m *missing
	if errors.As(err, &m) {
		return m.Broken
	}
	var b *Broken
	errors.As(err, &b)
	return b
}

// Player returns what plays plans beside the catalogue's cases; [Env.Done] gives back what it took.
func (s *Suite) Player(name string) *Env { return s.env(Case{ID: name}) }

// Done closes the connections that are still open.
func (e *Env) Done() { e.done() }

// Wait is how long an answer is waited for at first.
func (s *Suite) Wait() time.Duration { return s.wait }

// Confirms says whether the server's end of a connection is seen, so that cuts are confirmed.
func (s *Suite) Confirms() bool { return s.gate.sees }

// Serial says whether the server serves one client at a time.
func (s *Suite) Serial() bool { return s.oneAtATime() }

// Dialect is what the server speaks; of an exchange file, with what was learned of the server.
func (s *Suite) Dialect() dialect.Dialect { return s.dialect }

// Baseline is the failure of the gate, or nil where the server can be judged.
func (s *Suite) Baseline() error { return s.gate.baseline }

// Notes are remarks about the server that concern every verdict.
func (s *Suite) Notes() []string { return slices.Clone(s.notes) }

// Serves says whether a plain session is answered now, and a moment later still: a server may need that to end of what it was sent.
func (s *Suite) Serves(ctx context.Context) bool {
	const moment = 50 * time.Millisecond
	for range 2 {
		if s.target.Alive() != nil || !s.answers(ctx) {
			return false
		}
		wait(ctx, moment)
	}
	return s.target.Alive() == nil
}

// Revive starts a server again that has ended or does not answer, where the suite can. It returns whether a plain session is
// answered now, and whether the server had to be started again for that.
func (s *Suite) Revive(ctx context.Context) (serves, restarted bool) {
	if s.target.Alive() == nil && s.answers(ctx) {
		return true, false
	}
	restarted = s.target.Restart(ctx) == nil
	return restarted && s.answers(ctx), restarted
}
