package player

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// Refuses says whether f, of the session, is that the server says each time that the message is longer than it takes, as its file lets it.
func Refuses(s dialect.Session, f *finding.Finding) bool {
	if s.Refused == nil || !f.Answered() || f.Evidence.Failed < f.Evidence.Runs {
		return false
	}
	came := f.Evidence.Actual
	return came.Offset == 0 && s.Refused.Begins(came.Text)
}

// LongestTaken is how long the part of a message may be, up to most bytes, whose length is free, by halves down to least: as its file has it, and
// as the server takes it. It is NotShown where that is less.
func (p *Player) LongestTaken(ctx context.Context, least, most int) (int, *finding.Finding) {
	_, longest, _ := p.Dialect.(dialect.Grower).Grows()
	for n := min(most, longest); n >= least; n /= 2 {
		if s, _ := p.Dialect.(dialect.Grower).Grown(n); !Refuses(s, p.grown(ctx, n, 1)) {
			return n, nil
		}
	}
	return 0, finding.NewNotShown("no message with a part of %d bytes is taken: what is shorter makes too little of a server's memory to be seen", least)
}

// Grown delivers the message whose part grows furthest once, with a part of n bytes, in so many pieces. Where it is not answered rightly, it is
// NotShown.
func (p *Player) Grown(ctx context.Context, n, pieces int) *finding.Finding {
	f := p.grown(ctx, n, pieces)
	if f.Failed() && !f.Died() {
		return f.Because(finding.NotShown, "a long message is not answered rightly (FRAM-12): %s", f.Problem)
	}
	return f
}

func (p *Player) grown(ctx context.Context, n, pieces int) *finding.Finding {
	s, _ := p.Dialect.(dialect.Grower).Grown(n)
	var cuts []int
	for i := 1; i < pieces; i++ {
		cuts = append(cuts, i*len(s.Request)/pieces)
	}
	_, f := p.Try(ctx, s, Delivery{Segments: delivery.CutAt(cuts...)}, p.LongWait())
	return f
}

// GrownOften is Grown, whole, as often as the parts come to so many bytes. It is NotShown where the server is too slow for that.
func (p *Player) GrownOften(ctx context.Context, n, bytes int) *finding.Finding {
	began, known, most := time.Now(), patience.Pour/4, patience.Pour
	if p.Patience.Slow() {
		known, most = patience.Pour/10, p.Patience.Large()
	}
	for sent := 0; sent < bytes; sent += n {
		if f := p.Grown(ctx, n, 1); f != nil {
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
