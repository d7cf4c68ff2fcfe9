package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// flow is the family FLOW.
var flow = Family{ID: "FLOW", Name: "flow", Summary: "a slow reader loses nothing and holds up nobody", Requirements: []Requirement{
	{
		ID: "FLOW-1", Level: report.Must, Title: "loses nothing to a slow reader",
		Sentence:  "A server MUST lose nothing of an answer that its client reads slowly.",
		Rationale: "Phones, full disks and busy clients read slowly; the sending side's buffers fill, and its writes become partial.",
		Citation:  "RFC 9293, section 3.8.6 (flow control by the window)",
		Dialects:  "egls",
		Causes:    []string{"the count that send or write returns is not looked at", "a write that would block drops what it could not write", "a limit on the output buffer drops the rest"},
		Cases:     []Case{{ID: "slow-reader", Waits: true, Timeout: largeTimeout, Run: flowSlow}},
	},
	{
		ID: "FLOW-2", Level: report.Should, Title: "serves others meanwhile",
		Sentence:  "While one client reads slowly or not at all, a server SHOULD serve the others.",
		Rationale: "One stuck client must not be everybody's.",
		Citation:  "contract section 4, FLOW-2",
		Dialects:  "egls",
		Causes:    []string{"a blocking write in the accept loop, or in the one event loop", "a lock is held while an answer is written"},
		Cases:     []Case{{ID: "stuck-reader", Needs: Together | Alone, Run: flowOthers}},
	},
	{
		ID: "FLOW-3", Level: report.Must, Title: "carries both directions at once",
		Sentence:  "A server MUST carry both directions at once: it answers while the client is still sending.",
		Rationale: "A stream has two directions; a server that waits for the end of one before it uses the other fills every buffer on the way, and stops.",
		Citation:  "RFC 9293, section 2.2 (full duplex); RFC 862",
		Dialects:  "eg",
		Causes:    []string{"the whole input is collected before the answer begins", "reading stops until the answer has been taken, with more than the buffers hold on the way"},
		Cases:     []Case{{ID: "ping-pong", Run: flowPingPong}, {ID: "both-ways", Needs: Big, Timeout: largeTimeout, Run: flowBoth}},
	},
}}

func flowSlow(ctx context.Context, e *Env) error {
	s := e.model().Bulk(4<<20, e.Rand.Uint64())
	// Busy at first, and slow then: a time limit for a write, and one for the whole answer, are both reached.
	return e.Deliver(ctx, s, Delivery{Options: delivery.Options{ReceiveBuffer: 16 << 10}, Chunk: 64 << 10, Pause: 2 * time.Millisecond, Delay: 400 * time.Millisecond})
}

// flowOthers has one client ask for more than the buffers hold and not read, until
// the server stops reading too, or has read it all. Others get their answers beside it.
func flowOthers(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		stuck, err := e.stick(ctx, 75*time.Millisecond, func() error {
			for range 5 {
				if _, err := e.beside().try(ctx, e.Dialect.Plain(e.ID()), Delivery{}, wait); err != nil {
					return during(err, "while one client did not read its answer, another was not served: ")
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		stuck.Close()
		return nil
	})
}

// flowPingPong waits for the answer of each piece before it sends the next.
func flowPingPong(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		prefix := e.Dialect.Turns("", 1)[0]
		greeting := prefix.Answer[:len(prefix.Answer)-len(prefix.Request)]
		for _, size := range []int{1, 10, 1000, 4096, 65536, 100000, 3} {
			piece := []byte(pattern(size))
			t := dialect.Turn{Request: piece, Answer: append(append([]byte{}, greeting...), piece...)}
			greeting = nil
			if err := c.Turn(ctx, t, delivery.Whole(), wait); err != nil {
				return during(err, "with the client's side still open, ")
			}
		}
		return nil
	})
}

func flowBoth(ctx context.Context, e *Env) error {
	const size = 8 << 20
	if err := e.afford(ctx, size, e.bulk); err != nil {
		return err
	}
	s := e.model().Bulk(size, e.Rand.Uint64())
	if err := e.Deliver(ctx, s, Delivery{Plan: delivery.Random(e.Rand, len(s.Request), 20)}); err != nil {
		return during(err, fmt.Sprintf("with %d bytes on the way in both directions, ", len(s.Request)))
	}
	return nil
}
