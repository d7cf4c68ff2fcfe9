package suite

import (
	"context"
	"errors"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
)

// Record has conversations with a server about the messages of cfg.Exchange, of
// which nothing but what is sent needs to be known, and returns what it answers; it also
// finds out whether the server speaks first, and which messages pipeline. Its errors are those of [Open]; a server
// that cannot be recorded, such as one that does not answer or whose answers are not stable, is an error in words.
func Record(ctx context.Context, cfg Config) (*exchange.Dialect, error) {
	s, err := reach(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.Close(context.WithoutCancel(ctx))
	x, ok := s.dialect.(*exchange.Dialect)
	if !ok {
		return nil, &ConfigError{"there is nothing to record: give messages"}
	}
	f := x.File
	if f.Greets, err = s.greets(ctx); err != nil {
		return nil, err
	}
	for i := range f.Messages {
		f.Messages[i].Pipelines = true // which is found out
	}
	if err := s.learn(ctx, x); err != nil {
		return nil, err
	}
	learned := s.dialect.(*exchange.Dialect)
	for _, i := range learned.Pipelined() {
		e := s.env(Case{ID: "record"})
		_, err := e.try(ctx, learned.Copies(i, 2), Delivery{}, s.wait/2)
		e.done()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.Messages[i].Pipelines = err == nil
		f.Pipelines = f.Pipelines || err == nil
	}
	return learned, nil
}

// greets finds out whether the server speaks before it is asked.
func (s *Suite) greets(ctx context.Context) (bool, error) {
	e := s.env(Case{ID: "record"})
	defer e.done()
	c, err := e.Dial(ctx, delivery.Options{})
	if err != nil {
		return false, err
	}
	a := c.Receive(ctx, delivery.Want{Idle: max(s.wait/2, 2*quiet), Total: s.wait, Done: func([]byte) bool { return true }})
	if a.Total == 0 && a.Ending != delivery.StillOpen {
		return false, errors.New("the server closed the connection before anything was sent")
	}
	return a.Total > 0, ctx.Err()
}
