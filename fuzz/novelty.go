package fuzz

import (
	"context"
	"fmt"

	"github.com/streamspec/streamspec/fuzz/coverage"
	"github.com/streamspec/streamspec/suite"
	"github.com/streamspec/streamspec/suite/plan"
)

// Shapes is the novelty of a server of which nothing but its answers is seen: how long they are, what they are made of, and how
// they end.
type Shapes struct{ seen coverage.Map }

// Fresh says whether an answer had a shape that none before it had.
func (s *Shapes) Fresh(_ context.Context, _ plan.Plan, played []suite.Played) bool {
	fresh := 0
	for _, c := range played {
		fresh += s.seen.Add(coverage.Shape(c.Answer.Head, string(c.Answer.Ending)))
	}
	return fresh > 0
}

// Covered is the novelty of a server that tells which of its code was reached. One plan must be played at a time, lest what
// another reached is counted as its own.
type Covered struct {
	path string
	seen coverage.Map

	endpoint *coverage.Endpoint
}

// NewCovered asks a server for its coverage at the path of its endpoint. The error says that it has none, or that the server was
// not built to count what it reaches.
func NewCovered(ctx context.Context, path string) (*Covered, error) {
	c := &Covered{path: path}
	return c, c.dial(ctx)
}

// dial connects, and leaves out what the server reached before.
func (c *Covered) dial(ctx context.Context) error {
	endpoint, err := coverage.Dial(ctx, c.path)
	if err != nil {
		return fmt.Errorf("the server does not tell its coverage: %w", err)
	}
	edges, err := endpoint.Take(ctx)
	if err != nil {
		_ = endpoint.Close() // the first error says more
		return fmt.Errorf("the server does not tell its coverage: %w", err)
	}
	c.seen.Add(edges)
	c.endpoint = endpoint
	return nil
}

// Fresh says whether the plan reached code, or a number of times through it, that none before it did. A server that was started
// again is asked anew.
func (c *Covered) Fresh(ctx context.Context, _ plan.Plan, _ []suite.Played) bool {
	if c.endpoint == nil && c.dial(ctx) != nil {
		return false
	}
	edges, err := c.endpoint.Take(ctx)
	if err != nil {
		_ = c.endpoint.Close() // it is of no use any more
		c.endpoint = nil
		return false
	}
	return c.seen.Add(edges) > 0
}

// Len is how much was reached.
func (c *Covered) Len() int { return c.seen.Len() }

// Close ends the asking.
func (c *Covered) Close() error {
	if c.endpoint == nil {
		return nil
	}
	return c.endpoint.Close()
}
