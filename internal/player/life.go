package player

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/show"
)

// A server's life is from one start to the next. What comes to it in each of its lives is counted, since one may serve so many clients in
// a life, and nobody behind them, or live for so long, whatever is sent.

// life is what has come to a server since it was started.
type life struct {
	mu       sync.Mutex
	began    time.Time
	clients  int
	open     int             // clients that are there
	first    int             // clients that showed that it serves
	right    int             // clients that were answered rightly
	answered time.Time       // when a client was last answered rightly
	waiting  time.Time       // when the first client came since then
	gone     context.Context // done when another life has begun since it was over
	end      context.CancelFunc
	silent   time.Time // when somebody came who got no answer, when nobody else does; zero where that was not seen
	missed   bool      // an answer did not come in time since one did, and nobody has asked since whether the server hangs
}

func newLife() *life {
	l := &life{began: time.Now()}
	l.gone, l.end = context.WithCancel(context.Background())
	return l
}

// admit counts a client, but where there have been as many as most, unless that is 0: then it is not to come.
func (l *life) admit(most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if most > 0 && l.clients >= most {
		return false
	}
	l.clients++
	l.open++
	if l.waiting.IsZero() {
		l.waiting = time.Now()
	}
	return true
}

// left notes that a client has left.
func (l *life) left() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}

// answers notes that a client was answered rightly.
func (l *life) answers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered, l.waiting, l.missed = time.Now(), time.Time{}, false
	l.right++
}

// misses notes that an answer did not come in time.
func (l *life) misses() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.missed = true
}

// doubted says whether an answer did not come in time, where that was not said before, and none of our clients is there any more.
func (l *life) doubted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.missed && l.open == 0
	l.missed = l.missed && !was
	return was
}

// ready notes that the server serves: what comes from now on is asked of it for another reason.
func (l *life) ready() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first = l.clients
}

// fresh says whether nothing has come to the server but what showed that it serves.
func (l *life) fresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clients <= l.first
}

// empty says whether none of our clients is there.
func (l *life) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open == 0
}

// hangs notes that somebody who came then got no answer, nor does anybody else.
func (l *life) hangs(asked time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silent.IsZero() {
		l.silent = asked
	}
}

// hanging says whether the server is known to serve nobody.
func (l *life) hanging() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.silent.IsZero()
}

// A Life is what came to a server in one of its lives, until it was seen to serve nobody any more.
type Life struct {
	Clients int           // that connected, or tried to
	Right   int           // clients that were answered rightly
	Served  time.Duration // its age when a client was last answered rightly
	Over    time.Duration // its age when it ended, or, mostly, somebody was not answered any more
	Ended   bool          // it ended, and did not only serve nobody any more
}

// Life is what has come so far to the server since it was started.
func (s *Server) Life() Life {
	l := s.life.Load()
	l.mu.Lock()
	defer l.mu.Unlock()
	began := s.Target.Started()
	if began.IsZero() {
		began = l.began
	}
	so := Life{Clients: l.clients, Right: l.right, Over: time.Since(began)}
	if !l.answered.IsZero() {
		so.Served = l.answered.Sub(began)
	}
	if !l.silent.IsZero() {
		so.Over = l.silent.Sub(began)
	}
	if !l.waiting.IsZero() {
		so.Over = min(so.Over, l.waiting.Sub(began)+patience.Pausing)
	}
	return so
}

// InLife is ctx until the server's life is over, since it was seen to serve nobody: who is there then meets another server.
func (s *Server) InLife(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.life.Load().gone, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}

// over is the life of a server that has ended in this way, or serves nobody any more.
func (s *Server) over(end error) Life {
	l := s.Life()
	if age, ok := ageOf(end); ok {
		l.Over, l.Ended = age, true
	}
	return l
}

// Renew starts the server again where it can be and anything has come to it but what showed that it serves; false where it cannot be had.
func (s *Server) Renew(ctx context.Context) bool {
	select {
	case s.reviving <- struct{}{}:
		defer func() { <-s.reviving }()
	case <-ctx.Done():
		return false
	}
	if s.life.Load().fresh() && s.Target.Alive() == nil {
		return true
	}
	serves := s.startAgain(context.WithoutCancel(ctx))
	s.lost.Store(!serves)
	return serves
}

// Wears notes that the server serves so many clients in each of its lives, and nobody behind them. No more come to it then.
func (s *Server) Wears(most int) { s.most.Store(int64(most)) }

// Worn is how many clients the server serves in each of its lives, and nobody behind them; 0 where it is not known to serve so few.
func (s *Server) Worn() int { return int(s.most.Load()) }

// Fresh says whether nothing has come to the server in its life but what showed that it serves.
func (s *Server) Fresh() bool { return s.life.Load().fresh() }

// Full says whether as many clients have come to the server in its life as it serves.
func (s *Server) Full() bool {
	most := s.Worn()
	return most > 0 && s.Life().Clients >= most
}

// WornWords say of a requirement that a server cannot be judged by it which serves so few clients.
func WornWords(most int) string {
	return fmt.Sprintf("the server serves %s from its start on, and nobody behind them: this takes more (LIFE-2)", show.CountOf(most, "client"))
}

// errHangs is the cause of what is not played to a server that is known to serve nobody.
var errHangs = errors.New("the server serves nobody any more")

// enter counts a client that comes to the server in the life that is returned, or says why it must not.
func (p *Player) enter() (*life, *finding.Finding) {
	l, most := p.lives(), p.Worn()
	if l.hanging() {
		f := finding.New(finding.Missing, "%v", errHangs)
		f.Cause = errHangs
		return nil, f
	}
	if !l.admit(most) {
		p.tally.exceed()
		return nil, finding.NewNotShown("%s", WornWords(most))
	}
	return l, nil
}

// hangs finds out, behind something that was missing, whether the server serves nobody any more: what else is played to it then shows
// nothing. That is found out where the suite can start it again, by who is alone with it: a client that is there may hold others up, and of a
// slow server one that has left. Behind one that was refused it is not: a server that refuses may serve again later.
func (p *Player) hangs(ctx context.Context) bool {
	l := p.life.Load()
	if p.own != nil || p.Restart == nil || p.Patience.Slow() || l.hanging() || !l.empty() {
		return p.own == nil && l.hanging()
	}
	l.doubted() // no more, since it is asked now
	asked := time.Now()
	f := p.unserved(ctx, p.Patience.Probe(), patience.Refusing)
	if !f.Failed() || f.Is(finding.Gone) || f.Died() || ctx.Err() != nil || !l.empty() {
		return false
	}
	l.hangs(asked)
	return true
}
