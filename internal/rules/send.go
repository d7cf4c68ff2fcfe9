package rules

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// send shows the family SEND.
var send = []Case{
	{Requirement: "SEND-1", ID: "causal", Takes: scripts, Needs: Turns, Run: sendEarly},
	{Requirement: "SEND-1", ID: "window", Takes: scripts, Needs: Turns, Waits: true, Run: sendTimer},
	{Requirement: "SEND-2", ID: "order", Takes: scripts, Run: sendOrder},
	{Requirement: "SEND-3", ID: "once", Takes: scripts, Run: sendOnce},
	{Requirement: "SEND-4", ID: "empty", Takes: scripts, Run: sendEmpty},
	{Requirement: "SEND-5", ID: "slow-reader", Takes: scripts, Waits: true, Bytes: 16 << 20, Run: sendSlow},
	{Requirement: "SEND-6", ID: "together", Takes: scripts, Run: sendPieces(10000, 10000)},
	{Requirement: "SEND-6", ID: "each", Takes: scripts, Run: sendPieces(10000, 1)},
	{Requirement: "SEND-7", ID: "unsent", Takes: scripts, Run: sendUnsent},
	{Requirement: "SEND-8", ID: "large", Takes: scripts, Needs: Turns, Bytes: 4 << 20, Run: sendThreshold},
	{Requirement: "SEND-8", ID: "many", Takes: scripts, Needs: Turns, Run: sendMany},
}

// early looks whether more than had bytes have come. What the client's own
// kernel counts decides; where it cannot tell, a window does.
func early(ctx context.Context, c *player.Client, had int) bool {
	if n, _, ok := c.Arrived(); ok {
		return n > uint64(had)
	}
	a := c.Receive(ctx, delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: patience.Early})
	return a.Total > 0
}

// sendEarly writes two texts, each in a segment that the server has read, and
// looks whether anything came: the reading of the second shows that the first was
// handled. Then it sends, and compares. An answer before SEND is a fact.
func sendEarly(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		had := 0
		for n := range 20 {
			if b.LeavesOut() {
				continue
			}
			first, second := string(rune('a'+n)), string(rune('A'+n))
			for _, text := range []string{first, second} {
				if err := c.Send(ctx, new(dialect.Commands).Write(text).Request()); err != nil {
					return c.Halted("the server stopped reading at WRITE: %v", err)
				}
				c.Cut(ctx)
				if early(ctx, c, had) {
					return tooEarly(ctx, c, "WRITE "+text+"\n", wait)
				}
			}
			t := dialect.Turn{Request: []byte("SEND\n"), Answer: []byte(first + second)}
			if f := c.Turn(ctx, t, delivery.Whole(), wait); f != nil {
				return f
			}
			had += len(t.Answer)
		}
		return nil
	})
}

// tooEarly is the evidence of content that left before SEND was sent to the server.
func tooEarly(ctx context.Context, c *player.Client, request string, wait time.Duration) *finding.Finding {
	t := c.Trial(dialect.Session{Request: []byte(request), Answers: [][]byte{{}}}, delivery.Whole(), wait)
	t.Took(c.Receive(ctx, delivery.Want{Any: t.Session.Answers, ToEnd: true, Idle: wait}), nil) // they are there already
	return t.Broken(fmt.Sprintf("%d bytes came before SEND was sent to the server", t.Answer.Total))
}

// sendTimer writes, and looks for a while: a flush by a timer has no other cause to wait for.
func sendTimer(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		request := "WRITE waiting\n"
		if err := c.Send(ctx, []byte(request)); err != nil {
			return c.Halted("the server stopped reading at WRITE: %v", err)
		}
		c.Cut(ctx)
		a := c.Receive(ctx, delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: patience.Timer})
		if a.Total > 0 {
			t := c.Trial(dialect.Session{Request: []byte(request), Answers: [][]byte{{}}}, delivery.Whole(), 0).Took(a, nil)
			return t.Broken(fmt.Sprintf("%d bytes came within 150 ms of WRITE, and SEND was never sent to the server", a.Total))
		}
		return c.Turn(ctx, dialect.Turn{Request: []byte("SEND\n"), Answer: []byte("waiting")}, delivery.Whole(), wait)
	})
}

func sendOrder(ctx context.Context, b *bench.Bench) *finding.Finding {
	for _, c := range []*dialect.Commands{
		new(dialect.Commands).Write("a").Write("b"), new(dialect.Commands).Write("a").Bytes([]byte("b")), new(dialect.Commands).Bytes([]byte("a")).Write("b"),
	} {
		if f := b.Deliver(ctx, c.Send().End().Session("two writes"), player.Delivery{}); f != nil {
			return f
		}
	}
	var c dialect.Commands
	for n := range 60 {
		switch n % 4 {
		case 0:
			c.Write(fmt.Sprintf("w%d.", n))
		case 1:
			c.Bytes([]byte{byte(n), 0xff, '\n'})
		case 2:
			c.Read(fmt.Sprintf("r%d", n))
		case 3:
			c.ReadLine(fmt.Sprintf("l%d\r\n", n))
		}
		if n%13 == 12 {
			c.Send()
		}
	}
	s := c.Send().End().Session("writes of every kind")
	return b.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(b.Rand, len(s.Request), 30), delivery.EveryByte(len(s.Request)))
}

