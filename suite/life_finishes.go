package suite

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// The check of LIFE-7: the answer in progress is finished before the server stops.

// patienceOfStop is how long after it was asked to stop a server may be expected to give an answer that its client takes as fast
// as it can. Most give the answers in progress a bound, of a few seconds.
const patienceOfStop = time.Second

// lifeFinishes asks a server to stop while a client is slow to take its answer, which is smaller for a slow server. Where it is cut
// off after patienceOfStop while it is still coming, a smaller one is asked for: it is slow, by its buffers or by a busy
// machine, and not cut off at once. Where the kernels take all of it, a larger one is.
func lifeFinishes(ctx context.Context, e *Env) error {
	const smallest, largest, tries = 512 << 10, 2 << 20, 8
	size := largest
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	for need := own.expect(ctx, size, 2*patienceOfStop, e.answerInProgress); need > 2*patienceOfStop && size > smallest; need /= 4 {
		size /= 4
	}
	swallows, lasts := 0, 4*largest // a size that is too small, and one that is too large
	for try := 1; ; try++ {
		err := own.finishes(ctx, size)
		late := (*outlasted)(nil)
		switch {
		case errors.As(err, new(*swallowed)) && size < largest && try < tries:
			swallows = size
			size = min((swallows+lasts)/2, 2*size)
		case !errors.As(err, &late):
			return err
		case size <= smallest || try == tries:
			return &Undecided{Reason: late.Problem + ": the answer came too slowly to be judged", Failure: &late.Failure}
		default:
			e.Observe("%s: asked for a smaller answer", late.Problem)
			lasts = size
			size = max((swallows+lasts)/2, size/4)
		}
		if own, err = e.Instance(ctx); err != nil {
			return err
		}
	}
}

// outlasted is an answer that was still coming when the server, some time after it was asked to stop, waited no longer for its end.
type outlasted struct{ *Broken }

// swallowed is an answer that the kernels took before the client had read any: none was in progress.
type swallowed struct{}

func (*swallowed) Error() string {
	return "the server's kernel took the whole answer before the client read any, so that none was in progress"
}

// Unwrap says that the case is not shown.
func (s *swallowed) Unwrap() error { return &NotShown{s.Error()} }

// answerInProgress is a session with a long answer: a script's is all sent at once.
func (e *Env) answerInProgress(n int) dialect.Session {
	if e.Dialect.Letter() == 's' {
		return longAnswer(n, nil)
	}
	return e.bulk(n)
}

// finishes asks a server to stop in the middle of an answer of size bytes, or more. Where it is not sent all at once, that is in
// progress which answers what the server had read. Its error is *outlasted where a smaller answer may show more.
func (e *Env) finishes(ctx context.Context, size int) error {
	s, atOnce := e.answerInProgress(size), e.Dialect.Letter() == 's'
	// The kernels take little of the answer where its segments are small, so that most of it is still the server's to write: of
	// loopback's they take 3.6 MB before the client has read any, of these 0.4 MB, and up to 1.1 MB once the kernel has seen
	// segments change their order: it keeps room for as many as it takes to tell that from a loss.
	o := delivery.Options{ReceiveBuffer: 16 << 10, MaxSegment: 256}
	began := time.Now()
	if _, err := e.try(ctx, s, Delivery{Options: o}, e.LongWait()); err != nil {
		if isWrong(err) {
			return &NotShown{"the same answer is already wrong without a stop"}
		}
		return err
	}
	o.ConfirmCap, o.Stall = 300*time.Millisecond, 300*time.Millisecond // for one that reads no more while its answer is not taken
	if atOnce {
		o.Stall = 0
		o.ConfirmCap = max(e.LongWait(), 3*time.Since(began)) // for one that is slow to read
	}
	c, err := e.Dial(ctx, o)
	if err != nil {
		return err
	}
	defer c.Close()
	t := &trial{session: s, plan: delivery.Whole(), wait: e.LongWait()}
	if !atOnce { // a server that reads no more than it needs leaves the end of a script unread while it sends
		t.plan.End = delivery.HalfClose
	}
	t.playErr = c.Play(ctx, s.Request, t.plan)
	stuck := !atOnce && errors.Is(t.playErr, delivery.ErrStalled) // it is in the middle of its answer for sure
	if t.playErr != nil && !stuck {
		return &NotShown{"the server does not read on while its answer is not taken, so that no answer can be waiting when it is stopped"}
	}
	if atOnce && c.Cut(ctx) == delivery.Unconfirmed {
		return undecided("the server did not read its whole request in time, so that no answer was in progress when it was to be stopped")
	}
	due := int64(len(s.Answer()))
	if !atOnce {
		if !c.Sees() {
			return &NotShown{"the server's end of the connection cannot be seen: it is not known what it had read when it was stopped"}
		}
		read, _ := c.Taken()
		due = int64(len(e.model().Predict(wholeLines(s.Request[:read])).Answers[0]))
	}
	asked := time.Now()
	if err := e.process.Signal(syscall.SIGTERM); err != nil {
		return broken("the server ended before it was asked to: %v", e.alive())
	}
	e.hears(ctx)
	if written, ok := c.Written(); atOnce && ok && written >= due {
		return new(swallowed)
	}
	if atOnce {
		_ = c.HalfClose() // the server may have closed before
	}
	t.answer = c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: e.LongWait()})
	after := time.Since(asked)
	exit, over := e.process.Exited()
	waited := !over || exit.Elapsed > patienceOfStop
	t.saw(c)
	if t.answer.State == delivery.Short && t.answer.Total >= due {
		return nil
	}
	err = t.judge(ctx, e)
	if m := (*missing)(nil); errors.As(err, &m) {
		err = m.Broken
	}
	if b := (*Broken)(nil); errors.As(err, &b) && t.answer.State == delivery.Short && waited && after > patienceOfStop && stillComing(t.timeline) {
		b.Problem = fmt.Sprintf("%s after it was asked to stop, %s", after.Round(time.Millisecond), b.Problem)
		return &outlasted{b}
	}
	return during(err, "asked to stop in mid-answer, the server did not finish it: ")
}

// hears waits until the server has heard that it was asked to stop: it has closed its address, or ended. One that does neither
// has half a second for it, and more while it is at work, since a busy machine lets it get to it later.
func (e *Env) hears(ctx context.Context) {
	const (
		least, most = 500 * time.Millisecond, 5 * time.Second
		window      = 100 * time.Millisecond
	)
	worked := e.worked()
	host, port := e.process.Host(), e.process.Port()
	begin := time.Now()
	calm, looked := 0, begin
	for ; time.Since(begin) < most && ctx.Err() == nil; wait(ctx, 5*time.Millisecond) {
		if listening, err := target.Listening(host, port); err == nil && !listening {
			return
		}
		if _, over := e.process.Exited(); over {
			return
		}
		if watched := time.Since(looked); watched >= window {
			calm, looked = calm+1, time.Now()
			if worked != nil && worked() > watched/10 {
				calm = 0
			}
		}
		if calm >= 2 && time.Since(begin) >= least {
			return
		}
	}
}

// stillComing says that the connection ended while bytes came, and not after a silence.
func stillComing(timeline []delivery.Event) bool {
	var last time.Duration
	for _, v := range timeline {
		switch v.Kind {
		case delivery.KindReceive:
			last = v.At
		case delivery.KindReceivedFIN, delivery.KindReceivedReset:
			return v.At-last < patienceOfStop/4
		}
	}
	return false
}
