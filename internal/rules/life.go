package rules

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules/process"
	"github.com/streamspec/streamspec/suite/dialect"
)

// life shows the family LIFE.
var life = []Case{
	{Requirement: "LIFE-1", ID: "serves", Run: lifeServes},
	{Requirement: "LIFE-2", ID: "fifty-in-a-row", Run: lifeNext},
	{Requirement: "LIFE-3", ID: "done", Takes: closes, Run: lifeCloses},
	{Requirement: "LIFE-4", ID: "failing-handlers", Takes: fails, Needs: Alone, Run: lifeFailing},
	{Requirement: "LIFE-4", ID: "neighbours", Takes: fails, Needs: Alone | Together | Turns, Run: lifeNeighbours},
	{Requirement: "LIFE-5", ID: "leaving", Needs: Alone, Run: lifeLeaving},
	{Requirement: "LIFE-6", ID: "sigterm", Needs: Exec, Waits: true, Run: process.Stops},
	{Requirement: "LIFE-7", ID: "answer-in-progress", Takes: answersLong, Needs: Exec, Waits: true, Bytes: 32 << 20, Run: process.Finishes},
	{Requirement: "LIFE-7", ID: "message-in-progress", Takes: learned, Needs: Exec, Waits: true, Run: process.FinishesMessage},
	{Requirement: "LIFE-7", ID: "long-message-in-progress", Takes: []Ability{can[dialect.Learner], can[dialect.Amasser]}, Needs: Exec, Waits: true, Bytes: 32 << 20, Run: process.FinishesLong},
	{Requirement: "LIFE-8", ID: "address-taken", Needs: Exec, Waits: true, Run: process.Taken},
	{Requirement: "LIFE-9", ID: "time-wait", Needs: Exec | Turns, Waits: true, Run: process.Rebinds},
	{Requirement: "LIFE-10", ID: "descriptors", Needs: PID, Waits: true, Run: process.Descriptors},
	{Requirement: "LIFE-11", ID: "idle-and-half-closed", Needs: PID, Waits: true, Run: process.Idle},
	{Requirement: "LIFE-12", ID: "burst", Needs: Alone, Akin: akinCrowd, Run: lifeBacklog},
	{Requirement: "LIFE-13", ID: "descriptors-used-up", Needs: Exec, Waits: true, Run: process.UsedUp},
}

func lifeServes(ctx context.Context, b *bench.Bench) *finding.Finding {
	for range 3 {
		if f := b.Deliver(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}); f != nil {
			return f
		}
	}
	return nil
}

func lifeNext(ctx context.Context, b *bench.Bench) *finding.Finding {
	const usual = 50
	for range max(usual, b.Facts.Turnover) {
		if f := b.Deliver(ctx, b.Dialect.Ending(b.ID()), player.Delivery{}); f != nil {
			return f
		}
	}
	return nil
}

func lifeCloses(ctx context.Context, b *bench.Bench) *finding.Finding {
	all := b.Dialect.(dialect.Closer).Closing(b.ID())
	if len(all) == 0 {
		return finding.NewNotShown("the dialect has no session behind which the server closes")
	}
	for _, s := range all {
		if f := b.Deliver(ctx, s, player.Delivery{Close: true}); f != nil {
			return f
		}
	}
	return nil
}

func lifeFailing(ctx context.Context, b *bench.Bench) *finding.Finding {
	failing := b.Failing()
	if len(failing) == 0 {
		return nothingFails()
	}
	for range 3 {
		f := b.Repeat(len(failing), func(i int) *finding.Finding {
			if f := b.Deliver(ctx, failing[i], player.Delivery{}); f != nil {
				return didNotFail(f, failing[i])
			}
			if b.Patience.Slow() { // the next one, or what is behind the case, is served or not
				b.LeaveOut(1)
				return nil
			}
			return b.Pulse(ctx)
		})
		if f != nil {
			return f
		}
	}
	return nil
}

func nothingFails() *finding.Finding {
	return finding.NewNotShown("the dialect has no session that makes a handler fail")
}

// didNotFail tells a handler that answers invalid UTF-8, which is CODE-3's
// matter, from one that fails and is not dealt with.
func didNotFail(f *finding.Finding, s dialect.Session) *finding.Finding {
	if f.Fact() && !utf8.Valid(s.Request) {
		return finding.NewNotShown("no request made the handler fail: it answers what is no UTF-8 (CODE-3)")
	}
	return f
}

// lifeNeighbours has handlers fail beside a session that must not notice.
func lifeNeighbours(ctx context.Context, b *bench.Bench) *finding.Finding {
	failing := b.Failing()
	if len(failing) == 0 {
		return nothingFails()
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		turns, f := b.Turns(4)
		if f != nil {
			return f
		}
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		for i, t := range turns {
			if f := c.Turn(ctx, t, delivery.Whole(), wait); f != nil {
				return f.During("beside failing handlers, another session suffered: ")
			}
			if i > 0 && b.Patience.Slow() { // it came behind the first handlers that failed
				b.LeaveOut(len(turns) - i)
				break
			}
			f := b.Repeat(len(failing), func(i int) *finding.Finding {
				_, f := b.Try(ctx, failing[i], player.Delivery{}, wait)
				return didNotFail(f, failing[i])
			})
			if f != nil {
				return f
			}
		}
		return nil
	})
}

