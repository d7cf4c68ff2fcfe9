package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// clos shows the family CLOS.
var clos = []Case{
	{Requirement: "CLOS-1", ID: "half-close", Takes: closes, Run: closHalf},
	{Requirement: "CLOS-1", ID: "half-close-long", Takes: generates, Run: closHalfLong},
	{Requirement: "CLOS-1", ID: "fin-later", Takes: learned, Run: closMessages(delivery.HalfClose)},
	{Requirement: "CLOS-1", ID: "fin-with-data", Takes: learned, Run: closMessages(delivery.HalfCloseWithData)},
	{Requirement: "CLOS-2", ID: "unread-input", Takes: scripts, Waits: true, Bytes: 4 << 20, Run: closUnread},
	{Requirement: "CLOS-2", ID: "unread-messages", Takes: leaves, Waits: true, Run: closUnreadMessages},
	{Requirement: "CLOS-3", ID: "prompt", Takes: closes, Run: closPrompt},
	{Requirement: "CLOS-3", ID: "leaving", Takes: leaves, Run: closLeaving},
	{Requirement: "CLOS-4", ID: "fin", Takes: closes, Run: closFIN},
	{Requirement: "CLOS-4", ID: "leaving", Takes: leaves, Run: closLeavingFIN},
}

// closHalf delivers sessions that end by a half-close: FIN with the last bytes, and FIN by itself.
func closHalf(ctx context.Context, b *bench.Bench) *finding.Finding {
	for n := range 20 {
		s := halfClosed(b, n)
		for _, end := range []delivery.ClientEnd{delivery.HalfCloseWithData, delivery.HalfClose} {
			plan := delivery.Whole()
			if n%3 == 2 {
				plan = delivery.CutAt(len(s.Request) - 1)
			}
			if f := b.Deliver(ctx, s, player.Delivery{Segments: plan.WithEnd(end), Close: true}); f != nil {
				return f
			}
		}
	}
	return nil
}

// closMessages half-closes behind every message. A FIN that comes with its last bytes and one that follows by itself are two
// results, and both are said. What the server says when the client's side ends may come behind the answer.
func closMessages(end delivery.ClientEnd) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		how := "FIN later"
		if end == delivery.HalfCloseWithData {
			how = "FIN with the data"
		}
		x := b.Dialect.(dialect.Learner)
		for _, s := range b.Dialect.Cuttable() {
			s = x.HalfClosed(s)
			for range 3 {
				if f := b.Deliver(ctx, s, player.Delivery{Segments: delivery.Whole().WithEnd(end), Close: true}); f != nil {
					b.Observe("%s: %s", how, f.Problem)
					return f.During(how + ": ")
				}
			}
		}
		b.Observe("%s: answered and closed", how)
		return nil
	}
}

// halfClosed is a short session that the client's half-close ends.
func halfClosed(b *bench.Bench, n int) dialect.Session {
	if n%2 == 0 {
		return b.Dialect.Ending(b.ID())
	}
	return b.Dialect.Joined(b.Dialect.Turns(b.ID(), 1+n%4))
}

func closHalfLong(ctx context.Context, b *bench.Bench) *finding.Finding {
	for _, end := range []delivery.ClientEnd{delivery.HalfCloseWithData, delivery.HalfClose} {
		s := b.Dialect.(dialect.Generator).Bulk(300<<10, b.Rand.Uint64())
		if f := b.Deliver(ctx, s, player.Delivery{Segments: delivery.Whole().WithEnd(end), Close: true}); f != nil {
			return f
		}
	}
	return nil
}

// closUnread has the server close behind a long answer with input unread, and
// reads only when it has: a reset would destroy what its kernel still holds.
func closUnread(ctx context.Context, b *bench.Bench) *finding.Finding {
	s := new(dialect.Commands).WriteLong(1 << 20).Send().Close().Session("a long answer")
	unread := make([]byte, 64<<10)
	for i := range unread {
		unread[i] = 'u'
	}
	s.Request = append(s.Request, unread...)
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{ReceiveBuffer: 16 << 10})
		if f != nil {
			return f
		}
		defer c.Close()
		t := c.Trial(s, delivery.Whole(), wait)
		played := c.Send(ctx, s.Request)
		// Slowly at first: a server that resets does so now, with most of its answer still in its kernel.
		t.Took(c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: wait, Chunk: 32 << 10, Pause: patience.SlowerRead}), played)
		if f := t.Judge(ctx); f != nil {
			return f.During("the server closed with input unread, and its last answer did not survive: ")
		}
		if t.Answer.Ending == delivery.RST {
			return t.Broken("the server closed with input unread, and reset the connection behind its last answer: on a slower path the answer would be lost")
		}
		return nil
	})
}

// closPrompt half-closes behind a request, in the middle of one, and with nothing sent.
func closPrompt(ctx context.Context, b *bench.Bench) *finding.Finding {
	plain := b.Dialect.Plain(b.ID()).Request
	requests := [][]byte{plain[:len(plain)/2], {}}
	if turns, f := b.Turns(1); f == nil {
		requests = append([][]byte{turns[0].Request}, requests...)
	}
	var slowest time.Duration
	for _, request := range requests {
		p := b.Dialect.(dialect.Predictor).Predict(request)
		s := dialect.Session{Name: "an ended stream", Request: request, Answers: p.Answers, End: p.End}
		for range 3 {
			began := time.Now()
			if f := b.Deliver(ctx, s, player.Delivery{Close: true}); f != nil {
				return f
			}
			slowest = max(slowest, time.Since(began))
		}
	}
	if slowest > patience.Noticed {
		b.Observe("within %s", patience.Text(slowest.Round(time.Millisecond)))
	}
	return nil
}

func closFIN(ctx context.Context, b *bench.Bench) *finding.Finding {
	for n := range 20 {
		s := halfClosed(b, n)
		if n%5 == 4 {
			s = b.Dialect.Plain(b.ID())
		}
		if b.LeavesOut() {
			continue
		}
		f := b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
			a, f := b.Try(ctx, s, player.Delivery{Close: true}, wait)
			if f != nil || a.Ending != delivery.RST {
				return f
			}
			f = b.Last().Broken(fmt.Sprintf("the answer's %d bytes are right, but the connection ended with a reset (RST)", a.Total)).Costing(0)
			f.Evidence.FirstDifference = -1
			return f
		})
		if f != nil {
			return f
		}
	}
	return nil
}
