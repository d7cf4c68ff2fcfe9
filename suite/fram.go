package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

const readIsMessage = "a read is taken for a message: what one call of read or recv returns is answered as if it were a whole request; read until the delimiter or the length, however many reads that takes"

// fram is the family FRAM.
var fram = Family{ID: "FRAM", Name: "framing", Summary: "the same answer under every delivery: TCP keeps the order of bytes, and no borders between them", Requirements: []Requirement{
	{
		ID: "FRAM-1", Level: report.Must, Title: "the whole request in one segment",
		Sentence:  "A request that comes whole, in one segment, MUST be answered rightly.",
		Rationale: "It is the control: what is wrong here is no matter of framing.",
		Citation:  "contract section 3 (the dialects' models) and section 4, FRAM-1",
		Dialects:  "eglsx",
		Causes:    []string{"the server speaks another dialect than the one it was judged by (see --dialect)", "the answer itself is wrong, however the request comes", "an answer waits in a buffer until more is read, or until the client has half-closed"},
		Cases:     []Case{{ID: "whole", Dialects: "egls", Run: framWhole}, {ID: "open", Dialects: "ls", Run: framOpen}, {ID: "messages", Dialects: "x", Run: framMessages}},
	},
	{
		ID: "FRAM-2", Level: report.Must, Title: "cut in two at every byte",
		Sentence:  "A request that comes in two segments, cut at any byte, MUST get the answer of the whole one.",
		Rationale: "Networks cut where they like: at the size of a packet, at a retransmission, at the end of a sender's buffer.",
		Citation:  "RFC 9293, sections 2.2 and 3.7 (a stream of octets; segmentation is TCP's own affair)",
		Dialects:  "eglsx",
		Causes:    []string{readIsMessage, "bytes of an incomplete request are thrown away when more come"},
		Cases:     []Case{{ID: "every-offset", Run: framCutInTwo}},
	},
	{
		ID: "FRAM-3", Level: report.Must, Title: "byte by byte",
		Sentence:  "A request that comes byte by byte MUST get the answer of the whole one.",
		Rationale: "A person who types, a slow link and a hostile client all look like this.",
		Citation:  "RFC 9293, sections 2.2 and 3.7",
		Dialects:  "eglsx",
		Causes:    []string{readIsMessage, "a count of reads, or of short reads, ends the session"},
		Cases:     []Case{{ID: "bytes", Run: framBytes}},
	},
	{
		ID: "FRAM-4", Level: report.Must, Title: "several requests in one segment",
		Sentence:  "Several requests that come in one segment MUST each get their answer, in order.",
		Rationale: "Clients that do not wait for answers, and every proxy, send requests together.",
		Citation:  "RFC 9293, section 3.7; contract section 4, FRAM-4",
		Dialects:  "eglsx",
		Causes:    []string{readIsMessage, "what follows the first request in the buffer is thrown away, or waits for the next read"},
		Cases:     []Case{{ID: "together", Dialects: "egls", Run: framTogether}, {ID: "overlapping", Dialects: "egls", Run: framOverlapping}, {ID: "copies", Dialects: "x", Run: framCopies}},
	},
	{
		ID: "FRAM-5", Level: report.Must, Title: "random cuts and coalescings",
		Sentence:  "Requests that are cut and joined at random MUST get the answers of the whole ones.",
		Rationale: "The cuts that nobody thought of.",
		Citation:  "RFC 9293, sections 2.2 and 3.7",
		Dialects:  "eglsx",
		Causes:    []string{readIsMessage, "a buffer's end is a special case that was forgotten"},
		Cases:     []Case{{ID: "random", Dialects: "egls", Run: framRandom}, {ID: "pairs", Dialects: "x", Run: framPairs}},
	},
	{
		ID: "FRAM-6", Level: report.Must, Title: "cuts inside CR LF and inside a character",
		Sentence:  "A cut between CR and LF, or inside a UTF-8 character, MUST NOT change the answer.",
		Rationale: "A reader that decodes or strips each read by itself breaks exactly here, and only here.",
		Citation:  "RFC 3629, section 3 (characters of several octets); RFC 9293, section 3.7",
		Dialects:  "lsx",
		Causes:    []string{"each read is decoded by itself: decode whole lines, or use a decoder that keeps its state", "CR at the end of a read is taken for a line end of its own"},
		Cases:     []Case{{ID: "delimiters-and-characters", Dialects: "ls", Run: framMarks}, {ID: "delicate", Dialects: "x", Run: framDelicate}},
	},
	{
		ID: "FRAM-7", Level: report.Must, Title: "pauses between segments",
		Sentence:  "Pauses between the segments of a request MUST NOT change the answer.",
		Rationale: "A lost segment pauses a stream for 200 ms to some seconds; that is no end of a request.",
		Citation:  "RFC 9293, section 3.8.1 (retransmission timeout); RFC 6298",
		Dialects:  "eglsx",
		Causes:    []string{"a short time limit on reads is taken for the end of a request or of the connection", "a message is whatever came within some time"},
		Cases: []Case{
			{ID: "short-pauses", Dialects: "egls", Waits: true, Run: framPauses(3, 150*time.Millisecond)},
			{ID: "long-pause", Dialects: "egls", Waits: true, Run: framPauses(1, 2*time.Second)},
			{ID: "short-rests", Dialects: "x", Waits: true, Run: framRests(3, 150*time.Millisecond)},
			{ID: "long-rest", Dialects: "x", Waits: true, Run: framRests(1, 2*time.Second)},
		},
	},
	{
		ID: "FRAM-8", Level: report.Must, Title: "every byte value, and requests larger than any buffer",
		Sentence:  "Requests with every byte value, and of 1 MiB and 16 MiB, MUST be answered rightly to the last byte.",
		Rationale: "Text modes, control characters and the borders of buffers change or lose single bytes.",
		Citation:  "RFC 9293, section 2.2 (any octets); contract section 4, FRAM-8",
		Dialects:  "egls",
		Causes:    []string{"a partial write (send returned less than it was given) is not continued", "the stream is read or written in text mode", "a byte at the border of a buffer is lost or doubled"},
		Cases: []Case{
			{ID: "values", Run: framValues},
			{ID: "sizes", Timeout: largeTimeout, Run: framSizes},
			{ID: "1MiB", Timeout: largeTimeout, Run: framBulk(1<<20, 64)},
			{ID: "16MiB", Needs: Big, Timeout: largeTimeout, Run: framBulk(16<<20, 0)},
		},
	},
}}

