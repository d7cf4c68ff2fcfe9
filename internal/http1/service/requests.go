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
// without a word has lost the others, and that is for the requirements to find. It is asked twice as many each time, for as long as
// [patience.Learnt]: one that answers slowly, or at length, is not asked so often, and how long a single answer takes says little of that
// on a machine that is busy.
func (s *Service) requests(ctx context.Context, p *player.Player) *finding.Finding {
	if s.Closes || !s.Pipelines {
		return nil
	}
	c, f := p.Dial(ctx, delivery.Options{})
	if f != nil {
		return f
	}
	defer c.Close()
	get := s.Get(s.Path)
	r := &http1.Reader{Limit: 1}
	sent, bytesRead, began := 0, 0, time.Now()
	for n := 1; n > 0 && time.Since(began) < patience.Learnt; {
		sent += n
		read := 0
		a, _ := c.Exchange(ctx, bytes.Repeat(get.Bytes, n), delivery.Whole(), delivery.Want{Keep: 2 * mostAnswered, Idle: p.Wait(), Total: patience.Turn, Done: func(head []byte) bool {
			_, _ = r.Write(head[read:])
			bytesRead += len(head) - read
			read = len(head)
			return r.Final() >= sent
		}})
		if f := finding.Ended(ctx); f != nil {
			return f
		}
		came := r.Final()
		if came == 0 {
			return nil
		}
		if came < sent {
			if last := r.Answers()[len(r.Answers())-1]; a.Ending != delivery.StillOpen && last.Whole && last.Has("Connection", "close") {
				s.Requests = came
			}
			return nil
		}
		n = min(sent, mostRequests-sent, (mostAnswered-bytesRead)/max(bytesRead/came, 1))
	}
	return nil
}