func lifeLeaving(ctx context.Context, b *bench.Bench) *finding.Finding {
	const rounds = 5
	for round := range rounds {
		for _, share := range []int{0, 2, 1} { // nothing, half of the request, all of it
			for _, leave := range []func(*player.Client){(*player.Client).Close, (*player.Client).Abort} {
				if round > 0 && b.LeavesOut() {
					continue
				}
				c, f := b.Dial(ctx, delivery.Options{})
				if f != nil {
					return f
				}
				if share > 0 {
					r := b.Traced()
					// An error of sending is the server's leaving first, which the pulse judges.
					_ = c.Send(ctx, r[:len(r)/share])
				}
				leave(c)
				if f := b.CaughtUp(ctx); f != nil {
					return f
				}
			}
		}
		if b.Patience.Slow() && round < rounds-1 { // who comes behind them is served or not
			b.LeaveOut(1)
			continue
		}
		if f := b.Served(ctx); f != nil {
			return f
		}
	}
	if b.CannotBeStuck() == nil {
		return leaveUnread(ctx, b)
	}
	return nil
}

// leaveUnread leaves in the middle of an answer: the server waits in a write, or has
// written, to a client that resets its connection. One that ends of what was sent may need a moment for that, and does not end of the leaving.
func leaveUnread(ctx context.Context, b *bench.Bench) *finding.Finding {
	times, together := 2, 1
	if b.Patience.Slow() {
		b.LeaveOut(times - 1)
		times = 1
	} else if !b.Facts.OneAtATime() && b.Clients(times) == times {
		together = times
	}
	sent := int64(0)
	for left := times; left > 0; {
		stuck, f := b.StuckClients(ctx, together, patience.Stuck)
		for _, c := range stuck {
			c.Abort()
			sent = max(sent, c.Sent())
		}
		switch {
		case f == nil:
			f = b.Served(ctx)
		case together > 1 && !f.Died(): // one may hold up the other, which is FLOW-2's matter
			together = 1
			continue
		}
		if f != nil {
			return b.OfTheBurst(ctx, sent, f)
		}
		left -= together
	}
	if !b.Patience.Slow() && !b.Serves(ctx) { // a slow one has had the time that it takes to end, and is asked again behind the case
		return b.OfTheBurst(ctx, sent, b.Served(ctx))
	}
	return nil
}

// lifeBacklog connects in a burst. A queue that is too short leaves connections
// waiting for their second try, a second later. Where the kernel tells the queue's length, that is what counts.
func lifeBacklog(ctx context.Context, b *bench.Bench) *finding.Finding {
	const waiting = 10
	if b.Allowed(waiting) < waiting {
		return finding.NewNotShown("the server is said to take fewer clients (limits: clients, or --clients)")
	}
	if _, n, err := kernel.Queue(b.Address()); err == nil {
		if n < waiting-1 { // a queue of n holds n + 1
			return finding.NewBroken("the server's queue holds %d waiting connections: it listens with a backlog of %d", n+1, n)
		}
		b.Observe("backlog %d", n)
	}
	if b.Facts.Mixes {
		return nil // whose answers come to which client is CONC-1's matter
	}
	clients := make([]*player.Client, waiting)
	for i := range clients {
		c, f := b.Dial(ctx, delivery.Options{Timeout: b.LongWait(), Number: i})
		if f != nil {
			return f.During(fmt.Sprintf("with %d connections waiting, the next did not come about: ", i))
		}
		defer c.Close()
		clients[i] = c
	}
	return serveAll(ctx, b, clients).During("one of 10 connections that came together was not served: ")
}

// serveAll has a session answered on each of these connections, beside one another: a server may serve them in any order.
func serveAll(ctx context.Context, b *bench.Bench, clients []*player.Client) *finding.Finding {
	if b.Dialect.Ending(b.ID()).End == dialect.ByLeaving {
		return finding.AtOnce(len(clients), func(i int) *finding.Finding {
			defer clients[i].Close() // which is what lets a server that serves one at a time turn to another
			_, f := clients[i].Try(ctx, b.Dialect.Ending(b.ID()), player.Delivery{}, b.LongWait())
			return f
		})
	}
	var trials []*player.Trial
	sent := make([]error, len(clients))
	for i, c := range clients {
		s := b.Dialect.Ending(b.ID())
		trials = append(trials, c.Trial(s, delivery.Whole(), b.LongWait()))
		if sent[i] = c.Send(ctx, s.Request); sent[i] == nil {
			sent[i] = c.HalfClose()
		}
	}
	for i, t := range trials {
		w := delivery.Want{Any: t.Session.Answers, Like: t.Session.Like, ToEnd: true, Idle: b.LongWait(), EndIdle: b.EndWait(false, b.LongWait())}
		if f := t.Took(clients[i].Receive(ctx, w), sent[i]).Judge(ctx); f != nil {
			return f
		}
		clients[i].Close()
	}
	return nil
}
