package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/target"
)

// aim says which server a command is about: an address, reference, or --exec.
type aim struct {
	name        string // the argument; "" with --exec
	exec, fault string
}

func (a *aim) flags(fs *pflag.FlagSet) {
	fs.StringVar(&a.exec, "exec", "", "start the server with this command; {port} and {host} say where it must listen")
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
	if a.fault == "" {
		return nil
	}
	if a.name != "reference" {
		return usageError("--fault plants a fault in the reference server: it goes with %s reference", command)
	}
	return checkFault(a.fault, dialect)
}

// reach reaches the target, or starts it: the reference server in a process of its own, which can die without harm.
func (a *aim) reach(ctx context.Context, cfg *suite.Config) (*target.Target, error) {
	launcher, err := a.launcher(cfg.Dialect)
	switch {
	case err != nil:
		return nil, err
	case launcher == nil:
		return target.Address(ctx, a.name, cfg.PID)
	}
	// The server outlives an interrupt: it is stopped when all is said.
	return target.Start(context.WithoutCancel(ctx), launcher)
}

// launcher starts the target; nil where it runs already.
func (a *aim) launcher(dialect string) (*target.Launcher, error) {
	switch {
	case a.exec != "":
		return target.NewLauncher(a.exec, target.LauncherOptions{})
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
		return "--exec " + suite.ShellWord(a.exec)
	case a.fault != "":
		return a.name + " --fault " + a.fault
	}
	return suite.ShellWord(a.name)
}

// timeoutFlag adds --timeout. Behind a flag 0 is no default, and is refused as any other wait that is too short.
func timeoutFlag(fs *pflag.FlagSet, d *time.Duration, usage string) {
	*d = 2 * time.Second
	fs.Var((*timeout)(d), "timeout", usage)
}

type timeout time.Duration

func (t *timeout) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("write a number and its unit, such as 500ms or 2s")
	}
	*t = timeout(d)
	return suite.CheckTimeout(d)
}

func (t *timeout) String() string { return time.Duration(*t).String() }

func (*timeout) Type() string { return "duration" }
