package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// FRAM-11: bursts of whole messages that are as large as buffers are, and a little larger.

// burstSizes are the sizes, the smallest first. Many a server reads 1 or 2 KiB at once: its failure is shortest there.
var burstSizes = []int{512, 1 << 10, 2 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10}

// framBursts sends messages that fill each size, and others that have a byte more. Sizes that would take the server too long are
// left out.
func framBursts(ctx context.Context, b *bench.Bench) *finding.Finding {
	const usual, fewest, longest = 32, 2, dialect.LineLimit / 2
	messages := usual // where they can be of any length
	if b.Patience.Slow() {
		messages = max(fewest, min(usual, int(patience.Large/b.Patience.Exchange)/(2*len(burstSizes))))
	}
	need := time.Duration(messages) * b.Patience.Exchange
	for i, size := range burstSizes {
		began := time.Now()
		for _, n := range []int{size, size + 1} {
			burst := b.Dialect.(dialect.Filler).Fill(b.ID(), n, max(messages, 1+n/longest))
			var f *finding.Finding
			switch {
			case len(burst.Starts) == 0 && i == 0 && b.CannotBeStuck() == nil:
				return finding.NewNotShown("%d bytes of messages have too many bytes of answers", n)
			case len(burst.Starts) == 0 && i == 0:
				return finding.NewNotShown("no message of the dialect pipelines, or can come again on its connection")
			case len(burst.Starts) == 0:
				f = finding.NewNotShown("more than %d bytes of messages have too many answers that vary, or too many bytes of answers: left out", burstSizes[i-1])
			case need > patience.Large:
				f = bench.TooSlow(fmt.Sprintf("%d messages together", len(burst.Starts)), need)
			}
			if f == nil {
				f = b.Together(ctx, burst)
			}
			if f.Is(finding.NotShown) {
				return b.InPart(f, i > 0)
			}
			if f != nil {
				return f
			}
		}
		if i+1 < len(burstSizes) { // the next size is no more than so many times as long
			need = time.Since(began) * time.Duration(burstSizes[i+1]/size)
		}
	}
	return nil
}
