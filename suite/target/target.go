package target

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
)

// Kind is how the suite came by the server under test.
type Kind string

// The kinds of target.
const (
	KindAddress   Kind = "address"   // it runs already, at an address that the user gave
	KindReference Kind = "reference" // it runs in this process
	KindExec      Kind = "exec"      // the suite started it
)

// Target is where the server under test is.
type Target struct {
	Name    string // as the user gave it
	Kind    Kind
	Address string // host:port to dial, resolved

	pid      int
	launcher *Launcher
	process  atomic.Pointer[Process]     // KindExec; another after Restart
	observed *kernel.Identity            // KindAddress with a process id
	stop     func(context.Context) error // KindReference
	ends     []context.CancelFunc        // of the lives of its processes, as far as ctx did not bound these

	closing sync.Mutex // held while closing
	mu      sync.Mutex // guards closed and closeErr
	closed  bool
	failure error // what the first Close returned
}

// Start starts one process as the target. As with [Launcher.Start], ctx bounds
// the life of the process: when it ends, the process is stopped.
func Start(ctx context.Context, l *Launcher) (*Target, error) {
	p, err := l.Start(ctx)
	if err != nil {
		return nil, err
	}
	return started(l, p), nil
}

// StartLasting is Start whose ctx bounds the start alone: the process runs on when ctx ends, until the target is closed.
func StartLasting(ctx context.Context, l *Launcher) (*Target, error) {
	p, end, err := lasting(ctx, l.Start)
	if err != nil {
		return nil, err
	}
	t := started(l, p)
	t.ends = append(t.ends, end)
	return t, nil
}

// started makes a target of the process that a launcher has started.
func started(l *Launcher, p *Process) *Target {
	t := &Target{Name: l.String(), Kind: KindExec, Address: p.Address(), launcher: l}
	t.process.Store(p)
	return t
}

// lasting starts a process by start, to which it gives a context for the life of the process: it ends when ctx does while start runs, and
// by end.
func lasting(ctx context.Context, start func(life context.Context) (*Process, error)) (p *Process, end context.CancelFunc, err error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, end)()
	if p, err = start(life); err == nil && life.Err() != nil {
		p.Kill()
		err = life.Err()
	}
	if err != nil {
		end()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, nil, err
	}
	return p, end, nil
}

// Restart starts a server that we have started once more, after ending what is
// left of it: at the same address, or where that cannot be had at another ([Target.Current]). ctx bounds the start alone. The error is
// *UsageError for a target that we did not start, else that of [Launcher.StartOn].
func (t *Target) Restart(ctx context.Context) error {
	t.closing.Lock()
	defer t.closing.Unlock()
	old := t.process.Load()
	if old == nil || t.closed {
		return usage(nil, "%s was not started by us, and cannot be started again", t.Name)
	}
	old.Kill()
	p, end, err := lasting(ctx, func(life context.Context) (*Process, error) {
		p, err := t.launcher.StartOn(life, old.Host(), old.Port(), true)
		if err != nil && life.Err() == nil { // its port may be left in TIME-WAIT
			p, err = t.launcher.Start(life)
		}
		return p, err
	})
	if err != nil {
		return err
	}
	t.process.Store(p)
	t.ends = append(t.ends, end)
	return nil
}

// Stop asks a server that we have started to end, as [Process.Stop] does; [Target.Restart] starts it again. The error is
// *UsageError for a target that we did not start, else that of [Process.Stop].
func (t *Target) Stop(ctx context.Context) error {
	p := t.process.Load()
	if p == nil {
		return usage(nil, "%s was not started by us, and cannot be stopped", t.Name)
	}
	_, err := p.Stop(ctx)
	return err
}

// InProcess makes a target of a server that runs in this process at addr. stop
// ends it and may be nil. l, which may be nil, starts servers of the same kind
// for the cases that must start and stop one; pid is the process to observe, 0
// when there is none.
func InProcess(name, addr string, stop func(ctx context.Context) error, l *Launcher, pid int) *Target {
	return &Target{Name: name, Kind: KindReference, Address: addr, stop: stop, launcher: l, pid: pid}
}

// Current returns the host:port to dial: Address, or where the server is since the last Restart.
func (t *Target) Current() string {
	if p := t.process.Load(); p != nil {
		return p.Address()
	}
	return t.Address
}

// PID returns the process id of the server, 0 when it is not known.
func (t *Target) PID() int {
	if p := t.process.Load(); p != nil {
		return p.PID()
	}
	return t.pid
}

// StartTime returns how long a server that we have started took until it listened, the last time; 0 for any other.
func (t *Target) StartTime() time.Duration {
	if p := t.process.Load(); p != nil {
		return p.StartTime()
	}
	return 0
}

// Started returns when a server that we have started began, the last time; the zero time for any other.
func (t *Target) Started() time.Time {
	if p := t.process.Load(); p != nil {
		return p.started
	}
	return time.Time{}
}

// Launcher returns what can start the server, nil when the suite cannot.
func (t *Target) Launcher() *Launcher { return t.launcher }

// Alive returns nil while the server runs as far as we can know, else an
// *ExitedError that says how it ended. Of an address without a process id
// nothing is known, and nil returned.
func (t *Target) Alive() error {
	p := t.process.Load()
	switch {
	case p != nil:
		if exit, ended := p.Exited(); ended {
			return p.exited(t.Name, exit)
		}
	case t.observed != nil:
		if !t.observed.Running() {
			return &ExitedError{Name: t.Name, PID: t.pid}
		}
	case t.Kind == KindReference:
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.closed {
			return &ExitedError{Name: t.Name}
		}
	}
	return nil
}

// Stderr returns the end of what the server wrote to stderr, 4 KiB at most and
// fit to print; "" when it is not captured.
func (t *Target) Stderr() string {
	p := t.process.Load()
	if p == nil {
		return ""
	}
	return p.Stderr()
}

// Close stops what we started: a process by [Process.Stop], a server in this
// process by its own means, in ten seconds at most. A server that was there
// before us is left alone. It may be called again, and then returns what the
// first call returned.
func (t *Target) Close(ctx context.Context) error {
	t.closing.Lock()
	defer t.closing.Unlock()
	t.mu.Lock()
	closed := t.closed
	t.closed = true
	t.mu.Unlock()
	if closed {
		return t.failure
	}
	p := t.process.Load()
	switch {
	case p != nil:
		_, t.failure = p.Stop(ctx)
		for _, end := range t.ends {
			end()
		}
	case t.stop != nil:
		t.failure = t.halt(ctx)
	}
	return t.failure
}

// halt calls stop and does not wait for one that never returns.
func (t *Target) halt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience.Halt)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- t.stop(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// One more moment for a stop that heeds its context and says why it failed.
	select {
	case err := <-done:
		return err
	case <-time.After(patience.HaltWord):
		return fmt.Errorf("%s did not stop: %w", t.Name, ctx.Err())
	}
}
