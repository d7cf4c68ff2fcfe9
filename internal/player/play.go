package player

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/match"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// A Played is how one client of a plan fared.
type Played struct {
	Due     due.Client
	Answer  delivery.Answer // to what was sent last
	Cuts    delivery.CutCount
	Finding *finding.Finding // what was not right

	client *Client // who played; nil where the server took no connection
}

// Due is [due.To] of the server's dialect.
func (s *Server) Due(p plan.Plan) ([]due.Client, error) { return due.To(s.Dialect, p) }

// Play plays a plan once, and judges each answer with this wait. Its finding is the first of a
// client's, facts before others. A client that resets its connection is judged by whether a new one is answered.
func (p *Player) Play(ctx context.Context, pl plan.Plan, wait time.Duration) ([]Played, *finding.Finding) {
	owed, err := p.Due(pl)
	if err != nil {
		return nil, finding.NewUndecided("the plan cannot be played: %v", err)
	}
	return p.PlayDue(ctx, pl, owed, wait)
}

// PlayDue is Play of a plan whose answers are known. A void failure is played again.
func (p *Player) PlayDue(ctx context.Context, pl plan.Plan, owed []due.Client, wait time.Duration) (played []Played, f *finding.Finding) {
	f = p.InTime(ctx, func() (f *finding.Finding) {
		played, f = p.playDue(ctx, pl, owed, wait)
		return f
	})
	return played, f
}

func (p *Player) playDue(ctx context.Context, pl plan.Plan, owed []due.Client, wait time.Duration) ([]Played, *finding.Finding) {
	played := make([]Played, len(pl.Clients))
	var first *finding.Finding
	for from, to := range pl.Stages() {
		var beside sync.WaitGroup
		for i := from + 1; i < to; i++ {
			beside.Go(func() { p.playClient(ctx, pl.Clients[i], owed[i], wait, i, &played[i]) })
		}
		p.playClient(ctx, pl.Clients[from], owed[from], wait, from, &played[from])
		beside.Wait()
		for _, c := range played[from:to] {
			if c.Finding != nil && !first.Fact() {
				first = c.Finding
			}
		}
		if first != nil {
			return played, first
		}
	}
	reset := slices.ContainsFunc(pl.Clients, func(c plan.Client) bool { return c.End == delivery.Reset })
	if reset || slices.ContainsFunc(owed, func(d due.Client) bool { return d.Free }) {
		words := "afterwards, on a new connection, "
		if reset {
			words = "after the reset, on a new connection, "
		}
		_, first = p.Try(ctx, p.Dialect.Plain(p.ID()), Delivery{}, wait)
		first.During(words)
	}
	return played, first
}

// playClient plays what one client does.
func (p *Player) playClient(ctx context.Context, client plan.Client, owed due.Client, wait time.Duration, number int, played *Played) {
	played.Due = owed
	c, f := p.Dial(ctx, delivery.Options{Number: number})
	if f != nil {
		played.Finding = p.killed(f)
		return
	}
	defer c.Close()
	if owed.Free {
		played.Finding = c.playFree(ctx, client, owed.Session.Request)
	} else {
		played.Finding = c.playRounds(ctx, client, owed, wait, played)
	}
	played.client, played.Cuts = c, c.Conn.Cuts()
}

// playFree sends bytes to which any answer is right. One who half-closes takes what still comes.
func (c *Client) playFree(ctx context.Context, client plan.Client, request []byte) *finding.Finding {
	_ = c.Conn.Play(ctx, request, client.Delivery()) // how far it comes is the server's choice
	if client.End == delivery.HalfClose || client.End == delivery.HalfCloseWithData {
		c.Receive(ctx, delivery.Want{Idle: patience.Garbage, Total: patience.GarbageInAll})
	}
	return finding.Ended(ctx)
}

