package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/hint"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/reference/http1"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// referenceServer is the reference server, or one with a planted fault.
type referenceServer interface {
	Listen() error
	ServeForever() error
	Shutdown(ctx context.Context) error
}

// checkFault refuses a fault that is not there, or not in this dialect.
func checkFault(name, dialect string) error {
	fault, ok := faulty.Lookup(name)
	if !ok {
		var names []string
		for _, f := range faulty.All() {
			names = append(names, f.Name)
		}
		return usageError("%s (streamspec list --faults shows them all)", hint.Unknown("fault", name, names))
	}
	if !slices.Contains(fault.Dialects, dialect) {
		return usageError("the fault %s shows in the dialects %v only, not in %s", name, fault.Dialects, dialect)
	}
	return nil
}

// checkOdd refuses a right server that looks odd and is not there, or not in this dialect.
func checkOdd(name, dialect string) error {
	control, ok := faulty.LookupControl(name)
	if !ok {
		var names []string
		for _, c := range faulty.Controls() {
			names = append(names, c.Name)
		}
		return usageError("%s", hint.Unknown("odd server", name, names))
	}
	if !slices.Contains(control.Dialects, dialect) {
		return usageError("the odd server %s speaks the dialects %v only, not %s", name, control.Dialects, dialect)
	}
	return nil
}

// http1Name is the dialect that the reference speaks in a package of its own.
const http1Name = "http1"

// handlerFor returns what the reference server does in a dialect.
func handlerFor(name string) (reference.Handler, bool) {
	if name == http1Name {
		return http1.Demo, true
	}
	return reference.HandlerFor(name)
}

// served returns the names of the dialects that the reference server speaks.
func served() []string {
	names := dialect.Names()
	if !slices.Contains(names, http1Name) {
		names = append(names, http1Name)
	}
	return names
}

// newReference makes the server that serve and run reference use, with a fault or an oddity.
func newReference(name, fault, odd string, cfg reference.Config) (referenceServer, func() string, error) {
	changed := func(s faulty.Server, err error) (referenceServer, func() string, error) {
		if err != nil {
			return nil, nil, err
		}
		return s, func() string { return s.Addr().String() }, nil
	}
	switch {
	case fault != "":
		return changed(faulty.NewServer(fault, name, cfg))
	case odd != "":
		return changed(faulty.NewControl(odd, name, cfg))
	}
	h, ok := handlerFor(name)
	if !ok {
		return nil, nil, fmt.Errorf("the reference server does not speak %s", name)
	}
	cfg.Handler = h
	s := reference.NewTCPServer(cfg)
	return s, func() string { return s.Addr().String() }, nil
}

// startReference serves the dialect in this process. The cases that start and
// stop a server start this program again, with serve.
func startReference(cfg *judge.Config, fault string) (*target.Target, error) {
	if cfg.Dialect == http1Name { // what repeats bodies and requests there, with a fault too
		cfg.HTTP.PostPath, cfg.HTTP.EchoPath = cmp.Or(cfg.HTTP.PostPath, "/echo"), cmp.Or(cfg.HTTP.EchoPath, "/inspect")
	}
	server, addr, err := newReference(cfg.Dialect, fault, "", reference.Config{})
	if err != nil {
		return nil, err
	}
	if err := server.Listen(); err != nil {
		return nil, err
	}
	served := make(chan error, 1)
	go func() { served <- server.ServeForever() }()
	stop := func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if serveErr := <-served; err == nil && !errors.Is(serveErr, reference.ErrServerClosed) {
			err = serveErr
		}
		return err
	}
	cfg.Reader = func(rw io.ReadWriter) bench.Reader {
		if operations, err := faulty.Operations(fault, rw, reference.Config{}); err == nil {
			return operations
		}
		return reference.NewStreamHandler(rw, reference.Config{})
	}
	name, flags := "reference", []string(nil)
	if fault != "" {
		flags = []string{"--fault", fault}
		name += " --fault " + fault
	}
	launcher, err := selfLauncher(cfg.Dialect, flags...)
	if err != nil {
		return nil, err
	}
	return target.InProcess(name, addr(), stop, launcher, 0), nil
}

// selfLauncher starts this program's serve, with more flags.
func selfLauncher(dialect string, flags ...string) (*target.Launcher, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("this program's own file was not found: %w", err)
	}
	args := append([]string{self, "serve", "--addr", "{host}:{port}", "--dialect", dialect}, flags...)
	return target.NewLauncherArgs(args, target.LauncherOptions{})
}
