package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/lives"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/report"
)

// What is judged of a server that stops serving whatever is sent.

// The requirements that tell of that.
const (
	living  = "LIFE-1" // of a server that ends, or stops serving, by itself
	turning = "LIFE-2" // of one that serves so many clients, and nobody behind them
)

// watching watches the server's lives.
func (r *Run) watching() {
	r.lives = lives.Watch{
		Server: r.Server,
		Seed:   r.cfg.Seed,
		Over:   func() bool { return r.stoppedBy.Load() != nil },
		Lost:   func(requirement string) { r.stop(requirement) },
	}
}

// ofItself says whether a life of the server is known to have been over whatever was sent. Nobody else may talk to the server.
func (r *Run) ofItself(ctx context.Context, l player.Life) bool {
	if !r.lives.OfItself(ctx, l) {
		return false
	}
	r.explained.Store(true)
	if r.lives.Expires() != nil {
		r.giveUp(living, fmt.Sprintf("the server does not serve for long enough: %s (%s)", r.lives.Brief(), living))
	} else if f, most := r.lives.Wears(), r.Server.Worn(); most < plan.MaxClients && !r.learned() {
		lives.Plays(f.Evidence, r.plainly(most+1))
		f.Costing(0)
	}
	return true
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

// plainly is so many clients that have plain sessions, one after another.
func (r *Run) plainly(clients int) plan.Plan {
	b := r.bench("life", "life")
	defer b.Done()
	all := make([]plan.Client, clients)
	for i := range all {
		all[i] = plan.Client{Requests: []plan.Request{{Pieces: []plan.Piece{{Text: b.Plain()}}}}, End: delivery.HalfClose, Then: true}
	}
	return r.lives.PlanOf(all)
}

// unnoticed finds out of a server that has ended when nothing was played to it whether it ends by itself. Of one that the gate had trouble
// with, which says what that was, nothing is judged that this could explain.
func (r *Run) unnoticed(ctx context.Context) {
	if r.Server.Restart == nil || r.stoppedBy.Load() != nil || ctx.Err() != nil || r.Server.Target.Alive() == nil || r.gate.trouble != "" {
		return
	}
	if after := r.Server.Look(ctx, false); after.End != nil {
		r.noteEnd(after.End)
		r.ofItself(ctx, after.Life)
	}
}

// lifeOf is what is known of a requirement that tells how the server's lives end, whatever its cases came to; nil where it is nothing.
func (r *Run) lifeOf(requirement string) *finding.Finding {
	switch requirement {
	case living:
		return r.lives.Expires()
	case turning:
		return r.lives.Wears()
	}
	return nil
}

// inBackground is why nothing is judged of a server that has put itself there.
const inBackground = "the server puts itself in the background"

// noteEnd notes how the server ended. One that has put itself in the background is not judged: what was started can neither be stopped nor
// be seen to end, and what its requirements would tell hangs on when it did that.
func (r *Run) noteEnd(end error) {
	r.ended.Store(&end)
	if text := player.LeftBehind(end); text != "" && r.behind.CompareAndSwap(nil, &text) {
		r.giveUp(living, inBackground)
	}
}

// withdraw takes back what was said of a server that has put itself in the background: nothing of it was judged.
func (r *Run) withdraw(results []report.Result) {
	for i, res := range results {
		results[i] = report.Result{ID: res.ID, Family: res.Family, Level: res.Level, Title: res.Title, Verdict: report.Skip, Reason: inBackground}
	}
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
	told := r.shattered.Beyond(o.c.Requirement)
	if len(told) == 0 {
		return false
	}
	slices.SortFunc(told, func(a, b string) int { return r.place(a) - r.place(b) })
	r.giveUp(told[0], fmt.Sprintf("the server serves nobody any more behind what is sent for %s, each time that it is started again, nor behind what came then: the rest was not judged", strings.Join(told, " and ")))
	return true
}
