package bench

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/bench/load"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// Instance returns a bench for a server that only this case talks to: one that
// the suite starts for it, or the target itself where only its process is known.
func (b *Bench) Instance(ctx context.Context) (*Bench, *finding.Finding) {
	if b.Launcher == nil {
		return b, nil
	}
	p, err := b.Launcher.Start(ctx)
	if err != nil {
		return nil, notStarted(ctx, err)
	}
	b.Cleanup(p.Kill)
	return b.with(b.At(p)).warm(ctx), nil
}

// warm waits until a server that was just started is ready to answer, or some seconds have passed: one whose protocol is a file may listen,
// and say for a while that it is still starting.
func (b *Bench) warm(ctx context.Context) *Bench {
	_, learned := b.Dialect.(dialect.Learner)
	for began := time.Now(); learned && time.Since(began) < patience.Warm && ctx.Err() == nil && b.Alive() == nil; player.Sleep(ctx, patience.LookAtStart) {
		if _, f := b.Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Wait()); f == nil {
			break
		}
	}
	return b
}

// notStarted is what a server that could not be started comes to.
func notStarted(ctx context.Context, err error) *finding.Finding {
	if ctx.Err() != nil {
		return finding.Ended(ctx)
	}
	return finding.NewUndecided("the server could not be started once more: %v", err)
}

// StartTaken starts a second server on the address of b's own, which is taken. The caller kills it.
func (b *Bench) StartTaken(ctx context.Context) (player.Process, *finding.Finding) {
	p, err := b.Launcher.StartOn(ctx, b.Process().Host(), b.Process().Port(), false)
	if err != nil {
		return nil, notStarted(ctx, err)
	}
	return p, nil
}

// StartOnSame starts a server on the address that b's own had, once that has ended. The error is that of [target.Launcher.StartOn];
// late says that the server was not ready in time.
func (b *Bench) StartOnSame(ctx context.Context) (own *Bench, late bool, err error) {
	p, err := b.Launcher.StartOn(ctx, b.Process().Host(), b.Process().Port(), true)
	if err != nil {
		return nil, errors.As(err, new(*target.NotReadyError)), err
	}
	b.Cleanup(p.Kill)
	return b.with(b.At(p)).warm(ctx), false, nil
}

// Otherwise leaves the verdict open where b's own server has ended: what it did not survive is judged by the requirements that say so.
func (b *Bench) Otherwise(ctx context.Context, f *finding.Finding) *finding.Finding {
	if end := b.Ended(ctx); end != nil {
		return finding.NewUndecided("the server did not survive clients that left and handlers that failed (LIFE-4, LIFE-5): %v", end)
	}
	return f
}

// Gone is what f comes to where b's own server has ended: that it has, and of what.
func (b *Bench) Gone(ctx context.Context, f *finding.Finding, of string) *finding.Finding {
	end := b.Ended(ctx)
	if end == nil {
		return f
	}
	f = player.NewGone(end)
	f.Problem += "; " + of
	return f
}

// Terminate asks b's own server to stop.
func (b *Bench) Terminate() *finding.Finding {
	if err := b.Process().Signal(syscall.SIGTERM); err != nil {
		return finding.NewBroken("the server ended before it was asked to: %v", b.Alive())
	}
	return nil
}

// Stop asks b's own server to stop, and waits for the end of its process.
func (b *Bench) Stop(ctx context.Context) (target.Exit, *finding.Finding) {
	if f := b.Terminate(); f != nil {
		return target.Exit{}, f
	}
	exit, err := AwaitExit(ctx, b.Process(), patience.Stop)
	if ctx.Err() != nil {
		return exit, finding.Ended(ctx)
	}
	if err != nil || exit.Elapsed > patience.Stop { // where both have come to pass, which is seen first is chance
		return exit, finding.NewBroken("%s after SIGTERM the server had not exited (one client was idle, one in the middle of a request)", patience.Stop)
	}
	return exit, nil
}

