package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// The checks of LIFE that start and stop a server's process, or observe it.

// stopTime is how long a server may take to stop, or to find out that it cannot begin.
const stopTime = 10 * time.Second

// orphanTime is how long processes that a server leaves behind may take to end, and hold its address meanwhile: it tells them to
// as it ends itself, and they get to it when they can.
const orphanTime = 2 * time.Second

// lifeStops asks a server to stop while one client idles and another is in the middle of a request.
func lifeStops(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	idle, err := own.Dial(ctx, delivery.Options{})
	if err != nil {
		return err
	}
	defer idle.Close()
	middle, err := own.Dial(ctx, delivery.Options{Number: 1})
	if err != nil {
		return err
	}
	defer middle.Close()
	if err := middle.Send(ctx, e.partial()); err == nil {
		middle.Cut(ctx)
	}
	exit, err := stop(ctx, own)
	if err != nil {
		return err
	}
	e.Observe("stopped within %s (%s)", exit.Elapsed.Round(time.Millisecond), exit)
	for ended := time.Now(); ; wait(ctx, 20*time.Millisecond) {
		late, err := delivery.Dial(ctx, own.address, delivery.Options{Timeout: orphanTime / 4})
		if err == nil {
			late.Close()
		}
		// Where there is no answer, the queue is full of those that nobody accepts.
		if timeout := (net.Error)(nil); ctx.Err() != nil || err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
			return ctx.Err()
		}
		if time.Since(ended) > orphanTime {
			return broken("the server's process ended %s ago, but its address still accepts connections: another process holds it", orphanTime)
		}
	}
}

// stop sends SIGTERM and waits for the end of the process.
func stop(ctx context.Context, own *Env) (target.Exit, error) {
	if err := own.process.Signal(syscall.SIGTERM); err != nil {
		return target.Exit{}, broken("the server ended before it was asked to: %v", own.alive())
	}
	exit, err := waitFor(ctx, own.process, stopTime)
	if ctx.Err() != nil {
		return exit, ctx.Err()
	}
	if err != nil {
		return exit, broken("%s after SIGTERM the server had not exited (one client was idle, one in the middle of a request)", stopTime)
	}
	return exit, nil
}

// waitFor waits until the process has ended, so long at most; its error says that it has not.
func waitFor(ctx context.Context, p *target.Process, patience time.Duration) (target.Exit, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return p.Wait(ctx)
}

// wholeLines is b up to its last LF.
func wholeLines(b []byte) []byte { return b[:bytes.LastIndexByte(b, '\n')+1] }

// longAnswer is a script that writes size bytes, sends them at once, and ends by end, or with the stream where end is nil.
func longAnswer(size int, end func(*dialect.Commands) *dialect.Commands) dialect.Session {
	var c dialect.Commands
	line := make([]byte, 60000)
	for i := range line {
		line[i] = byte('a' + i%23)
	}
	for n := 0; size > 0; n++ {
		copy(line, fmt.Sprintf("%08d", n))
		k := min(size, len(line))
		c.Write(string(line[:k]))
		size -= k
	}
	if c.Send(); end != nil {
		end(&c)
	}
	return c.Session("a long answer")
}

func lifeTaken(ctx context.Context, e *Env) error {
	e.tally.checks++
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	second, err := e.suite.target.Launcher().StartOn(ctx, own.process.Host(), own.process.Port(), false)
	if err != nil {
		return e.startError(ctx, err)
	}
	defer second.Kill()
	began := time.Now()
	exit, err := waitFor(ctx, second, stopTime)
	if err != nil { // it may be slow to come so far: one that begins now, on an address of its own, shows how slow
		other := time.Now()
		if _, err := e.Instance(ctx); err != nil {
			return err
		}
		exit, err = waitFor(ctx, second, time.Since(other))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return broken("started a second time on a taken address, the server was still running after %s and had said nothing of it by its status", time.Since(began).Round(time.Second))
	}
	if exit.Code == 0 && exit.Signal == "" {
		return broken("started a second time on a taken address, the server ended with status 0")
	}
	if second.Stderr() == "" && second.Stdout() == "" {
		return broken("started a second time on a taken address, the server ended with %s, but without a word of why", exit)
	}
	return nil
}

// lifeRebinds stops a server that has an open connection, so that the server's
// end is the first to close and its port is left in TIME-WAIT, or in use by a child.
func lifeRebinds(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	turns, err := e.turns(1)
	if err != nil {
		return err
	}
	c, err := own.Enter(ctx, delivery.Options{}, e.Wait())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Turn(ctx, turns[0], delivery.Whole(), e.Wait()); err != nil {
		return err
	}
	if _, err := stop(ctx, own); err != nil {
		return &NotShown{"the server did not stop, so that it could not be started again (LIFE-6)"}
	}
	switch end := c.Receive(ctx, delivery.Want{Idle: 300 * time.Millisecond}); end.Ending {
	case delivery.RST:
		return &NotShown{"the server reset its connection when it stopped, so that nothing was left in TIME-WAIT"}
	case delivery.FIN:
		c.Close() // its end closed first: TIME-WAIT is on the server's side
	default:
		// A child still holds the connection. That keeps the port from a server without SO_REUSEADDR as TIME-WAIT does.
	}
	again, err := e.suite.target.Launcher().StartOn(ctx, own.process.Host(), own.process.Port(), true)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if late := (*target.NotReadyError)(nil); errors.As(err, &late) {
			if _, err := e.Instance(ctx); err != nil { // not on a free port either
				return err
			}
		}
		return broken("stopped with a connection open, the server could not be started again on its port: %v", err)
	}
	defer again.Kill()
	return e.at(again).served(ctx)
}

