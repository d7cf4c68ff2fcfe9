package rules

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// FLOW-4: no part of an answer waits for the client's acknowledgement.

// flowStall compares how long answers take where the client's kernel acknowledges late, as it does by itself, and where it does at
// once. Nothing else is different: only a server that waits for the acknowledgement is slow by the one and quick by the other, each of
// several times.
func flowStall(ctx context.Context, b *bench.Bench) *finding.Finding {
	const pairs = 3
	slow := finding.NewNotShown("the server is slow or far: what waits for an acknowledgement is not told from that")
	switch {
	case !delivery.SetsAcks:
		return finding.NewNotShown("this system does not let a client say when it acknowledges")
	case b.Patience.Exchange >= patience.Unheld:
		return slow
	}
	late, f := b.TurnTimes(ctx, delivery.AcksLate)
	if f != nil || !stalls(late) {
		return f
	}
	var atOnce []time.Duration
	for range pairs {
		switch atOnce, f = b.TurnTimes(ctx, delivery.AcksAtOnce); {
		case f == nil && !flows(atOnce) && b.Patience.Slow():
			return slow
		case f != nil || !flows(atOnce):
			return f
		}
		if late, f = b.TurnTimes(ctx, delivery.AcksLate); f != nil || !stalls(late) {
			return f
		}
	}
	f = finding.NewBroken("answers take %s where the client acknowledges late, as kernels do by themselves, and %s where it acknowledges at once: a part of each waits for that",
		patience.Text(median(late).Round(time.Millisecond)), patience.Text(median(atOnce).Round(100*time.Microsecond)))
	f.Evidence.Runs, f.Evidence.Failed = 1+pairs, 1+pairs
	return f.Costing(int64(len(late)) * player.CostOfPause)
}

// stalls says that all but one of these answers took so long that they may have waited for an acknowledgement.
func stalls(sorted []time.Duration) bool { return sorted[1] >= patience.Acknowledged }

// flows says that most of these answers waited for nothing like that.
func flows(sorted []time.Duration) bool { return median(sorted) < patience.Acknowledged/2 }

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }
