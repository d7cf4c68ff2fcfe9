package service

import (
	"cmp"
	"context"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Part is what of a talk is sent at once, and what is waited for before the next is.
type Part struct {
	Send  []byte
	How   delivery.Segments
	Whole int // so many whole answers, interim ones too, are waited for,
	Final int // or so many final ones
	// Wait is how long the server may be silent; 0 is as long as its answers take by far.
	Wait time.Duration
}

// A Talk is what came of parts that were sent on one connection, one after another.
type Talk struct {
	Answers []*http1.Answer // the whole ones
	Finals  []*http1.Answer // those of them that are final
	Heard   []int           // how many of the answers had come behind each part that was sent
	Rest    *http1.Answer   // what came last and is not whole; nil where all is
	Silent  bool            // the last part went without what was waited for, and the connection is open
	Closed  bool            // the server has ended the connection
	Trial   *player.Trial
}

// Talk sends parts on a connection of its own, as long as the server goes along. asked are the requests in them.
func (s *Service) Talk(ctx context.Context, p *player.Player, name string, asked []http1.Asked, wait time.Duration, parts ...Part) (*Talk, *finding.Finding) {
	c, f := p.Dial(ctx, delivery.Options{})
	if f != nil {
		return nil, f
	}
	defer c.Close()
	var request []byte
	plan := parts[0].How
	for i, part := range parts {
		if i > 0 && len(part.Send) > 0 {
			plan.Cuts = append(plan.Cuts[:len(plan.Cuts):len(plan.Cuts)], delivery.Cut{At: len(request)})
		}
		request = append(request, part.Send...)
	}
	t := &Talk{Trial: c.Trial(dialect.Session{Name: name, Request: request}, plan, wait)}
	r := &http1.Reader{Asked: asked, Limit: mostKept}
	answer := delivery.Answer{Ending: delivery.StillOpen}
	var played error
	for _, part := range parts {
		if answer.Ending != delivery.StillOpen {
			break
		}
		var came delivery.Answer
		came, played = c.Exchange(ctx, part.Send, part.How, part.want(r, cmp.Or(part.Wait, s.grace(p, wait))))
		if ctx.Err() != nil {
			return nil, finding.Ended(ctx)
		}
		answer = joined(answer, came)
		if answer.Ending != delivery.StillOpen {
			r.End()
		}
		t.sort(r)
		t.Heard = append(t.Heard, len(t.Answers))
	}
	t.Closed = answer.Ending != delivery.StillOpen
	t.Silent = answer.TimedOut && !t.Closed
	t.Trial.Took(answer, played)
	return t, nil
}

// want is what to receive behind the part.
func (p Part) want(r *http1.Reader, idle time.Duration) delivery.Want {
	n := 0
	return delivery.Want{Keep: mostKept, Limit: mostKept, Idle: idle, Total: patience.Turn, Done: func(head []byte) bool {
		_, _ = r.Write(head[n:])
		n = len(head)
		all := r.Answers()
		return r.Lost() || p.Final > 0 && r.Final() >= p.Final || p.Whole > 0 && len(all) >= p.Whole && all[p.Whole-1].Whole
	}}
}

// sort sorts what was read.
func (t *Talk) sort(r *http1.Reader) {
	t.Answers, t.Finals, t.Rest = nil, nil, nil
	all := r.Answers()
	for i := range all {
		switch a := &all[i]; {
		case !a.Whole:
			t.Rest = a
			continue
		case !a.Interim():
			t.Finals = append(t.Finals, a)
		}
		t.Answers = append(t.Answers, &all[i])
	}
}
