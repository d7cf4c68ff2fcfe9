package suite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// send is the family SEND.
var send = Family{ID: "SEND", Name: "sending", Summary: "what was written leaves at send: complete, in order, once, and not before", Requirements: []Requirement{
	{
		ID: "SEND-1", Level: report.Must, Title: "nothing before SEND",
		Sentence:  "What was written MUST NOT leave before send.",
		Rationale: "A handler that can still change its mind (an error after half an answer) depends on it.",
		Citation:  "contract section 1, write_content: nothing is sent",
		Dialects:  "s",
		Causes:    []string{"write_content writes to the socket", "the buffer is flushed by a timer, or when the next line is read"},
		Cases:     []Case{{ID: "causal", Needs: Turns, Run: sendEarly}, {ID: "window", Needs: Turns, Waits: true, Run: sendTimer}},
	},
	{
		ID: "SEND-2", Level: report.Must, Title: "in order",
		Sentence:  "What was written MUST leave in the order in which it was written.",
		Rationale: "The order of bytes is all that a stream has.",
		Citation:  "contract section 1, send; RFC 9293, section 2.2",
		Dialects:  "s",
		Causes:    []string{"the pieces are kept in something without order, or taken from its end", "text and bytes have buffers of their own"},
		Cases:     []Case{{ID: "order", Run: sendOrder}},
	},
	{
		ID: "SEND-3", Level: report.Must, Title: "never twice",
		Sentence:  "What was sent MUST NOT be sent again.",
		Rationale: "A doubled answer puts every later one out of step.",
		Citation:  "contract section 1, send: once; then the buffer is empty",
		Dialects:  "s",
		Causes:    []string{"the buffer is not emptied after send", "send is called again when the handler ends"},
		Cases:     []Case{{ID: "once", Run: sendOnce}},
	},
	{
		ID: "SEND-4", Level: report.Must, Title: "an empty SEND sends nothing",
		Sentence:  "send with nothing written MUST send nothing, and do no harm.",
		Rationale: "Loops that send after each request send nothing now and then.",
		Citation:  "contract section 1, send",
		Dialects:  "s",
		Causes:    []string{"the last content is sent again", "an empty write is taken for an error or for the end"},
		Cases:     []Case{{ID: "empty", Run: sendEmpty}},
	},
	{
		ID: "SEND-5", Level: report.Must, Title: "8 MiB to a slow reader, complete",
		Sentence:  "send MUST send all of 8 MiB, however slowly the client reads.",
		Rationale: "A socket takes what its buffer holds; the rest is the sender's to send.",
		Citation:  "contract section 4, SEND-5; POSIX.1-2017, send (may take fewer bytes than it was given)",
		Dialects:  "s",
		Causes:    []string{"the count that send or write returns is not looked at: use sendall, or a loop", "a time limit for the whole answer", "a non-blocking socket's EAGAIN drops the rest"},
		Cases:     []Case{{ID: "slow-reader", Waits: true, Timeout: largeTimeout, Run: sendSlow}},
	},
	{
		ID: "SEND-6", Level: report.Must, Title: "10,000 small pieces",
		Sentence:  "10,000 small pieces MUST leave complete and in order, sent together or each by itself.",
		Rationale: "Small pieces find the limits of gathered writes (IOV_MAX) and the cost of appending.",
		Citation:  "contract section 4, SEND-6; POSIX.1-2017, writev (IOV_MAX)",
		Dialects:  "s",
		Causes:    []string{"writev with more pieces than IOV_MAX, or its partial result not continued", "the number of pieces is capped"},
		Cases:     []Case{{ID: "together", Run: sendPieces(10000, 10000)}, {ID: "each", Run: sendPieces(10000, 1)}},
	},
	{
		ID: "SEND-7", Level: report.May, Title: "unsent content at the end",
		Sentence:  "What was written and never sent MAY be sent when the session ends.",
		Rationale: "Many libraries flush on close; the contract drops it. The report says what the server does.",
		Citation:  "contract section 3, script: content never sent when the session ends is dropped",
		Dialects:  "s",
		Cases:     []Case{{ID: "unsent", Run: sendUnsent}},
	},
	{
		ID: "SEND-8", Level: report.Must, Title: "no SEND by itself",
		Sentence:  "The buffer MUST NOT be sent by itself, whatever its size.",
		Rationale: "A buffer that flushes when it is full makes 'nothing before send' true for small answers only.",
		Citation:  "contract section 1, write_content; section 4, SEND-8",
		Dialects:  "s",
		Causes:    []string{"a buffered writer of fixed size flushes when it is full (4096, 8192 or 65536 bytes)"},
		Cases:     []Case{{ID: "large", Needs: Turns, Timeout: largeTimeout, Run: sendThreshold}},
	},
}}

// early looks whether more than had bytes have come. What the client's own
// kernel counts decides; where it cannot tell, a window does.
func (c *Client) early(ctx context.Context, had int) bool {
	if n, _, ok := c.Arrived(); ok {
		return n > uint64(had)
	}
	a := c.Receive(ctx, delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: 100 * time.Millisecond})
	return a.Total > 0
}

