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
// requirement to begin with, which cuts of one session change its answer, and how long a message may be.
type findings struct {
	results map[string]report.Result
	first   report.Result
	mixes   bool // the gate saw bytes of one client go to another
	besides bool // cases beside one another saw that
	worn    bool // it was seen that the server serves so many clients, and nobody behind them
	cuts    cutMap
	border  int // up to how many bytes messages are answered rightly; 0 where there is no such border, or it was not looked for
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
	text  string   // the cause
	shows []string // the requirements that show it where they are broken
	fits  func(p findings) bool
	says  func(p findings) string // instead of text and fits, where a number belongs into the text; "" where it does not fit
}

// cutting are the requirements that a cut in the wrong place breaks, the simplest to follow first.
var cutting = []string{"FRAM-2", "FRAM-3", "FRAM-6", "FRAM-5", "FRAM-7"}

// in returns the cause, or "" where the pattern does not fit.
func (d diagnosis) in(p findings) string {
	switch {
	case d.says != nil:
		return d.says(p)
	case d.fits(p):
		return d.text
	}
	return ""
}

// counted is a text with a number, or "" where that is 0.
func counted(text string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(text, n)
}

// diagnoses are tried in this order, the most particular first. The first that fits is given; where none does, none is.
var diagnoses = []diagnosis{
	{
		text:  "each client uses something up that is not given back: the server serves so many, one after another, and nobody behind them. Give back what a connection holds on every way out of it",
		shows: []string{"LIFE-2"},
		fits:  func(p findings) bool { return p.worn && broken(p.results["LIFE-2"]) },
	},
	{
		text:  "what one client says, or is answered, comes to another: a buffer that is global, static or taken from a pool holds what belongs to one connection. Keep it with the connection, and empty what is used again",
		shows: []string{"CONC-1"},
		fits: func(p findings) bool {
			return p.mixes && p.first.ID == mixing || p.besides && broken(p.results[mixing])
		},
	},
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
		shows: cutting,
		says: func(p findings) string {
			return counted("the beginning of a message is taken to come whole: only cuts inside its first %d bytes change the answer. Read until all of the header has come, however many reads that takes", p.cuts.header())
		},
	},
	{
		shows: cutting,
		says: func(p findings) string {
			return counted("what was known of a message is forgotten between two reads: no cut inside its first %d bytes changes the answer, and every later one does. Keep the parser's state, and what it has read, from read to read", p.cuts.body())
		},
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
		text:  "what is in the socket is not read to its end: messages that come together are answered up to a size, and then nothing comes until more is sent. Where events are edge-triggered, read until it would block",
		shows: []string{"FRAM-11"},
		fits: func(p findings) bool {
			f := p.results["FRAM-11"].Failure
			stuck := f != nil && f.Actual.Total < f.Expected.Total && f.FirstDifference == f.Actual.Total && f.Ending == string(delivery.StillOpen)
			return stuck && (p.first.ID == "FRAM-11" || p.first.ID == "CLOS-1") && p.holds("FRAM-1", "FRAM-2", "FRAM-4")
		},
	},
	{
		text:  "a long answer ends where its client does not take it at once: what a write did not take is lost, or one that would block ends the answer. Keep what is left, and write on when the socket has room again",
		shows: []string{"FLOW-1"},
		fits: func(p findings) bool {
			return cutOff(p.results["FLOW-1"].Failure) && cutOff(p.first.Failure)
		},
	},
	{
		text:  "a time limit ends or divides a request: it survives every cut, and no pause",
		shows: []string{"FRAM-7"},
		fits: func(p findings) bool {
			return p.first.ID == "FRAM-7" && p.holds("FRAM-2", "FRAM-3", "FRAM-5") && p.results["CONC-1"].Failure == nil
		},
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
	{
		text:  "a write to a client that does not read holds up all others: it waits in the one loop that serves them all, or under a lock that they all need. Let what a client does not take wait with its connection, with a bound",
		shows: []string{"FLOW-2"},
		fits:  func(p findings) bool { return p.first.ID == "ROBU-6" && broken(p.results["FLOW-2"]) },
	},
	{
		text:  "a client has a worker for as long as it is connected, and there are only so many: others wait until one leaves. Let a worker wait for no client that says nothing, or have as many as clients may come",
		shows: []string{"CONC-3"},
		fits: func(p findings) bool {
			return p.first.ID == "ROBU-3" && p.first.Failure.Ended == nil && broken(p.results["CONC-3"])
		},
	},
	{
		shows: []string{"FRAM-12", "FRAM-8"},
		says:  func(p findings) string { return beyond(p.border) },
	},
}

// cutOff says whether a failure is the end of a long answer before it was complete, of a server that lives.
func cutOff(f *report.Failure) bool {
	const long = 64 << 10
	return f != nil && f.Ended == nil && f.Expected.Total >= long && f.Actual.Total > 0 && f.Actual.Total < f.Expected.Total && f.FirstDifference == f.Actual.Total
}

// lostBeforeFIN says whether the answer is lost where the FIN comes with the last bytes, and only there.
func lostBeforeFIN(p findings) bool {
	c := p.results["CLOS-1"].Failure
	switch {
	case c == nil || c.Actual.Total >= c.Expected.Total || // the answer came, and only the close did not
		c.Delivery != delivery.Whole().WithEnd(delivery.HalfCloseWithData).Describe(1):
		return false
	case p.first.ID == "CLOS-1":
		return p.holds("FRAM-1")
	}
	return strings.HasSuffix(p.first.Failure.Delivery, delivery.HalfCloseWithData.String()) // on a busy machine, by chance
}

// diagnose gives a report the likely cause that a pattern over the results points at, and returns it; "" where none does.
func (r *Run) diagnose(ctx context.Context, rep *report.Report) string {
	p := findings{results: map[string]report.Result{}, mixes: r.facts.Mixes, besides: r.mingles.Load(), worn: r.facts.Turnover > 0 || r.lives.Wears() != nil}
	for _, res := range rep.Results {
		p.results[res.ID] = res
	}
	p.first = p.results[rep.First]
	mixed := p.besides && broken(p.results[mixing]) // what others do meanwhile is no chance
	if p.first.Failure == nil || p.first.Failure.Rare() && !mixed || rep.Trouble != "" || ctx.Err() != nil {
		return ""
	}
	two, six := p.results["FRAM-2"].Failure, p.results["FRAM-6"].Failure
	if two != nil || six != nil {
		p.cuts = r.mapCuts(ctx, two != nil && two.Ended != nil || six != nil && six.Ended != nil)
	}
	if f := p.first.Failure; (p.first.ID == "FRAM-8" || p.first.ID == "FRAM-12") && f.Ended == nil {
		p.border = r.border(ctx)
	}
	for _, d := range diagnoses {
		if text := d.in(p); text != "" {
			report.Explain(rep, text, d.shows...)
			return text
		}
	}
	return ""
}
