package target

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
)

// Process is a server that we started, in a process group of its own. The
// process that we started itself is its leader.
type Process struct {
	mark  string // of its environment: see markVariable
	name  string
	host  string // to dial
	port  int
	grace time.Duration

	cmd            *exec.Cmd
	pipes          []*os.File // our ends of stdout and stderr
	stdout, stderr tail
	done           chan struct{} // closed when the leader has ended and exit is set

	stopping sync.Mutex // held by Stop

	mu       sync.Mutex
	unhook   func() bool   // takes the process off its context
	pid      int           // of the process that listens; 0 when not yet known
	started  time.Time     // when the leader started
	listened time.Duration // how long it took until it listened; 0 when not known
	signaled time.Time     // when we first sent it a signal
	forced   bool          // we sent SIGKILL while it ran
	reaped   bool          // its id may belong to another process now
	cleared  bool          // nothing of it is left
	exit     Exit          // set before done is closed, not changed after
	left     int           // as exit: a process that listens on, which the leader left behind when it ended by itself; 0 where there is none
}

// Address returns the host:port to dial.
func (p *Process) Address() string { return net.JoinHostPort(p.host, strconv.Itoa(p.port)) }

// Host returns the host to dial: a loopback address for one that stands for
// every address of the machine.
func (p *Process) Host() string { return p.host }

// Port returns the port that the process was told to listen on.
func (p *Process) Port() int { return p.port }

// Leader returns the process id of what we started.
func (p *Process) Leader() int { return p.cmd.Process.Pid }

// PID returns the id of the process that listens: the leader, or else the one
// of its descendants and its process group, nearest to the leader, that held
// the listening socket when the server became ready. It is the leader's where
// that cannot be told: elsewhere than on Linux, and before it was ready.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid != 0 {
		return p.pid
	}
	return p.cmd.Process.Pid
}

// StartTime returns how long the process took until it listened, 0 for one that was not waited for.
func (p *Process) StartTime() time.Duration { return p.listened }

// Stdout returns the end of what the process wrote to stdout, 4 KiB at most
// and fit to print.
func (p *Process) Stdout() string { return p.stdout.String() }

// Stderr is Stdout for stderr.
func (p *Process) Stderr() string { return p.stderr.String() }

// exited is the error that the process has ended.
func (p *Process) exited(name string, exit Exit) *ExitedError {
	return &ExitedError{Name: name, PID: p.Leader(), Exit: &exit, Left: p.left, Stderr: p.Stderr(), Words: cmp.Or(p.stderr.report(), p.stdout.report())}
}

// Ended returns an *ExitedError when the leader has ended, else nil.
func (p *Process) Ended() error {
	if exit, ended := p.Exited(); ended {
		return p.exited(p.name, exit)
	}
	return nil
}

// run starts the leader. The goroutine that starts it waits for it on the same
// thread, because Linux ends the process with that thread (see contain).
func (p *Process) run(cmd *exec.Cmd) error {
	contain(cmd)
	outputs := []*tail{&p.stdout, &p.stderr}
	var theirs []*os.File
	for range outputs {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(p.pipes)
			closeAll(theirs)
			return err
		}
		p.pipes, theirs = append(p.pipes, r), append(theirs, w)
	}
	cmd.Stdout, cmd.Stderr = theirs[0], theirs[1] // files, so that Wait does not wait for their end
	p.cmd = cmd
	failed := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p.started = time.Now()
		err := cmd.Start()
		closeAll(theirs)
		failed <- err
		if err == nil {
			p.attend(outputs)
		}
	}()
	if err := <-failed; err != nil {
		closeAll(p.pipes)
		return err
	}
	return nil
}

// attend keeps the end of the outputs and waits for the leader.
func (p *Process) attend(outputs []*tail) {
	drained := make(chan struct{})
	var readers sync.WaitGroup
	for i, pipe := range p.pipes {
		readers.Go(func() {
			_, _ = outputs[i].ReadFrom(pipe)
		})
	}
	go func() { readers.Wait(); close(drained) }()

	_ = p.cmd.Wait() // its error is the exit status, which ProcessState has
	ended := time.Now()
	p.mu.Lock()
	since := p.started
	if !p.signaled.IsZero() {
		since = p.signaled
	}
	p.exit = exitOf(p.cmd.ProcessState)
	p.exit.Elapsed = ended.Sub(since)
	p.exit.Forced = p.forced && killed(p.exit)
	p.reaped = true
	p.mu.Unlock()
	// A grandchild may hold the pipes open; what the leader wrote is in them, and is read on a busy machine too.
	for end := time.Now().Add(patience.Kill); time.Now().Before(end); {
		select {
		case <-drained:
		case <-time.After(patience.Drain):
		}
		if !slices.ContainsFunc(p.pipes, unread) {
			break
		}
	}
	p.left = p.survivor()
	close(p.done)
}

