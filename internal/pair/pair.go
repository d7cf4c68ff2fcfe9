package pair

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/streamspec/streamspec/internal/http1"
	"github.com/streamspec/streamspec/internal/patience"
)

// A Pair is a front end that sends on to a recorder, and a server that could stand in the recorder's place.
type Pair struct {
	Front, Back string // addresses
	Host        string // the authority by which the front end is asked
	Path        string // what both answer to GET
	Recorder    *Recorder

	run    string        // of all marks of this run
	asked  int           // marks so far
	head   int           // the status of the back end's answer to HEAD
	front  time.Duration // how long the front end is waited for, without a byte,
	behind time.Duration // and how long the back end is
	ends   bool          // the back end reads on behind an answer only when the client's side ends
}

// mark is a word of a message's own, by which what is sent on of it is found again: in the query of its target, with f behind it in that of
// the request which follows, and with h in that of the hidden one.
func (p *Pair) mark() string {
	if p.run == "" {
		p.run = strings.ToLower(rand.Text()[:8])
	}
	p.asked++
	return fmt.Sprintf("%sx%03dx", p.run, p.asked)
}

func (p *Pair) target(mark string) http1.Target {
	at := p.Path + "?m=" + mark
	return http1.Target{Host: p.Host, Path: p.Path, Post: at, Hidden: at + "h"}
}

// follow is the request that is sent behind a message, in the same segment.
func (p *Pair) follow(mark string) []byte {
	t := p.target(mark)
	return t.Get(t.Post+"f", "Connection: close").Bytes
}

// An Outcome is what became of a message.
type Outcome string

// The outcomes.
const (
	Refused Outcome = "refused" // the front end sent nothing on, or did not end what it began to send on: it may wait for more
	Alike   Outcome = "alike"   // the back end ends it where the front end does
	Closed  Outcome = "closed"  // the back end refuses it, or ends the connection behind it, so that nothing else is read there
	Parted  Outcome = "parted"  // the back end ends it elsewhere
	Unknown Outcome = "unknown" // one of them could not be asked, or not be understood
)

// A Result is what one message came to.
type Result struct {
	Message  Message
	Outcome  Outcome
	Sent     []byte   // the message, without what follows it
	Statuses []int    // of the front end's answers
	SentOn   []byte   // what it sent on; nil where it sent nothing on
	Must     []string // what the front end must not have done, whatever the back end makes of it
	Ought    string   // why what it sent on is not formed as RFC 9112 says; "" where it is
	Readings []string // where each of the two ends it, where they part
	Why      string   // of Unknown

	swallowed bool // what follows it was sent on as a part of it
}

// Failed says whether the message shows a fault, of the front end or of the pair.
func (r *Result) Failed() bool { return len(r.Must) > 0 || r.Outcome == Parted }

// Ask sends a message and a request behind it to the front end, and gives what that sent on to the back end. Where they part it is done once
// more, with longer waits: none is to have been too short.
func (p *Pair) Ask(ctx context.Context, m Message) Result {
	p.Recorder.patient(patience.Quiet)
	res := p.ask(ctx, m, 1)
	if res.Outcome == Parted {
		p.Recorder.patient(patience.Linger)
		res = p.ask(ctx, m, 3)
	}
	return res
}

