package process

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// A Burden tells whether a server that rested goes on being at work on what it was sent since then by a client that takes no answer. It does
// not wait in a write then; and that others are not served, or that it takes the processor, need not come of that client's leaving.
type Burden struct {
	worked func() time.Duration // for how long the server has worked since this was last asked; nil where that is not seen
	rested bool                 // it was at rest when it was first looked at
}

// NewBurden looks whether the server rests.
func NewBurden(ctx context.Context, b *bench.Bench) *Burden { return newBurden(ctx, b.Worked()) }

func newBurden(ctx context.Context, worked func() time.Duration) *Burden {
	b := &Burden{worked: worked}
	b.rested = worked != nil && !b.works(ctx)
	return b
}

// works says whether the server is at work for half of a window.
func (b *Burden) works(ctx context.Context) bool {
	b.worked() // up to now
	began := time.Now()
	player.Sleep(ctx, patience.HearWindow)
	return b.worked() >= time.Since(began)/2
}

// Carried is NotShown where the server rested, and is at work now for as long as it may keep its answers to itself.
func (b *Burden) Carried(ctx context.Context) *finding.Finding {
	if !b.rested {
		return nil
	}
	for began := time.Now(); time.Since(began) < patience.Kept; {
		if !b.works(ctx) || ctx.Err() != nil {
			return finding.Ended(ctx)
		}
	}
	return finding.NewNotShown("the server was still at work after %s on what a client had sent that takes no answer: what comes of its leaving is not known", patience.Text(patience.Kept))
}
