package process

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/bench/load"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// UsedUp has clients use up the server's descriptors, and leave. That nobody is served meanwhile is the server's policy.
func UsedUp(ctx context.Context, b *bench.Bench) *finding.Finding {
	const descriptors = 24
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	if f := own.Pulse(ctx); f != nil {
		return finding.NewUndecided("a server that was started for this did not answer: %s", f.Problem)
	}
	before, f := own.Descriptors(ctx, 0, false)
	if f != nil {
		return f
	}
	clients, f := useUp(ctx, own, descriptors)
	if f != nil {
		return costing(survived(ctx, own, f), len(clients))
	}
	if share, f := own.Burnt(ctx, patience.Idle); f == nil && share.Load() == load.Spinning {
		b.Observe("with no descriptor left it took %.0f %% of a core", 100*share.Used)
	}
	for _, c := range clients {
		c.Close()
	}
	after, f := own.Descriptors(ctx, before, true)
	switch {
	case f != nil:
		return costing(survived(ctx, own, f), len(clients))
	case after > before+descriptors/2:
		return finding.NewNotShown("the server does not give back its descriptors: %d before, %d when its clients had left (LIFE-10)", before, after)
	}
	if f := ServedAgain(ctx, own); f != nil {
		return costing(survived(ctx, own, f).During("when its descriptors had been used up, and its clients had left: "), len(clients))
	}
	return costing(rests(ctx, own, "when its descriptors had been used up, and its clients had left"), len(clients))
}

// useUp lets b's own server have so many more descriptors than it has, and connects until they are used up and somebody waits. It
// returns the clients, who are still there. A server that takes fewer clients is not shown to need any more.
func useUp(ctx context.Context, b *bench.Bench, descriptors int) ([]*player.Client, *finding.Finding) {
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
		if taken, f := taken(ctx, b, c); f != nil || !taken {
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
			return clients, unseen(b, err)
		case free <= kept:
			return clients, finding.Ended(ctx)
		case ctx.Err() != nil || given.So(patience.Noticed):
			return clients, finding.NewNotShown("the server did not use up %d descriptors for %d clients", descriptors, len(clients))
		}
	}
}

// taken waits until the server has done something about a client that has connected: it has accepted it, or closed the connection, and
// true is returned; or it has no descriptor left for that. It is NotShown where the server has some, and does not take the client.
func taken(ctx context.Context, b *bench.Bench, c *player.Client) (bool, *finding.Finding) {
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
			return false, unseen(b, err)
		case free == 0 && given.So(patience.Noticed):
			return false, nil
		case free > 0 && given.So(b.Wait()):
			return false, finding.NewNotShown("the server takes fewer clients at once than it has descriptors for")
		}
	}
}

// unseen is what it comes to that the server's descriptors cannot be looked at: also a process of its own, which serves a client as another
// user, may be one that is not to be looked into.
func unseen(b *bench.Bench, err error) *finding.Finding {
	if errors.Is(err, fs.ErrPermission) && b.Alive() == nil {
		return finding.NewNotShown("the server's descriptors are not seen: %v", err)
	}
	return b.NotObserved(err)
}

// survived is what the case has found that had the server's descriptors used up; one that ends of that has shown it, whatever was seen of
// it first.
func survived(ctx context.Context, b *bench.Bench, f *finding.Finding) *finding.Finding {
	if f == nil || ctx.Err() != nil {
		return f
	}
	if end := b.Ended(ctx); end != nil {
		return finding.NewBroken("the server did not survive that its descriptors were used up: %v", end)
	}
	return f
}

// ServedAgain has a fresh client be served when others have left that had used up the server's descriptors: within [patience.Reopened],
// since a server may wait before it accepts again, or, where nobody listens any more, within [patience.Refusing].
func ServedAgain(ctx context.Context, b *bench.Bench) *finding.Finding {
	for left := time.Now(); ; player.Sleep(ctx, patience.LookAtRefusal) {
		f := b.Served(ctx)
		within := patience.Reopened
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
