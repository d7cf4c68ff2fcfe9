package process

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// LIFE-6, LIFE-8 and LIFE-9: how a server stops, and how it begins.

// Stops asks a server to stop while one client idles and another is in the middle of a request.
func Stops(ctx context.Context, b *bench.Bench) *finding.Finding {
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	idle, f := own.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	defer idle.Close()
	middle, f := own.Dial(ctx, delivery.Options{Number: 1})
	if f != nil {
		return f
	}
	defer middle.Close()
	middle.SendPart(ctx, b.Partial())
	exit, f := own.Stop(ctx)
	if f != nil {
		return f
	}
	b.Observe("stopped within %s (%s)", patience.Text(exit.Elapsed), exit)
	if held(ctx, own) {
		return finding.NewBroken("the server's process ended %s ago, but its address still accepts connections: another process holds it", patience.Orphan)
	}
	return finding.Ended(ctx)
}

// held says whether the address of a server whose process has ended accepts connections for longer than a process may that it left behind.
func held(ctx context.Context, own *bench.Bench) bool {
	for ended := time.Now(); ; player.Sleep(ctx, patience.LookAtOrphan) {
		late, err := own.Connect(ctx, own.Address(), delivery.Options{Timeout: patience.Orphan / 4})
		if err == nil {
			_ = late.Close() // it was to be refused, and nothing was said on it
		}
		// Where there is no answer, the queue is full of those that nobody accepts.
		if timeout := (net.Error)(nil); ctx.Err() != nil || err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
			return false
		}
		if time.Since(ended) > patience.Orphan {
			return true
		}
	}
}

// Taken starts a second server on the address of the first.
func Taken(ctx context.Context, b *bench.Bench) *finding.Finding {
	b.Check()
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	second, f := own.StartTaken(ctx)
	if f != nil {
		return f
	}
	defer second.Kill()
	began := time.Now()
	exit, err := bench.AwaitExit(ctx, second, patience.Stop)
	if err != nil { // it may be slow to come so far: one that begins now, on an address of its own, shows how slow
		other := time.Now()
		if _, f := b.Instance(ctx); f != nil {
			return f
		}
		exit, err = bench.AwaitExit(ctx, second, time.Since(other))
	}
	switch {
	case ctx.Err() != nil:
		return finding.Ended(ctx)
	case err != nil:
		return finding.NewBroken("started a second time on a taken address, the server was still running after %s and had said nothing of it by its status", patience.Text(time.Since(began).Round(time.Second)))
	case exit.Code == 0 && exit.Signal == "":
		return finding.NewBroken("started a second time on a taken address, the server ended with status 0")
	case second.Stderr() == "" && second.Stdout() == "":
		return finding.NewBroken("started a second time on a taken address, the server ended with %s, but without a word of why", exit)
	}
	return nil
}

// Rebinds stops a server that has an open connection, so that the server's
// end is the first to close and its port is left in TIME-WAIT, or in use by a child.
func Rebinds(ctx context.Context, b *bench.Bench) *finding.Finding {
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	turns, f := b.Turns(1)
	if f != nil {
		return f
	}
	c, f := own.Enter(ctx, delivery.Options{}, b.Wait())
	if f != nil {
		return f
	}
	defer c.Close()
	if f := c.Turn(ctx, turns[0], delivery.Whole(), b.Wait()); f != nil {
		return f
	}
	if _, f := own.Stop(ctx); f != nil {
		return finding.NewNotShown("the server did not stop, so that it could not be started again (LIFE-6)")
	}
	switch end := c.Receive(ctx, delivery.Want{Idle: patience.TimeWait}); end.Ending {
	case delivery.RST:
		return finding.NewNotShown("the server reset its connection when it stopped, so that nothing was left in TIME-WAIT")
	case delivery.FIN:
		c.Close() // its end closed first: TIME-WAIT is on the server's side
	default:
		// A child still holds the connection. That keeps the port from a server without SO_REUSEADDR as TIME-WAIT does.
	}
	if held(ctx, own) {
		return finding.NewNotShown("when the server's process had ended, another held its address (LIFE-6)")
	}
	again, late, err := own.StartOnSame(ctx)
	switch {
	case err == nil:
		return again.Served(ctx)
	case ctx.Err() != nil:
		return finding.Ended(ctx)
	case late:
		if _, f := b.Instance(ctx); f != nil { // not on a free port either
			return f
		}
	}
	return finding.NewBroken("stopped with a connection open, the server could not be started again on its port: %v", err)
}
