// Package lives finds out of a server that stops serving whether it does so whatever is sent: it serves so many clients in its life, and
// nobody behind them, or ends so long after its start. Whatever is judged then would be blamed for that. So before anybody is, another life of
// the server is watched, in which nothing happens, or nothing but plain sessions.
package lives

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
)

// A Watch is what is known of how a server's lives end. Only who has the server for himself finds out more.
type Watch struct {
	Server *player.Server
	// Seed is the run's.
	Seed uint64
	// Over says whether nothing more is judged, and Lost notes that the server cannot be had again, since a requirement was judged.
	Over func() bool
	Lost func(requirement string)

	expires atomic.Pointer[finding.Finding]
	wears   atomic.Pointer[finding.Finding]
	brief   string // how it ends, or stops serving, by itself

	over    []player.Life // those that were over
	watched int           // lives that were watched
	left    time.Duration // for how long the server was left alone, and served then
	served  int           // how many clients of one life had plain sessions, and were served
	refuses bool          // it refuses clients for longer than servers do that count those that have left
}

// mostWatched is how many lives of a server are watched: few are enough where it stops serving for one reason.
const mostWatched = 8

// Expires is that the server ends, or stops serving, by itself, as a fact; nil where it is not known to. Brief is that in a few words.
func (w *Watch) Expires() *finding.Finding { return w.expires.Load() }

// Brief says of a server that [Watch.Expires] how it does.
func (w *Watch) Brief() string { return w.brief }

// Wears is that it serves so many clients ([player.Server.Worn]), and nobody behind them, as a fact; nil where it is not known to.
func (w *Watch) Wears() *finding.Finding { return w.wears.Load() }

// Refuses notes that the server has refused clients for longer than servers do that count those that have left.
func (w *Watch) Refuses() { w.refuses = true }

// OfItself says whether a life of the server is known to have been over whatever was sent. Nobody else may talk to the server.
func (w *Watch) OfItself(ctx context.Context, l player.Life) bool {
	switch {
	case w.expires.Load() != nil:
		return true
	case w.wears.Load() != nil, w.Server.Restart == nil, w.Over(), ctx.Err() != nil:
		return false // to one that wears no more clients come than it serves
	}
	return w.lasts(ctx, l) || w.turns(ctx, l)
}

// renew has nothing have come to the server, to see how that life goes on; false where it is not to be watched, or cannot be had.
func (w *Watch) renew(ctx context.Context) bool {
	if w.watched++; w.watched > mostWatched || w.Over() {
		return false
	}
	if w.Server.Renew(ctx) {
		return true
	}
	if ctx.Err() == nil {
		w.Lost("LIFE-1")
	}
	return false
}

// lasts finds out whether the server ends, or stops serving, by itself: it is left alone for as long as it has lived. That is only done
// where it was young then, or has lived for about as long before.
func (w *Watch) lasts(ctx context.Context, l player.Life) bool {
	age, suspected := l.Over, l.Over <= patience.Young || !l.Ended && l.Served <= patience.Young // since when it hangs is not known
	for _, other := range w.over {
		if alike(l, other) {
			age, suspected = min(age, other.Over), true
		}
	}
	w.over = append(w.over, l)
	if !suspected || l.Right < 2 || // one shows that a server serves that was started again, and one asks whether it still does
		age > patience.LeftAlone || age <= w.left || !w.renew(ctx) {
		return false
	}
	until := age + age/10 + patience.Dying
	for w.Server.Target.Alive() == nil && w.Server.Life().Over < until && ctx.Err() == nil {
		player.Sleep(ctx, patience.LookAtOrphan)
	}
	after := w.Server.Look(ctx, true)
	switch {
	case ctx.Err() != nil:
		return false
	case after.ServedOn:
		w.left = age
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
	w.brief = what
	w.expires.Store(f)
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

// turns finds out whether the server serves so many clients in each of its lives, and nobody behind them: as many as came in the life that
// was over have plain sessions, one after another, in two lives. Where as many are served in both, and the next one is not, no more come to
// it, and what needs more is not judged.
func (w *Watch) turns(ctx context.Context, l player.Life) bool {
	if l.Clients <= w.served {
		return false
	}
	first, of, f := w.turnover(ctx, l.Clients)
	if f == nil {
		return false
	}
	if w.lasts(ctx, of) { // while they came
		return true
	}
	second, _, f := w.turnover(ctx, first+first/4+2)
	if f == nil || second < first-first/4 {
		return false
	}
	most := min(first, second)
	f.During(fmt.Sprintf("behind %d plain sessions, one after another, ", second))
	f.Evidence.Runs, f.Evidence.Failed = 2, 2
	w.Server.Wears(most)
	w.wears.Store(f.Costing(0)) // whatever else is wrong may come from it
	return true
}

// turnover has plain sessions, one after another, until as many clients have come in a life of the server. f is that of the one behind
// which the server served nobody any more, as a fact, served how many came before, and l that life; nil where there is none.
func (w *Watch) turnover(ctx context.Context, clients int) (served int, l player.Life, f *finding.Finding) {
	if !w.renew(ctx) {
		return 0, l, nil
	}
	p := w.Server.Player("life")
	defer p.Done()
	for began := time.Now(); ; {
		if served = w.Server.Life().Clients; served >= clients || ctx.Err() != nil || time.Since(began) > patience.Turnover {
			w.served = max(w.served, served)
			return 0, l, nil
		}
		if f = p.Attempt(ctx, p.Dialect.Plain(p.ID()), player.Delivery{}, p.Wait()).Finding; f != nil {
			break
		}
	}
	if _, refused := player.Refusal(f); refused && !w.refuses {
		if w.refuses = true; p.Readmits(ctx) {
			return 0, l, nil
		}
	}
	after := w.Server.Look(ctx, true)
	if after.ServedOn || !f.Failed() || ctx.Err() != nil {
		return 0, l, nil
	}
	return served, after.Life, player.Died(f.Settled(), after.End)
}
