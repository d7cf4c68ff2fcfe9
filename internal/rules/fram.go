package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// fram shows the family FRAM. Its functions are the same for every dialect: what is judged is the answer to the dialect's own
// sessions, whether it is predicted or was learned of the message that came whole.
var fram = []Case{
	{Requirement: "FRAM-1", ID: "whole", Run: framWhole},
	{Requirement: "FRAM-1", ID: "open", Takes: []Ability{can[dialect.Predictor], not(can[dialect.Streamer])}, Run: framOpen},
	{Requirement: "FRAM-2", ID: "every-offset", Run: framCutInTwo},
	{Requirement: "FRAM-3", ID: "bytes", Run: framBytes},
	{Requirement: "FRAM-4", ID: "together", Takes: []Ability{can[dialect.Batcher]}, Run: framTogether},
	{Requirement: "FRAM-4", ID: "overlapping", Takes: []Ability{can[dialect.Batcher]}, Run: framOverlapping},
	{Requirement: "FRAM-5", ID: "random", Run: framRandom},
	{Requirement: "FRAM-6", ID: "delimiters-and-characters", Takes: marked, Run: framMarks},
	{Requirement: "FRAM-7", ID: "short-pauses", Waits: true, Run: framPauses(3, patience.ShortPause)},
	{Requirement: "FRAM-7", ID: "long-pause", Waits: true, Run: framPauses(1, patience.LongPause)},
	{Requirement: "FRAM-8", ID: "values", Takes: generates, Run: framValues},
	{Requirement: "FRAM-8", ID: "sizes", Takes: generates, Bytes: 8 << 20, Run: framSizes},
	{Requirement: "FRAM-8", ID: "1MiB", Takes: generates, Bytes: 4 << 20, Run: framBulk(1<<20, 64)},
	{Requirement: "FRAM-8", ID: "16MiB", Takes: generates, Needs: Big, Bytes: 32 << 20, Run: framBulk(16<<20, 0)},
	{Requirement: "FRAM-9", ID: "every-offset", Takes: []Ability{can[dialect.Batcher]}, Needs: Turns, Run: framDue},
	{Requirement: "FRAM-10", ID: "next-messages", Needs: Turns, Run: framStep},
	{Requirement: "FRAM-11", ID: "bursts", Takes: []Ability{can[dialect.Filler]}, Needs: Turns, Bytes: 2 << 20, Run: framBursts},
	{Requirement: "FRAM-12", ID: "borders", Takes: []Ability{can[dialect.Grower]}, Bytes: 8 << 20, Run: framGrows},
}

// framWhole delivers sessions whole. What was wrong when the answers of an exchange file were learned is wrong here. A message that was
// not answered the same is left out, and that is said.
func framWhole(ctx context.Context, b *bench.Bench) *finding.Finding {
	if x, ok := b.Dialect.(dialect.Learner); ok {
		for _, err := range x.Unusable() {
			b.Check()
			if f := finding.From(err); f.Fact() {
				return f
			}
			b.Observe("in part: left out %v", err)
		}
	}
	for _, s := range b.Dialect.Controls() {
		if f := b.Deliver(ctx, s, player.Delivery{}); f != nil {
			return f
		}
	}
	return nil
}

// framOpen has a request answered while the client's side stays open. Of a dialect that answers every byte that is FLOW-3.
func framOpen(ctx context.Context, b *bench.Bench) *finding.Finding {
	if f := b.LateShown(); f != nil {
		return f
	}
	return b.AnswersLate(ctx)
}

func framCutInTwo(ctx context.Context, b *bench.Bench) *finding.Finding {
	return bench.CutAll(b.Dialect.Cuttable(), func(s dialect.Session) *finding.Finding {
		for _, at := range bench.Offsets(s) {
			if f := b.Cut(ctx, s, delivery.CutAt(at)); f != nil {
				return f
			}
		}
		return nil
	})
}

func framBytes(ctx context.Context, b *bench.Bench) *finding.Finding {
	sessions := append([]dialect.Session{b.Dialect.Ending("a"), b.Dialect.Ending("abcdefgh")}, b.Dialect.Cuttable()...)
	return bench.CutAll(sessions, func(s dialect.Session) *finding.Finding {
		return b.Cut(ctx, s, delivery.EveryByte(len(s.Request)))
	})
}

// burstSizes are the sizes of bursts, the smallest first. Many a server reads 1 or 2 KiB at once: its failure is shortest there.
var burstSizes = []int{512, 1 << 10, 2 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10}

// framBursts sends bursts of whole messages that are as large as buffers are, and a little larger.
func framBursts(ctx context.Context, b *bench.Bench) *finding.Finding {
	return b.Bursts(ctx, burstSizes)
}

