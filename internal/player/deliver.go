package player

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// Delivery says how to deliver a session, beyond its plan.
type Delivery struct {
	Segments delivery.Segments
	Options  delivery.Options
	Chunk    int           // slow reader: bytes a read
	Pause    time.Duration // slow reader: after each read
	Delay    time.Duration // slow reader: before the first read
	// Close asks for the end of the stream as part of the answer: without it, a
	// server that answers rightly and never closes is right.
	Close bool
}

// Deliver plays the session and judges the answer, by the rule of retries ([Player.Confirm]). Where the server is slow it may be left
// out ([Player.Thin]), which is no finding.
func (p *Player) Deliver(ctx context.Context, s dialect.Session, d Delivery) *finding.Finding {
	if p.LeavesOut() {
		return finding.Ended(ctx)
	}
	return p.DeliverAnyway(ctx, s, p.thinned(d))
}

// DeliverAnyway is Deliver that is never left out.
func (p *Player) DeliverAnyway(ctx context.Context, s dialect.Session, d Delivery) *finding.Finding {
	return p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		_, f := p.Try(ctx, s, d, wait)
		return f
	})
}

// DeliverAll delivers the session by each plan, up to the first that fails.
func (p *Player) DeliverAll(ctx context.Context, s dialect.Session, plans ...delivery.Segments) *finding.Finding {
	for _, one := range plans {
		if f := p.Deliver(ctx, s, Delivery{Segments: one}); f != nil {
			return f
		}
	}
	return nil
}

// Pulse gets a right answer on a fresh connection, or says that the server does not serve on.
func (p *Player) Pulse(ctx context.Context) *finding.Finding {
	return afterwards(p.DeliverAnyway(ctx, p.Dialect.Plain(p.ID()), Delivery{}))
}

// An Attempt is one delivery of a session on a connection of its own, and what came of it.
type Attempt struct {
	Answer  delivery.Answer
	Cuts    delivery.CutCount
	Finding *finding.Finding
	// Unplanned says that the session was not delivered as it was to be: a right answer shows little then.
	Unplanned bool

	trial *Trial // nil where it did not come so far
}

// Right is the attempt as what stands beside a failure of the same session, delivered otherwise; nil where it is none that was answered
// rightly.
func (a Attempt) Right() *report.Passing {
	if a.Finding != nil || a.trial == nil {
		return nil
	}
	t := a.trial
	return &report.Passing{Delivery: t.Plan.Describe(len(t.Session.Request)), Actual: actual(t.Answer), Timeline: t.events()}
}

// Try delivers the session. A right answer shows little where the
// server did not read in time for the delivery to be as planned: it is made once more then, with more time for the cuts, and
// what it comes to is what counts.
func (p *Player) Try(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) (delivery.Answer, *finding.Finding) {
	began := time.Now()
	first := p.Admitted(ctx, s, d, wait)
	if d.Options.ConfirmCap != 0 || !redelivers(first, time.Since(began)) || !p.tally.morePatience(p.Patience) {
		return first.Answer, first.Finding
	}
	again := p.Admitted(ctx, s, d, wait)
	if again.Finding != nil && !again.Finding.Failed() {
		return first.Answer, nil
	}
	p.tally.madeAgain(first.Cuts, again.Unplanned)
	return again.Answer, again.Finding
}

// redelivers says whether a delivery that took so long is worth making once more.
func redelivers(a Attempt, took time.Duration) bool {
	return a.Finding == nil && a.Unplanned && took <= patience.MostRepeated
}

// Replaces takes an earlier attempt out of what is counted: a counts in its place.
func (p *Player) Replaces(earlier, a Attempt, joined bool) {
	if earlier.Cuts.Made > 0 {
		p.tally.madeAgain(earlier.Cuts, joined)
	}
}

// MorePatience has later cuts wait longer to be confirmed; it returns false where that has been in vain, or they wait as long as
// they may.
func (p *Player) MorePatience() bool { return p.tally.morePatience(p.Patience) }

// Admitted is Attempt that is made again, when the server has served another, where the server refuses it as it does with those that are
// too many.
func (p *Player) Admitted(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) Attempt {
	a := p.Attempt(ctx, s, d, wait)
	for again := 0; again < mostRefused && p.Refused(a.Finding); again++ {
		if !p.Readmits(ctx) {
			if f := finding.Ended(ctx); f != nil {
				a.Finding = f // whether it would have been served is not known
			}
			break
		}
		Sleep(ctx, p.Late()*time.Duration(again)/2) // there may have been room for the one that was served, and for no other yet
		if a = p.Attempt(ctx, s, d, wait); !p.Refused(a.Finding) {
			p.limit.Readmitted()
		}
	}
	return a
}