func (p *Pair) ask(ctx context.Context, m Message, times time.Duration) Result {
	mark := p.mark()
	res := Result{Message: m, Outcome: Refused, Sent: m.bytes(p.target(mark))}
	h, err := converse(ctx, p.Front, append(bytes.Clone(res.Sent), p.follow(mark)...), times*p.front, recorded(mark+"f"))
	if err != nil {
		res.Outcome, res.Why = Unknown, fmt.Sprintf("the front end cannot be reached: %v", err)
		return res
	}
	res.Statuses = statuses(h.bytes, http1.Asked{Head: m.method == "HEAD"})
	records := p.Recorder.take(ctx, mark, false)
	next := false
	for _, rec := range records {
		next = next || strings.Contains(rec.target, mark+"f")
	}
	for _, rec := range records {
		if strings.Contains(rec.target, mark+"f") || strings.Contains(rec.target, mark+"h") {
			continue // what follows, and what the front end has for another request: a plain GET each
		}
		if flaw := rec.forbidden(); flaw != "" && len(res.Must) == 0 {
			res.Must = append(res.Must, flaw)
		}
		if res.Outcome == Parted || res.Outcome == Unknown {
			continue
		}
		res.SentOn = rec.bytes
		relayed := recorded(mark)(h.bytes)
		res.swallowed = rec.end == 0 && bytes.Contains(rec.bytes, []byte(mark+"f"))
		if next || relayed || res.swallowed {
			res.Ought = rec.flaw
		}
		switch {
		case rec.end > 0:
			res.SentOn = rec.bytes[:rec.end]
			p.give(ctx, &res, rec.request, true, times)
		case next: // it is whole, as the front end has it
			p.give(ctx, &res, rec.request, true, times)
		default:
			p.give(ctx, &res, rec.request, false, times)
			if res.Outcome != Parted && res.Outcome != Unknown {
				res.Outcome = Refused
			}
		}
	}
	return res
}

// recorded says whether the recorder's answer to the request with a mark has come.
func recorded(mark string) func([]byte) bool {
	return func(b []byte) bool { return bytes.Contains(b, []byte(mark+"\n")) }
}

// errNotReached is what is wrong with a pair whose front end sends on to somebody else.
var errNotReached = errors.New("nothing of it came to the recorder")

// Learn asks both plainly, three times each, and says what of the pair limits what can be seen. An error says why nothing can be said of it.
func (p *Pair) Learn(ctx context.Context) (notes []string, err error) {
	const times = 3
	p.front, p.behind = patience.Linger, patience.Linger
	slowest := func(d *time.Duration, began time.Time) { *d = max(*d, patience.Linger+4*time.Since(began)) }
	closes := 0
	for range times {
		mark, began := p.mark(), time.Now()
		t := p.target(mark)
		h, err := converse(ctx, p.Front, t.Get(t.Post, "Connection: close").Bytes, p.front, recorded(mark))
		said := statuses(h.bytes)
		records := p.Recorder.take(ctx, mark, false)
		switch {
		case err != nil:
			return nil, fmt.Errorf("the front end cannot be reached: %w: start it, and give its address first", err)
		case len(said) == 0 && len(h.bytes) > 0:
			return nil, fmt.Errorf("the front end does not answer in HTTP/1: it says %s: pair is for HTTP/1.1 without TLS", quote(h.bytes))
		case len(said) == 0:
			return nil, fmt.Errorf("the front end does not answer GET %s: see that it serves HTTP/1.1 at %s, and sends on to %s", p.Path, p.Front, p.Recorder.Addr())
		case len(records) == 0:
			return nil, fmt.Errorf("the front end answers %d to GET %s, and %w: let it send that on to %s, where pair listens in the back end's place", said[0], p.Path, errNotReached, p.Recorder.Addr())
		}
		for _, rec := range records {
			if rec.flaw == "" && rec.has("Connection", "close") {
				closes++
			}
		}
		slowest(&p.front, began)
	}
	if closes >= times {
		notes = append(notes, "the front end says Connection: close in all that it sends on: nothing can follow a request there, and little is shown; let it keep its connections (nginx: proxy_http_version 1.1; proxy_set_header Connection \"\")")
	}
	if err := p.learnTunnel(ctx); err != nil {
		return nil, err
	}
	more, err := p.learnBack(ctx, times, slowest)
	return append(notes, more...), err
}

// learnTunnel refuses a front end that hands bytes on before it has read which request they belong to.
func (p *Pair) learnTunnel(ctx context.Context) error {
	mark := p.mark()
	t := p.target(mark)
	if _, err := converse(ctx, p.Front, append(t.Get(t.Post).Bytes, p.follow(mark)...), p.front, recorded(mark+"f")); err != nil {
		return fmt.Errorf("the front end cannot be reached any more: %w", err)
	}
	for _, rec := range p.Recorder.take(ctx, mark, true) {
		if !strings.Contains(rec.target, mark+"f") && bytes.Contains(rec.bytes, []byte(mark+"f")) {
			return fmt.Errorf("the front end sends a second request on before the first is answered: it hands bytes on (a TCP proxy), and has no reading of its own that could part from the back end's: judge %s by itself", p.Back)
		}
	}
	return nil
}

