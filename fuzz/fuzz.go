// Package fuzz plays random plans against a live server and compares what comes with the dialect's model, or, of an exchange
// file, with the server's own answer to the whole message. The same seed draws the same plans on every machine. What fails is
// repeated, made as small as it still fails, told apart from what is known, and reported once.
package fuzz

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Config says what to fuzz, and for how long.
type Config struct {
	// Target is where the server is; the caller closes it. One that the suite has started ([target.Start]) is started again where a
	// plan ends it.
	Target *target.Target
	// Addr is used where Target is nil: "host:port", "[::1]:7" or a port.
	Addr string
	// Dialect is what the server speaks, as in suite.Config: "script" where it is "".
	Dialect string
	// HTTP says of a server that speaks "http1" what cannot be learned of it, as in suite.Config; with another dialect it must be empty.
	// To such a server every second plan is drawn from the grammar of HTTP/1.1, valid requests and nearly valid ones.
	HTTP suite.HTTP
	// Seed decides which plans are drawn.
	Seed uint64
	// Timeout is how long an answer is waited for before it is asked for again, as in suite.Config; 0 means 2 s.
	Timeout time.Duration
	// For is how long to go on, and Plans after how many plans to end; one of them must be above 0.
	For   time.Duration
	Plans int
	// First ends the run at the first failure.
	First bool
	// Clients is how many connections are open side by side, 256 at most; 0 is 8, at most as many as an exchange file
	// allows, and 1 where the server serves one client at a time.
	Clients int
	// Found is called with every new failure, by one goroutine at a time; nil hears nothing.
	Found func(Failure)
}

// A Failure is one way in which the server is wrong, with the smallest plan that shows it.
type Failure struct {
	Requirement string         // the one that it breaks, such as "FRAM-2"
	Problem     string         // in one sentence without a full stop
	Plan        string         // what streamspec replay plays
	Evidence    report.Failure // what was sent, expected and received
	Failed      int            // plays of the plan that failed, of Runs
	Runs        int
	Died        bool // the server ended
}

// Result is what a run came to.
type Result struct {
	Plans       int // that were played
	Elapsed     time.Duration
	Cuts        report.Cuts
	Failures    []Failure
	Restarts    int    // how often the server was started again
	Trouble     string // why the run could not go on; "" where it could
	Interrupted bool
	Notes       []string // remarks about the server
}

// Run plays random plans against a server until the time or the number of plans is over, or ctx ends. Its error is
// *suite.ConfigError or *target.UsageError for a call that is wrong, and *target.UnreachableError for a server that is not there. A
// server that does not answer a plain session rightly is not fuzzed: the result says so as trouble.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.Target == nil && cfg.Addr == "" {
		return nil, &judge.ConfigError{Text: "nothing says where the server is: give Target or Addr"}
	}
	if err := cfg.HTTP.Validate(cfg.Dialect); err != nil {
		return nil, err
	}
	r, err := fuzzer.Run(ctx, fuzzer.Config{
		Suite: judge.Config{Target: cfg.Target, Addr: cfg.Addr, Dialect: cfg.Dialect, HTTP: service.Options(cfg.HTTP), Seed: cfg.Seed, Timeout: cfg.Timeout},
		For:   cfg.For, Plans: cfg.Plans, First: cfg.First, Clients: cfg.Clients,
		Save: func(f *fuzzer.Failure) error {
			if cfg.Found != nil {
				cfg.Found(failure(f))
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	out := &Result{
		Plans: r.Plans, Elapsed: r.Elapsed, Cuts: r.Cuts, Restarts: r.Restarts, Trouble: r.Trouble, Interrupted: r.Interrupted, Notes: r.Notes,
	}
	for _, f := range r.Failures {
		out.Failures = append(out.Failures, failure(f))
	}
	return out, nil
}

func failure(f *fuzzer.Failure) Failure {
	return Failure{Requirement: f.Requirement, Problem: f.Problem, Plan: f.Plan.String(), Evidence: f.Evidence, Failed: f.Failed, Runs: f.Runs, Died: f.Died}
}
