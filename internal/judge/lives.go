package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
)

// A server may stop serving whatever is sent: it serves so many clients in its life, and nobody behind them, or ends so long after its
// start. Whatever is judged then would be blamed for that. So before anybody is, another life of the server is watched, in which nothing
// happens, or nothing but plain sessions.

// The requirements that tell of that.
const (
	living  = "LIFE-1" // of a server that ends, or stops serving, by itself
	turning = "LIFE-2" // of one that serves so many clients, and nobody behind them
)

// lives is what is known of how the server's lives end. Only who has the server for himself finds out more.
type lives struct {
	expires atomic.Pointer[finding.Finding] // that the server ends, or stops serving, by itself; nil where it is not known to
	wears   atomic.Pointer[finding.Finding] // that it serves so many clients, and nobody behind them; nil where it is not known to

	over    []player.Life // those that were over
	watched int           // lives that were watched
	left    time.Duration // for how long the server was left alone, and served then
	served  int           // how many clients of one life had plain sessions, and were served
	refuses bool          // it refuses clients for longer than servers do that count those that have left
}

// mostWatched is how many lives of a server are watched: few are enough where it stops serving for one reason.
const mostWatched = 8

// ofItself says whether a life of the server is known to have been over whatever was sent. Nobody else may talk to the server.
func (r *Run) ofItself(ctx context.Context, l player.Life) bool {
	v := &r.lives
	switch {
	case v.expires.Load() != nil:
		return true
	case v.wears.Load() != nil, r.Server.Restart == nil, r.stoppedBy.Load() != nil, ctx.Err() != nil:
		return false // to one that wears no more clients come than it serves
	}
	return r.expires(ctx, l) || r.wears(ctx, l)
}

// watch has nothing have come to the server, to see how that life goes on; false where it is not to be watched, or cannot be had.
func (r *Run) watch(ctx context.Context) bool {
	r.lives.watched++
	return r.lives.watched <= mostWatched && r.stoppedBy.Load() == nil && r.renew(ctx, living)
}

// renew has nothing have come to the server when a requirement is judged; false where the server cannot be had.
func (r *Run) renew(ctx context.Context, requirement string) bool {
	if r.Server.Renew(ctx) {
		return true
	}
	if ctx.Err() == nil {
		r.stop(requirement)
	}
	return false
}

// runWithin runs a case, where the server serves so many clients and nobody behind them, within as many: it is started again where others
// have left the case too few.
func (r *Run) runWithin(ctx context.Context, c rules.Case) outcome {
	if r.Server.Worn() == 0 || r.apart(c) {
		return r.run(ctx, c)
	}
	if r.Server.Full() && !r.renew(ctx, c.Requirement) {
		return r.run(ctx, c) // which says so
	}
	fresh := r.Server.Fresh()
	o := r.run(ctx, c)
	if fresh || !o.counted.Exceeded || !r.renew(ctx, c.Requirement) {
		return o
	}
	again := r.run(ctx, c)
	again.elapsed += o.elapsed
	return again
}

// expires finds out whether the server ends, or stops serving, by itself: it is left alone for as long as it has lived. That is only done
// where it was young then, or has lived for about as long before.
func (r *Run) expires(ctx context.Context, l player.Life) bool {
	age, suspected := l.Over, l.Over <= patience.Young
	for _, other := range r.lives.over {
		if alike(l, other) {
			age, suspected = min(age, other.Over), true
		}
	}
	r.lives.over = append(r.lives.over, l)
	if !suspected || age > patience.LeftAlone || age <= r.lives.left || !r.watch(ctx) {
		return false
	}
	until := age + age/10 + patience.Dying
	for r.Server.Target.Alive() == nil && r.Server.Life().Over < until && ctx.Err() == nil {
		player.Sleep(ctx, patience.LookAtOrphan)
	}
	after := r.Server.Look(ctx, true)
	switch {
	case ctx.Err() != nil:
		return false
	case after.ServedOn:
		r.lives.left = age
		return false
	case l.Ended != after.Life.Ended, l.Ended && !alike(l, after.Life): // it did so since nobody came
		return false
	}
	ended, how := player.EndedBy(after.End)
	what := fmt.Sprintf("it ends by itself, %s after its start", patience.Text(after.Life.Over.Round(100*time.Millisecond)))
	if ended == nil {
		how, what = "the server serves nobody any more", fmt.Sprintf("it stops serving by itself, within %s of its start", patience.Text(until.Round(100*time.Millisecond)))
	}
	f := finding.NewBroken("%s; %s, whatever was sent: it did so again when it was started again and left alone", how, what)
	f.Evidence.Ended, f.Evidence.Runs, f.Evidence.Failed = ended, 2, 2
	r.lives.expires.Store(f)
	r.giveUp(living, fmt.Sprintf("the server does not serve for long enough: %s (%s)", what, living))
	return true
}

// alike says whether two lives may have been over at the same age.
func alike(a, b player.Life) bool {
	return a.Ended == b.Ended && earliest(a) <= b.Over && earliest(b) <= a.Over
}

// earliest is at which age a life may have been over that is like this one: a busy machine may begin the next one later by much.
func earliest(l player.Life) time.Duration {
	if l.Ended {
		return l.Over - max(l.Over/2, patience.Noticed)
	}
	return l.Served
}

