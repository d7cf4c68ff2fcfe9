package process

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// What resets and a client that does not read do to the server's process.

// AfterResets looks at the server's process when clients have reset their connections before, and in the middle of, their answers:
// at its processor time first, which a few show, and then at its descriptors, of which each of many may have cost one.
func AfterResets(ctx context.Context, b *bench.Bench) *finding.Finding {
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	if f = afterResets(ctx, own); f.Died() {
		return own.OfTheMessages(ctx, f)
	}
	return f
}

func afterResets(ctx context.Context, own *bench.Bench) *finding.Finding {
	const few = 8
	if f := workedOff(ctx, own, func() *finding.Finding { return resetAnswers(ctx, own, few) }); f != nil {
		return own.Gone(ctx, f, ofResets)
	}
	if f := costing(rests(ctx, own, "after its clients had reset their connections"), 0); f != nil { // whatever is slow then may come from it
		return own.Gone(ctx, f, ofResets)
	}
	var before, after int
	var f *finding.Finding
	const rounds = 3
	each := comers(own, 100, 20)
	for round := range rounds {
		if f := resetAnswers(ctx, own, each); f != nil {
			return f
		}
		if after, f = own.Descriptors(ctx, before, round > 0); f != nil {
			return own.Gone(ctx, f, ofResets)
		}
		if round == 0 {
			before = after // what the first clients made the server open once
		} else if after <= before+2 {
			return nil
		}
	}
	return costing(finding.NewBroken("%d descriptors are open that %d connections left behind that were reset (%d before, %d after)",
		after-before, (rounds-1)*each, before, after), rounds*each)
}

// ofResets is of what a server ends that does not survive them.
const ofResets = "its clients had reset their connections before, and in the middle of, their answers"

// resetAnswers has so many clients reset their connections behind a request, and one in the middle of its answers.
func resetAnswers(ctx context.Context, own *bench.Bench, clients int) *finding.Finding {
	var queue bench.Room
	for range clients {
		queue.Wait(ctx, own)
		c, f := own.Dial(ctx, delivery.Options{})
		if f != nil {
			return own.Gone(ctx, f, ofResets)
		}
		_ = c.Send(ctx, own.Traced()) // an error is the server's leaving first
		c.Abort()
	}
	own.Accepted(ctx)
	if own.CannotBeStuck() != nil {
		return nil
	}
	burden := NewBurden(ctx, own)
	c, f := own.StuckClient(ctx, patience.StuckBeside, nil)
	if f != nil {
		return own.Gone(ctx, f, ofResets)
	}
	f = burden.Carried(ctx)
	c.Abort()
	return f
}

// Unread has a client send and not read, and compares what that makes of the server's memory with what as many requests make of
// it whose answers are read: what is no queue is in both.
func Unread(ctx context.Context, b *bench.Bench) *finding.Finding {
	const most, bound, enough, tries = 3 * bench.Endless, 64 << 20, 112 << 20, 2 // what is usual is a part of enough
	if f := b.CannotBeStuck(); f != nil {
		return f
	}
	var grown, usual uint64
	var sent int
	for try := range tries {
		own, f := b.Instance(ctx)
		if f != nil {
			return f
		}
		if f := own.WarmUp(ctx); f != nil { // what it takes once
			return own.OfTheBurst(ctx, bench.Endless/16, f)
		}
		if grown, sent, f = own.Unread(ctx, most, enough); f != nil {
			return own.OfTheBurst(ctx, max(int64(sent), bench.Endless/16), f) // it may have ended of what it was warmed up by
		}
		if p := own.Process(); p != nil && grown >= bound {
			p.Kill() // it may go on to take all of the machine's memory
		}
		if grown < bound {
			if try > 0 && own.Process() == nil {
				return finding.NewUndecided("the server's memory grew while a client sent and did not read, and no further when that was done again: start it anew, or give --exec")
			}
			b.Observe("memory grew by %d MiB", grown>>20)
			return own.Served(ctx)
		}
		if try == 0 { // it does not change
			if usual, f = b.UsualGrowth(ctx, sent); f != nil {
				return f
			}
		}
		if grown < usual+bound {
			b.Observe("memory grew by %d MiB, and by %d MiB where the answers were read", grown>>20, usual>>20)
			return nil
		}
	}
	f := finding.NewBroken("the server's memory grew by %d MiB while a client sent %d bytes of requests and read nothing; by %d MiB where the answers were read",
		grown>>20, sent, usual>>20).Costing(int64(sent) + player.CostOfPause)
	f.Evidence.Runs, f.Evidence.Failed = tries, tries
	return f
}