// AwaitExit waits until the process has ended, so long at most; its error says that it has not.
func AwaitExit(ctx context.Context, p player.Process, patience time.Duration) (target.Exit, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.Wait(ctx)
}

// Hears waits until b's own server has heard that it was asked to stop: it has closed its address, or ended. One that does neither
// has half a second for it, and more while it is at work, since a busy machine lets it get to it later.
func (b *Bench) Hears(ctx context.Context) {
	worked := b.Worked()
	begin := time.Now()
	calm, looked := 0, begin
	for ; time.Since(begin) < patience.HearMost && ctx.Err() == nil; player.Sleep(ctx, patience.LookAtStop) {
		if listening, err := b.Process().Listening(); err == nil && !listening {
			return
		}
		if _, over := b.Process().Exited(); over {
			return
		}
		if watched := time.Since(looked); watched >= patience.HearWindow {
			calm, looked = calm+1, time.Now()
			if worked != nil && worked() > watched/10 {
				calm = 0
			}
		}
		if calm >= 2 && time.Since(begin) >= patience.HearLeast {
			return
		}
	}
}

// Descriptors waits until the server's process has no more descriptors than before, or some time
// has passed without their number falling, and returns the fewest. known says that before is known.
func (b *Bench) Descriptors(ctx context.Context, before int, known bool) (int, *finding.Finding) {
	bound := patience.Returned
	if !known {
		bound = patience.ReturnedFirst
	}
	least := -1
	for given := b.Given(); ; {
		figures, err := b.Figures(b.PID())
		if err != nil {
			return 0, b.NotObserved(err)
		}
		if least < 0 || figures.Descriptors < least {
			least, given = figures.Descriptors, b.Given()
		}
		if known && least <= before+2 || given.So(bound) {
			return least, nil
		}
		if player.Sleep(ctx, patience.LookAtProcess); ctx.Err() != nil {
			return 0, finding.Ended(ctx)
		}
	}
}

// NotObserved is what it comes to that the server's process cannot be looked at: it may have ended meanwhile.
func (b *Bench) NotObserved(err error) *finding.Finding {
	if end := b.Alive(); end != nil {
		return player.NewGone(end)
	}
	return finding.NewUndecided("the server's process could not be observed: %v", err)
}

// Burnt returns which share of a core the server takes in a window.
func (b *Bench) Burnt(ctx context.Context, window time.Duration) (load.Share, *finding.Finding) {
	before, err := b.Figures(b.PID())
	if err != nil {
		return load.Share{}, b.NotObserved(err)
	}
	began := time.Now()
	if player.Sleep(ctx, window); ctx.Err() != nil {
		return load.Share{}, finding.Ended(ctx)
	}
	after, err := b.Figures(b.PID())
	if err != nil {
		return load.Share{}, b.NotObserved(err)
	}
	return load.Between(before, after, time.Since(began)), nil
}

// Peak returns the most resident memory that the server has while f does something to it.
func (b *Bench) Peak(ctx context.Context, f func() *finding.Finding) (most uint64, found *finding.Finding) {
	watch := kernel.WatchMemory(b.PID())
	look := func() *finding.Finding {
		memory, err := watch.Look()
		if ended := b.Alive(); ended != nil {
			return finding.NewBroken("the server did not survive long requests: %v", ended)
		}
		if err != nil {
			return b.NotObserved(err)
		}
		most = max(most, memory)
		return nil
	}
	if found := look(); found != nil {
		return 0, found
	}
	watching, stop := context.WithCancel(ctx)
	done := make(chan *finding.Finding, 1)
	go func() {
		ticks := time.NewTicker(patience.LookAtProcess)
		defer ticks.Stop()
		for {
			select {
			case <-watching.Done():
				done <- look()
				return
			case <-ticks.C:
				if found := look(); found != nil {
					done <- found
					return
				}
			}
		}
	}()
	found = f()
	stop()
	if looked := <-done; found == nil {
		found = looked
	}
	return most, found
}
