package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// clos is the family CLOS.
var clos = Family{ID: "CLOS", Name: "closing", Summary: "what came before the end is answered, and the end is orderly", Requirements: []Requirement{
	{
		ID: "CLOS-1", Level: report.Must, Title: "answers what came before a half-close",
		Sentence:  "What a client sent before it half-closed MUST be answered, and then the connection closed.",
		Rationale: "printf … | nc, HTTP/1.0 and every pipeline end their side and wait for the answer; their FIN often travels with the last bytes.",
		Citation:  "RFC 9293, section 3.6 (a half-closed connection still carries data the other way); RFC 862",
		Dialects:  "eglsx",
		Causes:    []string{"the end of the stream is handled before the bytes that came with it", "a hang-up event (EPOLLRDHUP, 'end') closes the connection at once", "the process that makes the answer is killed when its input ends"},
		Cases:     []Case{{ID: "half-close", Dialects: "egls", Run: closHalf}, {ID: "half-close-long", Dialects: "egls", Run: closHalfLong}, {ID: "fin-later", Dialects: "x", Run: closMessages(delivery.HalfClose)}, {ID: "fin-with-data", Dialects: "x", Run: closMessages(delivery.HalfCloseWithData)}},
	},
	{
		ID: "CLOS-2", Level: report.Should, Title: "the last answer survives unread input",
		Sentence:  "A server that closes with input unread SHOULD close so that its last answer still arrives.",
		Rationale: "Closing a socket with unread input sends a reset, and the reset destroys what the client has not read yet: the error message is lost.",
		Citation:  "RFC 9293, section 3.6; RFC 1122, section 4.2.2.13 (a RST when data is lost); RFC 9112, section 9.6 (lingering close)",
		Dialects:  "s",
		Causes:    []string{"close is called with input unread: shut the sending side down first, read on for a bounded time, then close"},
		Cases:     []Case{{ID: "unread-input", Waits: true, Timeout: largeTimeout, Run: closUnread}},
	},
	{
		ID: "CLOS-3", Level: report.Must, Title: "closes promptly after end of stream",
		Sentence:  "After the end of the stream, and its answers, a server MUST close promptly.",
		Rationale: "Clients that read to the end wait for it, and half-open connections add up.",
		Citation:  "RFC 9293, section 3.6; contract section 3, echo",
		Dialects:  "egls",
		Causes:    []string{"a read of 0 bytes is not recognised as the end", "the connection waits for a time limit, or for the garbage collector", "another reference to the socket keeps it open"},
		Cases:     []Case{{ID: "prompt", Run: closPrompt}},
	},
	{
		ID: "CLOS-4", Level: report.Must, Title: "ends with FIN, not RST",
		Sentence:  "When all input was read, the connection MUST end with FIN, not with RST.",
		Rationale: "A reset tells the client that its data may be lost, and can destroy the end of the answer on the way.",
		Citation:  "RFC 9293, section 3.6 and 3.10.4 (CLOSE); RFC 1122, section 4.2.2.13",
		Dialects:  "egls",
		Causes:    []string{"SO_LINGER with a time of 0", "abort or destroy instead of close", "the end of the stream was not read before close"},
		Cases:     []Case{{ID: "fin", Run: closFIN}},
	},
}}