// learnBack finds out what the back end answers to HEAD, and whether it goes on behind an answer.
func (p *Pair) learnBack(ctx context.Context, times int, slowest func(*time.Duration, time.Time)) (notes []string, err error) {
	t := http1.Target{Host: p.Back, Path: p.Path}
	ask := func(b []byte) (heard, error) {
		began := time.Now()
		h, err := converse(ctx, p.Back, b, p.behind, nil)
		slowest(&p.behind, began)
		if err != nil {
			return h, fmt.Errorf("the back end cannot be reached: %w: start it, and give its address second", err)
		}
		return h, nil
	}
	alone := t.Head(p.Path+"?m="+p.mark(), "Connection: close").Bytes
	for i := range times {
		h, err := ask(t.Get(p.Path+"?m="+p.mark(), "Connection: close").Bytes)
		if err != nil {
			return nil, err
		}
		if len(statuses(h.bytes)) == 0 {
			return nil, fmt.Errorf("the back end does not answer GET %s in HTTP/1: it says %s: pair is for HTTP/1.1 without TLS", p.Path, quote(h.bytes))
		}
		if h, err = ask(alone); err != nil {
			return nil, err
		}
		r := http1.Reader{Asked: []http1.Asked{{Head: true}}}
		_, _ = r.Write(h.bytes)
		if r.End(); r.Final() != 1 || len(r.Answers()) != 1 {
			return nil, fmt.Errorf("the back end does not answer HEAD %s by one head without content (RFC 9110, 9.3.2), by which what it reads is told: it says %s", p.Path, quote(h.bytes))
		}
		if status := r.Answers()[0].Status; i == 0 {
			p.head = status
		} else if p.head != status {
			return nil, fmt.Errorf("the back end answers HEAD %s by %d, and then by %d: what it reads cannot be told by it", p.Path, p.head, status)
		}
	}
	two := append(t.Get(p.Path).Bytes, alone...)
	h, err := converse(ctx, p.Back, two, p.behind, nil)
	if err != nil {
		return nil, fmt.Errorf("the back end cannot be reached any more: %w", err)
	}
	n, answered, _, ok := p.sort(h.bytes, false, true)
	if ok && n == 1 && answered && h.last { // then that is not waited for each time
		h, err = converse(ctx, p.Back, two, 0, nil)
		n, answered, _, ok := p.sort(h.bytes, false, true)
		p.ends = err == nil && ok && n == 1 && answered
	}
	if ok && n == 1 && !answered {
		notes = append(notes, "the back end ends a connection behind its first answer: nothing that follows a request is read there, and little is shown")
	}
	return notes, nil
}

// mostUnknown is of how many messages in a row it may not be known what becomes of them, until no more are sent.
const mostUnknown = 3

// Judge learns what the two are, and sends all messages. The error says why there is nothing to report.
func (p *Pair) Judge(ctx context.Context) (*Report, error) {
	notes, err := p.Learn(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, errors.New("interrupted before anything was judged")
	case err != nil:
		return nil, err
	}
	return p.judge(ctx, notes), nil
}

// judge sends all messages.
func (p *Pair) judge(ctx context.Context, notes []string) *Report {
	rep := &Report{Front: p.Front, Back: p.Back, Recorder: p.Recorder.Addr(), Notes: notes}
	unknown := 0
	for _, m := range Messages(p.target(p.mark())) {
		res := p.Ask(ctx, m)
		if ctx.Err() != nil {
			rep.Stopped = "interrupted"
			break
		}
		rep.Results = append(rep.Results, res)
		if unknown++; res.Outcome != Unknown {
			unknown = 0
		}
		if unknown == mostUnknown {
			rep.Stopped = fmt.Sprintf("of %d messages in a row it is not known what becomes of them, and no more are sent: %s", mostUnknown, res.Why)
			break
		}
	}
	return rep
}
