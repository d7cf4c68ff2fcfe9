package rules

import (
	"context"
	"slices"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-9: when the input so far ends inside a message, all that the messages before it are owed comes before the rest is sent.

// eachOffset is of how many messages at the most a session is stopped at every byte.
const eachOffset = 3

// tried is behind how many stops of a session it is known how long one takes.
const tried = 8

// evenly is as many of the offsets, from all over them, as are stopped at within a time where each takes so long. An answer may be held back at
// each, as by a server that has its kernel wait for more to send along.
func evenly(offsets []int, within, each time.Duration) []int {
	most := len(offsets)
	if each > 0 {
		most = max(min(most, int(within/each)), 1)
	}
	some := make([]int, 0, most)
	for i := range most {
		some = append(some, offsets[i*len(offsets)/most])
	}
	return some
}

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
		stops, known, began := 0, false, time.Now()
		for k := 0; k < len(offsets); k++ {
			if stops == tried && !known {
				known = true
				all := len(offsets)
				offsets = slices.Concat(offsets[:k], evenly(offsets[k:], patience.Awaits/time.Duration(len(sessions)), time.Since(began)/tried))
				b.LeaveOut(all - len(offsets))
			}
			switch f, due := b.Await(ctx, s, offsets[k]); {
			case f.Is(finding.NotShown):
				unshown = f
			case f != nil:
				return f
			case due:
				asked++
				stops++
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
