package player

import (
	"context"
	"slices"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
)

// failedOpen is what a session comes to at which the handler had to fail, and of which nothing wrong has come yet, where the server does not
// close its connections, so that their end does not tell that nothing more comes. A plain request behind it does: a server that answers it
// has done with what came before. One that says nothing to it either is not waited for so long again, and longer than its answers take.
func (c *Client) failedOpen(ctx context.Context, t *Trial) *finding.Finding {
	p := c.player
	open := finding.NewNotShown("the server does not close its connections (LIFE-3)")
	marker := p.Dialect.Plain(p.ID())
	wait := t.wait
	if p.mute.Load() {
		wait = max(patience.Unclosed, 4*p.Patience.Exchange)
	}
	// Of the answers to what came before it, some may still be on their way.
	left := append(Left(t.Session.Answers, t.Answer.Total), []byte{})
	right := left
	if t.Plan.End == delivery.Open {
		right = nil
		for _, rest := range left {
			for _, answer := range marker.Answers {
				right = append(right, slices.Concat(rest, answer))
			}
		}
	} else { // the client has ended its side: nothing can follow
		marker.Request = nil
	}
	behind := c.Trial(marker, delivery.Whole(), wait)
	behind.Session.Answers, behind.Before = right, c.Sent()
	var played error
	if len(marker.Request) > 0 {
		played = c.Send(ctx, marker.Request)
	}
	answer := c.Receive(ctx, delivery.Want{Any: right, Prefix: true, Idle: wait, ToEnd: len(marker.Request) == 0})
	behind.Took(answer, played)
	switch {
	case ctx.Err() != nil:
		return finding.Ended(ctx)
	case answer.State == delivery.Wrong:
		f := behind.Broken("the handler had to fail, and when a plain request had followed, " + behind.Wrong())
		f.Evidence.Plan = t.text()
		return f
	case answer.Total == 0 && answer.TimedOut && wait >= p.Wait():
		p.mute.Store(true)
	}
	return open
}