// batches are several requests together, or NotShown where no request can be sent with others.
func batches(b *bench.Bench) ([]dialect.Batch, *finding.Finding) {
	all := b.Dialect.(dialect.Batcher).Batches()
	if len(all) == 0 {
		return nil, finding.NewNotShown("no message of the dialect pipelines, or can come again on its connection")
	}
	return all, nil
}

// framTogether sends several requests in one segment.
func framTogether(ctx context.Context, b *bench.Bench) *finding.Finding {
	all, f := batches(b)
	for _, s := range all {
		if need := time.Duration(len(s.Starts)) * b.Patience.Exchange; need > b.Patience.Large() {
			return bench.TooSlow(fmt.Sprintf("%d requests in one segment", len(s.Starts)), need)
		}
		if f := b.Deliver(ctx, s.Session, player.Delivery{}); f != nil {
			return f
		}
	}
	return f
}

// framOverlapping cuts in the middle of each request: every segment holds the
// end of one and the beginning of the next.
func framOverlapping(ctx context.Context, b *bench.Bench) *finding.Finding {
	all, f := batches(b)
	for _, s := range all {
		if f := overlap(ctx, b, s); f != nil {
			return f
		}
	}
	return f
}

// mostOverlapping is how many requests are cut in their middles; of more only that they come together is of interest.
const mostOverlapping = 64

func overlap(ctx context.Context, b *bench.Bench, s dialect.Batch) *finding.Finding {
	n := len(s.Starts)
	if n > mostOverlapping {
		return nil
	}
	ends := append(s.Starts[1:n:n], len(s.Request))
	within := func(i, part int) int { return s.Starts[i] + (ends[i]-s.Starts[i])/part }
	plans := []delivery.Segments{bench.CutAt(len(s.Request), within(n-1, 2))}
	for _, part := range []int{2, 3} {
		var cuts []int
		for i := range n {
			cuts = append(cuts, within(i, part))
		}
		plans = append(plans, bench.CutAt(len(s.Request), cuts...))
	}
	return b.DeliverAll(ctx, s.Session, plans...)
}

// mostPairs bounds how many pairs of cuts are made of one session.
const mostPairs = 2000

// framRandom cuts the shortest session in three in every way, and longer ones at random.
func framRandom(ctx context.Context, b *bench.Bench) *finding.Finding {
	shortest := b.Dialect.Cuttable()[0]
	pairs := bench.EveryPair(len(shortest.Request))
	if len(pairs) > mostPairs {
		b.Rand.Shuffle(len(pairs), func(i, k int) { pairs[i], pairs[k] = pairs[k], pairs[i] })
		pairs = pairs[:mostPairs]
	}
	for _, plan := range pairs {
		if f := b.Cut(ctx, shortest, plan); f != nil {
			return f
		}
	}
	sessions, times, least := randomSessions(b)
	return bench.CutAll(sessions, func(s dialect.Session) *finding.Finding {
		for range times {
			n := len(s.Request)
			if f := b.Cut(ctx, s, delivery.Random(b.Rand, n, min(n-1, least+b.Rand.IntN(14)))); f != nil {
				return f
			}
		}
		return nil
	})
}

// randomSessions are sessions to cut at random, each so many times and so often at the least: random ones, where the dialect can make
// such, else all that it has.
func randomSessions(b *bench.Bench) (sessions []dialect.Session, times, least int) {
	g, ok := b.Dialect.(dialect.Generator)
	if !ok {
		sessions = b.Dialect.Cuttable()
		if d, ok := b.Dialect.(dialect.Batcher); ok {
			if all := d.Batches(); len(all) > 0 {
				sessions = append(sessions, all[len(all)-1].Session)
			}
		}
		return sessions, 12, 1
	}
	for i := range 60 {
		size := 80
		if i%6 == 5 {
			size = 4000
		}
		sessions = append(sessions, g.Random(b.Rand, size))
	}
	return sessions, 1, 0
}

// framMarks cuts sessions inside CR LF and inside characters.
func framMarks(ctx context.Context, b *bench.Bench) *finding.Finding {
	sessions := b.Dialect.(dialect.Marker).Marked()
	if len(sessions) == 0 {
		return finding.NewNotShown("no message of the dialect has a CR LF, or a character of several bytes")
	}
	return bench.CutAll(sessions, func(s dialect.Session) *finding.Finding { return b.CutMarks(ctx, s) })
}

// framPauses cuts sessions into parts, with a pause after each cut, as long as the protocol lets a client be idle.
func framPauses(cuts int, pause time.Duration) func(context.Context, *bench.Bench) *finding.Finding {
	return func(ctx context.Context, b *bench.Bench) *finding.Finding {
		if idle := b.Limits().Idle; idle > 0 && pause > idle/2 {
			return finding.NewNotShown("the protocol lets a client be idle for %s", patience.Text(idle))
		}
		const most = 6
		sessions := b.Dialect.Cuttable()
		return b.Pausing(ctx, sessions[:min(len(sessions), most, b.Clients(most))], cuts, pause)
	}
}
