// Package acks finds out what the answers of a server wait for: nothing, or the acknowledgements of the client's kernel.
package acks

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// A Turned is how an answer came.
type Turned struct {
	Took time.Duration
	// Held is how many bytes of it waited in the server's kernel until the client's had acknowledged what had come before them, as was
	// seen of both kernels; 0 where that was not seen.
	Held uint32
	// Unacknowledged says that the client's kernel gave no acknowledgement before it was whole: no part of it can have waited for one.
	Unacknowledged bool
	// Free says that no part of it has waited so for as long as kernels put an acknowledgement off: it is Unacknowledged, or the server's
	// kernel was looked at more often than that, and held nothing back. A busy machine may keep a server from running between two writes
	// for so long, the later of which waits for nothing then.
	Free bool
}

// Turns sends some requests on one connection, each when the one before was answered, and returns how the answers came; that to the
// first request, on a connection that is new to the kernels, is left out. An answer that is seen to wait for an acknowledgement is
// waited for no longer: it is given at once.
func Turns(ctx context.Context, b *bench.Bench, acks delivery.Acks) (turned []Turned, f *finding.Finding) {
	const turns = 8
	all, f := b.Turns(1 + turns)
	if f != nil {
		return nil, f
	}
	c, f := b.Enter(ctx, delivery.Options{Acks: acks}, b.Wait())
	if f != nil {
		return nil, f
	}
	defer c.Close()
	for i, t := range all {
		watch := watchAcks(ctx, c.Conn)
		began := time.Now()
		f := c.Turn(ctx, t, delivery.Whole(), b.Wait())
		one := Turned{Took: time.Since(began)}
		one.Held, one.Unacknowledged, one.Free = watch()
		if f != nil {
			if f.Fact() {
				f = finding.NewNotShown("requests one after another on a connection are not answered rightly: %s", f.Problem)
			}
			return nil, f
		}
		if i > 0 {
			turned = append(turned, one)
		}
	}
	return turned, nil
}

// Took is how long the answers took, the quickest first.
func Took(turned []Turned) (times []time.Duration) {
	for _, t := range turned {
		times = append(times, t.Took)
	}
	slices.Sort(times)
	return times
}

// HeldBack are the answers that were seen to wait for an acknowledgement, where those are most of them.
func HeldBack(turned []Turned) (all []Turned) {
	for _, t := range turned {
		if t.Held > 0 {
			all = append(all, t)
		}
	}
	if len(all) <= len(turned)/2 {
		return nil
	}
	return all
}

// Free says that answers wait for no acknowledgement: two came whole before there was any, or most were seen to wait for none, or came too
// soon for that, and no other was seen to. Of a server that writes an answer in two parts, a few may come so by chance: a kernel acknowledges
// at once now and then, and a busy machine keeps a server from running between its writes.
func Free(turned []Turned) bool {
	whole, seem, held := 0, 0, 0
	for _, t := range turned {
		switch {
		case t.Held > 0:
			held++
		case t.Unacknowledged:
			whole++
		case t.Free || t.Took < patience.Acknowledged:
			seem++
		}
	}
	return whole > 1 || held == 0 && whole+seem > len(turned)/2
}

// watchAcks looks at both ends of a connection while a request is answered. What it returns is called when the answer is there, and says
// how many bytes of that waited for an acknowledgement, and whether it is known that none did (see [Turned]).
func watchAcks(ctx context.Context, c *delivery.Conn) (over func() (held uint32, unacknowledged, free bool)) {
	first, ok := c.Flow()
	if !ok {
		return func() (uint32, bool, bool) { return 0, false, false }
	}
	watching, stop := context.WithCancel(ctx)
	w := watch{free: time.Now()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ; watching.Err() == nil && w.held == 0; player.Sleep(watching, patience.LookAtQueue) {
			began := time.Now()
			now, ok := c.Flow()
			if w.look(began, now, ok) && releases(watching, c, now) {
				w.held = now.Waiting
			}
		}
	}()
	return func() (uint32, bool, bool) {
		last, ok := c.Flow()
		stop()
		<-done
		w.unseen()
		none := w.held == 0 && ok && last.Acks == first.Acks
		return w.held, none, none || w.held == 0 && ok && !w.blind
	}
}

// A watch is what was seen of a connection while a request is answered.
type watch struct {
	held   uint32        // bytes that waited for an acknowledgement
	before delivery.Flow // of the look before
	free   time.Time     // when nothing was held back, the last time that this was seen
	blind  bool          // something may have been held back for as long as kernels put an acknowledgement off
}

// look takes in a look that began then, and says whether bytes are held back that are not on their way: the look before was the same.
func (w *watch) look(began time.Time, now delivery.Flow, ok bool) (held bool) {
	held = ok && now.Held() && now == w.before
	if ok && now.Sees && !now.Held() {
		w.unseen()
		w.free = began
	}
	w.before = now
	return held
}

// unseen notes for how long nothing was seen.
func (w *watch) unseen() { w.blind = w.blind || time.Since(w.free) >= patience.Acknowledged }

// releases says whether what is held back at the server's end comes by the client's acknowledgement. Where it stays when that has come, it
// waits for something else, as for the server's own word that nothing follows.
func releases(ctx context.Context, c *delivery.Conn, held delivery.Flow) bool {
	for ; ctx.Err() == nil; player.Sleep(ctx, patience.LookAtQueue) {
		c.Acknowledge()
		switch now, ok := c.Flow(); {
		case !ok || !now.Sees:
			return false
		case now.Sent > held.Sent:
			return now.Sent >= held.Sent+uint64(held.Waiting)
		case now.Acknowledged():
			if again, ok := c.Flow(); ok && again.Acknowledged() && again.Sent == held.Sent {
				return false
			}
		}
	}
	return false
}
