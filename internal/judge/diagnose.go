package judge

import (
	"context"
	"math/bits"
	"strings"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// findings are what the diagnoses look at: the results by their ids, the
// requirement to begin with, and which cuts of one session change its answer.
type findings struct {
	results map[string]report.Result
	first   report.Result
	cuts    cutMap
}

// holds reports whether all of these requirements passed.
func (p findings) holds(ids ...string) bool {
	for _, id := range ids {
		if p.results[id].Verdict != report.Pass {
			return false
		}
	}
	return true
}

// A cutMap counts the places of one session by what a cut there divides, and how many of them change the answer.
type cutMap struct {
	character, characterWrong int // inside a UTF-8 character
	crlf, crlfWrong           int // between CR and LF
	inside, insideWrong       int // inside a line, between characters
}

// only reports whether every cut of one kind changes the answer, and no other.
func (m cutMap) only(kind, wrong int) bool {
	return kind > 0 && wrong == kind && m.characterWrong+m.crlfWrong+m.insideWrong == wrong
}

// cutting are the requirements that a cut in the wrong place breaks, the simplest to follow first.
var cutting = []string{"FRAM-2", "FRAM-3", "FRAM-6", "FRAM-5", "FRAM-7"}

// diagnoses are patterns that point at one cause, the most particular first, and the requirements that show it where they are broken. The
// first that fits is given; where none does, none is.
var diagnoses = []struct {
	text  string
	shows []string
	fits  func(p findings) bool
}{
	{
		"each read is decoded by itself: only cuts inside a UTF-8 character change the answer. Decode whole lines, or with a decoder that keeps its state from read to read",
		cutting,
		func(p findings) bool { return p.cuts.only(p.cuts.character, p.cuts.characterWrong) },
	},
	{
		"CR and LF are taken for a line end only where one read brings both: only the cut between them changes the answer",
		cutting,
		func(p findings) bool { return p.cuts.only(p.cuts.crlf, p.cuts.crlfWrong) },
	},
	{
		"a read is taken for a message: every cut inside a request changes the answer. Read until the delimiter or the length, however many reads that takes",
		cutting,
		func(p findings) bool { return p.cuts.inside > 1 && p.cuts.insideWrong == p.cuts.inside },
	},
	{
		"the end of the stream is handled before the bytes that came with it: the answer is lost only where the FIN comes with the last of them",
		[]string{"CLOS-1"},
		func(p findings) bool {
			c := p.results["CLOS-1"].Failure
			switch {
			case c == nil || c.Delivery != delivery.Whole().WithEnd(delivery.HalfCloseWithData).Describe(1):
				return false
			case p.first.ID == "CLOS-1":
				return p.holds("FRAM-1")
			}
			return strings.HasSuffix(p.first.Failure.Delivery, delivery.HalfCloseWithData.String()) // on a busy machine, by chance
		},
	},
	{
		"what a read brings behind the first request is lost or mixed up: single requests survive every cut, several in one segment do not. Keep the rest of the buffer for the next request",
		[]string{"FRAM-4"},
		func(p findings) bool { return p.first.ID == "FRAM-4" && p.holds("FRAM-1", "FRAM-7") },
	},
	{
		"a time limit ends or divides a request: it survives every cut, and no pause",
		[]string{"FRAM-7"},
		func(p findings) bool { return p.first.ID == "FRAM-7" && p.holds("FRAM-2", "FRAM-3", "FRAM-5") },
	},
	{
		"a byte is lost, doubled or moved at the border of a buffer: shorter requests are answered rightly, and the first that is not is just longer than a power of two",
		[]string{"FRAM-8"},
		func(p findings) bool {
			f := p.first.Failure
			return p.first.ID == "FRAM-8" && f.Case == "FRAM-8/sizes" && f.Request.Total > 2 && bits.OnesCount64(uint64(f.Request.Total-2)) == 1 && len(f.Cuts) == 0
		},
	},
}

// diagnose gives a report the likely cause that a pattern over the results points at, and returns it; "" where none does.
func (r *Run) diagnose(ctx context.Context, rep *report.Report) string {
	p := findings{results: map[string]report.Result{}}
	for _, res := range rep.Results {
		p.results[res.ID] = res
	}
	p.first = p.results[rep.First]
	if p.first.Failure == nil || rep.Trouble != "" || ctx.Err() != nil {
		return ""
	}
	if p.results["FRAM-2"].Failure != nil || p.results["FRAM-6"].Failure != nil {
		p.cuts = r.mapCuts(ctx)
	}
	for _, d := range diagnoses {
		if d.fits(p) {
			report.Explain(rep, d.text, d.shows...)
			return d.text
		}
	}
	return ""
}

// mapCuts delivers a session that has something of every kind, cut in two at each byte. Where
// it is wrong whole, a simpler one must do; where that is wrong too there is no map. A server that ends of a cut is started again before
// the next, and where that cannot be, there is none either: what a server that has ended does not answer shows nothing.
func (r *Run) mapCuts(ctx context.Context) cutMap {
	ctx, cancel := context.WithTimeout(ctx, patience.Map)
	defer cancel()
	b := r.bench("diagnosis", "diagnosis")
	defer func() { b.Done() }()
	wait := min(b.Wait(), patience.MapAnswer)
	for _, session := range mapSessions(b.Dialect) {
		if _, f := b.Try(ctx, session, player.Delivery{}, b.Wait()); f != nil {
			continue
		}
		var m cutMap
		request := session.Request
		for at := 1; at < len(request); at++ {
			_, f := b.Try(ctx, session, player.Delivery{Segments: delivery.CutAt(at)}, wait)
			if ctx.Err() != nil {
				return cutMap{}
			}
			if f != nil {
				switch after := r.Server.After(f); {
				case !after.Serves:
					return cutMap{}
				case !after.ServedOn: // it may be at another address now
					b.Done()
					b = r.bench("diagnosis", "diagnosis")
				}
			}
			m.add(request, at, f != nil)
		}
		return m
	}
	return cutMap{}
}

// add counts the cut of r at an offset.
func (m *cutMap) add(r []byte, at int, wrong bool) {
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
