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
)

// mostRequests is up to how many requests on one connection it is found out whether the server ends it behind so many: the usual numbers
// are 100 and 1,000.
const mostRequests = 1100

// mostAnswered is about how many bytes of answers are had for that.
const mostAnswered = 8 << 20

// requests learns behind how many requests the server ends a connection, as it says by Connection: close (RFC 9112, 9.6). One that ends
// without a word has lost the others, and that is for the requirements to find. One that answers slowly, or at length, is not asked so often.
func (s *Service) requests(ctx context.Context, p *player.Player) *finding.Finding {
	if s.Closes || !s.Pipelines {
		return nil
	}
	began := time.Now()
	one, f := s.answered(ctx, p, s.Get(s.Path))
	if f != nil {
		return f
	}
	n := min(mostRequests, int(patience.Learnt/max(time.Since(began), time.Microsecond)), int(mostAnswered/max(one.Trial.Answer.Total, 1)))
	if n < 2 {
		return nil
	}
	c, f := p.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	defer c.Close()
	get := s.Get(s.Path)
	r := &http1.Reader{Limit: 1}
	read := 0
	a, _ := c.Exchange(ctx, bytes.Repeat(get.Bytes, n), delivery.Whole(), delivery.Want{Keep: 2 * mostAnswered, Idle: p.Wait(), Total: patience.Turn, Done: func(head []byte) bool {
		_, _ = r.Write(head[read:])
		read = len(head)
		return r.Final() >= n
	}})
	if f := finding.Ended(ctx); f != nil {
		return f
	}
	came := r.Final()
	if came == 0 || came == n || a.Ending == delivery.StillOpen {
		return nil
	}
	if last := r.Answers()[len(r.Answers())-1]; last.Whole && last.Has("Connection", "close") {
		s.Requests = came
	}
	return nil
}
