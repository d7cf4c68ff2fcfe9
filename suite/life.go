package suite

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/suite/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// life is the family LIFE.
var life = Family{ID: "LIFE", Name: "the server's life", Summary: "a server accepts, serves, survives its clients and its handlers, and ends when it is asked to", Requirements: []Requirement{
	{
		ID: "LIFE-1", Level: report.Must, Title: "accepts on its address and serves",
		Sentence:  "A server MUST accept connections on its address and serve them.",
		Rationale: "Nothing else can be said of a server that is not there.",
		Citation:  "RFC 9293, section 3.9.1 (passive OPEN); contract section 2, serve_forever and get_request",
		Dialects:  "egls",
		Causes:    []string{"the server listens on another address or family (127.0.0.1 is not ::1)", "the accept loop is not reached, or ended after an error"},
		Cases:     []Case{{ID: "serves", Run: lifeServes}},
	},
	{
		ID: "LIFE-2", Level: report.Must, Title: "serves the next connection after one has ended",
		Sentence:  "A server MUST serve the next connection after one has ended.",
		Rationale: "A server that serves once, or a counted number of times, stops working in the field without a word.",
		Citation:  "contract section 2, serve_forever",
		Dialects:  "egls",
		Causes:    []string{"accept is called once, outside the loop", "the loop ends with a connection's error", "what a connection took is not given back"},
		Cases:     []Case{{ID: "fifty-in-a-row", Run: lifeNext}},
	},
	{
		ID: "LIFE-3", Level: report.Must, Title: "closes the connection when the handler is done",
		Sentence:  "A server MUST close the connection when its handler is done with it.",
		Rationale: "A client that reads to the end of the stream waits for ever for a close that does not come.",
		Citation:  "RFC 9293, section 3.6 (closing a connection); contract section 2, close_request",
		Dialects:  "egls",
		Causes:    []string{"close_request is not called after the handler", "another reference to the socket (a duplicate, a child process, a file object) keeps it open"},
		Cases:     []Case{{ID: "done", Run: lifeCloses}},
	},
	{
		ID: "LIFE-4", Level: report.Must, Title: "survives a failing handler",
		Sentence:  "When a handler fails, its connection MUST be closed, and the server MUST serve on.",
		Rationale: "One client's bad request must not take the service from all the others.",
		Citation:  "contract section 2: a handler that fails costs its own connection and nothing else",
		Dialects:  "ls",
		Causes:    []string{"an exception or panic of the handler leaves the accept loop or ends the process", "close_request is skipped when the handler fails: the connection stays open"},
		Cases:     []Case{{ID: "failing-handlers", Needs: Alone, Run: lifeFailing}, {ID: "neighbours", Needs: Alone | Together, Run: lifeNeighbours}},
	},
	{
		ID: "LIFE-5", Level: report.Must, Title: "survives clients that leave without a word",
		Sentence:  "A server MUST survive clients that leave at any moment, by FIN or by RST.",
		Rationale: "Clients crash, are killed, and change networks; each leaves a socket on which reads and writes fail.",
		Citation:  "RFC 9293, sections 3.5.3 (reset processing) and 3.6; contract section 4, LIFE-5",
		Dialects:  "egls",
		Causes:    []string{"an error of read or write (ECONNRESET, EPIPE) is not caught", "SIGPIPE is not ignored", "an 'error' event has no listener"},
		Cases:     []Case{{ID: "leaving", Needs: Alone, Run: lifeLeaving}},
	},
	{
		ID: "LIFE-6", Level: report.Must, Title: "stops on request",
		Sentence:  "On SIGTERM a server MUST exit in time, and accept nothing more.",
		Rationale: "A service manager kills what does not stop, and then nobody's answer is finished.",
		Citation:  "contract section 2, shut_down; POSIX.1-2017, SIGTERM",
		Dialects:  "egls",
		Causes:    []string{"SIGTERM is ignored or handled without ending the accept loop", "stopping waits for idle clients to leave", "a non-daemon thread keeps the process alive"},
		Cases:     []Case{{ID: "sigterm", Needs: Exec, Waits: true, Run: lifeStops}},
	},
	{
		ID: "LIFE-7", Level: report.Should, Title: "finishes the answer in progress before it stops",
		Sentence:  "A server that is asked to stop SHOULD let the answer in progress finish first.",
		Rationale: "Every deployment stops servers; clients should not see it.",
		Citation:  "contract section 2, shut_down",
		Dialects:  "els",
		Causes:    []string{"the process exits from the signal handler", "no signal handler: the default action ends the process in mid-answer"},
		Cases:     []Case{{ID: "answer-in-progress", Needs: Exec, Waits: true, Run: lifeFinishes}},
	},
	{
		ID: "LIFE-8", Level: report.Must, Title: "says so when its address is taken",
		Sentence:  "A server whose address is taken MUST fail with a clear error and a non-zero status.",
		Rationale: "A server that keeps quiet about a failed bind looks healthy to everything that started it.",
		Citation:  "contract section 2, serve_forever; POSIX.1-2017, bind (EADDRINUSE)",
		Dialects:  "egls",
		Causes:    []string{"the error of bind is not looked at", "a loop tries to bind for ever", "SO_REUSEPORT lets two servers share the address unnoticed"},
		Cases:     []Case{{ID: "address-taken", Needs: Exec, Waits: true, Run: lifeTaken}},
	},
	{
		ID: "LIFE-9", Level: report.Should, Title: "binds again at once after a stop",
		Sentence:  "A server SHOULD bind its address again at once after a stop that left connections in TIME-WAIT.",
		Rationale: "Without it every restart under load fails for a minute or more.",
		Citation:  "RFC 9293, section 3.6.1 (TIME-WAIT); POSIX.1-2017, SO_REUSEADDR",
		Dialects:  "egls",
		Causes:    []string{"SO_REUSEADDR is not set before bind"},
		Cases:     []Case{{ID: "time-wait", Needs: Exec, Waits: true, Run: lifeRebinds}},
	},
	{
		ID: "LIFE-10", Level: report.Must, Title: "gives back its descriptors",
		Sentence:  "A server MUST give back every descriptor that a connection took.",
		Rationale: "A descriptor leaked for each connection ends the service after about a thousand of them.",
		Citation:  "contract section 2, close_request",
		Dialects:  "egls",
		Causes:    []string{"close is skipped on a path: an error, a client that left, a failing handler", "a duplicate of the socket (makefile, dup, a child) is not closed"},
		Cases:     []Case{{ID: "descriptors", Needs: PID, Waits: true, Run: lifeDescriptors}},
	},
	{
		ID: "LIFE-11", Level: report.Must, Title: "does not burn CPU while nothing happens",
		Sentence:  "A server MUST NOT burn CPU while clients idle, or after one has half-closed.",
		Rationale: "A loop that spins on an idle or ended connection takes a core from everybody, and heats the world.",
		Citation:  "contract section 4, LIFE-11",
		Dialects:  "egls",
		Causes:    []string{"the end of the stream (a read of 0 bytes) is not recognised, and the loop reads again", "a non-blocking socket is polled without waiting", "a select or poll loop asks for writability all the time"},
		Cases:     []Case{{ID: "idle-and-half-closed", Needs: PID, Waits: true, Run: lifeIdle}},
	},
	{
		ID: "LIFE-12", Level: report.Should, Title: "queues at least 10 waiting connections",
		Sentence:  "A server SHOULD queue at least 10 connections that wait to be accepted.",
		Rationale: "A short queue drops connection requests in every burst; each dropped one waits a second for its second try.",
		Citation:  "POSIX.1-2017, listen (backlog); contract section 4, LIFE-12",
		Dialects:  "egls",
		Causes:    []string{"listen is called with a small backlog"},
		Cases:     []Case{{ID: "burst", Needs: Alone, Run: lifeBacklog}},
	},
}}