// lifeDescriptors looks at the number of descriptors after rounds of
// connections that ended in every way. A leak grows with each round.
func lifeDescriptors(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	// A server that has just begun may still be busy with that. Whether it serves is judged below.
	if err := own.Pulse(ctx); ctx.Err() != nil {
		return err
	}
	const connections = 40
	var before, after int
	for round := range 3 {
		for i := range connections {
			if i%4 < 2 { // leaves without an answer, by FIN or by RST
				c, err := own.Dial(ctx, delivery.Options{})
				if err != nil {
					return own.ended(ctx, err)
				}
				if i%8 < 4 { // else it leaves before it has said anything, which no server can outrun by an early answer
					_ = c.Send(ctx, e.partial()) // an error is the server's leaving first
				}
				[]func(*Client){(*Client).Close, (*Client).Abort}[i%4](c)
				continue
			}
			s := e.Dialect.Plain(e.ID())
			if f := e.failing(); len(f) > 0 && i%4 == 2 {
				s = f[i/4%len(f)]
			}
			// Whether the answer is right is judged elsewhere.
			if _, err := own.try(ctx, s, Delivery{}, e.Wait()); err != nil && !isWrong(err) {
				if m := (*missing)(nil); errors.As(err, &m) && own.over(ctx) == nil {
					return &NotShown{"a session did not come to its end, and may hold its descriptors: " + m.Problem}
				}
				return own.ended(ctx, err)
			}
		}
		if after, err = settled(ctx, own.pid, before, round > 0); err != nil {
			return err
		}
		if round == 0 {
			before = after // what the first clients made the server open once
			continue
		}
		if after <= before+2 {
			e.Observe("%d descriptors before, %d after %d connections", before, after, connections*round)
			return nil
		}
		if round == 1 && after-before < connections/8 {
			continue
		}
	}
	return costing(2*connections*costOfOther, broken("%d descriptors are open that %d connections left behind (%d before, %d after)", after-before, 2*connections, before, after))
}

// isWrong reports whether err says that an answer was wrong, and not that it was missing.
func isWrong(err error) bool {
	var b *Broken
	return errors.As(err, &b)
}

// ended leaves the verdict open where the server's process has ended: what it
// did not survive is judged by the requirements that say so.
func (e *Env) ended(ctx context.Context, err error) error {
	if how := e.over(ctx); how != nil {
		return undecided("the server did not survive clients that left and handlers that failed (LIFE-4, LIFE-5): %v", how)
	}
	return err
}

// settled waits until the process has no more descriptors than before, or 2 s
// have passed without their number falling.
func settled(ctx context.Context, pid, before int, known bool) (int, error) {
	least := -1
	for last := time.Now(); ; {
		f, err := target.Observe(pid)
		if err != nil {
			return 0, undecided("the server's process could not be observed: %v", err)
		}
		if least < 0 || f.Descriptors < least {
			least, last = f.Descriptors, time.Now()
		}
		patience := 2 * time.Second
		if !known {
			patience = 200 * time.Millisecond
		}
		if known && least <= before+2 || time.Since(last) > patience {
			return least, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// lifeIdle measures the CPU time that the server takes while nothing happens:
// some clients idle, some are in mid-request, some have half-closed.
func lifeIdle(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	kinds := []int{0, 1, 2, 3}
	if e.suite.gate.serial {
		kinds = kinds[2:3]
	}
	for _, k := range kinds {
		c, err := own.Dial(ctx, delivery.Options{Number: k})
		if err != nil {
			return err
		}
		defer c.Close()
		if k == 1 || k == 3 {
			_ = c.Send(ctx, e.partial())
		}
		if k >= 2 {
			_ = c.HalfClose()
		}
	}
	var used, ready float64
	for range 3 {
		if used, ready, err = burnt(ctx, own.pid, time.Second); err != nil {
			return err
		}
		if used < burningShare && (used < someShare || ready < spinningShare) {
			e.Observe("%.0f %% of a core", 100*used)
			return nil
		}
	}
	return costing(int64(len(kinds))*costOfOther, broken("the server took %.0f %% of a core, and was ready to run for %.0f %% of the time, while its clients were silent or had half-closed", 100*used, 100*ready))
}

// A server burns CPU when it takes burningShare of a core; or, on a machine
// whose cores others take, when it takes someShare and is ready to run for spinningShare of the time.
const (
	burningShare  = 0.2
	someShare     = 0.04
	spinningShare = 0.7
)

// burnt returns which share of a core a process takes in a window, and for which share of it it is ready to run.
func burnt(ctx context.Context, pid int, window time.Duration) (used, ready float64, err error) {
	before, err := target.Observe(pid)
	if err != nil {
		return 0, 0, undecided("the server's process could not be observed: %v", err)
	}
	began := time.Now()
	select {
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	case <-time.After(window):
	}
	after, err := target.Observe(pid)
	if err != nil {
		return 0, 0, undecided("the server's process could not be observed: %v", err)
	}
	took := time.Since(began).Seconds()
	return (after.CPU - before.CPU).Seconds() / took, (after.Ready - before.Ready).Seconds() / took, nil
}
