package rules

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/bench/acks"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// FLOW-4: no part of an answer waits for the client's acknowledgement.

// flowStall has the client's kernel acknowledge late, as it does by itself, and looks at what waits for that: in the server's kernel, where
// that can be seen, and in time. Answers that take longer there than where the client acknowledges at once, with nothing else different,
// each of several times, are of a server that waits for the acknowledgement.
func flowStall(ctx context.Context, b *bench.Bench) *finding.Finding {
	const pairs, often = 3, 3
	slow := finding.NewNotShown("the server is slow or far: what waits for an acknowledgement is not told from that")
	switch {
	case !delivery.SetsAcks:
		return finding.NewNotShown("this system does not let a client say when it acknowledges")
	case b.Patience.Exchange >= patience.Unheld:
		return slow
	}
	var seen []acks.Turned // answers that were seen to wait, on the connection before
	var late, atOnce []time.Duration
	for pair, untellable := 0, 0; ; {
		turned, f := acks.Turns(ctx, b, delivery.AcksLate)
		if f != nil {
			return f
		}
		late = acks.Took(turned)
		waits := acks.HeldBack(turned)
		switch {
		case waits != nil && seen != nil:
			return waited(append(seen, waits...))
		case waits == nil && acks.Free(turned):
			return nil
		}
		if seen = waits; seen != nil {
			continue
		}
		if !stalls(late) { // some were seen to wait, or came when the machine was busy: too few to say so
			if untellable++; untellable < often {
				continue
			}
			return untold(b, late, slow)
		}
		if pair++; pair > pairs {
			break
		}
		turned, f = acks.Turns(ctx, b, delivery.AcksAtOnce)
		if atOnce = acks.Took(turned); f == nil && !flows(atOnce) {
			return untold(b, late, slow)
		}
		if f != nil {
			return f
		}
	}
	f := finding.NewBroken("answers take %s where the client acknowledges late, as kernels do by themselves, and %s where it acknowledges at once: a part of each waits for that",
		patience.Text(median(late).Round(time.Millisecond)), patience.Text(median(atOnce).Round(100*time.Microsecond)))
	f.Evidence.Runs, f.Evidence.Failed = 1+pairs, 1+pairs
	return f.Costing(int64(len(late)) * player.CostOfPause)
}

// waited is what answers come to that were seen to wait in the server's kernel on two connections.
func waited(seen []acks.Turned) *finding.Finding {
	f := finding.NewBroken("%d answers, on two connections, waited for the client's acknowledgement: their last %d bytes were in the server's kernel, all that had left it had come, and they came when that was acknowledged",
		len(seen), seen[0].Held)
	f.Evidence.Runs, f.Evidence.Failed = 2, 2
	return f.Costing(int64(len(seen)) * player.CostOfPause)
}

// untold is what it comes to that answers take long, whenever the client acknowledges, and that it was not seen what they wait for.
func untold(b *bench.Bench, late []time.Duration, slow *finding.Finding) *finding.Finding {
	if b.Patience.Exchange >= patience.Acknowledged/2 {
		return slow
	}
	return finding.NewUndecided("answers take up to %s, and not only where the client acknowledges late: the machine is too busy to tell what they wait for", patience.Text(late[len(late)-1].Round(time.Millisecond)))
}

// stalls says that all but one of these answers took so long that they may have waited for an acknowledgement.
func stalls(sorted []time.Duration) bool { return sorted[1] >= patience.Acknowledged }

// flows says that most of these answers waited for nothing like that.
func flows(sorted []time.Duration) bool { return median(sorted) < patience.Acknowledged/2 }

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }
