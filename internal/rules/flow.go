package rules

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// flow shows the family FLOW.
var flow = []Case{
	{Requirement: "FLOW-1", ID: "slow-reader", Takes: generates, Waits: true, Bytes: 8 << 20, Run: flowSlow},
	{Requirement: "FLOW-1", ID: "answers-unread", Takes: amasses, Waits: true, Bytes: 8 << 20, Run: flowUnread},
	{Requirement: "FLOW-2", ID: "stuck-reader", Takes: bursts, Needs: Together | Alone, Akin: akinUnread, Waits: true, Run: flowOthers},
	{Requirement: "FLOW-3", ID: "ping-pong", Takes: streams, Run: flowPingPong},
	{Requirement: "FLOW-3", ID: "both-ways", Takes: streamsLong, Needs: Big, Bytes: 16 << 20, Run: flowBoth},
	{Requirement: "FLOW-4", ID: "acknowledgements", Needs: Turns, Run: flowStall},
}

// readSlowly is how a slow client reads: busy at first, and slow then, so that a time limit for a write, and one for the whole
// answer, are both reached.
var readSlowly = player.Delivery{Options: delivery.Options{ReceiveBuffer: 16 << 10}, Chunk: 64 << 10, Pause: patience.SlowRead, Delay: patience.LateRead}

func flowSlow(ctx context.Context, b *bench.Bench) *finding.Finding {
	if b.Patience.Slow() {
		if f := b.AffordFlow(ctx, 4<<20, b.Bulk); f != nil {
			return f
		}
	}
	return b.Deliver(ctx, b.Dialect.(dialect.Generator).Bulk(4<<20, b.Rand.Uint64()), readSlowly)
}

// flowUnread has answers to messages of an exchange file wait unread: more of them than kernels take, where the server is quick enough;
// and each answer by itself that is long: what one message is answered with may be written otherwise than what others are. Where not even
// those of a sample are right that are read as they come, it is the sample's first: more may take too long to tell.
func flowUnread(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.OfTheMessages(ctx, unread(ctx, b))
}

func unread(ctx context.Context, b *bench.Bench) *finding.Finding {
	const long, most = 64 << 10, 4
	x := b.Dialect.(dialect.Amasser)
	session := func(size int) dialect.Session {
		s, _ := x.Amass(size, math.MaxInt)
		return s
	}
	all, messages := x.Amass(1<<20, math.MaxInt)
	if messages == 0 {
		return finding.NewNotShown("the answers are too short to fill a buffer: no message pipelines that can come often enough, and none has an answer of 64 KiB")
	}
	lengthy := x.Lengthy(long)
	for _, s := range lengthy[:min(len(lengthy), most)] {
		if f := b.DeliverAnyway(ctx, s, readSlowly); f != nil {
			return f
		}
	}
	var need time.Duration
	if b.Patience.Slow() {
		if need = b.PerTurn(ctx) * time.Duration(len(all.Exchanges)); need > b.Patience.Large() {
			return bench.TooSlow("1 MiB of answers", need)
		}
	}
	for _, size := range []int{4 << 20, 1 << 20} {
		if need = b.Expect(ctx, size, b.Patience.Large(), session); need > b.Patience.Large() {
			continue
		}
		if _, messages := x.Amass(bench.Sample, math.MaxInt); need == 0 && messages > 0 {
			if limited, f := leftUnread(ctx, b, bench.Sample); limited || f != nil {
				return f
			}
		}
		_, f := leftUnread(ctx, b, size)
		return f
	}
	return b.InPart(bench.TooSlow("1 MiB of answers", need), len(lengthy) > 0)
}

// leftUnread has about size bytes of answers wait unread. A server may close its connections behind fewer messages: it is judged by as many
// as it takes then, if these are enough, and limited is true.
func leftUnread(ctx context.Context, b *bench.Bench, size int) (limited bool, f *finding.Finding) {
	amass := b.Dialect.(dialect.Amasser).Amass
	s, messages := amass(size, math.MaxInt)
	f = b.OfTheWork(ctx, s, b.Deliver(ctx, s, readSlowly))
	most := b.ClosesBehind(ctx, messages, f)
	if most == 0 {
		return false, f
	}
	few, fewer := amass(size, most-1) // the client's leaving may be one more
	if fewer == 0 {
		return true, bench.LeftOut(most)
	}
	if f := b.Deliver(ctx, few, readSlowly); f != nil {
		return true, f
	}
	return true, b.InPart(bench.LeftOut(most), true)
}

// flowOthers has one client ask for more than the buffers hold and not read, until
// the server stops reading too, or has read it all. Others get their answers beside it.
func flowOthers(ctx context.Context, b *bench.Bench) *finding.Finding {
	if f := b.CannotBeStuck(); f != nil {
		return f
	}
	f := b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		stuck, f := b.StuckClient(ctx, patience.StuckBeside, func() *finding.Finding {
			return b.Repeat(5, func(int) *finding.Finding {
				_, f := b.Beside().Try(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, wait)
				return f.During("while one client did not read its answer, another was not served: ")
			})
		})
		if f != nil {
			return f
		}
		stuck.Close()
		return nil
	})
	if !f.Died() {
		return f
	}
	return b.OfTheBurst(ctx, bench.Endless, f)
}

// flowPingPong waits for the answer of each piece before it sends the next.
func flowPingPong(ctx context.Context, b *bench.Bench) *finding.Finding {
	var pieces [][]byte
	for _, size := range []int{1, 10, 1000, 4096, 65536, 100000, 3} {
		pieces = append(pieces, []byte(dialect.Numbered(size)))
	}
	turns := b.Dialect.(dialect.Streamer).Stream(pieces...)
	if len(turns) == 0 {
		return finding.NewNotShown("the dialect has no turns for bytes of any kind")
	}
	if f := b.LateShown(); f != nil {
		return f.During("with the client's side still open, ")
	}
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		for _, t := range turns {
			if f := c.Turn(ctx, t, delivery.Whole(), wait); f != nil {
				return f.During("with the client's side still open, ")
			}
		}
		return nil
	})
}

func flowBoth(ctx context.Context, b *bench.Bench) *finding.Finding {
	const size = 8 << 20
	if f := b.AffordFlow(ctx, size, b.Bulk); f != nil {
		return f
	}
	s := b.Dialect.(dialect.Generator).Bulk(size, b.Rand.Uint64())
	f := b.Deliver(ctx, s, player.Delivery{Segments: delivery.Random(b.Rand, len(s.Request), 20)})
	return f.During(fmt.Sprintf("with %d bytes on the way in both directions, ", len(s.Request)))
}
