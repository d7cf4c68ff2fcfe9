package player

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// A server that ends: what is said of it, and what was done to it.

// EndedBy is what a report says of a server's end, and that in one sentence; nil and "" where err is no such end.
func EndedBy(err error) (*report.Ended, string) {
	var e *target.ExitedError
	if !errors.As(err, &e) {
		return nil, ""
	}
	text := "the server ended: " + e.How()
	if why := e.Why(); why != "" {
		text += " (" + why + ")"
	}
	return &report.Ended{How: e.How(), Words: e.Words}, text
}

// LeftBehind is what is said of a server that has put itself in the background, by the end of what was started: it serves on, so that
// nobody can say what it ended of. It is "" for any other end.
func LeftBehind(end error) string {
	if e := (*target.ExitedError)(nil); errors.As(end, &e) && e.Left > 0 {
		return e.Error()
	}
	return ""
}

// ageOf is how old a server was that ended by itself; ok is false where that is not known.
func ageOf(end error) (age time.Duration, ok bool) {
	var e *target.ExitedError
	if !errors.As(end, &e) || e.Exit == nil || e.Exit.Forced {
		return 0, false
	}
	return e.Exit.Elapsed, true
}

// NewGone is the finding that the server's process ended in this way.
func NewGone(end error) *finding.Finding {
	ended, text := EndedBy(end)
	if ended == nil {
		text = fmt.Sprintf("the server is gone: %v", end)
	}
	f := finding.New(finding.Gone, "%s", text)
	f.Certain, f.Evidence.Ended = true, ended
	return f
}

// Died gives a failure the end of the server that it led to, and returns it: a fact, whatever it was before.
func Died(f *finding.Finding, end error) *finding.Finding {
	ended, text := EndedBy(end)
	if ended == nil || f.Evidence.Ended != nil {
		return f
	}
	f.Evidence.Ended = ended
	if f.Problem != "" {
		text = fmt.Sprintf("%s; what the client saw of it: %s", text, f.Problem)
	}
	f.Problem = text
	return f.Settled()
}

// died is what attempts come to of which the last met a server that had ended: the one before it did that, and the last tells how.
func died(attempts []*finding.Finding) *finding.Finding {
	last, before := attempts[len(attempts)-1], attempts[len(attempts)-2]
	if !before.Failed() || before.Evidence.Request.Total == 0 && last.Evidence.Request.Total > 0 { // no connection was made before either
		last.Evidence.Runs, last.Evidence.Failed = 1, 1
		return last
	}
	if before.Evidence.Ended == nil && !before.Is(finding.Gone) {
		before.Problem = fmt.Sprintf("%s; what the client saw of it: %s", strings.TrimPrefix(last.Problem, killedWords), before.Problem)
		before.Evidence.Ended = last.Evidence.Ended
	}
	before.Evidence.Runs, before.Evidence.Failed = len(attempts)-1, 0
	for _, f := range attempts[:len(attempts)-1] {
		if f.Failed() {
			before.Evidence.Failed++
		}
	}
	return before.Settled()
}

// mostDoings is how many of the clients that came last are remembered.
const mostDoings = plan.MaxClients

// Doings is what the player's last clients did, as the clients of a plan: those that came one after another, and those beside one
// another. Of one that sent more than is remembered, the beginning is there.
func (p *Player) Doings() []plan.Client {
	p.tally.mu.Lock()
	came := slices.Clone(p.tally.came)
	p.tally.mu.Unlock()
	var all []plan.Client
	for _, one := range came {
		said := one.client.Said()
		c := plan.Client{Cuts: said.Cuts, End: said.End, Then: one.then && len(all) > 0}
		if len(said.Bytes) > 0 {
			c.Requests = []plan.Request{{Pieces: []plan.Piece{{Text: said.Bytes}}}}
		}
		if len(c.Requests) > 0 || c.End != delivery.Open { // one that connected, and was served nothing, tells nothing
			all = append(all, c)
		}
	}
	return all
}

// Poured says whether one of the player's last clients sent more than is remembered of it.
func (p *Player) Poured() bool {
	p.tally.mu.Lock()
	defer p.tally.mu.Unlock()
	return slices.ContainsFunc(p.tally.came, func(one came) bool { return !one.client.Said().Whole })
}

// Kills plays a plan to the server, and finds out whether that ends of it; it is started again then, where the suite can. It returns how
// the server ended, nil where it serves on, and whether it serves now.
func (s *Server) Kills(ctx context.Context, p plan.Plan) (end error, serves bool) {
	due, err := s.Due(p)
	if err != nil {
		return nil, true
	}
	e := s.Player("kills")
	defer e.Done()
	e.PlayDue(ctx, p, due, min(patience.Short(0), s.Patience.Answer))
	if s.Serves(ctx) || ctx.Err() != nil && s.Target.Alive() == nil {
		return nil, true
	}
	return s.ending(), s.startAgain(ctx)
}