// playRounds plays up to each await, and then the rest.
func (c *Client) playRounds(ctx context.Context, client plan.Client, owed due.Client, wait time.Duration, played *Played) (f *finding.Finding) {
	if len(owed.Rounds) > 0 {
		if f := c.Open(ctx, c.Bind(owed.Session).Opening, wait); f != nil {
			return f
		}
	}
	from := 0
	for i := range owed.Rounds {
		if f := c.round(ctx, client, owed, i, wait); f != nil {
			return f
		}
		from = owed.Rounds[i].To
	}
	s, all := owed.Rest, len(owed.Session.Request)
	rest := between(client.Cuts, from, all, client.End)
	switch {
	case client.End == delivery.Reset:
		s = c.Bind(s)
		if f := c.Open(ctx, s.Opening, wait); f != nil {
			return f
		}
		s = c.Bind(s)
		_ = c.Conn.Play(ctx, s.Request, rest) // how far it comes is the server's choice
		return finding.Ended(ctx)
	case client.End == delivery.Open && len(owed.Rounds) > 0 && from == all && s.End == dialect.ByClient:
		return nil
	}
	played.Answer, f = c.Try(ctx, s, Delivery{Segments: rest}, wait)
	return f
}

// CameWithTheRest ends what is said of an answer that was due before.
const CameWithTheRest = "came only when the rest of the request had been sent"

// round plays up to one await. Of an answer that does not come, it is said whether it comes when the rest has been sent: then the
// server has waited for more than it needed. Where a message ends for the server, an exchange file does not say: one that takes the
// CR alone of a CR LF for the end of a line may answer before the LF has come.
func (c *Client) round(ctx context.Context, client plan.Client, owed due.Client, i int, wait time.Duration) *finding.Finding {
	r, from := owed.Rounds[i], 0
	if i > 0 {
		from = owed.Rounds[i-1].To
	}
	f := c.Turn(ctx, r.Turn, between(client.Cuts, from, r.To, delivery.Open), wait)
	all := len(owed.Session.Request)
	if _, learned := c.player.Dialect.(dialect.Learner); learned && f.Is(finding.Broken) && f.Evidence.FirstDifference >= int64(len(r.Turn.Answer)) {
		return finding.NewNotShown("behind byte %d the server answers more than the messages that are whole by then", r.To)
	}
	if !f.Is(finding.Missing) || r.To == all {
		return f
	}
	short, rest := f.Problem, between(client.Cuts, r.To, all, client.End)
	if owed.Session.End == dialect.ByClient && rest.End == delivery.Open {
		rest.End = delivery.HalfClose
	}
	had := f.Evidence.Actual.Total
	for _, before := range owed.Rounds[:i] {
		had += int64(len(c.BindTurn(before.Turn).Answer))
	}
	whole := c.Bind(owed.Session)
	a, err := c.Exchange(ctx, whole.Request[r.To:], rest, delivery.Want{Any: Left(whole.Answers, had), Idle: wait, Total: wait + patience.Turn})
	f.Problem = fmt.Sprintf("what is due behind byte %d did not come before the rest was sent: %s", r.To, short)
	if err == nil && a.State == delivery.Right && !slices.ContainsFunc(whole.Like, func(p *match.Pattern) bool { return p != nil }) {
		f.Problem = fmt.Sprintf("what is due behind byte %d %s", r.To, CameWithTheRest)
	}
	f.Evidence.Timeline = events(c.Timeline())
	return f
}

// Left returns what is left of each answer when n bytes of it have come.
func Left(answers [][]byte, n int64) [][]byte {
	var rest [][]byte
	for _, a := range answers {
		if int64(len(a)) >= n {
			rest = append(rest, a[n:])
		}
	}
	return rest
}

// Evidence is what the client sent and got, whether or not it was right.
func (p *Played) Evidence(c plan.Client) report.Failure {
	if p.Finding.Failed() {
		f := *p.Finding.Evidence
		f.Problem = p.Finding.Problem
		return f
	}
	t := &Trial{Session: p.Due.Session, Plan: c.Delivery(), Answer: p.Answer, client: p.client}
	f := *t.evidence()
	f.FirstDifference = -1
	return f
}

// between is the part of a delivery that falls between two offsets.
func between(cuts []delivery.Cut, from, to int, end delivery.ClientEnd) delivery.Segments {
	p := delivery.Segments{End: end}
	for _, cut := range cuts {
		if from < cut.At && cut.At < to {
			cut.At -= from
			p.Cuts = append(p.Cuts, cut)
		}
	}
	return p
}
