package judge

import (
	"context"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A cutMap says of the places of one session whether a cut there changes the answer, and counts them by what the cut divides.
type cutMap struct {
	character, characterWrong int // inside a UTF-8 character
	crlf, crlfWrong           int // between CR and LF
	inside, insideWrong       int // inside a line, between characters

	wrong []bool // whether the cut behind its first byte changes the answer, its second, and so on
}

// only reports whether every cut of one kind changes the answer, and no other.
func (m cutMap) only(kind, wrong int) bool {
	return kind > 0 && wrong == kind && m.characterWrong+m.crlfWrong+m.insideWrong == wrong
}

// fewest is of how many places at the least each part of a session must have that is told from the other by its cuts.
const fewest = 3

// header is how many bytes a session begins with inside of which every cut changes the answer, where no other cut does; else 0.
func (m cutMap) header() int {
	n := slices.Index(m.wrong, false) // as many cuts as this are inside of one byte more
	if n < fewest-1 || len(m.wrong)-n < fewest || slices.Contains(m.wrong[n:], true) {
		return 0
	}
	return n + 1
}

// body is behind how many bytes of a session the first of the cuts is that change the answer, where all behind it do, and none before
// it; else 0. The last byte may be a line end by itself, which changes nothing.
func (m cutMap) body() int {
	n := slices.Index(m.wrong, true)
	if n < fewest || len(m.wrong)-n < fewest || slices.Contains(m.wrong[n:len(m.wrong)-1], false) {
		return 0
	}
	return n + 1
}

// tooSlowToMap says that nothing would be answered in the time that each answer of a map has.
func (r *Run) tooSlowToMap() bool { return r.Server.Patience.Exchange >= patience.MapAnswer }

// mapCuts delivers a session that has something of every kind, cut in two at each byte. Where
// it is wrong whole, a simpler one must do; where that is wrong too there is no map. A server that ends of a cut is started again before
// the next, and where that cannot be, there is none either: what a server that has ended does not answer shows nothing.
func (r *Run) mapCuts(ctx context.Context, ends bool) cutMap {
	const starts = 10
	if r.tooSlowToMap() {
		return cutMap{}
	}
	bound := patience.Map
	if ends {
		bound += starts * r.Server.Target.StartTime()
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	b := r.bench("diagnosis", "diagnosis")
	defer b.Done()
	for _, session := range mapSessions(b.Dialect) {
		if _, f := b.Try(ctx, session, player.Delivery{}, b.Wait()); f != nil {
			continue
		}
		if changes, ok := r.changingCuts(ctx, session, ends); ok {
			return mapped(session.Request, changes)
		}
		break
	}
	return cutMap{}
}

// changingCuts says of every cut in two whether it changes the session's answer; ok is false where that is not known of all. Several are
// delivered beside one another, unless the server ends of them.
func (r *Run) changingCuts(ctx context.Context, s dialect.Session, ends bool) (changes []bool, ok bool) {
	changes = make([]bool, max(len(s.Request)-1, 0))
	var lost atomic.Bool // a delivery may have met a server that had ended
	one := func(i int) {
		b := r.bench("diagnosis", "diagnosis") // for each: the server may be at another address now
		defer b.Done()
		_, f := b.Try(ctx, s, player.Delivery{Segments: delivery.CutAt(i + 1)}, min(b.Wait(), patience.MapAnswer))
		changes[i] = f != nil
		if f != nil && ctx.Err() == nil {
			if after := r.Server.After(ctx, f); !after.Serves || !after.ServedOn && !ends {
				lost.Store(true)
			}
		}
	}
	var deliveries errgroup.Group
	deliveries.SetLimit(r.cutsAtOnce(ends))
	for i := range changes {
		deliveries.Go(func() error {
			if ctx.Err() == nil && !lost.Load() {
				one(i)
			}
			return nil
		})
	}
	_ = deliveries.Wait()
	return changes, ctx.Err() == nil && !lost.Load()
}

// cutsAtOnce is how many cuts are delivered beside one another.
func (r *Run) cutsAtOnce(ends bool) int {
	if ends || r.facts.OneAtATime() {
		return 1
	}
	b := r.bench("diagnosis", "diagnosis")
	defer b.Done()
	return b.Clients(8)
}

// mapped is the map of the cuts of a request.
func mapped(request []byte, changes []bool) cutMap {
	var m cutMap
	for i, changed := range changes {
		m.add(request, i+1, changed)
	}
	return m
}

// add counts the cut of r at an offset.
func (m *cutMap) add(r []byte, at int, wrong bool) {
	m.wrong = append(m.wrong, wrong)
	n := 0
	if wrong {
		n = 1
	}
	switch {
	case r[at]&0xc0 == 0x80:
		m.character++
		m.characterWrong += n
	case r[at-1] == '\r' && r[at] == '\n':
		m.crlf++
		m.crlfWrong += n
	case r[at-1] != '\n' && r[at] != '\n': // an LF by itself may pass for an empty line, and change nothing
		m.inside++
		m.insideWrong += n
	}
}

// mapSessions are the sessions whose cuts are mapped: two lines of every kind, and one plain request.
func mapSessions(d dialect.Dialect) []dialect.Session {
	plain := d.Ending("abc")
	if l, ok := d.(dialect.LineReader); ok {
		return []dialect.Session{l.Lines("two lines", "xé日y\r\n", "z\n"), plain}
	}
	return []dialect.Session{plain}
}
