package rules

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
)

// LIFE-7: the answer in progress is finished before the server stops.

// fit says of an answer that was to be in progress when the server was asked to stop whether its size showed something.
type fit int

const (
	fits     fit = iota
	tooSmall     // the kernels took it before the client had read any: none was in progress
	tooLarge     // it was still coming when the server, some time after it was asked to stop, waited no longer for its end
)

// lifeFinishes asks a server to stop while a client is slow to take its answer, which is smaller for a slow server. Where it is cut
// off after [patience.Finish] while it is still coming, a smaller one is asked for: it is slow, by its buffers or by a busy
// machine, and not cut off at once. Where the kernels take all of it, a larger one is.
func lifeFinishes(ctx context.Context, b *bench.Bench) *finding.Finding {
	// A kernel takes 4 MiB at the most of its own accord: most is more than that.
	const smallest, usual, most, tries = 512 << 10, 2 << 20, 8 << 20, 8
	size := usual
	own, f := b.Instance(ctx)
	if f != nil {
		return f
	}
	answer := func(n int) dialect.Session {
		s, _ := b.Dialect.(dialect.Answerer).LongAnswer(n, b.Seed)
		return s
	}
	for need := own.Expect(ctx, size, 2*patience.Finish, answer); need > 2*patience.Finish && size > smallest; need /= 4 {
		size /= 4
	}
	swallows, lasts := 0, 2*most // a size that is too small, and one that is too large
	for try := 1; ; try++ {
		how, f := finishes(ctx, own, size)
		switch {
		case how == tooSmall && size < most && try < tries:
			swallows = size
			size = min((swallows+lasts)/2, 2*size)
		case how != tooLarge:
			return f
		case size <= smallest || try == tries:
			return f.Because(finding.Undecided, "%s: the answer came too slowly to be judged", f.Problem)
		default:
			b.Observe("%s: asked for a smaller answer", f.Problem)
			lasts = size
			size = max((swallows+lasts)/2, size/4)
		}
		if own, f = b.Instance(ctx); f != nil {
			return f
		}
	}
}

// finishes asks a server to stop in the middle of an answer of size bytes, or more. Where it is not sent all at once, that is in
// progress which answers what the server had read.
func finishes(ctx context.Context, own *bench.Bench, size int) (fit, *finding.Finding) {
	s, atOnce := own.Dialect.(dialect.Answerer).LongAnswer(size, own.Seed)
	// The kernels take little of the answer where its segments are small, so that most of it is still the server's to write: of
	// loopback's they take 3.6 MB before the client has read any, of these 0.4 MB, and up to 1.1 MB once the kernel has seen
	// segments change their order: it keeps room for as many as it takes to tell that from a loss.
	o := delivery.Options{ReceiveBuffer: 16 << 10, MaxSegment: 256}
	began := time.Now()
	// It waits unread for a while here too: what is lost then is not lost by the stop.
	if _, f := own.Try(ctx, s, player.Delivery{Options: o, Delay: patience.LateRead}, own.LongWait()); f != nil {
		if f.Fact() {
			return fits, finding.NewNotShown("the same answer is already wrong without a stop")
		}
		return fits, f
	}
	o.ConfirmCap, o.Stall = patience.Unread, patience.Unread // for one that reads no more while its answer is not taken
	if atOnce {
		o.Stall = 0
		o.ConfirmCap = max(own.LongWait(), 3*time.Since(began)) // for one that is slow to read
	}
	c, f := own.Dial(ctx, o)
	if f != nil {
		return fits, f
	}
	defer c.Close()
	t := c.Trial(s, delivery.Whole(), own.LongWait())
	if !atOnce { // a server that reads no more than it needs leaves the end of a script unread while it sends
		t.Plan.End = delivery.HalfClose
	}
	due, f, played := begun(ctx, own, c, t, atOnce)
	if f != nil {
		return fits, f
	}
	asked := time.Now()
	if f := own.Terminate(); f != nil {
		return fits, f
	}
	own.Hears(ctx)
	if written, ok := c.Written(); atOnce && ok && written >= due {
		return tooSmall, finding.NewNotShown("the server's kernel took the whole answer before the client read any, so that none was in progress")
	}
	if atOnce {
		_ = c.HalfClose() // the server may have closed before
	}
	t.Took(c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: own.LongWait()}), played)
	return stopped(ctx, own, t, due, time.Since(asked))
}

// begun has the server begin its answer, and returns how many bytes of it are in progress, and what the sending came to.
func begun(ctx context.Context, own *bench.Bench, c *player.Client, t *player.Trial, atOnce bool) (due int64, f *finding.Finding, played error) {
	played = c.Conn.Play(ctx, t.Session.Request, t.Plan)
	if stuck := !atOnce && errors.Is(played, delivery.ErrStalled); played != nil && !stuck { // stuck is in the middle of its answer for sure
		return 0, finding.NewNotShown("the server does not read on while its answer is not taken, so that no answer can be waiting when it is stopped"), nil
	}
	if atOnce {
		if c.Cut(ctx) == delivery.Unconfirmed {
			return 0, finding.NewUndecided("the server did not read its whole request in time, so that no answer was in progress when it was to be stopped"), nil
		}
		return int64(len(t.Session.Answer())), nil, played
	}
	if !c.Sees() {
		return 0, finding.NewNotShown("the server's end of the connection cannot be seen: it is not known what it had read when it was stopped"), nil
	}
	read, _ := c.Taken()
	answered := own.Dialect.(dialect.Predictor).Predict(wholeLines(t.Session.Request[:read])).Answers[0]
	return int64(len(answered)), nil, played
}

// wholeLines is b up to its last LF.
func wholeLines(b []byte) []byte { return b[:bytes.LastIndexByte(b, '\n')+1] }

// stopped judges an answer whose server was asked to stop so long before its end, and of which so many bytes were due.
func stopped(ctx context.Context, own *bench.Bench, t *player.Trial, due int64, after time.Duration) (fit, *finding.Finding) {
	if t.Answer.State == delivery.Short && t.Answer.Total >= due {
		return fits, nil
	}
	f := t.Judge(ctx)
	if f.Is(finding.Missing) {
		f = f.Settled() // nothing can be asked of a server that has stopped
	}
	exit, over := own.Process().Exited()
	waited := !over || exit.Elapsed > patience.Finish
	if f.Fact() && t.Answer.State == delivery.Short && waited && after > patience.Finish && stillComing(f.Evidence.Timeline) {
		return tooLarge, f.During(afterStop(after))
	}
	return fits, f.During("asked to stop in mid-answer, the server did not finish it: ")
}

// stillComing says that the connection ended while bytes came, and not after a silence.
func stillComing(timeline []report.Event) bool {
	var last int64
	for _, v := range timeline {
		switch delivery.Kind(v.Kind) {
		case delivery.KindReceive:
			last = v.AtUS
		case delivery.KindReceivedFIN, delivery.KindReceivedReset:
			return time.Duration(v.AtUS-last)*time.Microsecond < patience.Finish/4
		}
	}
	return false
}
