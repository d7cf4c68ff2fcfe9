// Package process has the rules that look at the server's process: at how it begins and ends, its descriptors, its memory, and its
// processor time.
package process

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
)

// LIFE-10, LIFE-11 and LIFE-13, which look at the server's process.

// Descriptors looks at the number of descriptors after rounds of
// connections that ended in every way. A leak grows with each round.
func Descriptors(ctx context.Context, b *bench.Bench) *finding.Finding {
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	// A server that has just begun may still be busy with that. Whether it serves is judged below.
	if f := own.Pulse(ctx); ctx.Err() != nil {
		return f
	}
	const rounds = 4
	connections := comers(own, 40, 16)
	var open [1 + rounds]int // behind each round, the first of which makes the server open what it opens once
	for round := range open {
		for i := range connections {
			if f := comeAndGo(ctx, b, own, i); f != nil {
				return f
			}
		}
		if open[round], f = own.Descriptors(ctx, open[0], round > 0); f != nil {
			return f
		}
		if round > 0 && (open[round] <= open[0]+2 || open[round] <= open[round-1]) {
			b.Observe("%d descriptors before, %d after %d connections", open[0], open[round], connections*round)
			return nil
		}
	}
	if !evenly(open[:]) {
		b.Observe("%d descriptors before, %d after %d connections, and ever fewer more", open[0], open[rounds], connections*rounds)
		return nil
	}
	f = finding.NewBroken("%d descriptors are open that %d connections left behind (%d before, %d after)", open[rounds]-open[0], rounds*connections, open[0], open[rounds])
	return f.Costing(int64(rounds*connections) * player.CostOfClient)
}

// comers is how many of so many clients come to the server, least at the least: fewer to one that takes each a while after another.
func comers(b *bench.Bench, all, least int) int {
	n := b.Patience.Comers(all, least, b.Late()/time.Duration(max(b.Facts.Most, b.Facts.Workers, 1)))
	b.LeaveOut(all - n)
	return n
}

// evenly says whether a number grows by about as much each time, as what is left behind does. What a server keeps for as many clients as it
// has had at once, such as the pipes of Go's splice, grows by less and less.
func evenly(all []int) bool {
	mean := float64(all[len(all)-1]-all[0]) / float64(len(all)-1)
	for i := 1; i < len(all); i++ {
		if float64(all[i]-all[i-1]) < mean/4 {
			return false
		}
	}
	return true
}

// comeAndGo is the i-th connection: it leaves without an answer, by FIN or by RST, or has a session, in which a handler may fail.
func comeAndGo(ctx context.Context, b, own *bench.Bench, i int) *finding.Finding {
	if i%4 < 2 {
		c, f := own.Dial(ctx, delivery.Options{})
		if f != nil {
			return own.Otherwise(ctx, f)
		}
		if i%8 < 4 { // else it leaves before it has said anything, which no server can outrun by an early answer
			_ = c.Send(ctx, b.Partial()) // an error is the server's leaving first
		}
		[]func(*player.Client){(*player.Client).Close, (*player.Client).Abort}[i%4](c)
		return nil
	}
	s := b.Dialect.Plain(b.ID())
	if all := b.Failing(); len(all) > 0 && i%4 == 2 {
		s = all[i/4%len(all)]
	}
	switch _, f := own.Try(ctx, s, player.Delivery{}, b.Wait()); {
	case f == nil || f.Fact(): // whether the answer is right is judged elsewhere
		return nil
	case f.Waited() && own.Ended(ctx) == nil:
		return finding.NewNotShown("a session did not come to its end, and may hold its descriptors: %s", f.Problem)
	default:
		return own.Otherwise(ctx, f)
	}
}

// Idle measures the CPU time that the server takes while nothing happens:
// some clients idle, some are in mid-request, some have half-closed.
func Idle(ctx context.Context, b *bench.Bench) *finding.Finding {
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	kinds := []int{0, 1, 2, 3}
	if b.Facts.Serial {
		kinds = kinds[2:3]
	}
	for _, k := range kinds {
		c, f := own.Dial(ctx, delivery.Options{Number: k})
		if f != nil {
			return f
		}
		defer c.Close()
		if k == 1 || k == 3 {
			_ = c.Send(ctx, b.Partial()) // an error is the server's leaving first
		}
		if k >= 2 {
			_ = c.HalfClose()
		}
	}
	return costing(rests(ctx, own, "while its clients were silent or had half-closed"), len(kinds))
}
