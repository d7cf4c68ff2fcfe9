package fuzzer

import (
	"context"
	"fmt"

	"github.com/streamspec/streamspec/fuzz/coverage"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/target"
)

// Shapes is the novelty of a server of which nothing but its answers is seen: how long they are, what they are made of, and how
// they end.
type Shapes struct{ seen coverage.Map }

// Fresh returns the plan when an answer to it had a shape that none before it had.
func (s *Shapes) Fresh(_ context.Context, p plan.Plan, played []player.Played) []plan.Plan {
	fresh := 0
	for _, c := range played {
		fresh += s.seen.Add(coverage.Shape(c.Answer.Head, string(c.Answer.Ending)))
	}
	return some(p, fresh > 0)
}

// some is the plan, where it is worth keeping.
func some(p plan.Plan, fresh bool) []plan.Plan {
	if !fresh {
		return nil
	}
	return []plan.Plan{p}
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

// Fresh returns the plan when it reached code, or went through it a number of times, as none before it did. A server that was
// started again is asked anew.
func (c *Covered) Fresh(ctx context.Context, p plan.Plan, _ []player.Played) []plan.Plan {
	if c.endpoint == nil && c.dial(ctx) != nil {
		return nil
	}
	edges, err := c.endpoint.Take(ctx)
	if err != nil {
		_ = c.endpoint.Close() // it is of no use any more
		c.endpoint = nil
		return nil
	}
	return some(p, c.seen.Add(edges) > 0)
}

// Close ends the asking.
func (c *Covered) Close() error {
	if c.endpoint == nil {
		return nil
	}
	return c.endpoint.Close()
}

// batch is how many plans a server plays that writes its coverage only when it ends, before it is started again.
const batch = 8

// Written is the novelty of a server that writes its coverage into a folder when it ends. It is stopped and started again after
// every few plans, which are kept together when they reached something new. One plan must be played at a time.
type Written struct {
	dir    string
	target *target.Target
	seen   coverage.Map
	played []plan.Plan
}

// NewWritten stops the server once, for what it has reached so far, and starts it again. The error says that it did not write
// its coverage, or did not start.
func NewWritten(ctx context.Context, dir string, t *target.Target) (*Written, error) {
	w := &Written{dir: dir, target: t}
	_, err := w.cycle(ctx)
	return w, err
}

// cycle ends the server, takes what it has written, and starts it again.
func (w *Written) cycle(ctx context.Context) (fresh int, err error) {
	if err := w.target.Stop(ctx); err != nil {
		return 0, err
	}
	edges, err := coverage.ReadDir(w.dir)
	if err == nil {
		fresh, err = w.seen.Add(edges), coverage.Empty(w.dir)
	}
	if startErr := w.target.Restart(ctx); startErr != nil {
		return 0, startErr
	}
	return fresh, err
}

// Fresh returns the last few plans when one of them reached something new.
func (w *Written) Fresh(ctx context.Context, p plan.Plan, _ []player.Played) []plan.Plan {
	w.played = append(w.played, p)
	if len(w.played) < batch {
		return nil
	}
	played := w.played
	w.played = nil
	if fresh, err := w.cycle(ctx); err != nil || fresh == 0 {
		return nil // a server that died has written nothing, and what it died of is looked into elsewhere
	}
	return played
}
