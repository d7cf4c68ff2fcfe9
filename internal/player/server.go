package player

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player/limit"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A Server is the server under test, as all that is played to it shares it. The gate fills in what it finds out; from then on
// the exported fields are read alone.
type Server struct {
	Target   *target.Target
	Dialect  dialect.Dialect // of an exchange file, with what was learned of the server
	Patience patience.Patience
	Mode     delivery.Mode // how cuts are confirmed
	Sees     bool          // the server's end of a connection was seen: it runs on this machine
	// Connect makes the connections to it. It is delivery.Dial, but where a test has a network of its own.
	Connect delivery.Dialer
	// Figures looks at its process. It is kernel.Observe, but where a test has no process.
	Figures func(pid int) (kernel.Figures, error)
	// Until is done when the run is interrupted: nobody waits for the server then to serve again, whatever case that is for; nil is never.
	Until context.Context
	// Launcher starts servers like it. It is the target's, but where a test has servers of its own; nil where the suite cannot.
	Launcher Launcher
	// Restart starts it again. It is the target's, but where a test has a server of its own; nil where the suite cannot.
	Restart func(context.Context) error

	lost     atomic.Bool            // it serves no more, and cannot be started again
	spare    chan struct{}          // holds a token for each session that a case may have beside its first, of all cases together
	limit    limit.Limit            // what is known of how many clients it takes
	refuses  atomic.Bool            // it did not serve again in the time that it has for that
	unclosed atomic.Bool            // the server was seen to answer and not to close
	mute     atomic.Bool            // and to say nothing on a connection on which a handler had to fail, whatever came behind that
	flooded  atomic.Pointer[string] // why it is not flooded any more
	lives    atomic.Int64           // how often it was started again
	reviving chan struct{}          // holds the token of who looks whether the server must be started again: a wait too long for a mutex
	outlives atomic.Bool            // it was seen to live on for long with its address closed
	deaf     sync.Map               // pids of servers that refused a connection, and ran on: their end is not waited for again
	life     atomic.Pointer[life]   // what has come to it since it was started
	most     atomic.Int64           // how many clients it serves in each of its lives; 0 where it is not known to serve so few
	names    atomic.Uint64          // of connections that were given
	prefix   string                 // what the names of this run begin with
}

// NewServer returns the server at a target, of which nothing is known yet.
func NewServer(t *target.Target, d dialect.Dialect, p patience.Patience, m delivery.Mode) *Server {
	// The prefix is not from the seed: what an earlier run left on the server is not ours.
	prefix := "c" + strings.ToLower(rand.Text()[:4])
	s := &Server{Target: t, Dialect: d, Patience: p, Mode: m, Connect: delivery.Dial, Figures: kernel.Observe, Launcher: launcher(t), spare: make(chan struct{}, 2*patience.MostAtOnce), reviving: make(chan struct{}, 1), prefix: prefix}
	if t.Kind == target.KindExec {
		s.Restart = t.Restart
	}
	s.life.Store(newLife())
	return s
}

// Spare takes leave for up to n sessions of a case beside its first, of what all cases together may have, lest they be more than a
// right server takes. done gives it back.
func (s *Server) Spare(n int) (had int, done func()) {
	for had < n {
		select {
		case s.spare <- struct{}{}:
			had++
			continue
		default:
		}
		break
	}
	return had, func() {
		for range had {
			<-s.spare
		}
	}
}

// nextName returns a name for a connection that no other has, in this run or another.
func (s *Server) nextName() string {
	serial := strconv.FormatUint(s.names.Add(1), 36)
	return s.prefix + strings.Repeat("0", max(exchange.NameLength-len(s.prefix)-len(serial), 0)) + serial
}

// OtherName says whether bytes hold the name of a connection of this run that own does not hold.
func (s *Server) OtherName(came, own []byte) bool {
	mine := namesIn(own, s.prefix)
	for _, name := range namesIn(came, s.prefix) {
		n, err := strconv.ParseUint(string(name[len(s.prefix):]), 36, 64)
		if err == nil && n > 0 && n <= s.names.Load() && !bytes.Contains(own, name) && !Rearranged(name, mine) {
			return true
		}
	}
	return false
}

// namesIn are the names of connections in b that begin so.
func namesIn(b []byte, prefix string) (all [][]byte) {
	for {
		at := bytes.Index(b, []byte(prefix))
		if at < 0 || at+exchange.NameLength > len(b) {
			return all
		}
		all, b = append(all, b[at:at+exchange.NameLength]), b[at+len(prefix):]
	}
}