// Attempt delivers the session once, on a connection of its own.
func (p *Player) Attempt(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) Attempt {
	c, f := p.Dial(ctx, d.Options)
	if f != nil {
		return Attempt{Finding: p.killed(f)}
	}
	defer c.Close()
	answer, f := c.Try(ctx, s, d, wait)
	if f == nil && len(s.Opening)+len(s.Request) > 0 { // who says nothing is answered nothing
		c.life.answers()
	}
	return Attempt{Answer: answer, Cuts: c.Conn.Cuts(), Finding: f, Unplanned: c.unplanned, trial: c.trial}
}

// killedWords come before the end of a server that was seen behind a delivery.
const killedWords = "after this, "

// killed gives the evidence of the last delivery to the finding that the server is gone.
func (p *Player) killed(f *finding.Finding) *finding.Finding {
	last := p.tally.kept()
	if !f.Is(finding.Gone) || !f.Certain || last == nil {
		return f
	}
	killed := last.Broken(killedWords + f.Problem)
	killed.Kind, killed.Certain, killed.Evidence.FirstDifference = finding.Gone, true, -1
	killed.Evidence.Ended = f.Evidence.Ended
	return killed
}

// Last is the last session that was delivered, or nil.
func (p *Player) Last() *Trial { return p.tally.kept() }

// Try delivers the session on a connection on which nothing was said yet.
func (c *Client) Try(ctx context.Context, s dialect.Session, d Delivery, wait time.Duration) (delivery.Answer, *finding.Finding) {
	p, plan := c.player, d.Segments
	if s.End == dialect.ByClient && plan.End == delivery.Open {
		plan.End = delivery.HalfClose
	}
	if err := plan.Validate(len(s.Request)); err != nil {
		return delivery.Answer{}, finding.Mistake(err)
	}
	s = c.Bind(s)
	if f := c.Open(ctx, s.Opening, wait); f != nil {
		return delivery.Answer{}, f
	}
	s, f := c.tell(s)
	if f != nil {
		return delivery.Answer{}, f
	}
	plan = fitting(plan, len(s.Request))
	wait += patience.Thinking(len(s.Request))
	t := c.Trial(s, plan, wait)
	t.Before, t.slow, t.whole = c.Sent(), d.Chunk > 0 || d.Delay > 0, c.Sent() == 0 || len(s.Opening) > 0
	t.total = p.Patience.Total(wait, len(s.Request)+len(s.Answer()))
	want := delivery.Want{
		Any: s.Answers, Like: s.Like, Prefix: s.End == dialect.ByFailure, ToEnd: s.End != dialect.ByLeaving,
		Idle: wait, EndIdle: p.EndWait(d.Close, wait),
		Total: t.total, Chunk: d.Chunk, Pause: d.Pause, Delay: d.Delay,
	}
	before := c.Conn.Cuts()
	answer, played := c.Exchange(ctx, s.Request, plan, want)
	t.Took(answer, played)
	c.compare(t, d, before)
	p.tally.keep(t)
	c.trial = t
	if s.End == dialect.ByFailure && answer.State == delivery.Right && answer.Ending == delivery.StillOpen && p.NeverCloses() {
		return answer, c.failedOpen(ctx, t)
	}
	if f := t.Judge(ctx); f != nil {
		return answer, f
	}
	if s.End == dialect.ByLeaving {
		return answer, c.depart(ctx, t, wait)
	}
	if answer.Ending == delivery.StillOpen {
		p.unclosed.Store(true)
		if d.Close {
			return answer, t.Missing(fmt.Sprintf("the answer is right, but the server did not close the connection within %s", patience.Text(wait)))
		}
	}
	return answer, nil
}

// compare notes where a trial was not delivered as it was to be, as far as that is seen.
func (c *Client) compare(t *Trial, d Delivery, before delivery.CutCount) {
	if !c.Sees() {
		return
	}
	cuts := c.Conn.Cuts()
	c.unplanned = cuts.Made-before.Made > cuts.Confirmed-before.Confirmed
	t.unplanned = c.unplanned
	if t.Plan.End == delivery.HalfClose && len(t.Session.Request) > 0 && t.played == nil && t.Answer.Unread == 0 && !c.EndedAlone() {
		t.Plan.End = delivery.HalfCloseWithData // a busy server found the end behind the last bytes: that is what it was told
		c.unplanned = c.unplanned || d.Segments.End == delivery.HalfClose
		t.unplanned = true
	}
}
