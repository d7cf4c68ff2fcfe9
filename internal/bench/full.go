package bench

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// UseUp lets b's own server have so many more descriptors than it has, and connects until they are used up and somebody waits. It
// returns the clients, who are still there. A server that takes fewer clients is not shown to need any more.
func (b *Bench) UseUp(ctx context.Context, descriptors int) ([]*player.Client, *finding.Finding) {
	if b.Allowed(descriptors) < descriptors {
		return nil, finding.NewNotShown("the file says that the server takes fewer clients (limits: clients)")
	}
	if err := kernel.LimitDescriptors(b.PID(), descriptors); err != nil {
		return nil, finding.NewNotShown("the server's descriptors cannot be limited here: %v", err)
	}
	var clients []*player.Client
	for most := 2*descriptors + 2; len(clients) < most; {
		c, f := b.Dial(ctx, delivery.Options{Timeout: b.Wait(), Number: len(clients)})
		if f.Is(finding.Missing) { // the queue is full
			break
		}
		if f != nil {
			return clients, f
		}
		clients = append(clients, c)
		if taken, f := b.taken(ctx, c); f != nil || !taken {
			return clients, f
		}
	}
	// One that refuses who comes then keeps a descriptor for that.
	for given := b.Given(); ; player.Sleep(ctx, patience.LookAtQueue) {
		kept := 0
		if n := len(clients); n > 0 && clients[n-1].PeerClosed() != delivery.StillOpen {
			kept = 1
		}
		switch free, err := kernel.FreeDescriptors(b.PID()); {
		case err != nil:
			return clients, b.unseen(err)
		case free <= kept:
			return clients, finding.Ended(ctx)
		case ctx.Err() != nil || given.So(patience.Noticed):
			return clients, finding.NewNotShown("the server did not use up %d descriptors for %d clients", descriptors, len(clients))
		}
	}
}

// taken waits until the server has done something about a client that has connected: it has accepted it, or closed the connection, and
// true is returned; or it has no descriptor left for that. It is NotShown where the server has some, and does not take the client.
func (b *Bench) taken(ctx context.Context, c *player.Client) (bool, *finding.Finding) {
	for given := b.Given(); ; player.Sleep(ctx, patience.LookAtQueue) {
		waiting, _, err := kernel.Queue(b.Address())
		if err != nil {
			return false, finding.NewNotShown("the queue of the server's clients is not seen: %v", err)
		}
		free, err := kernel.FreeDescriptors(b.PID())
		switch {
		case ctx.Err() != nil:
			return false, finding.Ended(ctx)
		case waiting == 0 || c.PeerClosed() != delivery.StillOpen:
			return true, nil
		case err != nil:
			return false, b.unseen(err)
		case free == 0 && given.So(patience.Noticed):
			return false, nil
		case free > 0 && given.So(b.Wait()):
			return false, finding.NewNotShown("the server takes fewer clients at once than it has descriptors for")
		}
	}
}

// unseen is what it comes to that the server's descriptors cannot be looked at: also a process of its own, which serves a client as another
// user, may be one that is not to be looked into.
func (b *Bench) unseen(err error) *finding.Finding {
	if errors.Is(err, fs.ErrPermission) && b.Alive() == nil {
		return finding.NewNotShown("the server's descriptors are not seen: %v", err)
	}
	return b.notObserved(err)
}

// UsedUp is what the case has found that had the server's descriptors used up; one that ends of that has shown it, whatever was seen of
// it first.
func (b *Bench) UsedUp(ctx context.Context, f *finding.Finding) *finding.Finding {
	if f == nil || ctx.Err() != nil {
		return f
	}
	if end := b.Ended(ctx); end != nil {
		return finding.NewBroken("the server did not survive that its descriptors were used up: %v", end)
	}
	return f
}

// ServedAgain has a fresh client be served when others have left that had used up the server's descriptors: within [patience.Accept],
// since a server may wait before it accepts again, or, where nobody listens any more, within [patience.Refusing].
func (b *Bench) ServedAgain(ctx context.Context) *finding.Finding {
	for left := time.Now(); ; player.Sleep(ctx, patience.LookAtRefusal) {
		f := b.Served(ctx)
		within := patience.Accept
		if f.Is(finding.Gone) {
			within = patience.Refusing
		}
		switch {
		case f == nil, b.Alive() != nil, time.Since(left) > within:
			return f
		case ctx.Err() != nil:
			return finding.Ended(ctx)
		}
	}
}