// Rearranged says whether a text has the same bytes as one of the others, in another order: a server that moves bytes has made it of that.
func Rearranged(text []byte, others [][]byte) bool {
	sorted := func(b []byte) []byte {
		b = bytes.Clone(b)
		slices.Sort(b)
		return b
	}
	return slices.ContainsFunc(others, func(o []byte) bool { return bytes.Equal(sorted(o), sorted(text)) })
}

// NeverCloses reports whether the server was seen to answer rightly and not to close.
func (s *Server) NeverCloses() bool { return s.unclosed.Load() }

// SlowFlooded says why the server is not flooded any more, or "".
func (s *Server) SlowFlooded() string {
	if why := s.flooded.Load(); why != nil {
		return *why
	}
	return ""
}

// FloodedSlowly notes that the server was too slow to be flooded.
func (s *Server) FloodedSlowly(why string) { s.flooded.Store(&why) }

// EndWait is how long to wait for the end of a stream whose answer is complete. A server that has once been seen not to close is
// not waited for again, but where its closing is what is judged.
func (s *Server) EndWait(judged bool, wait time.Duration) time.Duration {
	if judged || !s.NeverCloses() {
		return wait
	}
	return patience.Unclosed
}

// Lives is how often the server was started again.
func (s *Server) Lives() int64 { return s.lives.Load() }

// StartedAgain notes that the server was started again.
func (s *Server) StartedAgain() { s.lives.Add(1) }

// answers reports whether a plain session is answered now, if wrongly.
func (s *Server) answers(ctx context.Context) bool {
	p := s.feeling()
	defer p.Done()
	for _, wait := range []time.Duration{p.Wait(), p.LongWait()} {
		if _, f := p.Try(ctx, s.Dialect.Plain(p.ID()), Delivery{}, wait); f == nil || f.Fact() && !f.Is(finding.Gone) {
			return true
		}
	}
	return false
}

// unserved is what a plain session comes to that is not answered rightly now; nil where it is. One that is answered wrongly, or closed, is
// asked for again for some time: the server may be full for a moment, or mix what its clients say. One that is not answered within wait is not.
func (s *Server) unserved(ctx context.Context, wait, recovers time.Duration) *finding.Finding {
	p := s.feeling()
	defer p.Done()
	for begin := time.Now(); ; Sleep(ctx, patience.LookAtRefusal) {
		_, f := p.Try(ctx, s.Dialect.Plain(p.ID()), Delivery{}, wait)
		_, refused := Refusal(f)
		switch {
		case f == nil, s.Full(): // how it would go on is known
			return nil
		case ctx.Err() != nil, f.Is(finding.Missing) && !refused, s.Target.Alive() != nil, time.Since(begin) >= recovers:
			return f
		case f.Is(finding.Gone): // nobody listens: it is no longer full
			recovers = min(recovers, patience.Refusing)
		}
	}
}

// until is [Server.Until], which may be left nil.
func (s *Server) until() context.Context { return cmp.Or(s.Until, context.Background()) }

