package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// A trial is one session, delivered once.
type trial struct {
	session  dialect.Session
	plan     delivery.Plan
	wait     time.Duration // without a byte
	total    time.Duration // altogether; 0 where only wait bounds it
	slow     bool          // the client reads slowly
	answer   delivery.Answer
	playErr  error
	timeline []delivery.Event
	before   int64 // bytes that were sent on the connection before this session
	cost     int64
	whole    bool // it is all that was said on its connection
	amiss    bool // a cut was no separate read, or the end of the stream came with the last bytes, where that was not the plan
	dialect  string
}

// costing gives a failure that no exchange shows its cost.
func costing(cost int64, b *Broken) *Broken {
	b.Failure.Cost = cost
	return b
}

// spent gives a failure without an answer as evidence its cost, and what happened.
func (c *Client) spent(b *Broken) *Broken {
	t := &trial{}
	t.saw(c)
	b.Failure.Cost, b.Failure.Timeline = t.cost, events(t.timeline)
	return b
}

// What a part of a failure's evidence costs its reader, in bytes of a request.
const (
	costOfCut   = 4
	costOfOther = 64  // another connection that is open meanwhile
	costOfPause = 256 // a pause, or a slow reader
)

// saw takes from the client what happened on its connection, and what it costs
// to follow that: the failure that costs least is the one to begin with.
func (t *trial) saw(c *Client) {
	t.timeline = c.Timeline()
	// What was planned counts, also where the server has not let it come so far.
	t.cost = max(c.Sent(), t.before+int64(len(t.session.Request))) + costOfCut*int64(max(c.Conn.Cuts().Made, len(t.plan.Cuts)))
	for _, cut := range t.plan.Cuts {
		if cut.Pause > 0 {
			t.cost += costOfPause
		}
	}
	if t.slow {
		t.cost += costOfPause
	}
	c.env.tally.mu.Lock()
	defer c.env.tally.mu.Unlock()
	t.cost += costOfOther * int64(max(c.env.tally.open-1, 0))
}

// Delivery says how to deliver a session, beyond its plan.
type Delivery struct {
	Plan    delivery.Plan
	Options delivery.Options
	Chunk   int           // slow reader: bytes a read
	Pause   time.Duration // slow reader: after each read
	Delay   time.Duration // slow reader: before the first read
	// Close asks for the end of the stream as part of the answer: without it, a
	// server that answers rightly and never closes is right.
	Close bool
}

// Deliver plays the session and judges the answer, by the rule of retries (Confirm).
func (e *Env) Deliver(ctx context.Context, s dialect.Session, d Delivery) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		_, err := e.try(ctx, s, d, wait)
		return err
	})
}

// DeliverAll delivers the session by each plan, up to the first that fails.
func (e *Env) DeliverAll(ctx context.Context, s dialect.Session, plans ...delivery.Plan) error {
	for _, p := range plans {
		if err := e.Deliver(ctx, s, Delivery{Plan: p}); err != nil {
			return err
		}
	}
	return nil
}

// Pulse gets a right answer on a fresh connection, or the error says that the server does not serve on.
func (e *Env) Pulse(ctx context.Context) error {
	err := e.Deliver(ctx, e.Dialect.Plain(e.ID()), Delivery{})
	if b := (*Broken)(nil); errors.As(err, &b) {
		b.Problem = "afterwards, a fresh connection was not served: " + b.Problem
	}
	return err
}

// killedBy gives the evidence of the case's last delivery to the finding that the server is gone.
func (e *Env) killedBy(err error) error {
	e.tally.mu.Lock()
	last := e.tally.last
	e.tally.mu.Unlock()
	if b := (*Broken)(nil); errors.As(err, &b) && b.gone && last != nil {
		killed := last.broken("after this, " + b.Problem)
		killed.gone, killed.Failure.FirstDifference = true, -1
		return killed
	}
	return err
}