// survivor is the process that listens on behind a leader that has ended by itself, and well: who put it in the background. It is 0 where
// there is none, and where the leader failed, was told to end, or took the other with it.
func (p *Process) survivor() int {
	p.mu.Lock()
	pid, told := p.pid, !p.signaled.IsZero()
	p.mu.Unlock()
	if told || pid == 0 || pid == p.Leader() || p.exit.Code != 0 {
		return 0
	}
	for _, k := range kernel.Marked(p.mark) {
		if k.PID == pid && !await(patience.Dying, func() bool { return !k.Running() }) {
			return pid
		}
	}
	return 0
}

// Signal sends a signal to the leader alone, which is whom a service manager
// would ask to stop; [os.ErrProcessDone] when it has ended.
func (p *Process) Signal(sig os.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	if p.signaled.IsZero() {
		p.signaled = time.Now()
	}
	return p.cmd.Process.Signal(sig)
}

// Exited tells whether the leader has ended, and how.
func (p *Process) Exited() (Exit, bool) {
	select {
	case <-p.done:
		return p.exit, true
	default:
		return Exit{}, false
	}
}

// Wait returns when the leader has ended, or ctx's error. Processes that it
// left behind run on, so that it can be seen what they do, until Stop or Kill.
func (p *Process) Wait(ctx context.Context) (Exit, error) {
	select {
	case <-p.done:
		return p.exit, nil
	default:
	}
	select {
	case <-p.done:
		return p.exit, nil
	case <-ctx.Done():
		return Exit{}, ctx.Err()
	}
}

// Stop asks the leader to end by SIGTERM and gives it the launcher's grace, or
// less when ctx ends before; then what still runs of its process group and its
// descendants is killed, daemons and those in sessions of their own too, as far as the system tells of them. Exit.Forced says that the leader had to be. Where
// there is no SIGTERM (Windows) it is killed at once. Stop may be called again
// and from several goroutines; its error says that a process cannot be killed.
func (p *Process) Stop(ctx context.Context) (Exit, error) {
	p.stopping.Lock()
	defer p.stopping.Unlock()
	kin := p.kin()
	if p.Signal(syscall.SIGTERM) == nil {
		grace := time.NewTimer(p.grace)
		defer grace.Stop()
		select {
		case <-p.done:
		case <-grace.C:
		case <-ctx.Done():
		}
	}
	return p.end(kin)
}

// Kill ends the process group and the leader's descendants by SIGKILL and
// waits for the leader.
func (p *Process) Kill() { _, _ = p.end(p.kin()) }

// kin returns the leader's living descendants, whatever group they are in, and what they have become: those that have another parent by
// now are known by their mark.
func (p *Process) kin() []kernel.Identity {
	all := kernel.Marked(p.mark)
	if _, ended := p.Exited(); ended {
		return all
	}
	for _, k := range kernel.Descendants(p.Leader()) {
		if !slices.Contains(all, k) && k.PID != p.Leader() {
			all = append(all, k)
		}
	}
	return slices.DeleteFunc(all, func(k kernel.Identity) bool { return k.PID == p.Leader() })
}

// end kills what runs, waits for it, and lets go of the pipes.
func (p *Process) end(kin []kernel.Identity) (Exit, error) {
	p.mu.Lock()
	if p.unhook != nil {
		p.unhook()
	}
	if p.cleared {
		p.mu.Unlock()
		return p.exit, nil
	}
	if !p.reaped {
		if p.signaled.IsZero() {
			p.signaled = time.Now()
		}
		p.forced = true
	}
	killGroup(p.cmd.Process, p.reaped)
	p.mu.Unlock()
	for _, k := range kin {
		k.Kill()
	}
	bound := time.NewTimer(patience.Kill)
	defer bound.Stop()
	select {
	case <-p.done:
	case <-bound.C:
		return Exit{}, fmt.Errorf("%s (pid %d) does not end, even by SIGKILL", p.name, p.Leader())
	}
	awaitGone(p.Leader(), kin, patience.Kill)
	for _, k := range p.kin() { // what they have started meanwhile
		k.Kill()
		await(patience.Kill, func() bool { return !k.Running() })
	}
	closeAll(p.pipes)
	p.mu.Lock()
	p.cleared = true
	p.mu.Unlock()
	return p.exit, nil
}

// bind lets ctx's end stop the process.
func (p *Process) bind(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unhook = context.AfterFunc(ctx, func() { _, _ = p.Stop(context.Background()) })
}

// closeAll closes files, whether they are open or not.
func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}
