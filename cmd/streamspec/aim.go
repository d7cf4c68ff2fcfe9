package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/target"
)

// aim says which server a command is about: an address, reference, or --exec.
type aim struct {
	name        string // the argument; "" with --exec
	exec, fault string
	start       time.Duration // how long exec may take until it listens
	wait        time.Duration // how long name may take until it listens
}

// mostWait bounds --wait-for.
const mostWait = 24 * time.Hour

// The bounds of --start-timeout.
const leastStart, mostStart = 100 * time.Millisecond, time.Hour

func (a *aim) flags(fs *pflag.FlagSet) {
	fs.StringVar(&a.exec, "exec", "", "start the server with this command; {port} and {host} say where it must listen")
	durationFlag(fs, &a.start, "start-timeout", target.DefaultReady, leastStart, mostStart, "how long the server of --exec may take until it listens")
	durationFlag(fs, &a.wait, "wait-for", 0, 0, mostWait, "how long to wait until something listens at the address")
	fs.StringVar(&a.fault, "fault", "", "plant a fault in the reference server (streamspec list --faults)")
}

// set takes the arguments that are about the target; who is what wants it, such as "run wants".
func (a *aim) set(who string, args []string) error {
	switch {
	case len(args) > 1:
		return usageError("%s one target, and got %d: quote a command as one word behind --exec", who, len(args))
	case len(args) == 1 && a.exec != "":
		return usageError("%s either an address or --exec, not both", who)
	case len(args) == 0 && a.exec == "":
		return usageError("%s a target: an address (host:port or a port), the word reference, or --exec \"CMD {port}\"", who)
	}
	if len(args) == 1 {
		a.name = args[0]
	}
	return nil
}

// args is set as cobra has it.
func (a *aim) args(who string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error { return a.set(who, args) }
}

// check refuses a fault that there is not, or that has no server to be planted in.
func (a *aim) check(command, dialect string) error {
	if a.wait > 0 && (a.exec != "" || a.name == "reference") {
		return usageError("--wait-for goes with an address: the server that is started here has --start-timeout")
	}
	if a.fault == "" {
		return nil
	}
	if a.name != "reference" {
		return usageError("--fault plants a fault in the reference server: it goes with %s reference", command)
	}
	return checkFault(a.fault, dialect)
}

// reach reaches the target, or starts it: the reference server in a process of its own, which can die without harm.
func (a *aim) reach(ctx context.Context, cfg *judge.Config) (*target.Target, error) {
	launcher, err := a.launcher(cfg.Dialect)
	switch {
	case err != nil:
		return nil, err
	case launcher == nil:
		return a.address(ctx, cfg.PID)
	}
	// The server outlives an interrupt: it is stopped when all is said.
	t, err := target.StartLasting(ctx, launcher)
	if err != nil && ctx.Err() != nil {
		return nil, errors.New("interrupted before the server was ready")
	}
	if late := (*target.NotReadyError)(nil); errors.As(err, &late) && len(late.Elsewhere) == 0 {
		return nil, fmt.Errorf("%w (if it is only slow to start, give it longer with --start-timeout; else see that it listens on the port that {port} gives it)", err)
	}
	return t, err
}

// address reaches the server at an address, and waits for it as long as it may.
func (a *aim) address(ctx context.Context, pid int) (*target.Target, error) {
	return awaited(ctx, a.wait, func() (*target.Target, error) { return target.Address(ctx, a.name, pid) })
}

// awaited reaches a server again and again until something listens there, for so long at most.
func awaited(ctx context.Context, wait time.Duration, reach func() (*target.Target, error)) (*target.Target, error) {
	for began := time.Now(); ; {
		t, err := reach()
		if !errors.As(err, new(*target.UnreachableError)) || wait == 0 || ctx.Err() != nil {
			return t, err
		}
		if waited := time.Since(began); waited >= wait {
			return nil, fmt.Errorf("%w (waited for %s)", err, patience.Text(waited.Round(100*time.Millisecond)))
		}
		select {
		case <-ctx.Done():
		case <-time.After(patience.LookAtStart):
		}
	}
}

// launcher starts the target; nil where it runs already.
func (a *aim) launcher(dialect string) (*target.Launcher, error) {
	switch {
	case a.exec != "":
		return target.NewLauncher(a.exec, target.LauncherOptions{Ready: a.start})
	case a.name == "reference" && a.fault != "":
		return selfLauncher(dialect, "--fault", a.fault)
	case a.name == "reference":
		return selfLauncher(dialect)
	}
	return nil, nil
}

// words are the target as a shell reads it.
func (a *aim) words() string {
	switch {
	case a.exec != "":
		words := "--exec " + shellescape.Quote(a.exec)
		if a.start != target.DefaultReady {
			words += " --start-timeout " + a.start.String()
		}
		return words
	case a.fault != "":
		return a.name + " --fault " + a.fault
	}
	return shellescape.Quote(a.name)
}

// addingFlags add to an exchange file or a preset. Each may be given again and again.
func addingFlags(fs *pflag.FlagSet, a *exchange.Additions) {
	fs.StringArrayVar(&a.Masks, "mask", nil, "with an exchange file or a preset: what else varies in answers, as NAME=PATTERN")
	fs.StringArrayVar(&a.Limits, "limit", nil, "with an exchange file or a preset: what the server holds against its clients, clients=N, idle=30s, messages=N or polite=true")
	fs.StringArrayVar(&a.Values, "set", nil, "with an exchange file or a preset: a value of its own, such as path=/upload (streamspec check shows them), as NAME=VALUE")
}

// timeoutFlag adds --timeout.
func timeoutFlag(fs *pflag.FlagSet, d *time.Duration, usage string) {
	durationFlag(fs, d, "timeout", 2*time.Second, patience.Least, patience.Most, usage)
}

// durationFlag adds a flag whose value is usual unless given, and refused, 0 too, where it is not between least and most.
func durationFlag(fs *pflag.FlagSet, d *time.Duration, name string, usual, least, most time.Duration, usage string) {
	*d = usual
	fs.Var(&duration{d, least, most}, name, usage)
}

type duration struct {
	value       *time.Duration
	least, most time.Duration
}

func (f *duration) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("write a number and its unit, such as 500ms or 2s")
	}
	if d < f.least || d > f.most {
		return fmt.Errorf("it must be from %s to %s", patience.Text(f.least), patience.Text(f.most))
	}
	*f.value = d
	return nil
}

func (f *duration) String() string {
	if f.value == nil {
		return ""
	}
	return patience.Text(*f.value)
}

func (*duration) Type() string { return "duration" }
