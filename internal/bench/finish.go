package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/suite/dialect"
)

// A Fit says of an answer that was to be in progress when the server was asked to stop whether its size showed something.
type Fit int

const (
	Fits     Fit = iota
	TooSmall     // the kernels took it before the client had read any: none was in progress
	TooLarge     // it was still coming when the server, some time after it was asked to stop, waited no longer for its end
)

// StopAmid asks b's own server to stop in the middle of a long answer. That is in progress which answers what the server had read, where
// not all of it is answered at once.
func (b *Bench) StopAmid(ctx context.Context, s dialect.Session, atOnce bool) (Fit, *finding.Finding) {
	// The kernels take little of the answer where its segments are small, so that most of it is still the server's to write: of
	// loopback's they take 3.6 MB before the client has read any, of these 0.4 MB, and up to 1.1 MB once the kernel has seen
	// segments change their order: it keeps room for as many as it takes to tell that from a loss.
	o := delivery.Options{ReceiveBuffer: 16 << 10, MaxSegment: 256}
	began := time.Now()
	// It waits unread for a while here too: what is lost then is not lost by the stop.
	if _, f := b.Try(ctx, s, player.Delivery{Options: o, Delay: patience.LateRead}, b.LongWait()); f != nil {
		if f.Fact() {
			return Fits, finding.NewNotShown("the same answer is already wrong without a stop")
		}
		return Fits, f
	}
	o.ConfirmCap, o.Stall = patience.Unread, patience.Unread // for one that reads no more while its answer is not taken
	if atOnce {
		o.Stall = 0
		o.ConfirmCap = max(b.LongWait(), 3*time.Since(began)) // for one that is slow to read
	}
	c, f := b.Dial(ctx, o)
	if f != nil {
		return Fits, f
	}
	defer c.Close()
	s = c.Bind(s)
	if f := c.Open(ctx, s.Opening, b.LongWait()); f != nil {
		return Fits, f
	}
	s = c.Bind(s)
	before, _, _ := c.Arrived()
	t := c.Trial(s, delivery.Whole(), b.LongWait())
	if !atOnce { // a server that reads no more than it needs leaves the end of a script unread while it sends
		t.Plan.End = delivery.HalfClose
	}
	due, f, played := b.begun(ctx, c, t, atOnce)
	if f != nil {
		return Fits, f
	}
	asked := time.Now()
	if f := b.Terminate(); f != nil {
		return Fits, f
	}
	b.Hears(ctx)
	if written, ok := c.Written(); atOnce && ok && written-int64(before) >= due {
		return TooSmall, finding.NewNotShown("the server's kernel took the whole answer before the client read any, so that none was in progress")
	}
	w := delivery.Want{Any: s.Answers, Like: s.Like, ToEnd: true, Idle: b.LongWait()}
	if s.End == dialect.ByLeaving { // who leaves before the answer is complete may be taken to want it no more
		w.ToEnd = false
	} else if atOnce {
		_ = c.HalfClose() // the server may have closed before
	}
	t.Took(c.Receive(ctx, w), played)
	return b.stopped(ctx, t, due, time.Since(asked))
}

// begun has the server begin its answer, and returns how many bytes of it are in progress, and what the sending came to.
func (b *Bench) begun(ctx context.Context, c *player.Client, t *player.Trial, atOnce bool) (due int64, f *finding.Finding, played error) {
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
	answered := b.Dialect.(dialect.Predictor).Predict(wholeLines(t.Session.Request[:read])).Answers[0]
	return int64(len(answered)), nil, played
}

// wholeLines is b up to its last LF.
func wholeLines(b []byte) []byte { return b[:bytes.LastIndexByte(b, '\n')+1] }

// stopped judges an answer whose server was asked to stop so long before its end, and of which so many bytes were due.
func (b *Bench) stopped(ctx context.Context, t *player.Trial, due int64, after time.Duration) (Fit, *finding.Finding) {
	if t.Answer.State == delivery.Short && t.Answer.Total >= due {
		return Fits, nil
	}
	if _, learned := b.Dialect.(dialect.Learner); learned && t.Answer.State == delivery.Wrong { // as of HTTP, whose connection closes now
		return Fits, otherAnswer()
	}
	f := t.Judge(ctx)
	if f.Is(finding.Missing) {
		f = f.Settled() // nothing can be asked of a server that has stopped
	}
	exit, over := b.Process().Exited()
	waited := !over || exit.Elapsed > patience.Finish
	if f.Fact() && t.Answer.State == delivery.Short && waited && after > patience.Finish && player.StillComing(f.Evidence.Timeline) {
		return TooLarge, f.During(fmt.Sprintf("%s after it was asked to stop, ", patience.Text(after)))
	}
	return Fits, f.During("asked to stop in mid-answer, the server did not finish it: ")
}