func lifeServes(ctx context.Context, e *Env) error {
	for range 3 {
		if err := e.Deliver(ctx, e.Dialect.Plain(e.ID()), Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

func lifeNext(ctx context.Context, e *Env) error {
	for range 50 {
		if err := e.Deliver(ctx, e.Dialect.Ending(e.ID()), Delivery{}); err != nil {
			return err
		}
	}
	return nil
}

func lifeCloses(ctx context.Context, e *Env) error {
	sessions := []dialect.Session{e.Dialect.Ending(e.ID()), e.Dialect.Plain(e.ID())}
	if e.Dialect.Letter() == 's' {
		closing := new(dialect.Commands).Write("bye").Send().Close()
		sessions = append(sessions, closing.Session("CLOSE"), new(dialect.Commands).Close().Session("CLOSE alone"), new(dialect.Commands).End().Session("an empty line alone"))
	}
	for _, s := range sessions {
		if err := e.Deliver(ctx, s, Delivery{Close: true}); err != nil {
			return err
		}
	}
	return nil
}

func lifeFailing(ctx context.Context, e *Env) error {
	for range 3 {
		for _, s := range e.Dialect.Failing() {
			if err := e.Deliver(ctx, s, Delivery{}); err != nil {
				return e.didNotFail(err)
			}
			if err := e.Pulse(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// didNotFail tells a handler that answers invalid UTF-8, which is CODE-3's
// matter, from one that fails and is not dealt with.
func (e *Env) didNotFail(err error) error {
	if isWrong(err) && e.Dialect.Letter() == 'l' {
		return &NotShown{"no request made the handler fail: it answers what is no UTF-8 (CODE-3)"}
	}
	return err
}

// lifeNeighbours has handlers fail beside a session that must not notice.
func lifeNeighbours(ctx context.Context, e *Env) error {
	return e.Confirm(ctx, func(ctx context.Context, wait time.Duration) error {
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		defer c.Close()
		for _, t := range e.Dialect.Turns(e.ID(), 4) {
			if err := c.Turn(ctx, t, delivery.Whole(), wait); err != nil {
				return during(err, "beside failing handlers, another session suffered: ")
			}
			for _, s := range e.Dialect.Failing() {
				if _, err := e.try(ctx, s, Delivery{}, wait); err != nil {
					return e.didNotFail(err)
				}
			}
		}
		return nil
	})
}

// during puts words before the problem of a failure.
func during(err error, words string) error {
	var b *Broken
	var m *missing
	switch {
	case errors.As(err, &m):
		m.Problem = words + m.Problem
	case errors.As(err, &b):
		b.Problem = words + b.Problem
	}
	return err
}

func lifeLeaving(ctx context.Context, e *Env) error {
	for range 5 {
		for _, share := range []int{0, 2, 1} { // nothing, half of the request, all of it
			for _, leave := range []func(*Client){(*Client).Close, (*Client).Abort} {
				c, err := e.Dial(ctx, delivery.Options{})
				if err != nil {
					return err
				}
				if share > 0 {
					r := e.Dialect.Plain(e.ID()).Request
					// An error of sending is the server's leaving first, which the pulse judges.
					_ = c.Send(ctx, r[:len(r)/share])
				}
				leave(c)
			}
		}
		if err := e.Pulse(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stopTime is how long a server may take to stop.
const stopTime = 10 * time.Second

// lifeStops asks a server to stop while one client idles and another is in the middle of a request.
func lifeStops(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	idle, err := own.Dial(ctx, delivery.Options{})
	if err != nil {
		return err
	}
	defer idle.Close()
	middle, err := own.Dial(ctx, delivery.Options{Number: 1})
	if err != nil {
		return err
	}
	defer middle.Close()
	if err := middle.Send(ctx, e.partial()); err == nil {
		middle.Cut(ctx)
	}
	exit, err := stop(ctx, own)
	if err != nil {
		return err
	}
	e.Observe("stopped within %s (%s)", exit.Elapsed.Round(time.Millisecond), exit)
	if late, err := own.Dial(ctx, delivery.Options{Timeout: time.Second}); err == nil {
		late.Close()
		return broken("the server's process has ended, but its address still accepts connections")
	}
	return nil
}

// stop sends SIGTERM and waits for the end of the process.
func stop(ctx context.Context, own *Env) (target.Exit, error) {
	if err := own.process.Signal(syscall.SIGTERM); err != nil {
		return target.Exit{}, broken("the server ended before it was asked to: %v", own.alive())
	}
	patience, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	exit, err := own.process.Wait(patience)
	if ctx.Err() != nil {
		return exit, ctx.Err()
	}
	if err != nil {
		return exit, broken("%s after SIGTERM the server had not exited (one client was idle, one in the middle of a request)", stopTime)
	}
	return exit, nil
}

// lifeFinishes asks a server to stop while a client is slow to take its answer.
func lifeFinishes(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	s := e.Dialect.Bulk(256<<10, e.suite.cfg.Seed)
	if e.Dialect.Letter() == 's' {
		s = longAnswer(8<<20, (*dialect.Commands).End)
	}
	o := delivery.Options{ReceiveBuffer: 16 << 10, ConfirmCap: e.LongWait()}
	if _, err := own.try(ctx, s, Delivery{Options: o}, e.LongWait()); err != nil {
		if isWrong(err) {
			return &NotShown{"the same answer is already wrong without a stop"}
		}
		return err
	}
	c, err := own.Dial(ctx, o)
	if err != nil {
		return err
	}
	defer c.Close()
	t := &trial{session: s, plan: delivery.Whole(), wait: e.LongWait()}
	if s.End == dialect.ByClient {
		t.plan.End = delivery.HalfClose
	}
	t.playErr = c.Play(ctx, s.Request, t.plan)
	if t.playErr != nil {
		return &NotShown{"the server does not read on while its answer is not taken, so that no answer can be waiting when it is stopped"}
	}
	if c.Cut(ctx) == delivery.Unconfirmed {
		return undecided("the server did not read its whole request in time, so that no answer was in progress when it was to be stopped")
	}
	if err := own.process.Signal(syscall.SIGTERM); err != nil {
		return broken("the server ended before it was asked to: %v", own.alive())
	}
	// The server knows of the stop when it has closed its address, or ended.
	host, port := own.process.Host(), own.process.Port()
	for begin := time.Now(); time.Since(begin) < 500*time.Millisecond && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if listening, err := target.Listening(host, port); err == nil && !listening {
			break
		}
	}
	t.answer = c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: e.LongWait()})
	t.timeline = c.Timeline()
	err = t.judge(ctx, e)
	if m := (*missing)(nil); errors.As(err, &m) {
		err = m.Broken
	}
	return during(err, "asked to stop in mid-answer, the server did not finish it: ")
}

// longAnswer is a script that writes size bytes, sends them at once, and ends.
func longAnswer(size int, end func(*dialect.Commands) *dialect.Commands) dialect.Session {
	var c dialect.Commands
	line := make([]byte, 60000)
	for i := range line {
		line[i] = byte('a' + i%23)
	}
	for n := 0; size > 0; n++ {
		copy(line, fmt.Sprintf("%08d", n))
		k := min(size, len(line))
		c.Write(string(line[:k]))
		size -= k
	}
	end(c.Send())
	return c.Session("a long answer")
}

func lifeTaken(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	second, err := e.suite.target.Launcher().StartOn(ctx, own.process.Host(), own.process.Port(), false)
	if err != nil {
		return e.startError(ctx, err)
	}
	defer second.Kill()
	patience, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	exit, err := second.Wait(patience)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return broken("started a second time on a taken address, the server was still running after 10s and had said nothing of it by its status")
	}
	if exit.Code == 0 && exit.Signal == "" {
		return broken("started a second time on a taken address, the server ended with status 0")
	}
	if second.Stderr() == "" && second.Stdout() == "" {
		return broken("started a second time on a taken address, the server ended with %s, but without a word of why", exit)
	}
	return nil
}

// lifeRebinds stops a server that has an open connection, so that the server's
// end is the first to close and its port is left in TIME-WAIT, or in use by a child.
func lifeRebinds(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	c, err := own.Dial(ctx, delivery.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Turn(ctx, e.Dialect.Turns(e.ID(), 1)[0], delivery.Whole(), e.Wait()); err != nil {
		return err
	}
	if _, err := stop(ctx, own); err != nil {
		return &NotShown{"the server did not stop, so that it could not be started again (LIFE-6)"}
	}
	switch end := c.Receive(ctx, delivery.Want{Idle: 300 * time.Millisecond}); end.Ending {
	case delivery.RST:
		return &NotShown{"the server reset its connection when it stopped, so that nothing was left in TIME-WAIT"}
	case delivery.FIN:
		c.Close() // its end closed first: TIME-WAIT is on the server's side
	default:
		// A child still holds the connection. That keeps the port from a server without SO_REUSEADDR as TIME-WAIT does.
	}
	again, err := e.suite.target.Launcher().StartOn(ctx, own.process.Host(), own.process.Port(), true)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return broken("stopped with a connection open, the server could not be started again on its port: %v", err)
	}
	defer again.Kill()
	return e.at(again).Pulse(ctx)
}

// lifeDescriptors looks at the number of descriptors after rounds of
// connections that ended in every way. A leak grows with each round.
func lifeDescriptors(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	const connections = 40
	var before, after int
	for round := range 3 {
		for i := range connections {
			if i%4 < 2 { // leaves in mid-request, by FIN or by RST
				c, err := own.Dial(ctx, delivery.Options{})
				if err != nil {
					return own.ended(err)
				}
				_ = c.Send(ctx, e.partial()) // an error is the server's leaving first
				[]func(*Client){(*Client).Close, (*Client).Abort}[i%4](c)
				continue
			}
			s := e.Dialect.Plain(e.ID())
			if f := e.Dialect.Failing(); len(f) > 0 && i%4 == 2 {
				s = f[i/4%len(f)]
			}
			// Whether the answer is right is judged elsewhere.
			if _, err := own.try(ctx, s, Delivery{}, e.Wait()); err != nil && !isWrong(err) {
				return own.ended(err)
			}
		}
		if after, err = settled(ctx, own.pid, before, round > 0); err != nil {
			return err
		}
		if round == 0 {
			before = after // what the first clients made the server open once
			continue
		}
		if after <= before+2 {
			e.Observe("%d descriptors before, %d after %d connections", before, after, connections*round)
			return nil
		}
		if round == 1 && after-before < connections/8 {
			continue
		}
	}
	return broken("%d descriptors are open that %d connections left behind (%d before, %d after)", after-before, 2*connections, before, after)
}

// isWrong reports whether err says that an answer was wrong, and not that it was missing.
func isWrong(err error) bool {
	var b *Broken
	return errors.As(err, &b)
}

// ended leaves the verdict open where the server's process has ended: what it
// did not survive is judged by the requirements that say so.
func (e *Env) ended(err error) error {
	if how := e.alive(); how != nil {
		return undecided("the server did not survive clients that left and handlers that failed (LIFE-4, LIFE-5): %v", how)
	}
	return err
}

// settled waits until the process has no more descriptors than before, or 2 s
// have passed without their number falling.
func settled(ctx context.Context, pid, before int, known bool) (int, error) {
	least := -1
	for last := time.Now(); ; {
		f, err := target.Observe(pid)
		if err != nil {
			return 0, undecided("the server's process could not be observed: %v", err)
		}
		if least < 0 || f.Descriptors < least {
			least, last = f.Descriptors, time.Now()
		}
		patience := 2 * time.Second
		if !known {
			patience = 200 * time.Millisecond
		}
		if known && least <= before+2 || time.Since(last) > patience {
			return least, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// lifeIdle measures the CPU time that the server takes while nothing happens:
// some clients idle, some are in mid-request, some have half-closed.
func lifeIdle(ctx context.Context, e *Env) error {
	own, err := e.Instance(ctx)
	if err != nil {
		return err
	}
	kinds := []int{0, 1, 2, 3}
	if e.suite.gate.serial {
		kinds = kinds[2:3]
	}
	for _, k := range kinds {
		c, err := own.Dial(ctx, delivery.Options{Number: k})
		if err != nil {
			return err
		}
		defer c.Close()
		if k == 1 || k == 3 {
			_ = c.Send(ctx, e.partial())
		}
		if k >= 2 {
			_ = c.HalfClose()
		}
	}
	const window, share = time.Second, 0.2
	var used float64
	for range 3 {
		before, err := target.Observe(own.pid)
		if err != nil {
			return undecided("the server's process could not be observed: %v", err)
		}
		began := time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(window):
		}
		after, err := target.Observe(own.pid)
		if err != nil {
			return undecided("the server's process could not be observed: %v", err)
		}
		used = (after.CPU - before.CPU).Seconds() / time.Since(began).Seconds()
		if used < share {
			e.Observe("%.0f %% of a core", 100*used)
			return nil
		}
	}
	return broken("the server took %.0f %% of a core while its clients were silent or had half-closed", 100*used)
}

// lifeBacklog connects in a burst. A queue that is too short leaves connections
// waiting for their second try, a second later. Where the kernel tells the queue's length, that is what counts.
func lifeBacklog(ctx context.Context, e *Env) error {
	const waiting = 10
	if _, n, err := target.Queue(e.address); err == nil {
		if n < waiting-1 { // a queue of n holds n + 1
			return broken("the server's queue holds %d waiting connections: it listens with a backlog of %d", n+1, n)
		}
		e.Observe("backlog %d", n)
	}
	clients := make([]*Client, waiting)
	for i := range clients {
		c, err := e.Dial(ctx, delivery.Options{Timeout: e.LongWait(), Number: i})
		if err != nil {
			return during(err, fmt.Sprintf("with %d connections waiting, the next was not had: ", i))
		}
		defer c.Close()
		clients[i] = c
	}
	// All of the requests are sent before any answer is waited for: a server may serve them in any order.
	trials := make([]*trial, waiting)
	for i, c := range clients {
		s := e.Dialect.Ending(e.ID())
		t := &trial{session: s, plan: delivery.Whole(), wait: e.LongWait()}
		if t.playErr = c.Send(ctx, s.Request); t.playErr == nil {
			t.playErr = c.HalfClose()
		}
		trials[i] = t
	}
	for i, c := range clients {
		t := trials[i]
		t.answer = c.Receive(ctx, delivery.Want{Any: t.session.Answers, ToEnd: true, Idle: t.wait, EndIdle: e.suite.endWait(false, t.wait)})
		t.timeline = c.Timeline()
		if err := t.judge(ctx, e); err != nil {
			return during(err, "one of 10 connections that came together was not served: ")
		}
		c.Close()
	}
	return nil
}
