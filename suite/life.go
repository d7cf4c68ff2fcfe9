package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
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
		Dialects:  "eglsx",
		Causes:    []string{"the server listens on another address or family (127.0.0.1 is not ::1)", "the accept loop is not reached, or ended after an error"},
		Cases:     []Case{{ID: "serves", Run: lifeServes}},
	},
	{
		ID: "LIFE-2", Level: report.Must, Title: "serves the next connection after one has ended",
		Sentence:  "A server MUST serve the next connection after one has ended.",
		Rationale: "A server that serves once, or a counted number of times, stops working in the field without a word.",
		Citation:  "contract section 2, serve_forever",
		Dialects:  "eglsx",
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
		Cases:     []Case{{ID: "failing-handlers", Needs: Alone, Run: lifeFailing}, {ID: "neighbours", Needs: Alone | Together | Turns, Run: lifeNeighbours}},
	},
	{
		ID: "LIFE-5", Level: report.Must, Title: "survives clients that leave without a word",
		Sentence:  "A server MUST survive clients that leave at any moment, by FIN or by RST.",
		Rationale: "Clients crash, are killed, and change networks; each leaves a socket on which reads and writes fail.",
		Citation:  "RFC 9293, sections 3.5.3 (reset processing) and 3.6; contract section 4, LIFE-5",
		Dialects:  "eglsx",
		Causes:    []string{"an error of read or write (ECONNRESET, EPIPE) is not caught", "SIGPIPE is not ignored", "an 'error' event has no listener"},
		Cases:     []Case{{ID: "leaving", Needs: Alone, Run: lifeLeaving}},
	},
	{
		ID: "LIFE-6", Level: report.Must, Title: "stops on request",
		Sentence:  "On SIGTERM a server MUST exit in time, and accept nothing more.",
		Rationale: "A service manager kills what does not stop, and then nobody's answer is finished.",
		Citation:  "contract section 2, shut_down; POSIX.1-2017, SIGTERM",
		Dialects:  "eglsx",
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
		Cases:     []Case{{ID: "answer-in-progress", Needs: Exec, Waits: true, Timeout: largeTimeout, Run: lifeFinishes}},
	},
	{
		ID: "LIFE-8", Level: report.Must, Title: "says so when its address is taken",
		Sentence:  "A server whose address is taken MUST fail with a clear error and a non-zero status.",
		Rationale: "A server that keeps quiet about a failed bind looks healthy to everything that started it.",
		Citation:  "contract section 2, serve_forever; POSIX.1-2017, bind (EADDRINUSE)",
		Dialects:  "eglsx",
		Causes:    []string{"the error of bind is not looked at", "a loop tries to bind for ever", "SO_REUSEPORT lets two servers share the address unnoticed"},
		Cases:     []Case{{ID: "address-taken", Needs: Exec, Waits: true, Run: lifeTaken}},
	},
	{
		ID: "LIFE-9", Level: report.Should, Title: "binds again at once after a stop",
		Sentence:  "A server SHOULD bind its address again at once after a stop that left connections in TIME-WAIT.",
		Rationale: "Without it every restart under load fails for a minute or more.",
		Citation:  "RFC 9293, section 3.6.1 (TIME-WAIT); POSIX.1-2017, SO_REUSEADDR",
		Dialects:  "eglsx",
		Causes:    []string{"SO_REUSEADDR is not set before bind"},
		Cases:     []Case{{ID: "time-wait", Needs: Exec | Turns, Waits: true, Run: lifeRebinds}},
	},
	{
		ID: "LIFE-10", Level: report.Must, Title: "gives back its descriptors",
		Sentence:  "A server MUST give back every descriptor that a connection took.",
		Rationale: "A descriptor leaked for each connection ends the service after about a thousand of them.",
		Citation:  "contract section 2, close_request",
		Dialects:  "eglsx",
		Causes:    []string{"close is skipped on a path: an error, a client that left, a failing handler", "a duplicate of the socket (makefile, dup, a child) is not closed"},
		Cases:     []Case{{ID: "descriptors", Needs: PID, Waits: true, Run: lifeDescriptors}},
	},
	{
		ID: "LIFE-11", Level: report.Must, Title: "does not burn CPU while nothing happens",
		Sentence:  "A server MUST NOT burn CPU while clients idle, or after one has half-closed.",
		Rationale: "A loop that spins on an idle or ended connection takes a core from everybody, and heats the world.",
		Citation:  "contract section 4, LIFE-11",
		Dialects:  "eglsx",
		Causes:    []string{"the end of the stream (a read of 0 bytes) is not recognised, and the loop reads again", "a non-blocking socket is polled without waiting", "a select or poll loop asks for writability all the time"},
		Cases:     []Case{{ID: "idle-and-half-closed", Needs: PID, Waits: true, Run: lifeIdle}},
	},
	{
		ID: "LIFE-12", Level: report.Should, Title: "queues at least 10 waiting connections",
		Sentence:  "A server SHOULD queue at least 10 connections that wait to be accepted.",
		Rationale: "A short queue drops connection requests in every burst; each dropped one waits a second for its second try.",
		Citation:  "POSIX.1-2017, listen (backlog); contract section 4, LIFE-12",
		Dialects:  "eglsx",
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
		for _, s := range e.model().Failing() {
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
			for _, s := range e.model().Failing() {
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
	if e.sticks() == nil {
		if err := leaveUnread(ctx, e); err != nil {
			return err
		}
	}
	for range 5 {
		for _, share := range []int{0, 2, 1} { // nothing, half of the request, all of it
			for _, leave := range []func(*Client){(*Client).Close, (*Client).Abort} {
				c, err := e.Dial(ctx, delivery.Options{})
				if err != nil {
					return err
				}
				if share > 0 {
					r := e.plain()
					// An error of sending is the server's leaving first, which the pulse judges.
					_ = c.Send(ctx, r[:len(r)/share])
				}
				leave(c)
			}
		}
		if err := e.served(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leaveUnread leaves in the middle of an answer: the server waits in a write, or has
// written, to a client that resets its connection.
func leaveUnread(ctx context.Context, e *Env) error {
	for range 2 {
		c, err := e.stick(ctx, 150*time.Millisecond, nil)
		if err != nil {
			return err
		}
		c.Abort()
		if err := e.served(ctx); err != nil {
			return err
		}
	}
	return nil
}

// served is Pulse, but for an answer that is wrong: the server has survived then, and what it mixes is CONC-1's matter.
func (e *Env) served(ctx context.Context) error {
	err := e.Pulse(ctx)
	if b := (*Broken)(nil); errors.As(err, &b) && b.Failure.Actual.Total > 0 {
		return nil
	}
	return err
}

// lifeBacklog connects in a burst. A queue that is too short leaves connections
// waiting for their second try, a second later. Where the kernel tells the queue's length, that is what counts.
func lifeBacklog(ctx context.Context, e *Env) error {
	const waiting = 10
	if e.clients(waiting) < waiting {
		return &NotShown{"the file says that the server takes fewer clients (limits: clients)"}
	}
	if _, n, err := target.Queue(e.address); err == nil {
		if n < waiting-1 { // a queue of n holds n + 1
			return broken("the server's queue holds %d waiting connections: it listens with a backlog of %d", n+1, n)
		}
		e.Observe("backlog %d", n)
	}
	if e.suite.gate.mixed != nil {
		return nil // whose answers come to which client is CONC-1's matter
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
	if e.exchange() != nil { // whose protocol may have more to say before a request
		for _, c := range clients {
			if _, err := c.try(ctx, e.Dialect.Plain(e.ID()), Delivery{}, e.LongWait()); err != nil {
				return during(err, "one of 10 connections that came together was not served: ")
			}
			c.Close()
		}
		return nil
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
		t.saw(c)
		if err := t.judge(ctx, e); err != nil {
			return during(err, "one of 10 connections that came together was not served: ")
		}
		c.Close()
	}
	return nil
}
