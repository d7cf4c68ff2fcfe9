package fuzzer_test

import (
	"net"
	"testing"

	"github.com/streamspec/streamspec/internal/delivery"
	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/inmemory"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/target"
)

// inMemory is config of a server in memory, for bubbles of testing/synctest. A fault is one that is not of its connections: those are
// the system's alone.
func inMemory(t testing.TB, fault, dialect string, plans int) fuzz.Config {
	t.Helper()
	var s interface {
		Serve(net.Listener) error
		Close() error
	}
	if fault == "" {
		h, _ := reference.HandlerFor(dialect)
		s = reference.NewTCPServer(reference.Config{Handler: h})
	} else {
		planted, err := faulty.NewServer(fault, dialect, reference.Config{})
		if err != nil {
			t.Fatal(err)
		}
		s = planted.(interface {
			Serve(net.Listener) error
			Close() error
		})
	}
	t.Cleanup(func() { _ = s.Close() })
	return meeting(t, dialect, plans, s.Serve)
}

// meeting is config of a server in memory that serves a listener until it is closed, with the test.
func meeting(t testing.TB, dialect string, plans int, serve func(net.Listener) error) fuzz.Config {
	l := inmemory.ListenTCP(0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(l) // which says that it was closed
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-served
	})
	const nowhere = "in memory" // no host:port, so that the system is not asked for it
	suite := judge.Config{Target: target.InProcess("reference", nowhere, nil, nil, 0), Connect: delivery.DialOver(l.Connect), Dialect: dialect, Seed: 1}
	return fuzz.Config{Suite: suite, Plans: plans}
}
