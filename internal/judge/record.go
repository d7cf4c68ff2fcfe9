package judge

import (
	"context"
	"errors"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Record has conversations with a server about the messages of cfg.Exchange, of
// which nothing but what is sent needs to be known, and returns what it answers; it also
// finds out whether the server speaks first, and which messages pipeline. Its errors are those of [Open]; a server
// that cannot be recorded, such as one that does not answer or whose answers are not stable, is an error in words.
func Record(ctx context.Context, cfg Config) (*exchange.Dialect, error) {
	r, err := reach(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer r.Close(context.WithoutCancel(ctx))
	x, ok := exchange.Of(r.Server.Dialect)
	if !ok {
		return nil, &ConfigError{"there is nothing to record: give messages"}
	}
	f := x.File
	if f.Greets, err = r.greets(ctx); err != nil {
		return nil, err
	}
	for i := range f.Messages {
		f.Messages[i].Pipelines = true // which is found out
	}
	if found := r.learn(ctx); found != nil {
		return nil, finding.Error{Finding: found}
	}
	learned, _ := exchange.Of(r.Server.Dialect)
	for _, i := range learned.Pipelined() {
		b := r.bench("record", "record")
		_, found := b.Try(ctx, learned.Copies(i, 2), player.Delivery{}, b.Patience.Probe())
		b.Done()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.Messages[i].Pipelines = found == nil
		f.Pipelines = f.Pipelines || found == nil
	}
	return learned, nil
}

// greets finds out whether the server speaks before it is asked.
func (r *Run) greets(ctx context.Context) (bool, error) {
	b := r.bench("record", "record")
	defer b.Done()
	c, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return false, finding.Error{Finding: f}
	}
	a := c.Receive(ctx, delivery.Want{Idle: max(b.Patience.Probe(), 2*patience.Quiet), Total: b.Patience.Answer, Done: func([]byte) bool { return true }})
	if a.Total == 0 && a.Ending != delivery.StillOpen {
		return false, errors.New("the server closed the connection before anything was sent")
	}
	return a.Total > 0, ctx.Err()
}
