package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// Endless is how many bytes are sent to see whether a server bounds what it takes.
const Endless = 64 << 20

// CannotBeStuck says why no client can be stuck, or nil.
func (b *Bench) CannotBeStuck() *finding.Finding {
	if burst, _ := b.Burst(b.Seed); burst == nil {
		return finding.NewNotShown("no message of the dialect pipelines: a client that does not read cannot ask for more than the buffers hold")
	}
	return nil
}

// StuckClient makes a client that has asked for more than the buffers hold and does not read: it sends until the server is stuck
// with its answers, keeps them to itself for some seconds, or has taken all of [Endless], of requests or of answers. Then it does what is
// to be done beside such a client, if anything; where that shows nothing, since the server was slow, and not stuck, it sends on, and it is
// NotShown where that takes too long.
func (b *Bench) StuckClient(ctx context.Context, stall time.Duration, beside func() *finding.Finding) (*player.Client, *finding.Finding) {
	c, f := b.Enter(ctx, delivery.Options{ReceiveBuffer: 8 << 10, Stall: stall}, b.Wait())
	if f != nil {
		return nil, f
	}
	if beside == nil {
		beside = func() *finding.Finding { return nil }
	}
	shown := false
	s := stuck{client: c}
	begin := time.Now()
	b.requests(Endless, func(part []byte) bool {
		for {
			sendErr := c.Send(ctx, part)
			stalled := errors.Is(sendErr, delivery.ErrStalled)
			switch {
			case sendErr != nil && !stalled:
				return false
			case !stalled && time.Since(begin) < patience.Kept:
				return true
			}
			if sent := (*delivery.PlayError)(nil); errors.As(sendErr, &sent) {
				part = part[sent.Sent:]
			}
			if !s.moves() {
				f = beside()
				if shown = f != nil || !s.moves(); shown {
					return false
				}
			}
			if b.Patience.Slow() && time.Since(begin) > patience.Filling {
				f, shown = TooSlow("to fill the buffers of a client that does not read", patience.Filling), true
				return false
			}
			if !stalled {
				return true
			}
		}
	})
	if !shown && ctx.Err() == nil { // the server has taken all, perhaps into its kernel, or has ended the connection
		for asked := time.Now(); s.moves() && time.Since(asked) < patience.Kept && ctx.Err() == nil && c.PeerClosed() == delivery.StillOpen; {
			player.Sleep(ctx, stall)
		}
		f = beside()
	}
	if f == nil {
		f = finding.Ended(ctx)
	}
	if f != nil {
		c.Close()
		return nil, f
	}
	return c, nil
}

// StuckClients makes so many stuck clients beside one another. Where there is a finding, none is left.
func (b *Bench) StuckClients(ctx context.Context, n int, stall time.Duration) ([]*player.Client, *finding.Finding) {
	clients, found := make([]*player.Client, n), make([]*finding.Finding, n)
	var beside sync.WaitGroup
	for i := range n {
		beside.Go(func() { clients[i], found[i] = b.StuckClient(ctx, stall, nil) })
	}
	beside.Wait()
	f := finding.Worst(found)
	if f == nil {
		return clients, nil
	}
	for _, c := range clients {
		if c != nil {
			c.Close()
		}
	}
	return nil, f
}

// OfTheBurst looks into the end of a server beside or behind a client that had sent so many bytes of requests and took no answer: a server
// that ends of as many whose answers are taken ends of them, and not of such a client. The first of these come byte by byte, since it is
// chance at which of its bytes a long burst is divided. It returns NotShown then, else f.
func (b *Bench) OfTheBurst(ctx context.Context, sent int64, f *finding.Finding) *finding.Finding {
	if !f.Failed() || sent == 0 {
		return f
	}
	again, ok := b.anew(ctx)
	if !ok {
		return f
	}
	one := 64                                                                   // of which each comes by itself
	again.pour(ctx, int(sent), func(c *player.Client, send func([]byte) bool) { // whether it serves on is what counts
		again.requests(int(sent), func(part []byte) bool {
			for ; one > 0 && len(part) > 0; one, part = one-1, part[1:] {
				if !send(part[:1]) {
					return false
				}
				c.Cut(ctx)
			}
			return len(part) == 0 || send(part)
		})
	})
	if own := again.Process() != nil; own && again.Ended(ctx) == nil || !own && again.Serves(ctx) {
		return f
	}
	how := "the server ended"
	if end := again.Alive(); end != nil {
		_, how = player.EndedBy(end)
	}
	return finding.NewNotShown("%s, of as many requests whose answers were taken as they came", how)
}