// startAgain starts a server that has ended, or serves no more, again, where the suite can, and says whether it serves.
func (s *Server) startAgain(ctx context.Context) bool {
	if s.Restart == nil {
		return false
	}
	bound := patience.Revival
	if s.Launcher != nil {
		bound += 2 * s.Launcher.Ready() // on its address first, and then on another
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	defer context.AfterFunc(s.until(), cancel)()
	if s.Restart(ctx) != nil {
		return false
	}
	l := newLife()
	s.life.Store(l)
	if s.unserved(ctx, s.Patience.Again(), patience.Warm) != nil {
		return false
	}
	l.ready()
	s.StartedAgain()
	return true
}

// An Aftermath is how a server fared behind an attempt.
type Aftermath struct {
	ServedOn bool  // it did not have to be started again
	End      error // how it ended; nil where it did not, as far as that is known
	Serves   bool  // it serves now
	Lives    bool  // it has not ended: it listens, and serves nobody
	Life     Life  // its life that was over, where it did not serve on
}

// After looks at the server behind an attempt that came to f, where that is a fact, or the server's process has ended, or it is known to
// serve nobody.
func (s *Server) After(ctx context.Context, f *finding.Finding) Aftermath {
	if !f.Fact() && s.Target.Alive() == nil && !s.life.Load().hanging() {
		return Aftermath{ServedOn: true, Serves: true}
	}
	return s.Look(ctx, f.Fact())
}

// Look finds out whether the server serves, and starts it again where it does not, or has ended, and the suite can. It is looked at, and
// started again, once, however many have noticed. One that the suite can start again, and that was seen to be wrong, is not waited for as
// long as one that cannot be had again.
func (s *Server) Look(ctx context.Context, wrong bool) Aftermath {
	select {
	case s.reviving <- struct{}{}:
		defer func() { <-s.reviving }()
	case <-ctx.Done():
		return Aftermath{ServedOn: true, Serves: true} // as far as is known
	}
	wait, recovers := s.Patience.Again(), patience.Recover
	if s.refuses.Load() { // it has had that
		recovers = patience.Refusing
	}
	if s.Restart != nil {
		recovers = patience.Refusing
		if wrong {
			wait = s.Patience.Answer
		}
		if !s.Patience.Slow() && s.life.Load().doubted() { // as hangs does
			wait = s.Patience.Probe()
		}
	}
	if s.lost.Load() {
		return Aftermath{End: s.Target.Alive()}
	}
	lives := s.life.Load().hanging()
	if s.Target.Alive() == nil && !lives {
		f := (*finding.Finding)(nil)
		asked := time.Now()
		if !s.Full() {
			f = s.unserved(ctx, wait, recovers)
		}
		if f == nil || ctx.Err() != nil && s.Target.Alive() == nil {
			return Aftermath{ServedOn: true, Serves: true}
		}
		if lives = !f.Is(finding.Gone) && s.Target.Alive() == nil; lives {
			s.life.Load().hangs(asked)
		}
	}
	a := Aftermath{End: s.ending()}
	a.Lives = lives && a.End == nil
	a.Life = s.over(a.End)
	over := s.life.Load()
	if a.Serves = s.startAgain(context.WithoutCancel(ctx)); a.Serves {
		over.end()
	}
	s.lost.Store(!a.Serves)
	return a
}

// ending is how a server ended that does not answer. One whose address is closed is about to: on a busy machine, or while it writes what
// it held in memory, that is known only some time later.
func (s *Server) ending() error {
	end := s.Target.Alive()
	host, digits, err := net.SplitHostPort(s.Target.Current())
	port, notNumber := strconv.Atoi(digits)
	if err != nil || notNumber != nil || s.Target.Kind != target.KindExec {
		return end
	}
	most := patience.Kill
	if s.outlives.Load() {
		most = patience.Dying
	}
	for begin := time.Now(); end == nil && s.until().Err() == nil; end = s.Target.Alive() {
		if time.Since(begin) >= most {
			s.outlives.Store(true)
			break
		}
		if listening, err := kernel.Listening(host, port); err != nil || listening {
			break
		}
		Sleep(s.until(), patience.LookAtProcess)
	}
	return end
}

// Serves says whether a plain session is answered now, and a moment later still: a server may need that to end of what it was
// sent.
func (s *Server) Serves(ctx context.Context) bool {
	for range 2 {
		if s.Target.Alive() != nil || !s.answers(ctx) {
			return false
		}
		Sleep(ctx, patience.Dying)
	}
	return s.Target.Alive() == nil
}

// ServesNow says whether a plain session is answered rightly, by a server that has had its time for that.
func (s *Server) ServesNow(ctx context.Context) bool {
	return s.Target.Alive() == nil && s.unserved(ctx, s.Patience.Answer, patience.Refusing) == nil
}

// Recovers waits until a plain session is answered rightly: a server that was full may need some seconds to find out that its clients have
// left. One that has not in its time is not waited for again.
func (s *Server) Recovers(ctx context.Context) bool {
	p := s.feeling()
	defer p.Done()
	for begin := time.Now(); ; Sleep(ctx, patience.LookAtRefusal) {
		_, f := p.Try(ctx, s.Dialect.Plain(p.ID()), Delivery{}, p.Wait())
		switch {
		case f == nil:
			return true
		case ctx.Err() != nil || f.Is(finding.Gone) || f.Cause == errHangs || s.refuses.Load():
			return false
		case time.Since(begin) > patience.Recover:
			s.refuses.Store(true)
			return false
		}
	}
}

// Revive starts a server again that has ended or does not answer, where the suite can. It returns whether a plain session is
// answered now, and whether the server had to be started again for that.
func (s *Server) Revive(ctx context.Context) (serves, restarted bool) {
	if s.Target.Alive() == nil && s.answers(ctx) {
		return true, false
	}
	if restarted = s.Restart != nil && s.Restart(ctx) == nil; restarted {
		s.life.Store(newLife())
	}
	return restarted && s.answers(ctx), restarted
}

// Sleep returns when d has passed, or ctx has ended.
func Sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