// try delivers the session on a connection on which nothing was said yet.
func (c *Client) try(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) (delivery.Answer, error) {
	e, plan := c.env, d.Plan
	if s.End == dialect.ByClient && plan.End == delivery.Open {
		plan.End = delivery.HalfClose
	}
	if err := plan.Validate(len(s.Request)); err != nil {
		return delivery.Answer{}, undecided("a mistake of streamspec's own: %v (please report it)", err)
	}
	s = c.bind(s)
	if err := c.enter(ctx, s.Opening, wait); err != nil {
		return delivery.Answer{}, err
	}
	wait += thinking(len(s.Request))
	t := &trial{session: s, plan: plan, wait: wait, slow: d.Chunk > 0 || d.Delay > 0, before: c.Sent(), whole: c.Sent() == 0 || len(s.Opening) > 0, dialect: e.suite.cfg.Dialect}
	t.total = 5*wait + patienceFor(len(s.Request)+len(s.Answer()))
	want := delivery.Want{
		Any: s.Answers, Like: s.Like, Prefix: s.End == dialect.ByFailure, ToEnd: s.End != dialect.ByLeaving,
		Idle: wait, EndIdle: e.suite.endWait(d.Close, wait),
		Total: t.total, Chunk: d.Chunk, Pause: d.Pause, Delay: d.Delay,
	}
	before := c.Conn.Cuts()
	t.answer, t.playErr = c.Exchange(ctx, s.Request, plan, want)
	t.saw(c)
	if c.Sees() {
		cuts := c.Conn.Cuts()
		c.amiss = cuts.Made-before.Made > cuts.Confirmed-before.Confirmed
		t.amiss = c.amiss
		if plan.End == delivery.HalfClose && len(s.Request) > 0 && t.playErr == nil && t.answer.Unread == 0 && !c.EndedAlone() {
			t.plan.End = delivery.HalfCloseWithData // a busy server found the end behind the last bytes: that is what it was told
			c.amiss = c.amiss || d.Plan.End == delivery.HalfClose
			t.amiss = true
		}
	}
	e.tally.mu.Lock()
	e.tally.last = t
	e.tally.mu.Unlock()
	if s.End == dialect.ByFailure && t.answer.State == delivery.Right && t.answer.Ending == delivery.StillOpen && e.suite.unclosed.Load() {
		return t.answer, &NotShown{"the server does not close its connections (LIFE-3)"}
	}
	if err := t.judge(ctx, e); err != nil {
		return t.answer, err
	}
	if s.End == dialect.ByLeaving {
		return t.answer, c.part(ctx, t, wait)
	}
	if t.answer.Ending == delivery.StillOpen {
		e.suite.unclosed.Store(true)
		if d.Close {
			return t.answer, &missing{t.broken(fmt.Sprintf("the answer is right, but the server did not close the connection within %s", wait))}
		}
	}
	return t.answer, nil
}

// judge says what the answer shows.
func (t *trial) judge(ctx context.Context, e *Env) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a := t.answer
	switch {
	case a.State == delivery.Wrong:
		return t.broken(t.wrong())
	case t.session.End == dialect.ByFailure && a.Ending == delivery.StillOpen:
		return &missing{t.broken(fmt.Sprintf("the handler had to fail, but the connection was still open after %s", t.wait))}
	case a.State == delivery.Right:
		return nil
	case a.Ending == delivery.FIN:
		return t.broken(t.short("the server closed the connection"))
	case a.Ending == delivery.RST && e.suite.local():
		return t.broken(t.short("the server reset the connection"))
	case a.Ending == delivery.RST:
		return &missing{t.broken(t.short("the connection was reset"))}
	case errors.Is(t.playErr, delivery.ErrStalled):
		return &missing{t.broken("the server stopped reading in the middle of the request")}
	case t.total > 0 && a.Elapsed >= t.total && a.Unread > 0:
		b := t.broken(t.short(fmt.Sprintf("the request was still being read after %s", t.total)))
		return &Undecided{Reason: b.Problem + ": too slow to be judged (see --timeout)", Failure: &b.Failure}
	case t.total > 0 && a.Elapsed >= t.total && a.Total > 0:
		b := t.broken(t.short(fmt.Sprintf("the answer was still coming after %s", t.total)))
		return &Undecided{Reason: b.Problem + ": too slow to be judged (see --timeout)", Failure: &b.Failure}
	case a.Unread > 0:
		return &missing{t.broken(t.short(fmt.Sprintf("the server read nothing more within %s, with %d bytes of the request left", t.wait, a.Unread)))}
	default:
		return &missing{t.broken(t.short(fmt.Sprintf("nothing more came within %s", t.wait)))}
	}
}

