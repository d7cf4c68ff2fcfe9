package service

import (
	"bytes"
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Question is a message, and what is sent behind it.
type Question struct {
	http1.Message
	// Plain is what the first of its requests gets where all is well.
	Plain *http1.Known
	// Alone says that nothing is sent behind it.
	Alone bool
	// Parts are the two readings of a message that hides a request; the zero value where they have no names.
	Parts Parts
}

// Parts are two readings of a message, in words such as "by its chunks": one ends it before the request that it hides, the other behind all of
// it.
type Parts struct{ Before, Behind string }

// A Seen is what came of a question.
type Seen struct {
	http1.Outcome
	Reading Reading
	Class   http1.Class // of the first answer
	// Finished says that the client had to end its stream before the server went on.
	Finished bool
	// Again says that it was asked again, and waited for.
	Again bool
	Trial *player.Trial

	message []byte
	hidden  int // where the hidden request begins in the message; -1 where there is none
	parts   Parts
	missing int // the status of what does not exist, as the hidden request asks for
}

// mostKept is up to how many bytes are kept of what a server answers on one connection, heads and all.
const mostKept = 4 << 20

// Ask sends a question on a connection of its own, and reads what comes of it. How cuts the message and what follows it, as one. Where the
// server says nothing for as long as its answers take by far, the client ends its stream: what waits for more goes on then. wait bounds
// each silence.
func (s *Service) Ask(ctx context.Context, p *player.Player, q Question, how delivery.Segments, wait time.Duration) (*Seen, *finding.Finding) {
	c, f := p.Dial(ctx, delivery.Options{})
	if f != nil {
		return nil, f
	}
	defer c.Close()
	request := q.Bytes
	follows := !q.Alone && !q.Ends
	var next *http1.Known
	together := follows && s.Pipelines
	follow := s.FollowUp("f").Bytes
	if together {
		request = append(bytes.Clone(request), follow...)
	}
	if follows {
		next = &s.Next
	}
	r := &http1.Reader{Asked: q.Asked, Limit: mostKept}
	h := &hearing{reader: r, finals: max(1, len(q.Asked)), ends: q.Ends}
	if together {
		h.next = next
	}
	trial := c.Trial(dialect.Session{Name: q.Name, Request: request}, how, wait)
	grace := s.grace(p, wait)
	if q.Ends {
		grace = s.ending(p, wait)
	}
	answer, played := c.Exchange(ctx, request, how, h.want(grace))
	if follows && !together && played == nil && answer.Ending == delivery.StillOpen && h.done() {
		h.next = next
		if played = c.Send(ctx, follow); played == nil {
			answer = joined(answer, c.Receive(ctx, h.want(grace)))
		}
	}
	seen := &Seen{Again: wait > p.Patience.Answer, Trial: trial, message: q.Bytes, hidden: bytes.Index(q.Bytes, []byte("GET "+s.Hidden)), parts: q.Parts, missing: s.Control.Missing.Status}
	if answer.TimedOut && how.End == delivery.Open && ctx.Err() == nil {
		seen.Finished = c.PeerClosed() == delivery.StillOpen && c.HalfClose() == nil
		answer = joined(answer, c.Receive(ctx, h.want(wait)))
	}
	if answer.Ending != delivery.StillOpen {
		r.End()
	}
	if trial.Took(answer, played); seen.Finished && q.Ends {
		trial.Outlasted()
	}
	if ctx.Err() != nil {
		return nil, finding.Ended(ctx)
	}
	seen.Outcome = r.Outcome(next)
	seen.Closed, seen.Reset = answer.Ending != delivery.StillOpen, answer.Ending == delivery.RST
	seen.read(s, q, r)
	return seen, nil
}

// grace is how long the server may be silent until the client ends its stream. What is asked for again is waited for, and less so where the
// server was silent again each time.
func (s *Service) grace(p *player.Player, wait time.Duration) time.Duration {
	quick := max(patience.Short(p.Patience.Exchange), 3*p.Patience.Exchange)
	switch again := wait > p.Patience.Answer; {
	case !again:
		return min(wait, quick)
	case s.silent.Load() >= surely:
		return min(p.Patience.Answer, 10*quick)
	}
	return p.Patience.Answer
}

// ending is how long the server may take to end a connection that it is to end until the client does: as long as --close-wait says when it is
// asked again, and when that is not for the first time, far longer.
func (s *Service) ending(p *player.Player, wait time.Duration) time.Duration {
	switch again := wait - p.Patience.Answer; {
	case again <= 0:
		return s.grace(p, wait)
	case again <= 1: // for as long as an answer, see ask.Patiently
		return s.CloseWait
	}
	return max(s.CloseWait, patience.Lingers)
}

// surely is how often a server was silent again when it was asked again until that is its way.
const surely = 3

// Silent notes that the server was silent again when it was asked again.
func (s *Service) Silent() { s.silent.Add(1) }

// A hearing decides when enough was heard.
type hearing struct {
	reader *http1.Reader
	finals int          // answers that the message has
	ends   bool         // the server is to end the connection
	next   *http1.Known // the answer to what follows; nil where nothing does
}

// want is what to receive next.
func (h *hearing) want(idle time.Duration) delivery.Want {
	n := 0
	return delivery.Want{Keep: mostKept, Limit: mostKept, Idle: idle, Total: patience.Turn, Done: func(head []byte) bool {
		_, _ = h.reader.Write(head[n:])
		n = len(head)
		return h.done()
	}}
}

// done says whether nothing that comes could tell more. What the server does with the connection behind a refusal tells.
func (h *hearing) done() bool {
	n := h.reader.Final()
	if h.ends || h.reader.Lost() || n < h.finals {
		return false
	}
	if h.next == nil {
		return true
	}
	all := h.reader.Answers()
	return n > h.finals && h.next.Is(&all[len(all)-1])
}

// joined is what two calls received one after the other.
func joined(a, b delivery.Answer) delivery.Answer {
	b.Head = append(bytes.Clone(a.Head), b.Head...)
	b.Total += a.Total
	b.Elapsed += a.Elapsed
	return b
}
