package player

import (
	"context"
	"os"
	"time"

	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/suite/target"
)

// A Process is a server that was started for one case: a [target.Process], or a test's own, which is no process at all.
type Process interface {
	Address() string
	Host() string
	Port() int
	PID() int // 0 where there is nothing to look at
	Stdout() string
	Stderr() string
	// Ended says how it ended, or nil.
	Ended() error
	Exited() (target.Exit, bool)
	Wait(context.Context) (target.Exit, error)
	Signal(os.Signal) error
	Kill()
	// Listening says whether its address is listened on, whoever does it.
	Listening() (bool, error)
}

// A Launcher starts servers as a [target.Launcher] does, whose methods say with which errors.
type Launcher interface {
	Start(context.Context) (Process, error)
	StartOn(ctx context.Context, host string, port int, wait bool) (Process, error)
	Ready() time.Duration
}

// processes starts processes of the system.
type processes struct{ *target.Launcher }

// launcher is what starts servers like the target's, nil where nothing does.
func launcher(t *target.Target) Launcher {
	if l := t.Launcher(); l != nil {
		return processes{l}
	}
	return nil
}

func (l processes) Start(ctx context.Context) (Process, error) {
	return started(l.Launcher.Start(ctx))
}

func (l processes) StartOn(ctx context.Context, host string, port int, wait bool) (Process, error) {
	return started(l.Launcher.StartOn(ctx, host, port, wait))
}

func started(p *target.Process, err error) (Process, error) {
	if err != nil {
		return nil, err
	}
	return process{p}, nil
}

// process is one of the system.
type process struct{ *target.Process }

func (p process) Listening() (bool, error) { return kernel.Listening(p.Host(), p.Port()) }
