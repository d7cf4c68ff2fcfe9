package process

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

// Memory compares the most memory that the server takes during 64 MiB
// without a line end with the most that it takes during 64 MiB of lines: what
// its language keeps for rubbish is in both, but not always as much. So memory
// that has grown must grow again, each time in a new server where one can be had.
// The lines come first, and again for as long as they have made it grow, since
// the first of them, by half of their own size: what is kept of every request is
// no rubbish. A collector may let it grow for some rounds, and reuse in others what
// it had let it grow to: only the growth over all rounds tells.
func Memory(ctx context.Context, b *bench.Bench) *finding.Finding {
	const bound, tries = 16 << 20, 4
	var most, usual uint64
	for try := range tries {
		own, f := b.Instance(ctx)
		if f != nil {
			return f
		}
		if usual, f = usualMemory(ctx, own, "lines", func() *finding.Finding { return own.Ordinary(ctx, bench.Endless) }); f != nil {
			return f
		}
		if most, f = own.Peak(ctx, func() *finding.Finding { return own.Flood(ctx, bench.Endless) }); f != nil {
			return f
		}
		if most < usual+bound {
			if try > 0 && own.Process() == nil {
				return finding.NewUndecided("the server's memory grew during 64 MiB without a line end, and no further when they were sent again: start it anew, or give --exec")
			}
			b.Observe("memory grew by %d MiB", (max(most, usual)-usual)>>20)
			return own.Pulse(ctx)
		}
	}
	f := finding.NewBroken("the server's memory grew by %d MiB during 64 MiB without a line end: %d MiB at most, and %d MiB during as many bytes of lines",
		(most-usual)>>20, most>>20, usual>>20).Costing(bench.Endless)
	f.Evidence.Runs, f.Evidence.Failed = tries, tries
	return f
}

// usualMemory is the most memory that the server takes during as many bytes of lines, or what else send sends.
func usualMemory(ctx context.Context, own *bench.Bench, what string, send func() *finding.Finding) (usual uint64, f *finding.Finding) {
	const rounds = 7
	var first uint64
	for round := range uint64(rounds) {
		if usual, f = own.Peak(ctx, send); f != nil {
			return 0, f
		}
		if round == 0 {
			first = usual
		} else if usual < first+round*bench.Endless/2 {
			return usual, nil
		}
	}
	if usual >= first+(rounds-1)*bench.Endless*3/4 {
		return 0, finding.NewBroken("the server's memory grows by every request and does not shrink again: %d MiB at most when %d times 64 MiB of %s had been answered", usual>>20, rounds, what).Costing(bench.Endless)
	}
	return usual, nil
}

// Messages looks at the memory that messages with a part whose length is free make a server take: what it keeps of each, where its file says
// that it keeps nothing, and what grows with the square of their length, as where each of their beginnings is kept that has come so far.
func Messages(ctx context.Context, b *bench.Bench) *finding.Finding {
	const least, longest, pieces, bound, times, tries = 64 << 10, 512 << 10, 1024, 96 << 20, 8, 2
	n, f := longestTaken(ctx, b, least, longest)
	var grown [2]uint64
	for try := 0; f == nil && try < tries; try++ {
		var own *bench.Bench
		var usual uint64
		if own, f = b.Instance(ctx); f != nil {
			break
		}
		if dialect.Forgets(b.Dialect) {
			usual, f = usualMemory(ctx, own, fmt.Sprintf("messages with a part of %d bytes", n), func() *finding.Finding { return grownOften(ctx, own, n, bench.Endless) })
		} else { // it may be meant to keep them all, and would
			usual, f = own.Peak(ctx, func() *finding.Finding { return deliverGrown(ctx, own, n, 1) })
		}
		for i := 0; f == nil && i < len(grown); i++ {
			grown[i], f = own.Peak(ctx, func() *finding.Finding { return deliverGrown(ctx, own, n>>(2-2*i), pieces>>(2-2*i)) })
			grown[i] = max(grown[i], usual) - usual
		}
		if f == nil && (grown[1] < bound || grown[1] < times*grown[0]) {
			b.Observe("memory grew by %d MiB during a message with a part of %d bytes in small pieces", grown[1]>>20, n)
			return own.Pulse(ctx)
		}
	}
	if f != nil {
		return f
	}
	return finding.NewBroken("the server's memory grew by %d MiB during a message with a part of %d bytes in small pieces, and by %d MiB during one of a quarter: each of its beginnings is kept that has come so far",
		grown[1]>>20, n, grown[0]>>20).Costing(int64(n) + player.CostOfPause)
}

// longestTaken is how long the part of a message may be, up to most bytes, whose length is free, by halves down to least: as its file has it, and
// as the server takes it. It is NotShown where that is less.
func longestTaken(ctx context.Context, b *bench.Bench, least, most int) (int, *finding.Finding) {
	_, longest, _ := b.Dialect.(dialect.Grower).Grows()
	for n := min(most, longest); n >= least; n /= 2 {
		if s, _ := b.Dialect.(dialect.Grower).Grown(n); !player.Refuses(s, tryGrown(ctx, b, n, 1)) {
			return n, nil
		}
	}
	return 0, finding.NewNotShown("no message with a part of %d bytes is taken: what is shorter makes too little of a server's memory to be seen", least)
}

// deliverGrown delivers the message whose part grows furthest once, with a part of n bytes, in so many pieces. Where it is not answered rightly, it is
// NotShown.
func deliverGrown(ctx context.Context, b *bench.Bench, n, pieces int) *finding.Finding {
	f := tryGrown(ctx, b, n, pieces)
	if f.Failed() && !f.Died() {
		return f.Because(finding.NotShown, "a long message is not answered rightly (FRAM-12): %s", f.Problem)
	}
	return f
}

func tryGrown(ctx context.Context, b *bench.Bench, n, pieces int) *finding.Finding {
	s, _ := b.Dialect.(dialect.Grower).Grown(n)
	var cuts []int
	for i := 1; i < pieces; i++ {
		cuts = append(cuts, i*len(s.Request)/pieces)
	}
	_, f := b.Try(ctx, s, player.Delivery{Segments: delivery.CutAt(cuts...)}, b.LongWait())
	return f
}

// grownOften is deliverGrown, whole, as often as the parts come to so many bytes. It is NotShown where the server is too slow for that.
func grownOften(ctx context.Context, b *bench.Bench, n, bytes int) *finding.Finding {
	began, known, most := time.Now(), patience.Pour/4, patience.Pour
	if b.Patience.Slow() {
		known, most = patience.Pour/10, b.Patience.Large()
	}
	for sent := 0; sent < bytes; sent += n {
		if f := deliverGrown(ctx, b, n, 1); f != nil {
			return f
		}
		if took := time.Since(began); took > known && took*time.Duration(bytes/(sent+n)) > most {
			need := took * time.Duration(bytes/(sent+n))
			f := finding.NewNotShown("the server is slow, and messages of %d MiB would take about %s: left out", bytes>>20, patience.Text(need.Round(time.Second)))
			f.Cause = finding.ErrSlow
			return f
		}
	}
	return nil
}
