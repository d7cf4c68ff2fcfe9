package service

import (
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/player"
)

// posts learns whether the server ends the connection behind its answer to a POST, as it may where it does not read the body.
func (s *Service) posts(ctx context.Context, p *player.Player) *finding.Finding {
	s.EndsPosts = s.Closes
	if s.Closes {
		return nil
	}
	return p.Confirm(ctx, func(ctx context.Context, wait time.Duration) *finding.Finding {
		seen, f := s.Ask(ctx, p, Question{Message: s.PostOf(s.Post, "hello"), Plain: &s.Control.Post}, delivery.Whole(), wait)
		if f != nil {
			return f
		}
		s.EndsPosts = seen.Reading == Stopped || seen.Reading == Left
		return nil
	})
}
