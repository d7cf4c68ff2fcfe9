package selftest

import (
	"context"
	"slices"

	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/target"
)

// meets returns how a subject is met, and what ends it: by its address, as a process of its own; or in memory.
func (s Subject) meets(ctx context.Context, cfg Config) (run judge.Config, end func(context.Context), err error) {
	if s.InMemory {
		return s.inMemory()
	}
	launcher, err := cfg.Launch(s)
	if err != nil {
		return run, nil, err
	}
	server, err := target.StartLasting(ctx, launcher)
	if err != nil {
		return run, nil, err
	}
	// One that does not stop is killed, and that is its fault.
	return judge.Config{Target: server}, func(ctx context.Context) { _ = server.Close(ctx) }, nil
}

// inMemory serves a fault, or a right server that looks odd, in this process.
func (s Subject) inMemory() (run judge.Config, end func(context.Context), err error) {
	planted := faulty.NewServer
	if s.Kind == Right || s.Kind == Unjudged {
		planted = faulty.NewControl
	}
	server, err := planted(s.Name, s.Serves(), reference.Config{})
	if err != nil {
		return run, nil, err
	}
	l := inmemory.ListenTCP(0).Unturned()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // until it is closed
	}()
	const nowhere = "in memory" // no host:port, so that the system is not asked for it
	run = judge.Config{Target: target.InProcess(s.Name, nowhere, nil, nil, 0), Connect: delivery.DialOver(l.Connect)}
	return run, func(context.Context) {
		_ = server.Close()
		<-served
	}, nil
}

// byProcess says whether one of the requirements, of all where none is named, is shown by a process alone.
func (s Subject) byProcess(ids []string) bool {
	d := s.judged()
	return slices.ContainsFunc(contract.All(), func(r contract.Requirement) bool {
		return (len(ids) == 0 || slices.Contains(ids, r.ID)) && slices.ContainsFunc(rules.For(r.ID, d), func(c rules.Case) bool { return c.Needs.Has(rules.Exec) || c.Needs.Has(rules.PID) })
	})
}
