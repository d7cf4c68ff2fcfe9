package rules

import (
	"context"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-9: when the input so far ends inside a message, all that the messages before it are owed comes before the rest is sent.

// eachOffset is of how many messages at the most a session is stopped at every byte.
const eachOffset = 3

// framDue stops sessions of several messages at every byte, or at drawn ones where they are long, and waits there for what is due.
func framDue(ctx context.Context, b *bench.Bench) *finding.Finding {
	batches, f := batches(b)
	if f != nil {
		return f
	}
	var sessions []dialect.Session
	for _, s := range batches {
		sessions = append(sessions, s.Session)
	}
	if g, ok := b.Dialect.(dialect.Generator); ok {
		sessions = append(sessions, g.Rich())
	}
	var unshown *finding.Finding
	asked := 0
	for i, s := range sessions {
		if s.Hangs() {
			unshown = finding.NewNotShown("where its messages end hangs on what the server has answered")
			continue
		}
		if whole := b.Deliver(ctx, s, player.Delivery{}); whole.Fact() && !whole.Is(finding.Gone) {
			unshown = finding.NewNotShown("the same request is answered wrongly when it comes whole: %s", whole.Problem)
			break // so are those of more messages
		}
		offsets := b.SomeOffsets(s.Request)
		if i < len(batches) && len(batches[i].Starts) > eachOffset {
			offsets = b.DrawnOffsets(s.Request)
		}
		offsets = b.Fewer(offsets, len(s.Answer()))
		for _, at := range offsets {
			switch f, due := b.Await(ctx, s, at); {
			case f.Is(finding.NotShown):
				unshown = f
			case f != nil:
				return f
			case due:
				asked++
			}
		}
	}
	switch {
	case asked > 0:
	case unshown != nil:
		return unshown
	default:
		return finding.NewNotShown("no message of the dialect is owed an answer before another")
	}
	return nil
}
