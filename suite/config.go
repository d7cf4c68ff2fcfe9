package suite

import (
	"cmp"
	"context"
	"io"
	"net"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/waiver"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Config says what to judge, and how. One of Serve, Listener, Addr and Target says where the server is; the rest has defaults.
type Config struct {
	// Serve serves the connections of a listener, until that is closed. The suite listens on a free port of 127.0.0.1, calls Serve,
	// and closes the listener when all is judged.
	Serve func(net.Listener) error
	// Listener is what the server listens on. The caller closes it.
	Listener net.Listener
	// Addr is where the server listens: "host:port", "[::1]:7" or a port.
	Addr string
	// PID is the process id of the server at Addr, where it is known and may be observed; 0 when not.
	PID int
	// Target is where the server is, for all other cases: a program that the suite starts ([target.Start]), or one that can be
	// started again. The caller closes it.
	Target *target.Target

	// Dialect is what the server speaks: "script" (the default), "line", "echo" or "greet"; "http1"; the path of an exchange
	// file, which ends in .yaml or .yml; or "preset:" and the name of one that is built in.
	Dialect string
	// HTTP says of a server that speaks "http1" what cannot be learned of it; with another dialect it must be empty.
	HTTP HTTP
	// Speaks is a dialect of your own; where it is not nil, Dialect is not looked at. Each session of its Plain, Ending, Cuttable and
	// Controls must have a request and a right answer, and Cuttable and Controls at least one session.
	Speaks dialect.Dialect
	// Seed decides all of the suite's random choices; the same seed makes the same cases. 0 is a seed like any other.
	Seed uint64
	// Timeout is how long to wait for an answer before asking again with three times this wait, from [MinTimeout] to
	// [MaxTimeout]; 0 means 2 s. While a server
	// whose process is known is seen at work, it is waited for so long at once.
	Timeout time.Duration
	// Only and Skip select requirements: words between commas, each an id (FRAM-2), a family (FRAM), a pattern (FRAM-*, *-1), a
	// range (FRAM-2..5) or a level (MUST, SHOULD, MAY); "" selects all and leaves out none.
	Only, Skip string
	// Strict makes a broken SHOULD a failure.
	Strict bool
	// Expect is the path of a file that says what is known to be broken, and may be for now (README has its form); Baseline that of the JSON
	// report of an earlier run, of which what was broken then may be, and what passed must. "" is none.
	Expect, Baseline string
	// Workers is how many cases run beside one another, besides those that only wait: [MaxWorkers] at most. 0 means what the server
	// gains by: one where it answers at once, more the longer it takes to. One that serves one client at a time gets 1.
	Workers int
	// Clients is how many clients the server takes at once, where it refuses more; 0 is that this is found out, as far as it can be.
	Clients int
	// Reader gives the server's read operation, where the server is Go code in this process: it makes the
	// handler's reader over a stream. READ-3 can be shown through it alone.
	Reader func(io.ReadWriter) Reader
	// Again returns the command that shows a requirement again; "" is none. nil means that of the door, or of the command line; for
	// [Run], none where the command line cannot get there: with Serve, or a dialect of your own.
	Again func(requirement string) string
	// Progress hears of each requirement as it begins and ends; nil hears nothing. Its methods are called from several goroutines.
	Progress Progress
}

// A Reader reads n bytes and decodes them, as the contract's read does (section 1).
type Reader interface {
	Read(n int) (string, error)
}

// Progress hears how a run goes on.
type Progress interface {
	Start(id string)
	Done(report.Result)
}

// Limits of a configuration.
const (
	MinTimeout = patience.Least
	MaxTimeout = patience.Most
	MaxWorkers = judge.MaxWorkers
)

// ConfigError says that a configuration cannot be meant: the call is wrong. Its text is one sentence.
type ConfigError = judge.ConfigError

// Validate returns a *ConfigError when the configuration cannot be meant, before anything is sent. Whether a server is there is not
// looked at.
func (c Config) Validate() error {
	if err := c.where(); err != nil {
		return err
	}
	_, err := c.selected()
	return err
}

// selected returns the requirements that the configuration selects. Its error is a *ConfigError, by the names of the fields.
func (c Config) selected() ([]contract.Requirement, error) {
	j := c.plain()
	speaks := j.Dialect
	if c.Speaks != nil {
		speaks = "" // a dialect of the caller's own, whatever it is called
	}
	if err := c.HTTP.Validate(speaks); err != nil {
		return nil, err
	}
	return j.Selected()
}

// where refuses a configuration that says not once where the server is.
func (c Config) where() error {
	said := 0
	for _, is := range []bool{c.Serve != nil, c.Listener != nil, c.Addr != "", c.Target != nil} {
		if is {
			said++
		}
	}
	switch {
	case said == 0:
		return &ConfigError{Text: "nothing says where the server is: give Serve, Listener, Addr or Target"}
	case said > 1:
		return &ConfigError{Text: "more than one of Serve, Listener, Addr and Target is given"}
	}
	return nil
}

// plain is the configuration without its target.
func (c Config) plain() judge.Config {
	j := judge.Config{
		Dialect: c.Dialect, Speaks: c.Speaks, Seed: c.Seed, Timeout: c.Timeout, Only: c.Only, Skip: c.Skip,
		Strict: c.Strict, Workers: c.Workers, Clients: c.Clients, Again: c.Again, Progress: c.Progress,
		Addr: c.Addr, PID: c.PID, Target: c.Target, HTTP: service.Options(c.HTTP),
	}
	if c.Speaks != nil {
		j.Dialect = c.Speaks.Name()
	}
	if c.Reader != nil {
		j.Reader = func(rw io.ReadWriter) bench.Reader { return c.Reader(rw) }
	}
	return j
}

// open is the configuration with its target; release gives back what that took.
func (c Config) open() (j judge.Config, release func(), err error) {
	if err := c.Validate(); err != nil {
		return j, nil, err
	}
	j, release = c.plain(), func() {}
	if j.Known, err = waiver.Load(c.Expect, c.Baseline, cmp.Or(j.Dialect, "script"), c.Strict, false); err != nil {
		return j, nil, &ConfigError{Text: err.Error()}
	}
	if j.Again == nil && (c.Serve != nil || c.Speaks != nil) {
		j.Again = func(string) string { return "" }
	}
	switch {
	case c.Listener != nil:
		j.Addr = c.Listener.Addr().String()
	case c.Serve != nil:
		if j.Target, err = target.Serve(c.Serve); err != nil {
			return j, nil, err
		}
		release = func() { _ = j.Target.Close(context.Background()) } // it closes a listener, which fails where that is closed
	}
	return j, release, nil
}