func sendOnce(ctx context.Context, b *bench.Bench) *finding.Finding {
	sessions := []dialect.Session{
		new(dialect.Commands).Write("a").Send().Send().End().Session("SEND twice"),
		new(dialect.Commands).Write("a").Send().Send().Send().End().Session("SEND three times"),
		new(dialect.Commands).Write("a").Send().Write("b").Send().Write("c").Send().End().Session("three sends"),
		new(dialect.Commands).AtEnd().Write("a").Send().End().Session("SEND, then the session's end with ATEND"),
		new(dialect.Commands).AtEnd().Write("a").Send().Session("SEND, then end of stream with ATEND"),
		new(dialect.Commands).AtEnd().AtEnd().Write("a").End().Session("ATEND twice"),
		new(dialect.Commands).Write("a").Send().Close().Session("SEND, then CLOSE"),
		new(dialect.Commands).Read("a").Send().ReadLine("b\n").Send().End().Session("reads"),
	}
	for _, s := range sessions {
		if f := b.Deliver(ctx, s, player.Delivery{}); f != nil {
			return f
		}
	}
	return nil
}

func sendEmpty(ctx context.Context, b *bench.Bench) *finding.Finding {
	sessions := []dialect.Session{
		new(dialect.Commands).Send().End().Session("SEND alone"),
		new(dialect.Commands).Send().Write("x").Send().End().Session("SEND, then content"),
		new(dialect.Commands).Send().Send().Write("x").Send().End().Session("SEND twice, then content"),
		new(dialect.Commands).Write("x").Send().Send().Write("y").Send().Send().End().Session("SEND between contents"),
		new(dialect.Commands).AtEnd().End().Session("ATEND with nothing written"),
		new(dialect.Commands).Bytes(nil).Send().Write("z").Send().End().Session("empty content"),
	}
	for _, s := range sessions {
		if f := b.Deliver(ctx, s, player.Delivery{}); f != nil {
			return f
		}
	}
	return nil
}

func sendSlow(ctx context.Context, b *bench.Bench) *finding.Finding {
	s := new(dialect.Commands).WriteLong(8 << 20).Send().End().Session("a long answer")
	return b.Deliver(ctx, s, player.Delivery{Options: delivery.Options{ReceiveBuffer: 32 << 10}, Chunk: 128 << 10, Pause: patience.SlowRead})
}

// sendPieces writes n pieces of which each many are sent together.
func sendPieces(n, each int) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		if sends := n / each; sends > 1 && b.Patience.Slow() {
			if need := time.Duration(sends) * perSend(ctx, b); need > b.Patience.Large() {
				return bench.TooSlow(fmt.Sprintf("%d sends on one connection", sends), need)
			}
		}
		return b.Deliver(ctx, pieces(n, each), player.Delivery{})
	}
}

// pieces is a session of n pieces of which each many are sent together.
func pieces(n, each int) dialect.Session {
	var c dialect.Commands
	for i := range n {
		c.Write(fmt.Sprintf("%d.", i))
		if i%each == each-1 {
			c.Send()
		}
	}
	return c.End().Session(fmt.Sprintf("%d pieces", n))
}

// perSend is how long each of several sends takes beyond the first, as far as they are answered rightly: a server that is far takes no
// longer for many than for one.
func perSend(ctx context.Context, b *bench.Bench) time.Duration {
	const few, more = 1, 5
	var took [2]time.Duration
	for i, n := range []int{few, more} {
		began := time.Now()
		if _, f := b.Try(ctx, pieces(n, 1), player.Delivery{}, b.Wait()); f != nil {
			return 0
		}
		took[i] = time.Since(began)
	}
	return max((took[1]-took[0])/(more-few), 0)
}

// sendUnsent says what becomes of content that was never sent.
func sendUnsent(ctx context.Context, b *bench.Bench) *finding.Finding {
	s := new(dialect.Commands).Write("sent").Send().Write("never sent").End().Session("content never sent")
	return observe(ctx, b, s, "is dropped", "is sent")
}

// sendThreshold writes 2 MiB without SEND, and looks after each piece that the server has read.
func sendThreshold(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		var answer strings.Builder
		for size := 64; answer.Len() < 2<<20; size = min(2*size, 60000) {
			text := dialect.Numbered(size)
			answer.WriteString(text)
			if err := c.Send(ctx, new(dialect.Commands).Write(text).Request()); err != nil {
				return c.Halted("the server stopped reading with %d bytes written and not sent: %v", answer.Len(), err)
			}
			c.Cut(ctx)
			if early(ctx, c, 0) {
				return tooEarly(ctx, c, "WRITE …\n", wait).During(fmt.Sprintf("with %d bytes written, ", answer.Len()))
			}
		}
		return c.Turn(ctx, dialect.Turn{Request: []byte("SEND\n"), Answer: []byte(answer.String())}, delivery.Whole(), wait)
	})
}

// sendMany writes pieces of a byte each without SEND, twice as many each time, and looks when the server has read the first piece
// behind them: then it has handled them all.
func sendMany(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		c, f := b.Dial(ctx, delivery.Options{})
		if f != nil {
			return f
		}
		defer c.Close()
		piece := new(dialect.Commands).Write("w").Request()
		written := 0
		for _, next := range []int{1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 1} {
			if err := c.Send(ctx, bytes.Repeat(piece, next)); err != nil {
				return c.Halted("the server stopped reading with %d pieces written and not sent: %v", written, err)
			}
			c.Cut(ctx)
			if early(ctx, c, 0) {
				return tooEarly(ctx, c, "WRITE w\n", wait).During(fmt.Sprintf("with %d pieces written, ", written+next))
			}
			written += next
		}
		return c.Turn(ctx, dialect.Turn{Request: []byte("SEND\n"), Answer: bytes.Repeat([]byte("w"), written)}, delivery.Whole(), wait)
	})
}
