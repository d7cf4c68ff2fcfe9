package rules

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// CLOS-2 to CLOS-4 of exchange files: behind the messages at which the server closes, and those behind which the client leaves.

// closings are such messages, or NotShown where the file has none.
func closings(b *bench.Bench, such func(dialect.Session) bool, which string) ([]dialect.Session, *finding.Finding) {
	var some []dialect.Session
	for _, s := range b.Dialect.(dialect.Closer).Closing(b.ID()) {
		if such(s) {
			some = append(some, s)
		}
	}
	if len(some) == 0 {
		return nil, finding.NewNotShown("the file has no exchange %s", which)
	}
	return some, nil
}

func anyClosing(dialect.Session) bool { return true }

const closesOrLeaves = "behind which the server closes (closes), and does not say what leaving is (leave)"

// closLeaving waits for the end of the connection.
func closLeaving(ctx context.Context, b *bench.Bench) *finding.Finding {
	return atTheEnd(ctx, b, func(s dialect.Session, ending delivery.ServerEnd, wait time.Duration) (string, bool) {
		return fmt.Sprintf("%s was answered, and then the server did not close the connection within %s", s.Name, patience.Text(wait)), ending == delivery.StillOpen
	}, false)
}

// closLeavingFIN looks by what the connection ends.
func closLeavingFIN(ctx context.Context, b *bench.Bench) *finding.Finding {
	return atTheEnd(ctx, b, func(s dialect.Session, ending delivery.ServerEnd, _ time.Duration) (string, bool) {
		return fmt.Sprintf("the answer to %s is right, but the connection ended with a reset (RST)", s.Name), ending == delivery.RST
	}, true)
}

// atTheEnd judges how connections end on which all was read. A fact is one at once, and else asked for again.
func atTheEnd(ctx context.Context, b *bench.Bench, wrong func(s dialect.Session, ending delivery.ServerEnd, wait time.Duration) (string, bool), fact bool) *finding.Finding {
	sessions, f := closings(b, anyClosing, closesOrLeaves)
	if f != nil {
		return f
	}
	return bench.CutAll(sessions, func(s dialect.Session) *finding.Finding {
		return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
			t, f := b.Leave(ctx, s, wait)
			if f != nil {
				return f
			}
			problem, is := wrong(s, t.Answer.Ending, wait)
			if !is {
				return nil
			}
			f = t.Missing(problem)
			if fact {
				f = t.Broken(problem)
			}
			f.Evidence.FirstDifference = -1
			return f
		})
	})
}

// closUnreadMessages has the server close behind its answer with more of the client's messages unread, and reads late.
func closUnreadMessages(ctx context.Context, b *bench.Bench) *finding.Finding {
	const unread = 64 << 10
	sessions, f := closings(b, func(s dialect.Session) bool { return s.End == dialect.ByServer }, "behind which the server closes (closes)")
	if f != nil {
		return f
	}
	return bench.CutAll(sessions, func(s dialect.Session) *finding.Finding {
		return b.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
			c, f := b.Dial(ctx, delivery.Options{Stall: wait})
			if f != nil {
				return f
			}
			defer c.Close()
			s := c.Bind(s)
			if f := c.Open(ctx, s.Opening, wait); f != nil {
				return f
			}
			s = c.Bind(s)
			t := c.Trial(s, delivery.Whole(), wait)
			played := c.Send(ctx, bytes.Repeat(s.Request, 2+unread/len(s.Request)))
			w := delivery.Want{Any: s.Answers, Like: s.Like, ToEnd: true, Idle: wait, Delay: patience.LateRead}
			switch t.Took(c.Receive(ctx, w), played); {
			case ctx.Err() != nil:
				return finding.Ended(ctx)
			case t.Answer.State == delivery.Wrong:
				return finding.NewNotShown("what the server answers to more messages behind one at which it closes is not known")
			case t.Answer.Ending == delivery.RST && t.Answer.State != delivery.Right:
				return t.Broken("the server closed with input unread, and its last answer did not survive: the connection was reset")
			case t.Answer.Ending == delivery.RST:
				return t.Broken("the server closed with input unread, and reset the connection behind its last answer: on a slower path the answer would be lost")
			}
			return nil // that it closes at all is CLOS-3's matter
		})
	})
}
