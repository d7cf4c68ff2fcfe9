package process

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/bench/load"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// rests says that the server takes no processor time to speak of, in one of three windows at the least. A window in which others left
// it no processor shows nothing.
func rests(ctx context.Context, b *bench.Bench, when string) *finding.Finding {
	const tries, most = 3, 12
	burning := 0
	for range most {
		share, f := b.Burnt(ctx, patience.Idle)
		if f != nil {
			return f
		}
		switch share.Load() {
		case load.Resting:
			b.Observe("%.0f %% of a core", 100*share.Used)
			return nil
		case load.Spinning:
			if burning++; burning == tries {
				return finding.NewBroken("the server (pid %d) took %.0f %% of a core, and was ready to run for %.0f %% of the time, %s", b.PID(), 100*share.Used, 100*share.Ready, when)
			}
		}
	}
	return finding.NewUndecided("other processes left the server no processor: it is not known whether it burns CPU %s", when)
}

// workedOff does something to the server, and then waits while the server is at work on what it has read of it: until it rests, or has
// worked for as long again as it had meanwhile. What takes the processor then is nothing that a client has asked for.
func workedOff(ctx context.Context, b *bench.Bench, do func() *finding.Finding) *finding.Finding {
	const most = 30
	worked := b.Worked()
	if worked != nil {
		worked() // up to now
	}
	if f := do(); f != nil || worked == nil {
		return f
	}
	before, since := worked(), time.Duration(0)
	for range most {
		share, f := b.Burnt(ctx, patience.Idle)
		if since += worked(); f != nil || !share.Load().Owed(since, before) {
			return f
		}
	}
	return nil
}

// costing gives a failure what so many clients cost its reader.
func costing(f *finding.Finding, clients int) *finding.Finding {
	if f.Failed() && f.Evidence != nil {
		f.Evidence.Cost = int64(clients) * player.CostOfClient
	}
	return f
}
