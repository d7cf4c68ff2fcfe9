package fuzz

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// CompareConfig says which two servers are given the same requests of HTTP/1.1, and for how long.
type CompareConfig struct {
	// Targets are where the servers are; the caller closes them.
	Targets [2]*target.Target
	// Addrs are used where a target is nil: "host:port", "[::1]:80" or a port.
	Addrs [2]string
	// HTTP says of both servers what cannot be learned of them, as in suite.Config.
	HTTP suite.HTTP
	// Seed decides which requests are drawn.
	Seed uint64
	// Timeout is how long an answer is waited for before it is asked for again, as in suite.Config; 0 means 2 s.
	Timeout time.Duration
	// For is how long to go on, and Draws after how many requests to end; one of them must be above 0.
	For   time.Duration
	Draws int
	// Found is called with every new difference, by the goroutine that called Compare; nil hears nothing.
	Found func(Difference)
}

// A Difference is a request that the servers frame otherwise: one takes its end, or what follows it, to be elsewhere. It is as small as it was
// found to be, and was found again twice. Where the one stands in front of the other, a client can smuggle a request past it (contract
// requirement SMUG-8).
type Difference struct {
	Requirement string         // which the request is about, such as "SMUG-1"
	Request     string         // what is odd of it, in words
	Problem     string         // what either server made of it, in one sentence without a full stop
	Evidence    report.Failure // what was sent; a difference has no right side, and nothing is expected
}

// Comparison is what comparing two servers came to. Where there is neither a difference, nor trouble, nor anything unsure, both frame alike what
// was drawn.
type Comparison struct {
	Draws       int // that were given to both
	Elapsed     time.Duration
	Differences []Difference // 50 at most, which end the comparison; one of each kind
	Unsure      int          // draws that were framed otherwise, and not when they were given again
	Trouble     string       // why it could not go on; "" where it could
	Interrupted bool         // ctx had ended
}

// Compare gives the same requests, valid ones and nearly valid ones drawn from the grammar of HTTP/1.1, to two servers, and finds what they frame
// otherwise, until the time or the number of draws is over, or ctx ends. Its error is *suite.ConfigError or *target.UsageError for a call that is
// wrong, and *target.UnreachableError for a server that is not there. A server of which does not show where it takes a message to end, as of one
// that closes behind each answer, is trouble.
func Compare(ctx context.Context, cfg CompareConfig) (*Comparison, error) {
	if cfg.For <= 0 && cfg.Draws <= 0 {
		return nil, &judge.ConfigError{Text: "nothing says when to end: give For or Draws above 0"}
	}
	if cfg.For < 0 || cfg.Draws < 0 {
		return nil, &judge.ConfigError{Text: "For and Draws are 0 or more"}
	}
	if err := cfg.HTTP.Validate(service.Name); err != nil {
		return nil, err
	}
	b := fuzzer.Beside{Seed: cfg.Seed, For: cfg.For, Draws: cfg.Draws}
	for i := range b.Servers {
		b.Servers[i] = judge.Config{
			Target: cfg.Targets[i], Addr: cfg.Addrs[i], Dialect: service.Name, HTTP: service.Options(cfg.HTTP), Seed: cfg.Seed, Timeout: cfg.Timeout,
		}
		b.Names[i] = cfg.Addrs[i]
		if t := cfg.Targets[i]; t != nil {
			b.Names[i] = t.Address
		} else if cfg.Addrs[i] == "" {
			return nil, &judge.ConfigError{Text: "nothing says where both servers are: give two Targets or Addrs"}
		}
	}
	if cfg.Found != nil {
		b.New = func(d *web.Difference) { cfg.Found(difference(d)) }
	}
	began := time.Now()
	c, err := b.Compare(ctx)
	if err != nil {
		return nil, err
	}
	out := &Comparison{Draws: c.Draws, Elapsed: time.Since(began), Unsure: c.Unsure, Trouble: c.Trouble, Interrupted: ctx.Err() != nil}
	for _, d := range c.Differences {
		out.Differences = append(out.Differences, difference(d))
	}
	return out, nil
}

func difference(d *web.Difference) Difference {
	return Difference{Requirement: d.Requirement, Request: d.Text, Problem: d.Evidence.Problem, Evidence: d.Evidence}
}
