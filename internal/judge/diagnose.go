package judge

import (
	"context"
	"fmt"
	"math/bits"
	"strings"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/player"
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

// A diagnosis is a pattern that points at one cause.
type diagnosis struct {
	text  string   // with a verb for the number that the pattern finds, where it finds one
	shows []string // the requirements that show the cause where they are broken: one of them is what to begin with
	fits  func(p findings) bool
	size  func(p findings) int // instead of fits: 0 where it does not fit
}

// cutting are the requirements that a cut in the wrong place breaks.
var cutting = []string{"FRAM-2", "FRAM-3", "FRAM-6", "FRAM-5", "FRAM-7"}

// in returns the cause, or "" where the pattern does not fit.
func (d diagnosis) in(p findings) string {
	switch {
	case d.size == nil && d.fits(p):
		return d.text
	case d.size == nil:
		return ""
	}
	if n := d.size(p); n > 0 {
		return fmt.Sprintf(d.text, n)
	}
	return ""
}

// diagnoses are tried in this order, the most particular first. The first that fits is given; where none does, none is.
var diagnoses = []diagnosis{
	{
		text:  "each read is decoded by itself: only cuts inside a UTF-8 character change the answer. Decode whole lines, or with a decoder that keeps its state from read to read",
		shows: cutting,
		fits:  func(p findings) bool { return p.cuts.only(p.cuts.character, p.cuts.characterWrong) },
	},
	{
		text:  "CR and LF are taken for a line end only where one read brings both: only the cut between them changes the answer",
		shows: cutting,
		fits:  func(p findings) bool { return p.cuts.only(p.cuts.crlf, p.cuts.crlfWrong) },
	},
	{
		text:  "the beginning of a message is taken to come whole: only cuts inside its first %d bytes change the answer. Read until all of the header has come, however many reads that takes",
		shows: cutting,
		size:  func(p findings) int { return p.cuts.header() },
	},
	{
		text:  "what was known of a message is forgotten between two reads: no cut inside its first %d bytes changes the answer, and every later one does. Keep the parser's state, and what it has read, from read to read",
		shows: cutting,
		size:  func(p findings) int { return p.cuts.body() },
	},
	{
		text:  "a read is taken for a message: every cut inside a request changes the answer. Read until the delimiter or the length, however many reads that takes",
		shows: cutting,
		fits:  func(p findings) bool { return p.cuts.inside > 1 && p.cuts.insideWrong == p.cuts.inside },
	},
	{
		text:  "the end of the stream is handled before the bytes that came with it: the answer is lost only where the FIN comes with the last of them",
		shows: []string{"CLOS-1"},
		fits:  lostBeforeFIN,
	},
	{
		text:  "what a read brings behind the first request is lost or mixed up: single requests survive every cut, several in one segment do not. Keep the rest of the buffer for the next request",
		shows: []string{"FRAM-4"},
		fits:  func(p findings) bool { return p.first.ID == "FRAM-4" && p.holds("FRAM-1", "FRAM-7") },
	},
	{
		text:  "a time limit ends or divides a request: it survives every cut, and no pause",
		shows: []string{"FRAM-7"},
		fits:  func(p findings) bool { return p.first.ID == "FRAM-7" && p.holds("FRAM-2", "FRAM-3", "FRAM-5") },
	},
	{
		text:  "an answer waits for what comes next: it is given only when more has been read than its message. Take each message as soon as it is whole, and send its answer before reading on",
		shows: []string{"FRAM-9"},
		fits: func(p findings) bool {
			return p.first.ID == "FRAM-9" && p.holds("FRAM-1", "FRAM-2", "FRAM-3") && strings.HasSuffix(p.first.Failure.Problem, player.CameWithTheRest)
		},
	},
	{
		text:  "a byte is lost, doubled or moved at the border of a buffer: shorter requests are answered rightly, and the first that is not is just longer than a power of two",
		shows: []string{"FRAM-8"},
		fits: func(p findings) bool {
			f := p.first.Failure
			return p.first.ID == "FRAM-8" && f.Case == "FRAM-8/sizes" && f.Request.Total > 2 && bits.OnesCount64(uint64(f.Request.Total-2)) == 1 && len(f.Cuts) == 0
		},
	},
}

// lostBeforeFIN says whether the answer is lost where the FIN comes with the last bytes, and only there.
func lostBeforeFIN(p findings) bool {
	c := p.results["CLOS-1"].Failure
	switch {
	case c == nil || c.Delivery != delivery.Whole().WithEnd(delivery.HalfCloseWithData).Describe(1):
		return false
	case p.first.ID == "CLOS-1":
		return p.holds("FRAM-1")
	}
	return strings.HasSuffix(p.first.Failure.Delivery, delivery.HalfCloseWithData.String()) // on a busy machine, by chance
}

// diagnose gives a report the likely cause that a pattern over the results points at, and returns it; "" where none does.
func (r *Run) diagnose(ctx context.Context, rep *report.Report) string {
	p := findings{results: map[string]report.Result{}}
	for _, res := range rep.Results {
		p.results[res.ID] = res
	}
	p.first = p.results[rep.First]
	if p.first.Failure == nil || p.first.Failure.Rare() || rep.Trouble != "" || ctx.Err() != nil {
		return ""
	}
	if p.results["FRAM-2"].Failure != nil || p.results["FRAM-6"].Failure != nil {
		p.cuts = r.mapCuts(ctx)
	}
	for _, d := range diagnoses {
		if text := d.in(p); text != "" {
			report.Explain(rep, text, d.shows...)
			return text
		}
	}
	return ""
}