// framOpen has a request answered while the client's side stays open. In echo and greet that is FLOW-3.
func framOpen(_ context.Context, e *Env) error {
	e.tally.checks++
	return e.suite.gate.held
}

func framWhole(ctx context.Context, e *Env) error {
	for _, s := range []dialect.Session{e.Dialect.Ending("a"), e.Dialect.Plain("b")} {
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

// markSessions are the shortest sessions with a CR LF or a long character to cut, and a long one.
func markSessions(e *Env) []dialect.Session {
	d := e.Dialect.(liner)
	return []dialect.Session{
		d.Lines("a character of two bytes", "é\n"), d.Lines("a character of three bytes", "日\n"), d.Lines("a character of four bytes", "😀\n"),
		d.Lines("a line that ends in CR LF, and another", "x\r\n", "y\n"), e.model().Rich(),
	}
}

// cut delivers a session in pieces. Where the answer is wrong, and wrong to the
// whole request too, nothing is blamed on the cuts: the case is not shown by this session.
func (e *Env) cut(ctx context.Context, s dialect.Session, plan delivery.Plan) error {
	err := e.Deliver(ctx, s, Delivery{Plan: plan})
	if !isWrong(err) {
		return err
	}
	_, whole := e.try(ctx, s, Delivery{}, e.Wait())
	if b := (*Broken)(nil); errors.As(whole, &b) && b.gone { // it did not survive the cuts
		return err
	}
	if isWrong(whole) {
		if e.exchange() != nil { // it was answered rightly when the answers were learned
			return undecided("unstable: the same message is not answered as before when it comes whole: %v", whole)
		}
		return &NotShown{fmt.Sprintf("the same request is answered wrongly when it comes whole: %v", whole)}
	}
	return err
}

// cutAll shows a rule of framing on several sessions, and goes on past those that cannot show it.
func cutAll(sessions []dialect.Session, deliver func(dialect.Session) error) error {
	var unshown error
	shown := 0
	for _, s := range sessions {
		err := deliver(s)
		if n := (*NotShown)(nil); errors.As(err, &n) {
			unshown = err
			continue
		}
		if err != nil {
			return err
		}
		shown++
	}
	if shown > 0 {
		return nil
	}
	return unshown
}

func framCutInTwo(ctx context.Context, e *Env) error {
	return cutAll(e.Dialect.Cuttable(), func(s dialect.Session) error {
		for _, at := range e.offsets(s) {
			if err := e.cut(ctx, s, delivery.CutAt(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// manyOffsets is up to how many bytes of a message a cut is made at each. A longer one has as many, and those that are delicate.
const manyOffsets = 4096

// offsets are where a session is cut in two.
func (e *Env) offsets(s dialect.Session) []int {
	n := len(s.Request)
	step := max(1, (n+manyOffsets-1)/manyOffsets)
	var all []int
	for at := 1; at < n; at += step {
		all = append(all, at)
	}
	if step > 1 {
		all = append(all, marks(s)...)
		slices.Sort(all)
		all = slices.Compact(all)
	}
	return all
}

func framBytes(ctx context.Context, e *Env) error {
	sessions := append([]dialect.Session{e.Dialect.Ending("a"), e.Dialect.Ending("abcdefgh")}, e.Dialect.Cuttable()...)
	return cutAll(sessions, func(s dialect.Session) error {
		return e.cut(ctx, s, delivery.EveryByte(len(s.Request)))
	})
}

// starts returns where the requests of turns begin when they are sent together.
func starts(turns []dialect.Turn) []int {
	var all []int
	at := 0
	for _, t := range turns {
		all = append(all, at)
		at += len(t.Request)
	}
	return all
}

func framTogether(ctx context.Context, e *Env) error {
	for _, n := range []int{2, 3, 10, 100} {
		s := e.Dialect.Joined(e.Dialect.Turns("c", n))
		if err := e.Deliver(ctx, s, Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

// framOverlapping cuts in the middle of each request: every segment holds the
// end of one and the beginning of the next.
func framOverlapping(ctx context.Context, e *Env) error {
	for _, n := range []int{2, 3, 10} {
		turns := e.Dialect.Turns("d", n)
		s, starts := e.Dialect.Joined(turns), starts(turns)
		last := starts[n-1] + len(turns[n-1].Request)/2
		if err := e.Deliver(ctx, s, Delivery{Plan: cutAt(len(s.Request), last)}); err != nil {
			return err
		}
		for _, part := range []int{2, 3} {
			var cuts []int
			for i, at := range starts {
				cuts = append(cuts, at+len(turns[i].Request)/part)
			}
			if err := e.Deliver(ctx, s, Delivery{Plan: cutAt(len(s.Request), cuts...)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func framRandom(ctx context.Context, e *Env) error {
	shortest := e.Dialect.Cuttable()[0]
	for _, plan := range everyPair(len(shortest.Request)) {
		if err := e.cut(ctx, shortest, plan); err != nil {
			return err
		}
	}
	var sessions []dialect.Session
	for i := range 60 {
		size := 80
		if i%6 == 5 {
			size = 4000
		}
		sessions = append(sessions, e.model().Random(e.Rand, size))
	}
	return cutAll(sessions, func(s dialect.Session) error {
		return e.cut(ctx, s, delivery.Random(e.Rand, len(s.Request), min(len(s.Request)-1, e.Rand.IntN(14))))
	})
}

func framMarks(ctx context.Context, e *Env) error {
	return cutAll(markSessions(e), func(s dialect.Session) error { return e.cutMarks(ctx, s) })
}

// marks are the offsets inside a CR LF and inside a character.
func marks(s dialect.Session) []int {
	all := append(dialect.CRLFSplits(s.Request), dialect.CharacterSplits(s.Request)...)
	slices.Sort(all)
	return all
}

// cutMarks cuts a session at each of its marks, and at all of them.
func (e *Env) cutMarks(ctx context.Context, s dialect.Session) error {
	all := marks(s)
	for _, at := range all {
		if err := e.cut(ctx, s, delivery.CutAt(at)); err != nil {
			return err
		}
	}
	return e.cut(ctx, s, cutAt(len(s.Request), all...))
}

// framPauses cuts a request into parts, with a pause after each cut; the cuts
// move from session to session, and the sessions run beside one another.
func framPauses(cuts int, pause time.Duration) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		sessions := []dialect.Session{e.Dialect.Ending(e.ID()), e.Dialect.Plain(e.ID()), e.model().Rich()}
		return e.pausing(ctx, sessions, cuts, pause)
	}
}

// pausing cuts each session into parts, with a pause after each cut; they run beside one another where they may.
func (e *Env) pausing(ctx context.Context, sessions []dialect.Session, cuts int, pause time.Duration) error {
	errs := make([]error, len(sessions))
	var wg sync.WaitGroup
	for i, s := range sessions {
		deliver := func() { errs[i] = e.cut(ctx, s, spread(len(s.Request), cuts).WithPause(pause)) }
		if e.suite.oneAtATime() {
			deliver()
		} else {
			wg.Go(deliver)
		}
	}
	wg.Wait()
	i := -1
	return cutAll(sessions, func(dialect.Session) error { i++; return errs[i] })
}

func framValues(ctx context.Context, e *Env) error {
	s := e.model().Values()
	plans := []delivery.Plan{delivery.Whole(), delivery.EveryByte(len(s.Request))}
	for range 5 {
		plans = append(plans, delivery.Random(e.Rand, len(s.Request), 20))
	}
	return e.DeliverAll(ctx, s, plans...)
}

// framSizes delivers sessions that are a little longer than each size that a
// buffer may have, whole and cut once, so that the failure of a border is as small as it can be.
// Once two sizes in a row have shown that the server is too slow for the larger ones, these are left out.
func framSizes(ctx context.Context, e *Env) error {
	const largest = 1 << 20
	slow := 0
	for size := 512; size <= largest; size *= 2 {
		began := time.Now()
		s := e.bulk(size + 2)
		if letter := e.Dialect.Letter(); letter == 'e' || letter == 'g' {
			s = e.unbroken(size + 2)
		}
		for _, plan := range []delivery.Plan{delivery.Whole(), delivery.CutAt(size/2 + size/4)} {
			if err := e.Deliver(ctx, s, Delivery{Plan: plan}); err != nil {
				return err
			}
		}
		rest := time.Since(began) * time.Duration(2*largest/size-2) // twice as long for each size
		if slow++; size < 64<<10 || rest <= patienceForLarge {
			slow = 0
		}
		if slow > 1 {
			return tooSlow(fmt.Sprintf("what is larger than %d KiB", size>>10), rest)
		}
	}
	return nil
}

// unbroken is a session of n bytes that no line end divides, for a dialect that knows of none. No
// byte is like the one before it.
func (e *Env) unbroken(n int) dialect.Session {
	request := make([]byte, n)
	for i := range request {
		request[i] = byte('a' + i%26)
	}
	p := e.model().Predict(request)
	return dialect.Session{Name: "a long request", Request: request, Answers: p.Answers, End: p.End}
}

// framBulk delivers a long session, with random cuts where there are any.
func framBulk(size, cuts int) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		if err := e.afford(ctx, size, e.bulk); err != nil {
			return err
		}
		s := e.bulk(size)
		return e.Deliver(ctx, s, Delivery{Plan: delivery.Random(e.Rand, len(s.Request), cuts)})
	}
}
