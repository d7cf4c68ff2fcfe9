package bench

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Rests says that the server takes no processor time to speak of, in one of three windows at the least. A window in which others left
// it no processor shows nothing.
func (b *Bench) Rests(ctx context.Context, when string) *finding.Finding {
	const tries, most = 3, 12
	burning := 0
	for range most {
		used, ready, f := b.Burnt(ctx, patience.Idle)
		if f != nil {
			return f
		}
		switch LoadOf(used, ready) {
		case Resting:
			b.Observe("%.0f %% of a core", 100*used)
			return nil
		case Spinning:
			if burning++; burning == tries {
				return finding.NewBroken("the server (pid %d) took %.0f %% of a core, and was ready to run for %.0f %% of the time, %s", b.PID(), 100*used, 100*ready, when)
			}
		}
	}
	return finding.NewUndecided("other processes left the server no processor: it is not known whether it burns CPU %s", when)
}

// WorkedOff does something to the server, and then waits while the server is at work on what it has read of it: until it rests, or has
// worked for as long again as it had meanwhile. What takes the processor then is nothing that a client has asked for.
func (b *Bench) WorkedOff(ctx context.Context, do func() *finding.Finding) *finding.Finding {
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
		used, ready, f := b.Burnt(ctx, patience.Idle)
		if since += worked(); f != nil || !LoadOf(used, ready).owed(since, before) {
			return f
		}
	}
	return nil
}

// owed says whether a server under this load may be at work on what it was asked for, when it has worked for so long before its clients
// left, and so long since.
func (l Load) owed(since, before time.Duration) bool { return l != Resting && since < before }

// A Load is what a server does with the processor while nothing happens.
type Load int

const (
	Resting  Load = iota
	Spinning      // it burns CPU
	Starved       // it would run, and others left it next to nothing of the processor
)

// LoadOf tells it by the share of a core that a server takes, and of the time in which it is ready to run. One that burns CPU takes a
// fifth of a core; or, on a machine whose cores others take, it takes some and is ready for most of the time.
func LoadOf(used, ready float64) Load {
	const burning, some, most = 0.2, 0.04, 0.7
	switch {
	case used >= burning, used >= some && ready >= most:
		return Spinning
	case ready >= most:
		return Starved
	}
	return Resting
}

// Costing gives a failure what so many clients cost its reader.
func Costing(f *finding.Finding, clients int) *finding.Finding {
	if f.Failed() && f.Evidence != nil {
		f.Evidence.Cost = int64(clients) * player.CostOfClient
	}
	return f
}