// anew is a bench for a server in the place of b's, which has ended; false where it has not, or none can be had.
func (b *Bench) anew(ctx context.Context) (*Bench, bool) {
	if b.Process() == nil {
		return b, b.StartAgain(ctx)
	}
	if b.Ended(ctx) == nil {
		return nil, false
	}
	own, f := b.Instance(ctx)
	return own, f == nil
}

// OfTheMessages looks into what is wrong with the answers to many messages that were sent at once: they are divided anywhere, by chance, and a
// server that answers none of them rightly which comes byte by byte breaks by that. It returns NotShown then, else f.
func (b *Bench) OfTheMessages(ctx context.Context, f *finding.Finding) *finding.Finding {
	const some = 3
	if !f.Fact() {
		return f
	}
	again := b
	if f.Died() {
		var ok bool
		if again, ok = b.anew(ctx); !ok {
			return f
		}
	}
	sessions := b.Dialect.Cuttable()
	for _, s := range sessions[:min(len(sessions), some)] {
		if cut := again.DeliverAnyway(ctx, s, player.Delivery{Segments: delivery.EveryByte(len(s.Request))}); cut.Fact() {
			return finding.NewNotShown("a message that comes byte by byte is not answered rightly (FRAM-3), and many at once are divided anywhere: %s", cut.Problem)
		}
	}
	return f
}

// largestAsked is how many bytes of answers are asked for at once: what a client does not take is in the memory of a server that reads
// ahead.
const largestAsked = 4 << 20

// requests has about n bytes of requests sent, up to the first that send cannot send: fewer where they have more than as many bytes of
// answers, or [Endless], and in smaller parts where their answers are long.
func (b *Bench) requests(n int, send func([]byte) bool) {
	burst, answers := b.Burst(b.Seed)
	part := len(burst)
	if answers > largestAsked {
		part = max(part*largestAsked/answers, 1)
	}
	for left := b.asked(n, len(burst), answers); left > 0 && len(burst) > 0; {
		for rest := burst; len(rest) > 0 && left > 0; {
			some := rest[:min(part, len(rest))]
			if !send(some) {
				return
			}
			rest, left = rest[len(some):], left-len(some)
		}
	}
}

// asked is how many of n bytes of requests are sent, where so many have so many bytes of answers.
func (b *Bench) asked(n, requests, answers int) int {
	most := max(n, Endless) / 4 * 5
	if answers == 0 || n <= most/answers*requests {
		return n
	}
	return max(most*requests/answers, 1)
}

// pouring is how many of n bytes of requests [Bench.requests] has sent.
func (b *Bench) pouring(n int) int {
	burst, answers := b.Burst(b.Seed)
	return b.asked(n, len(burst), answers)
}

// stuck watches whether a server is stuck with its answers to a client that does not read.
type stuck struct {
	client     *player.Client
	seen       bool  // it was looked at before
	read, held int64 // bytes that the server had read, and answers that its kernel held, at the last look
	kept       int   // how many looks in a row it read and its kernel held no more: it keeps its answers, and never waits
}

// moves says whether the server has gone on since the last look. One that is only slow reads on from its own kernel's buffer
// while that has no room for more, and its answers fill the other buffer: less than a sixteenth of what it reads fills none.
func (s *stuck) moves() bool {
	read, _ := s.client.Taken()
	held, sees := s.client.Held()
	reads, answers := read > s.read, !sees || (held-s.held)*16 > read-s.read
	if s.kept++; !reads || answers {
		s.kept = 0
	}
	first := !s.seen
	s.seen, s.read, s.held = true, read, held
	return first || reads && s.kept < 3
}
