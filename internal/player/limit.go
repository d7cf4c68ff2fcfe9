package player

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
)

// mostRefused is how often a session is delivered again that was refused.
const mostRefused = 3

// Limited notes that the server takes so many clients at once, where that is known, and refuses others with these words.
func (s *Server) Limited(most int, words []byte) { s.limit.Set(most, words) }

// LimitSaid notes that the server is said to take so many clients at once. It may refuse others, with these words, as far as they are known.
func (s *Server) LimitSaid(most int, words []byte) { s.limit.Say(most, words) }

// LimitFound says whether the server was seen to refuse who is too many, which nobody has said.
func (s *Server) LimitFound() bool {
	return s.limit.Found() && dialect.LimitsOf(s.Dialect).Clients == 0
}

// Unlimited notes that the server is not known to refuse anybody.
func (s *Server) Unlimited() { s.limit.Clear() }

// Refuses says whether the server is known to refuse who is too many.
func (s *Server) Refuses() bool { return s.limit.Refuses() }

// Readmitted is how many clients the server refused though no more were connected than it takes, and served when they came again.
func (s *Server) Readmitted() int { return s.limit.Readmits() }

// Refused says whether f is what the server does with a client that is too many.
func (s *Server) Refused(f *finding.Finding) bool {
	said, ok := Refusal(f)
	return ok && s.limit.Says(said)
}

// Refusal says whether f may be what servers do with a client that is too many, and what they say then: they end its connection, or say
// something else than the answer.
func Refusal(f *finding.Finding) (said []byte, ok bool) {
	switch {
	case f == nil:
		return nil, false
	case errors.Is(f.Cause, syscall.ECONNRESET):
		return nil, true
	case f.Is(finding.Missing) && f.Evidence.Ending == string(delivery.RST): // a far one's reset may be another's
	case !f.Is(finding.Broken) || f.Died() || f.Evidence.FirstDifference < 0:
		return nil, false
	}
	said = f.Evidence.Actual.Text
	return said, f.Evidence.Actual.Offset == 0 && (len(said) > 0 || f.Evidence.Ending != string(delivery.StillOpen))
}

// Late is how long the server may count a client that has left, as far as that has been seen.
func (s *Server) Late() time.Duration { return s.limit.Late() }

// Readmits waits until the server serves a client again after it has refused one, and notes how late it counts those that have left. It is
// false where the server does not within the time that it has for that.
func (s *Server) Readmits(ctx context.Context) bool {
	p := s.feeling()
	defer p.Done()
	nap := patience.LookAtQueue
	for began := time.Now(); ; nap = min(2*nap, patience.LookAtRefusal) {
		Sleep(ctx, nap)
		waited := time.Since(began)
		a := p.Attempt(ctx, s.Dialect.Plain(p.ID()), Delivery{}, p.Wait())
		switch {
		case a.Finding == nil:
			s.limit.Counted(waited)
			return true
		case ctx.Err() != nil || a.Finding.Is(finding.Gone) || a.Finding.Cause == errHangs:
			return false
		case waited > patience.Recover:
			s.refuses.Store(true)
			return false
		}
	}
}