// sendEarly writes two texts, each in a segment that the server has read, and
// looks whether anything came: the reading of the second shows that the first was
// handled. Then it sends, and compares. An answer before SEND is a fact.
func sendEarly(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		had := 0
		for n := range 20 {
			first, second := string(rune('a'+n)), string(rune('A'+n))
			for _, text := range []string{first, second} {
				if err := c.Send(ctx, new(dialect.Commands).Write(text).Request()); err != nil {
					return &missing{c.spent(broken("the server stopped reading at WRITE: %v", err))}
				}
				c.Cut(ctx)
				if c.early(ctx, had) {
					return c.tooEarly(ctx, "WRITE "+text+"\n", wait)
				}
			}
			t := dialect.Turn{Request: []byte("SEND\n"), Answer: []byte(first + second)}
			if err := c.Turn(ctx, t, delivery.Whole(), wait); err != nil {
				return err
			}
			had += len(t.Answer)
		}
		return nil
	})
}

// tooEarly is the evidence of content that left before SEND was sent to the server.
func (c *Client) tooEarly(ctx context.Context, request string, wait time.Duration) *Broken {
	t := &trial{session: dialect.Session{Request: []byte(request), Answers: [][]byte{{}}}, wait: wait}
	t.answer = c.Receive(ctx, delivery.Want{Any: t.session.Answers, ToEnd: true, Idle: wait}) // they are there already
	t.saw(c)
	return t.broken(fmt.Sprintf("%d bytes came before SEND was sent to the server", t.answer.Total))
}

// sendTimer writes, and looks for 150 ms: a flush by a timer has no other cause to wait for.
func sendTimer(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		request := "WRITE waiting\n"
		if err := c.Send(ctx, []byte(request)); err != nil {
			return &missing{c.spent(broken("the server stopped reading at WRITE: %v", err))}
		}
		c.Cut(ctx)
		a := c.Receive(ctx, delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: 150 * time.Millisecond})
		if a.Total > 0 {
			t := &trial{session: dialect.Session{Request: []byte(request), Answers: [][]byte{{}}}, answer: a}
			t.saw(c)
			return t.broken(fmt.Sprintf("%d bytes came within 150 ms of WRITE, and SEND was never sent to the server", a.Total))
		}
		return c.Turn(ctx, dialect.Turn{Request: []byte("SEND\n"), Answer: []byte("waiting")}, delivery.Whole(), wait)
	})
}

func sendOrder(ctx context.Context, e *Env) error {
	for _, c := range []*dialect.Commands{
		new(dialect.Commands).Write("a").Write("b"), new(dialect.Commands).Write("a").Bytes([]byte("b")), new(dialect.Commands).Bytes([]byte("a")).Write("b"),
	} {
		if err := e.Deliver(ctx, c.Send().End().Session("two writes"), Delivery{}); err != nil {
			return err
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
	return e.DeliverAll(ctx, s, delivery.Whole(), delivery.Random(e.Rand, len(s.Request), 30), delivery.EveryByte(len(s.Request)))
}

func sendOnce(ctx context.Context, e *Env) error {
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
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

func sendEmpty(ctx context.Context, e *Env) error {
	sessions := []dialect.Session{
		new(dialect.Commands).Send().End().Session("SEND alone"),
		new(dialect.Commands).Send().Write("x").Send().End().Session("SEND, then content"),
		new(dialect.Commands).Send().Send().Write("x").Send().End().Session("SEND twice, then content"),
		new(dialect.Commands).Write("x").Send().Send().Write("y").Send().Send().End().Session("SEND between contents"),
		new(dialect.Commands).AtEnd().End().Session("ATEND with nothing written"),
		new(dialect.Commands).Bytes(nil).Send().Write("z").Send().End().Session("empty content"),
	}
	for _, s := range sessions {
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

func sendSlow(ctx context.Context, e *Env) error {
	s := longAnswer(8<<20, (*dialect.Commands).End)
	return e.Deliver(ctx, s, Delivery{Options: delivery.Options{ReceiveBuffer: 32 << 10}, Chunk: 128 << 10, Pause: 2 * time.Millisecond})
}

// sendPieces writes n pieces of which each many are sent together.
func sendPieces(n, each int) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		var c dialect.Commands
		for i := range n {
			c.Write(fmt.Sprintf("%d.", i))
			if i%each == each-1 {
				c.Send()
			}
		}
		return e.Deliver(ctx, c.End().Session(fmt.Sprintf("%d pieces", n)), Delivery{})
	}
}

// sendUnsent says what becomes of content that was never sent.
func sendUnsent(ctx context.Context, e *Env) error {
	s := new(dialect.Commands).Write("sent").Send().Write("never sent").End().Session("content never sent")
	return lineObserve(ctx, e, s, "is dropped", "is sent")
}

// sendThreshold writes 2 MiB without SEND, and looks after each piece that the server has read.
func sendThreshold(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		var answer strings.Builder
		for size := 64; answer.Len() < 2<<20; size = min(2*size, 60000) {
			text := pattern(size)
			answer.WriteString(text)
			if err := c.Send(ctx, new(dialect.Commands).Write(text).Request()); err != nil {
				return &missing{c.spent(broken("the server stopped reading with %d bytes written and not sent: %v", answer.Len(), err))}
			}
			c.Cut(ctx)
			if c.early(ctx, 0) {
				b := c.tooEarly(ctx, "WRITE …\n", wait)
				b.Problem = fmt.Sprintf("with %d bytes written, %s", answer.Len(), b.Problem)
				return b
			}
		}
		return c.Turn(ctx, dialect.Turn{Request: []byte("SEND\n"), Answer: []byte(answer.String())}, delivery.Whole(), wait)
	})
}
