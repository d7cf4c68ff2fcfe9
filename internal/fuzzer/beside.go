package fuzzer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
)

// A Beside says which two servers are given the same requests of HTTP/1.1, and for how long.
type Beside struct {
	Servers [2]judge.Config // what each of them is, of the dialect http1; the caller closes their targets
	Names   [2]string       // what they are called in texts
	Seed    uint64
	// For is how long to go on, and Draws after how many requests to end; 0 is no bound.
	For   time.Duration
	Draws int
	// New hears of each difference as it is found; nil hears nothing.
	New func(*web.Difference)
}

// Compare finds what two servers frame otherwise, until it has done what it should, or ctx ends. Its error is that of [judge.Reach], and says of
// which server. Where one does not show how it frames requests, the trouble says so.
func (b Beside) Compare(ctx context.Context) (*web.Compared, error) {
	two := web.Two{Names: [2]string{show.Prose(b.Names[0]), show.Prose(b.Names[1])}, Seed: b.Seed, Draws: b.Draws, New: b.New}
	if two.Names[0] == two.Names[1] {
		two.Names[1] += " (beside)"
	}
	for i, plays := range []*web.Player{&two.A, &two.B} {
		s, err := judge.Reach(ctx, b.Servers[i])
		if unlearned := (finding.Error{}); errors.As(err, &unlearned) {
			return &web.Compared{Trouble: two.Names[i] + ": " + unlearned.Problem}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Names[i], err)
		}
		defer func() {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience.Close)
			defer cancel()
			_ = s.Close(closing) // what it came to is said
		}()
		d, ok := s.Dialect().(*service.Dialect)
		if !ok {
			return nil, fmt.Errorf("%s: %w", b.Names[i], &judge.ConfigError{Text: "what two servers frame otherwise is found of those that speak HTTP/1.1: use the dialect " + service.Name})
		}
		if why := web.Comparable(d.Service); why != "" {
			return &web.Compared{Trouble: two.Names[i] + ": " + why}, nil
		}
		p := s.Server.Player("fuzz")
		defer p.Done()
		*plays = web.Player{Player: p, Service: d.Service}
	}
	if b.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.For)
		defer cancel()
	}
	return two.Compare(ctx), nil
}
