package target

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
)

// readiness is the search for the listening socket of one process.
type readiness struct {
	process   *Process
	strangers map[uint64]bool // sockets that listened before it was started
	addresses []netip.Addr    // of the host to dial
	here      bool            // one of them is this machine's
	started   time.Time
	seen      time.Time // when a socket was first seen that may be ours
	connected time.Time // when we last tried to connect
}

// awaitReady waits until the process listens. It looks for its socket and does
// not connect, since some servers serve one connection only; it does connect
// where sockets cannot be seen: elsewhere than on Linux, for a host that is
// not this machine, and from the second second on when none is seen.
func (p *Process) awaitReady(ctx context.Context, within time.Duration, strangers map[uint64]bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	bound := time.NewTimer(within)
	defer bound.Stop()
	r := &readiness{process: p, strangers: strangers, started: time.Now()}
	r.resolve(ctx)
	for pause := time.Millisecond; ; pause = lengthen(pause) {
		if r.ready(ctx) {
			return r.kept()
		}
		next := time.NewTimer(pause)
		select {
		case <-next.C:
			continue
		case <-p.done:
			next.Stop()
			exit, _ := p.Exited()
			early := p.exited(p.name, exit)
			early.BeforeReady = true
			if left := p.kin(); len(left) > 0 {
				early.Left = left[0].PID
			}
			return early
		case <-ctx.Done():
			next.Stop()
			return context.Cause(ctx)
		case <-bound.C:
			next.Stop()
			found, _ := kernel.Listeners(p.port)
			return &NotReadyError{Name: p.name, PID: p.Leader(), Address: p.Address(), Waited: within,
				Elsewhere: describe(r.elsewhere(found), p.port), Stderr: p.Stderr()}
		}
	}
}

// kept returns nil for a process that listens and runs. Where the leader has ended, and left one behind that listens, it is an
// *ExitedError: what would be judged is not what was started, and who starts it can neither stop it nor see how it ends.
func (r *readiness) kept() error {
	p := r.process
	_, err := kernel.Identify(p.Leader())
	if _, ended := p.Exited(); !ended && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	<-p.done // it has ended, and what it left behind may hold its pipes for a moment
	left := p.exited(p.name, p.exit)
	left.BeforeReady, left.Left = true, cmp.Or(left.Left, p.PID())
	return left
}

// resolve finds out where the process should listen.
func (r *readiness) resolve(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience.Resolve)
	defer cancel()
	r.addresses, _ = kernel.Resolve(ctx, r.process.host)
	for _, a := range r.addresses {
		r.here = r.here || kernel.Local(a)
	}
}

// own leaves out the sockets of strangers.
func (r *readiness) own(found []kernel.Listener) []kernel.Listener {
	var own []kernel.Listener
	for _, l := range found {
		if !r.strangers[l.Inode] {
			own = append(own, l)
		}
	}
	return own
}

// elsewhere are those of its sockets that cannot be reached where it should listen. One that can is a stranger's that came meanwhile, or
// it would have been ready.
func (r *readiness) elsewhere(found []kernel.Listener) []kernel.Listener {
	there := kernel.Reaching(found, r.addresses)
	return slices.DeleteFunc(r.own(found), func(l kernel.Listener) bool { return slices.Contains(there, l) })
}

// ready looks once.
func (r *readiness) ready(ctx context.Context) bool {
	found, err := kernel.Listeners(r.process.port)
	if err != nil || !r.here {
		return r.connects(ctx)
	}
	own := kernel.Reaching(r.own(found), r.addresses)
	if len(own) == 0 {
		r.seen = time.Time{}
		return len(found) == 0 && time.Since(r.started) > patience.ConnectAfter && r.connects(ctx)
	}
	leader := r.process.Leader()
	if pid := kernel.Holder(leader, own); pid != 0 {
		r.process.mu.Lock()
		r.process.pid = pid
		r.process.mu.Unlock()
		if pid == leader || kernel.Rests(leader) { // a leader at work may be about to leave the other behind
			return true
		}
	}
	if r.seen.IsZero() {
		r.seen = time.Now()
	}
	return time.Since(r.seen) > patience.Settle
}

// connects tries to connect, if it is time to.
func (r *readiness) connects(ctx context.Context) bool {
	if time.Since(r.connected) < patience.ConnectPause {
		return false
	}
	r.connected = time.Now()
	return connect(ctx, r.process.Address(), time.Second) == nil
}

// inodes returns the sockets that listen on a port now.
func inodes(port int) map[uint64]bool {
	found, _ := kernel.Listeners(port)
	set := make(map[uint64]bool)
	for _, l := range found {
		set[l.Inode] = true
	}
	return set
}

// describe writes listeners as addresses.
func describe(found []kernel.Listener, port int) []string {
	var s []string
	for _, l := range found {
		s = append(s, net.JoinHostPort(l.Address.String(), strconv.Itoa(port)))
	}
	return s
}