// expected is the right answer that the received one came closest to.
func (t *trial) expected() []byte {
	if i := t.answer.Closest; i >= 0 && i < len(t.session.Answers) {
		return t.session.Answers[i]
	}
	return t.session.Answer()
}

func (t *trial) wrong() string {
	want, at := int64(len(t.expected())), t.answer.FirstDifference
	if at >= want {
		if want == 0 {
			return "the server answered where no answer was right"
		}
		if want == 1 {
			return "the answer goes on after its one byte"
		}
		return fmt.Sprintf("the answer goes on after its %d bytes", want)
	}
	return fmt.Sprintf("the answer is wrong from byte %d on", at)
}

func (t *trial) short(how string) string {
	want := len(t.expected())
	if t.answer.Total == 0 {
		return how + ", and there was no answer"
	}
	return fmt.Sprintf("%s after %d of the answer's %d bytes", how, t.answer.Total, want)
}

// broken makes the evidence of this trial.
func (t *trial) broken(problem string) *Broken {
	a := t.answer
	f := report.Failure{
		Delivery: t.plan.Describe(len(t.session.Request)), Request: report.Excerpt(t.session.Request, 0),
		Expected: report.Excerpt(t.expected(), a.FirstDifference), Actual: actual(a),
		FirstDifference: a.FirstDifference, Ending: string(a.Ending), Failed: 1, Runs: 1, Cost: t.cost, Timeline: events(t.timeline),
	}
	for i, c := range t.plan.Cuts {
		if i == 64 {
			break
		}
		f.Cuts = append(f.Cuts, c.At)
	}
	if a.Ending == "" {
		f.Ending = "open"
	}
	f.Plan = t.text()
	return &Broken{Problem: problem, Failure: f, amiss: t.amiss}
}

// text is the trial as the text of a plan; "" where it is more, or longer, than a plan says. What it breaks is filled in
// with the verdict.
func (t *trial) text() string {
	const longest = 32 << 10
	if !t.whole || t.slow || len(t.session.Request) > longest || len(t.plan.Cuts) > plan.MaxCuts {
		return ""
	}
	c := plan.Client{Cuts: t.plan.Cuts, End: t.plan.End}
	for _, name := range t.session.Exchanges {
		c.Requests = append(c.Requests, plan.Request{Exchange: name})
	}
	if len(t.session.Exchanges) == 0 && len(t.session.Request) > 0 {
		c.Requests = []plan.Request{{Pieces: []plan.Piece{{Text: t.session.Request}}}}
	}
	return plan.Plan{Dialect: t.dialect, Clients: []plan.Client{c}}.String()
}

// actual excerpts what was received, around its first difference.
func actual(a delivery.Answer) report.Bytes {
	if a.Window != nil {
		return report.Bytes{Total: a.Total, Offset: a.WindowAt, Text: a.Window}
	}
	b := report.Excerpt(a.Head, a.FirstDifference)
	b.Total = a.Total
	return b
}

// events turns a connection's timeline into the report's.
func events(timeline []delivery.Event) []report.Event {
	out := make([]report.Event, 0, len(timeline))
	for _, v := range timeline {
		r := report.Event{
			AtUS: v.At.Microseconds(), Kind: string(v.Kind), Count: int64(v.Count), Conn: v.Conn,
			Confirmed: v.Confirmation == delivery.Confirmed, Text: report.Bytes{Total: int64(v.Count), Text: v.Bytes},
		}
		if v.Kind == delivery.KindCut {
			v.Note = v.Confirmation.String()
		}
		if len(v.Bytes) == 0 && v.Note != "" {
			r.Text = report.Bytes{Total: int64(len(v.Note)), Text: []byte(v.Note)}
		}
		out = append(out, r)
	}
	return out
}