// wears finds out whether the server serves so many clients in each of its lives, and nobody behind them: as many as came in the life that
// was over have plain sessions, one after another, in two lives. Where as many are served in both, and the next one is not, no more come to
// it, and what needs more is not judged.
func (r *Run) wears(ctx context.Context, l player.Life) bool {
	if l.Clients <= r.lives.served {
		return false
	}
	first, of, f := r.turnover(ctx, l.Clients)
	if f == nil {
		return false
	}
	if r.expires(ctx, of) { // while they came
		return true
	}
	second, _, f := r.turnover(ctx, first+first/4+2)
	if f == nil || second < first-first/4 {
		return false
	}
	most := min(first, second)
	f.During(fmt.Sprintf("behind %d plain sessions, one after another, ", second))
	if f.Evidence.Runs, f.Evidence.Failed = 2, 2; second < plan.MaxClients && !r.learned() {
		r.plays(f.Evidence, r.plainly(second+1))
	}
	r.lives.wears.Store(f.Costing(0)) // whatever else is wrong may come from it
	r.Server.Wears(most)
	r.explained.Store(true)
	return true
}

// turnover has plain sessions, one after another, until as many clients have come in a life of the server. f is that of the one behind
// which the server served nobody any more, as a fact, served how many came before, and l that life; nil where there is none.
func (r *Run) turnover(ctx context.Context, clients int) (served int, l player.Life, f *finding.Finding) {
	if !r.watch(ctx) {
		return 0, l, nil
	}
	b := r.bench("life", "life")
	defer b.Done()
	for began := time.Now(); ; {
		if served = r.Server.Life().Clients; served >= clients || ctx.Err() != nil || time.Since(began) > patience.Turnover {
			r.lives.served = max(r.lives.served, served)
			return 0, l, nil
		}
		if f = b.Attempt(ctx, b.Dialect.Plain(b.ID()), player.Delivery{}, b.Wait()).Finding; f != nil {
			break
		}
	}
	if _, refused := player.Refusal(f); refused && !r.lives.refuses {
		if r.lives.refuses = true; b.Readmits(ctx) {
			return 0, l, nil
		}
	}
	after := r.Server.Look(ctx, true)
	if after.ServedOn || !f.Failed() || ctx.Err() != nil {
		return 0, l, nil
	}
	if after.End != nil {
		r.ended.Store(&after.End)
	}
	return served, after.Life, player.Died(f.Settled(), after.End)
}

// plainly is so many clients that have plain sessions, one after another.
func (r *Run) plainly(clients int) plan.Plan {
	b := r.bench("life", "life")
	defer b.Done()
	all := make([]plan.Client, clients)
	for i := range all {
		all[i] = plan.Client{Requests: []plan.Request{{Pieces: []plan.Piece{{Text: b.Plain()}}}}, End: delivery.HalfClose, Then: true}
	}
	return r.planOf(all)
}

// unnoticed finds out of a server that has ended when nothing was played to it whether it ends by itself.
func (r *Run) unnoticed(ctx context.Context) {
	if r.Server.Restart == nil || r.stoppedBy.Load() != nil || ctx.Err() != nil || r.Server.Target.Alive() == nil {
		return
	}
	if after := r.Server.Look(ctx, false); after.End != nil {
		r.ended.Store(&after.End)
		r.ofItself(ctx, after.Life)
	}
}

// lifeOf is what is known of a requirement that tells how the server's lives end, whatever its cases came to; nil where it is nothing.
func (r *Run) lifeOf(requirement string) *finding.Finding {
	switch requirement {
	case living:
		return r.lives.expires.Load()
	case turning:
		return r.lives.wears.Load()
	}
	return nil
}

// mostBroken is how many requirements are told to be broken by a server that lives, serves nobody behind them, and is started again each
// time. Each costs the waits for it, several times; and what breaks it then is mostly the same.
const mostBroken = 2

// shattered are such requirements.
type shattered struct {
	mu  sync.Mutex
	all []string
}

// tell adds one.
func (s *shattered) tell(requirement string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.all, requirement) {
		s.all = append(s.all, requirement)
	}
}

// has says whether a requirement was told.
func (s *shattered) has(requirement string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.all, requirement)
}

// beyond are those that were told, where they are so many that another is not.
func (s *shattered) beyond(requirement string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) < mostBroken || slices.Contains(s.all, requirement) {
		return nil
	}
	return slices.Clone(s.all)
}

// giveUp ends the run for a reason that a requirement tells of.
func (r *Run) giveUp(requirement, reason string) {
	if r.stoppedBy.CompareAndSwap(nil, &requirement) {
		r.gaveUp.Store(&reason)
		r.stopped()
	}
}

// givenUp gives up where the server serves nobody behind a case, as it did behind others that are told to be broken by that.
func (r *Run) givenUp(o outcome) bool {
	told := r.shattered.beyond(o.c.Requirement)
	if len(told) == 0 {
		return false
	}
	slices.SortFunc(told, func(a, b string) int { return r.place(a) - r.place(b) })
	r.giveUp(told[0], fmt.Sprintf("the server serves nobody any more behind what is sent for %s, each time that it is started again, nor behind what came then: the rest was not judged", strings.Join(told, " and ")))
	return true
}

// overs are lives of the server that were over.
type overs struct {
	mu  sync.Mutex
	all []player.Life
}

// add adds one, where it was over.
func (o *overs) add(after player.Aftermath) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !after.ServedOn {
		o.all = append(o.all, after.Life)
	}
}

// take returns the first of those that were added since it was last called; ok is false where there is none.
func (o *overs) take() (first player.Life, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) == 0 {
		return player.Life{}, false
	}
	first, o.all = o.all[0], nil
	return first, true
}
