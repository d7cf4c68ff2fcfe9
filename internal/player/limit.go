package player

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
)

// A limit is what is known of a server that takes so many clients at once and refuses others. Such a server may count a client for some
// time after that has left, so that one that comes at once is refused though there is room for it: clients come later then, and one that
// is refused all the same comes once more.
type limit struct {
	mu       sync.Mutex
	refuses  bool          // it refuses who is too many
	most     int           // how many it takes; 0 where that is not known
	words    []byte        // what it says to who is refused, if anything
	late     time.Duration // how long it counts a client that has left
	open     int           // our connections
	leaving  []time.Time   // until when each of those may be counted that have left
	readmits int           // clients that were refused, and served when they came again
}

// mostRefused is how often a session is delivered again that was refused.
const mostRefused = 3

// Limited notes that the server takes so many clients at once, where that is known, and refuses others with these words.
func (s *Server) Limited(most int, words []byte) {
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses, l.most = true, most
	if len(words) > 0 {
		l.words = bytes.Clone(words)
	}
}

// Unlimited notes that the server is not known to refuse anybody.
func (s *Server) Unlimited() {
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses, l.most, l.words = false, 0, nil
}

// Refuses says whether the server is known to refuse who is too many.
func (s *Server) Refuses() bool {
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuses
}

// Readmitted is how many clients the server refused though no more were connected than it takes, and served when they came again.
func (s *Server) Readmitted() int {
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.readmits
}

// await waits until the server no longer counts a client that has left in the place of the one that comes. One that comes beside as many
// as the server takes, all of them still connected, is not kept back.
func (l *limit) await(ctx context.Context) {
	for ctx.Err() == nil {
		l.mu.Lock()
		now := time.Now()
		for len(l.leaving) > 0 && !l.leaving[0].After(now) {
			l.leaving = l.leaving[1:]
		}
		if l.most == 0 || len(l.leaving) == 0 || l.open+len(l.leaving) < l.most {
			l.mu.Unlock()
			return
		}
		until := l.leaving[0].Sub(now)
		l.mu.Unlock()
		Sleep(ctx, until)
	}
}

// entered notes one more of our connections.
func (l *limit) entered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
}

// left notes that one of our connections has been closed.
func (l *limit) left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.most > 0 && l.late > 0 && len(l.leaving) < l.most {
		l.leaving = append(l.leaving, time.Now().Add(l.late))
	}
}

// readmitted notes that a client was served that had been refused.
func (l *limit) readmitted() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readmits++
}

// counted notes that a client was still counted so long after it had left.
func (l *limit) counted(late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = max(l.late, late+min(late, time.Second)) // another may be counted a little longer
}

// Refused says whether f is what the server does with a client that is too many.
func (s *Server) Refused(f *finding.Finding) bool {
	said, ok := Refusal(f)
	if !ok {
		return false
	}
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuses && (len(said) == 0 || len(l.words) > 0 && (bytes.HasPrefix(l.words, said) || bytes.HasPrefix(said, l.words)))
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
func (s *Server) Late() time.Duration {
	l := &s.limit
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late
}

// Readmits waits until the server serves a client again after it has refused one, and notes how late it counts those that have left. It is
// false where the server does not within the time that it has for that.
func (s *Server) Readmits(ctx context.Context) bool {
	p := s.Player("pulse")
	defer p.Done()
	nap := patience.LookAtQueue
	for began := time.Now(); ; nap = min(2*nap, patience.LookAtRefusal) {
		Sleep(ctx, nap)
		waited := time.Since(began)
		a := p.Attempt(ctx, s.Dialect.Plain(p.ID()), Delivery{}, p.Wait())
		switch {
		case a.Finding == nil:
			s.limit.counted(waited)
			return true
		case ctx.Err() != nil || a.Finding.Is(finding.Gone) || waited > patience.Recover:
			return false
		}
	}
}
