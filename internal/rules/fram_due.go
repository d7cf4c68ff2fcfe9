package rules

import (
	"context"
	"slices"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-9: when the input so far ends inside a message, all that the messages before it are owed comes before the rest is sent.

const (
	eachOffset = 3   // of so many messages at the most a session is stopped at every byte
	shortEach  = 256 // and where it has no more bytes than this
	drawn      = 12  // so many offsets are drawn of a longer one
)

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
		offsets := bench.Offsets(s)
		long := len(s.Request) > shortEach || i < len(batches) && len(batches[i].Starts) > eachOffset
		if long {
			b.Rand.Shuffle(len(offsets), func(i, k int) { offsets[i], offsets[k] = offsets[k], offsets[i] })
			offsets = offsets[:min(len(offsets), drawn)]
			slices.Sort(offsets)
		}
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
