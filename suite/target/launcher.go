package target

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
)

// attempts is how many ports Start tries when another process takes each one
// in the moment between our look and the server's bind.
const attempts = 5

// Start starts a process on a free port between 10001 and 32720, below the
// ports that the system gives to clients, and waits until it listens. When the
// port was taken meanwhile and the process ended over it, another is tried.
//
// ctx bounds the life of the process, as with [exec.CommandContext]: when it
// ends before the process listens, the process is killed; afterwards it is
// stopped as by [Process.Stop]. Who starts a process must end it by Stop or
// Kill, even when it ended by itself: what it left behind is cleared up there.
func (l *Launcher) Start(ctx context.Context) (*Process, error) {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		p, err := l.StartOn(ctx, l.options.Host, port, true)
		var exited *ExitedError
		if err == nil || attempt == attempts || !errors.As(err, &exited) || bindable(port) {
			return p, err
		}
	}
}

// StartOn starts a process on this very port; an empty host is the launcher's.
// With wait it returns when the process listens, and ctx, as for
// [Launcher.Start], bounds its life. Without, it returns as soon as the
// process runs: for a port that is known to be taken.
//
// The errors: *UsageError when the program cannot be run, *ExitedError when
// the process ended before it listened, *NotReadyError when it runs and does
// not listen in time, ctx's error when that ended. With an error nothing is
// left running.
func (l *Launcher) StartOn(ctx context.Context, host string, port int, wait bool) (*Process, error) {
	if host == "" {
		host = l.options.Host
	}
	if port < 1 || port > maxPort {
		return nil, usage(nil, "port %d does not exist: give one from 1 to %d", port, maxPort)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	strangers := inodes(port) // who listens there already is not our process
	p, err := l.spawn(host, port)
	if err != nil {
		return nil, err
	}
	if wait {
		if err := p.awaitReady(ctx, l.options.Ready, strangers); err != nil {
			p.Kill()
			return nil, err
		}
		p.listened = time.Since(p.started)
	}
	p.bind(ctx)
	return p, nil
}

// markVariable is the environment's variable by which all that a process starts is known, whatever becomes of it: a child in a session of
// its own, a daemon. Its value is another for each.
const markVariable = "STREAMSPEC_SERVER"

// spawn runs the command with its placeholders replaced.
func (l *Launcher) spawn(host string, port int) (*Process, error) {
	cmd := &exec.Cmd{Path: l.program, Dir: l.options.Dir, Env: append(os.Environ(), l.options.Env...)}
	for _, word := range l.env {
		cmd.Env = append(cmd.Env, fill(word, host, port))
	}
	cmd.Args = append(cmd.Args, l.args[0])
	for _, word := range l.args[1:] {
		cmd.Args = append(cmd.Args, fill(word, host, port))
	}
	mark := markVariable + "=" + rand.Text()
	cmd.Env = append(cmd.Env, mark)
	p := &Process{
		mark: mark, name: l.args[0], host: kernel.DialHost(host), port: port, grace: l.options.Grace,
		done: make(chan struct{}),
	}
	if err := p.run(cmd); err != nil {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOEXEC) {
			return nil, usage(err, "the program %q cannot be run (%v): check that it is a program for this machine", l.args[0], err)
		}
		return nil, fmt.Errorf("cannot start %s: %w", l.args[0], err)
	}
	return p, nil
}
