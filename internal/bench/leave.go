package bench

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Leave sends a message, and leaves when it is answered as the protocol has it, or has the server close. It returns how the connection
// ended: what the server says meanwhile is its own affair.
func (b *Bench) Leave(ctx context.Context, s dialect.Session, wait time.Duration) (*player.Trial, *finding.Finding) {
	c, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return nil, f
	}
	defer c.Close()
	s = c.Bind(s)
	if f = c.Open(ctx, s.Opening, wait); f == nil {
		s = c.Bind(s)
		turns := append([]dialect.Turn{s.Turn()}, s.Closing...)
		turns[0].Bind = nil
		for _, t := range turns {
			if f = c.Turn(ctx, t, delivery.Whole(), wait); f != nil {
				break
			}
		}
	}
	switch {
	case f.Fact():
		return nil, finding.NewNotShown("the messages up to there are not answered rightly: %s", f.Problem)
	case f != nil:
		return nil, f
	case s.End == dialect.ByLeaving:
		_ = c.HalfClose() // the server may have closed before
	}
	return c.Trial(s, delivery.Whole(), wait).Took(c.Receive(ctx, delivery.Want{Idle: wait}), nil), finding.Ended(ctx)
}

// AnswerTime is how long a server takes for the answer to a message, to its last byte, however busy the machine is: the time in which it was
// kept from running is left out, and that in which its client was.
func (b *Bench) AnswerTime(ctx context.Context, s dialect.Session) (took time.Duration, f *finding.Finding) {
	return b.answerTime(ctx, s, b.Wait())
}

// answerTime is AnswerTime with another wait for the answer.
func (b *Bench) answerTime(ctx context.Context, s dialect.Session, wait time.Duration) (took time.Duration, f *finding.Finding) {
	c, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return 0, f
	}
	defer c.Close()
	s = c.Bind(s)
	if f := c.Open(ctx, s.Opening, wait); f != nil {
		return 0, f
	}
	s = c.Bind(s)
	t := s.Turn()
	t.Bind = nil
	given, began := b.Given(), time.Now()
	f = c.Turn(ctx, t, delivery.Whole(), wait)
	took, ok := c.Answered()
	if !ok {
		took = time.Since(began)
	}
	return max(took-given.Waited(), 0), f
}

// StopBehind asks b's own server to stop as soon as it has read a message. It is NotShown where the answer had come before.
func (b *Bench) StopBehind(ctx context.Context, s dialect.Session) *finding.Finding {
	c, f := b.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	defer c.Close()
	s = c.Bind(s)
	if f := c.Open(ctx, s.Opening, b.LongWait()); f != nil {
		return f
	}
	s = c.Bind(s)
	before, _, _ := c.Arrived()
	t := c.Trial(s, delivery.Whole(), b.LongWait())
	if how := c.SendPart(ctx, s.Request); how == delivery.Unconfirmed {
		return finding.NewUndecided("the server did not read its whole request in time, so that no answer was in progress when it was to be stopped")
	}
	if arrived, _, ok := c.Arrived(); ok && arrived > before {
		return finding.NewNotShown("the answer had begun to come before the server could be asked to stop")
	}
	if f := b.Terminate(); f != nil {
		return f
	}
	t.Took(c.Receive(ctx, delivery.Want{Any: s.Answers, Like: s.Like, Idle: b.LongWait()}), nil)
	if t.Answer.State == delivery.Wrong { // as of HTTP, whose connection closes now
		return otherAnswer()
	}
	f = t.Judge(ctx)
	if f.Is(finding.Missing) {
		f = f.Settled() // nothing can be asked of a server that has stopped
	}
	return f.During("asked to stop when it had read a message, the server did not answer it: ")
}

func otherAnswer() *finding.Finding {
	return finding.NewNotShown("asked to stop, the server gives another answer than before: whether that is whole is not known")
}
