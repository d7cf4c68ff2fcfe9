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

// diagnoses are patterns that point at one cause, the most particular first. The
// first that fits is given; where none does, none is.
var diagnoses = []struct {
	text string
	fits func(p findings) bool
}{
	{
		"each read is decoded by itself: only cuts inside a UTF-8 character change the answer. Decode whole lines, or with a decoder that keeps its state from read to read",
		func(p findings) bool { return p.cuts.only(p.cuts.character, p.cuts.characterWrong) },
	},
	{
		"CR and LF are taken for a line end only where one read brings both: only the cut between them changes the answer",
		func(p findings) bool { return p.cuts.only(p.cuts.crlf, p.cuts.crlfWrong) },
	},
	{
		"a read is taken for a message: every cut inside a request changes the answer. Read until the delimiter or the length, however many reads that takes",
		func(p findings) bool { return p.cuts.inside > 1 && p.cuts.insideWrong == p.cuts.inside },
	},
	{
		"the end of the stream is handled before the bytes that came with it: the answer is lost only where the FIN comes with the last of them",
		func(p findings) bool {
			c := p.results["CLOS-1"].Failure
			switch {
			case c == nil || c.Actual.Total >= c.Expected.Total || // the answer came, and only the close did not
				c.Delivery != delivery.Whole().WithEnd(delivery.HalfCloseWithData).Describe(1):
				return false
			case p.first.ID == "CLOS-1":
				return p.holds("FRAM-1")
			}
			return strings.HasSuffix(p.first.Failure.Delivery, delivery.HalfCloseWithData.String()) // on a busy machine, by chance
		},
	},
	{
		"what a read brings behind the first request is lost or mixed up: single requests survive every cut, several in one segment do not. Keep the rest of the buffer for the next request",
		func(p findings) bool { return p.first.ID == "FRAM-4" && p.holds("FRAM-1", "FRAM-7") },
	},
	{
		"what is in the socket is not read to its end: messages that come together are answered up to a size, and then nothing comes until more is sent. Where events are edge-triggered, read until it would block",
		func(p findings) bool {
			f := p.results["FRAM-11"].Failure
			stuck := f != nil && f.Actual.Total < f.Expected.Total && f.FirstDifference == f.Actual.Total && f.Ending == string(delivery.StillOpen)
			return stuck && (p.first.ID == "FRAM-11" || p.first.ID == "CLOS-1") && p.holds("FRAM-1", "FRAM-2", "FRAM-4")
		},
	},
	{
		"a time limit ends or divides a request: it survives every cut, and no pause",
		func(p findings) bool { return p.first.ID == "FRAM-7" && p.holds("FRAM-2", "FRAM-3", "FRAM-5") },
	},
	{
		"a byte is lost, doubled or moved at the border of a buffer: shorter requests are answered rightly, and the first that is not is just longer than a power of two",
		func(p findings) bool {
			f := p.first.Failure
			return p.first.ID == "FRAM-8" && f.Case == "FRAM-8/sizes" && f.Request.Total > 2 && bits.OnesCount64(uint64(f.Request.Total-2)) == 1 && len(f.Cuts) == 0
		},
	},
}

// diagnose returns the likely cause that a pattern over the results points at, or "".
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
			return d.text
		}
	}
	return ""
}

// mapCuts delivers a session that has something of every kind, cut in two at each byte. Where
// it is wrong whole, a simpler one must do; where that is wrong too there is no map.
func (r *Run) mapCuts(ctx context.Context) cutMap {
	ctx, cancel := context.WithTimeout(ctx, patience.Map)
	defer cancel()
	b := r.bench("diagnosis", "diagnosis")
	defer b.Done()
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