// closHalf delivers sessions that end by a half-close: FIN with the last bytes, and FIN by itself.
func closHalf(ctx context.Context, e *Env) error {
	for n := range 20 {
		s := halfClosed(e, n)
		for _, end := range []delivery.End{delivery.HalfCloseWithData, delivery.HalfClose} {
			plan := delivery.Whole()
			if n%3 == 2 {
				plan = delivery.CutAt(len(s.Request) - 1)
			}
			if err := e.Deliver(ctx, s, Delivery{Plan: plan.WithEnd(end), Close: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// closMessages half-closes behind every message. A FIN that comes with its last bytes and one that follows by itself are two
// results, and both are said. What the server says when the client's side ends may come behind the answer.
func closMessages(end delivery.End) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		how := "FIN later"
		if end == delivery.HalfCloseWithData {
			how = "FIN with the data"
		}
		for _, s := range e.Dialect.Cuttable() {
			s = e.exchange().HalfClosed(s)
			for range 3 {
				err := e.Deliver(ctx, s, Delivery{Plan: delivery.Whole().WithEnd(end), Close: true})
				if err != nil {
					e.Observe("%s: %v", how, err)
					return during(err, how+": ")
				}
			}
		}
		e.Observe("%s: answered and closed", how)
		return nil
	}
}

// halfClosed is a short session that the client's half-close ends.
func halfClosed(e *Env, n int) dialect.Session {
	if n%2 == 0 {
		return e.Dialect.Ending(e.ID())
	}
	return e.Dialect.Joined(e.Dialect.Turns(e.ID(), 1+n%4))
}

func closHalfLong(ctx context.Context, e *Env) error {
	for _, end := range []delivery.End{delivery.HalfCloseWithData, delivery.HalfClose} {
		s := e.model().Bulk(300<<10, e.Rand.Uint64())
		if err := e.Deliver(ctx, s, Delivery{Plan: delivery.Whole().WithEnd(end), Close: true}); err != nil {
			return err
		}
	}
	return nil
}

// closUnread has the server close behind a long answer with input unread, and
// reads only when it has: a reset would destroy what its kernel still holds.
func closUnread(ctx context.Context, e *Env) error {
	s := longAnswer(1<<20, (*dialect.Commands).Close)
	unread := make([]byte, 64<<10)
	for i := range unread {
		unread[i] = 'u'
	}
	s.Request = append(s.Request, unread...)
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{ReceiveBuffer: 16 << 10})
		if err != nil {
			return err
		}
		defer c.Close()
		t := &trial{session: s, plan: delivery.Whole(), wait: wait}
		t.playErr = c.Send(ctx, s.Request)
		// Slowly at first: a server that resets does so now, with most of its answer still in its kernel.
		t.answer = c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: wait, Chunk: 32 << 10, Pause: 3 * time.Millisecond})
		t.saw(c)
		if err := t.judge(ctx, e); err != nil {
			return during(err, "the server closed with input unread, and its last answer did not survive: ")
		}
		if t.answer.Ending == delivery.RST {
			return t.broken("the server closed with input unread, and reset the connection behind its last answer: on a slower path the answer would be lost")
		}
		return nil
	})
}

// closPrompt half-closes behind a request, in the middle of one, and with nothing sent.
func closPrompt(ctx context.Context, e *Env) error {
	plain := e.Dialect.Plain(e.ID()).Request
	var slowest time.Duration
	for _, request := range [][]byte{e.Dialect.Turns(e.ID(), 1)[0].Request, plain[:len(plain)/2], {}} {
		p := e.model().Predict(request)
		s := dialect.Session{Name: "an ended stream", Request: request, Answers: p.Answers, End: p.End}
		for range 3 {
			began := time.Now()
			if err := e.Deliver(ctx, s, Delivery{Close: true}); err != nil {
				return err
			}
			slowest = max(slowest, time.Since(began))
		}
	}
	if slowest > 200*time.Millisecond {
		e.Observe("within %s", slowest.Round(time.Millisecond))
	}
	return nil
}

func closFIN(ctx context.Context, e *Env) error {
	for n := range 20 {
		s := halfClosed(e, n)
		if n%5 == 4 {
			s = e.Dialect.Plain(e.ID())
		}
		err := e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
			a, err := e.try(ctx, s, Delivery{Close: true}, wait)
			if err == nil && a.Ending == delivery.RST {
				t := &trial{session: s, plan: delivery.Whole(), answer: a}
				b := t.broken(fmt.Sprintf("the answer's %d bytes are right, but the connection ended with a reset (RST)", a.Total))
				b.Failure.FirstDifference = -1
				return b
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
