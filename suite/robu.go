package suite

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// robu is the family ROBU. After each of its cases a fresh connection must get a right answer.
var robu = Family{ID: "ROBU", Name: "abuse", Summary: "after whatever a client does, the server serves, and its answer is right", Requirements: []Requirement{
	{
		ID: "ROBU-1", Level: report.Must, Title: "200 resets",
		Sentence:  "After 200 connections that were reset in the middle of a request a server MUST serve, and rightly.",
		Rationale: "Scanners, load balancers' health checks and crashing clients reset all day.",
		Citation:  "RFC 9293, section 3.5.3 (reset processing); contract section 4, ROBU-1",
		Dialects:  "eglsx",
		Causes:    []string{"an error of read or write ends the server", "SIGPIPE is not ignored"},
		Cases:     []Case{{ID: "resets", Needs: Alone, Run: robuResets}},
	},
	{
		ID: "ROBU-2", Level: report.Must, Title: "64 MiB without a line end",
		Sentence:  "After 64 MiB without a line end a server MUST serve, and rightly; its memory MUST grow by less than 16 MiB.",
		Rationale: "A reader without a limit hands each client the server's memory.",
		Citation:  "contract section 4, ROBU-2",
		Dialects:  "eglsx",
		Causes:    []string{"the line is collected without a limit", "the answer to a client that reads slowly is collected without a limit"},
		Cases: []Case{
			{ID: "endless-line", Needs: Alone | Big, Timeout: largeTimeout, Run: robuEndless},
			{ID: "memory", Dialects: "egls", Needs: PID | Big, Timeout: largeTimeout, Run: robuMemory},
		},
	},
	{
		ID: "ROBU-3", Level: report.Must, Title: "500 idle connections",
		Sentence:  "Beside and after 500 idle connections a server MUST serve, and rightly.",
		Rationale: "Idle connections cost a client nothing, and a server that is full of them is down.",
		Citation:  "contract section 4, ROBU-3",
		Dialects:  "eglsx",
		Causes:    []string{"the limit of open files ends the accept loop (EMFILE): wait and go on", "a thread or process for each connection runs out", "select with descriptors above 1023"},
		Cases:     []Case{{ID: "idle", Needs: Alone, Run: robuIdle}},
	},
	{
		ID: "ROBU-4", Level: report.Must, Title: "random garbage",
		Sentence:  "After random bytes a server MUST serve, and rightly.",
		Rationale: "Everything that listens is sent TLS, HTTP and noise sooner or later.",
		Citation:  "contract section 4, ROBU-4",
		Dialects:  "eglsx",
		Causes:    []string{"an error of parsing or decoding ends the server", "a length that was read is believed, and its memory taken"},
		Cases:     []Case{{ID: "garbage", Needs: Alone, Run: robuGarbage}},
	},
	{
		ID: "ROBU-5", Level: report.Must, Title: "2,000 connects and closes",
		Sentence:  "After 2,000 connections that were opened and closed at once a server MUST serve, and rightly.",
		Rationale: "Port scans and health checks connect and leave.",
		Citation:  "contract section 4, ROBU-5",
		Dialects:  "eglsx",
		Causes:    []string{"an error of accept (ECONNABORTED) or of the first read ends the server", "something is leaked for each connection"},
		Cases:     []Case{{ID: "connects", Needs: Alone, Run: robuConnects}},
	},
	{
		ID: "ROBU-6", Level: report.Must, Title: "a client that never reads",
		Sentence:  "With a client that sends requests and never reads, and after it, a server MUST serve, and rightly.",
		Rationale: "A stuck client fills every buffer on its way; that must stay its own affair.",
		Citation:  "contract section 4, ROBU-6",
		Dialects:  "eglsx",
		Causes:    []string{"a blocking write holds up the whole server", "the answer is collected without a limit"},
		Cases:     []Case{{ID: "never-reads", Needs: Alone, Timeout: 3 * time.Minute, Run: robuNeverReads}},
	},
}}

func robuResets(ctx context.Context, e *Env) error {
	var queue room
	for i := range 200 {
		queue.wait(ctx, e)
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return err
		}
		r := e.plain()
		_ = c.Send(ctx, r[:len(r)*(i%4)/3]) // an error is the server's leaving first, which the pulse judges
		c.Abort()
	}
	return nil
}

const endless = 64 << 20

// robuEndless sends 64 MiB without a line end, and takes whatever comes back.
func robuEndless(ctx context.Context, e *Env) error {
	if err := e.impolite(); err != nil {
		return err
	}
	return flood(ctx, e, endless)
}

// flood sends n bytes without a line end and drains what comes back. That the
// server closes, or stops reading, is its right.
func flood(ctx context.Context, e *Env, n int) error {
	block := []byte(pattern(256 << 10))
	var first []byte
	if e.Dialect.Letter() == 's' {
		first = []byte("READLINE\n")
	}
	return pour(ctx, e, n, func(send func([]byte) bool) {
		ok := len(first) == 0 || send(first)
		for sent := 0; ok && sent < n; sent += len(block) {
			ok = send(block)
		}
	})
}

// ordinary sends about n bytes of long lines, as many as flood without their line ends.
func ordinary(ctx context.Context, e *Env, n int) error {
	return pour(ctx, e, n, func(send func([]byte) bool) { e.requests(n, send) })
}

// requests has about n bytes of long requests sent, up to the first that send cannot send.
func (e *Env) requests(n int, send func([]byte) bool) {
	if x := e.exchange(); x != nil {
		e.copies(x, n, send)
		return
	}
	s := e.model().Bulk(1<<20, e.suite.cfg.Seed)
	if s.End == dialect.ByServer {
		s.Request = s.Request[:len(s.Request)-1] // without what ends the session
	}
	for sent, ok := 0, true; ok && sent < n; sent += len(s.Request) {
		ok = send(s.Request)
	}
}

// copies is requests of an exchange file: its first message that pipelines, over and over.
func (e *Env) copies(x *exchange.Dialect, n int, send func([]byte) bool) {
	which := x.Pipelined()
	if len(which) == 0 {
		return
	}
	s := x.Copies(which[0], 1).Bind(e.suite.nextName())
	block := bytes.Repeat(s.Request, 1+(64<<10)/len(s.Request))
	for sent, ok := 0, true; ok && sent < n; sent += len(block) {
		ok = send(block)
	}
}

// sticks says why no client can be stuck, or nil.
func (e *Env) sticks() error {
	if x := e.exchange(); x != nil && len(x.Pipelined()) == 0 {
		return &NotShown{"no message of the file pipelines: a client that does not read cannot ask for more than the buffers hold"}
	}
	return nil
}

// stick makes a client that has asked for more than the buffers hold and does not read: it sends until the server is stuck
// with its answers, keeps them to itself for ten seconds, or has taken 64 MiB. Then it does what is to be done beside such a
// client, if anything; where that shows nothing, since the server was slow, and not stuck, it sends on.
func (e *Env) stick(ctx context.Context, stall time.Duration, beside func() error) (*Client, error) {
	c, err := e.Enter(ctx, delivery.Options{ReceiveBuffer: 8 << 10, Stall: stall}, e.Wait())
	if err != nil {
		return nil, err
	}
	if beside == nil {
		beside = func() error { return nil }
	}
	shown := false
	s := stuck{client: c}
	begin := time.Now()
	e.requests(endless, func(b []byte) bool {
		for {
			sendErr := c.Send(ctx, b)
			stalled := errors.Is(sendErr, delivery.ErrStalled)
			switch {
			case sendErr != nil && !stalled:
				return false
			case !stalled && time.Since(begin) < 10*time.Second:
				return true
			}
			if part := (*delivery.PlayError)(nil); errors.As(sendErr, &part) {
				b = b[part.Sent:]
			}
			if !s.moves() {
				err = beside()
				if shown = err != nil || !s.moves(); shown {
					return false
				}
			}
			if !stalled {
				return true
			}
		}
	})
	if !shown && ctx.Err() == nil { // the server has taken all, or has ended the connection
		err = beside()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// stuck watches whether a server is stuck with its answers to a client that does not read.
type stuck struct {
	client     *Client
	seen       bool  // it was looked at before
	read, held int64 // bytes that the server had read, and answers that its kernel held, at the last look
	kept       int   // how many looks in a row it read and its kernel held no more: it keeps its answers, and never waits
}

// moves says whether the server has gone on since the last look. One that is only slow reads on from its own kernel's buffer
// while that has no room for more, and its answers fill the other buffer: less than a sixteenth of what it reads fills none.
func (s *stuck) moves() bool {
	read, _ := s.client.Taken()
	held, sees := s.client.Held()
	reads, answers := read > s.read, !sees || (held-s.held)*16 > read-s.read
	if s.kept++; !reads || answers {
		s.kept = 0
	}
	first := !s.seen
	s.seen, s.read, s.held = true, read, held
	return first || reads && s.kept < 3
}

const (
	patienceToPour = 2 * patienceForLarge
	onTheWay       = 24 << 20 // bytes, far more than the buffers between a client and a server hold
)

// pour sends what f sends on one connection, n bytes, half-closes, and drains what comes back. Its error is *NotShown where the
// server is too slow for as many.
func pour(ctx context.Context, e *Env, n int, f func(send func([]byte) bool)) error {
	c, err := e.Dial(ctx, delivery.Options{Stall: e.Wait()})
	if err != nil {
		return err
	}
	defer c.Close()
	draining, giveUp := context.WithCancel(ctx)
	defer giveUp()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		c.Receive(draining, delivery.Want{Idle: e.LongWait(), Total: 2 * patienceToPour, Limit: 4 * endless})
	}()
	began, sent, slow := time.Now(), 0, error(nil)
	f(func(b []byte) bool {
		if ctx.Err() != nil || c.Send(ctx, b) != nil {
			return false
		}
		sent += len(b)
		took := time.Since(began)
		if need := time.Duration(float64(took) * float64(n) / float64(sent)); took > patienceToPour/4 && need > patienceToPour {
			slow = tooSlow(fmt.Sprintf("%d MiB on one connection", n>>20), need)
			// What is on its way is read first, lest the server be busy with it beside others; but it may never come to its end.
			time.AfterFunc(time.Duration(float64(need)*onTheWay/float64(n)), giveUp)
		}
		return slow == nil
	})
	c.Cut(ctx)
	_ = c.HalfClose() // the server may have closed before
	<-drained
	return cmp.Or(ctx.Err(), slow)
}

// robuMemory compares the most memory that the server takes during 64 MiB
// without a line end with the most that it takes during 64 MiB of lines: what
// its language keeps for rubbish is in both, but not always as much. So memory
// that has grown must grow again, each time in a new server where one can be had.
// The lines come first, and again for as long as they have made it grow, since
// the first of them, by half of their own size: what is kept of every request is
// no rubbish. A collector may let it grow for some rounds, and reuse in others what
// it had let it grow to: only the growth over all rounds tells.
func robuMemory(ctx context.Context, e *Env) error {
	const bound, tries, rounds = 16 << 20, 4, 7
	var most, usual uint64
	for try := range tries {
		own, err := e.Instance(ctx)
		if err != nil {
			return err
		}
		var first uint64
		for round := range uint64(rounds) {
			if usual, err = peak(ctx, own, ordinary); err != nil {
				return err
			}
			if round == 0 {
				first = usual
			} else if usual < first+round*endless/2 {
				break
			}
		}
		if usual >= first+(rounds-1)*endless*3/4 {
			return costing(endless, broken("the server's memory grows by every request and does not shrink again: %d MiB at most when %d times 64 MiB of lines had been answered", usual>>20, rounds))
		}
		if most, err = peak(ctx, own, flood); err != nil {
			return err
		}
		if most < usual+bound {
			if try > 0 && own.process == nil {
				return undecided("the server's memory grew during 64 MiB without a line end, and no further when they were sent again: start it anew, or give --exec")
			}
			e.Observe("memory grew by %d MiB", (max(most, usual)-usual)>>20)
			return own.Pulse(ctx)
		}
	}
	b := broken("the server's memory grew by %d MiB during 64 MiB without a line end: %d MiB at most, and %d MiB during as many bytes of lines",
		(most-usual)>>20, most>>20, usual>>20)
	b.Failure.Runs, b.Failure.Failed = tries, tries
	return costing(endless, b)
}

// peak returns the most resident memory that the server has while f pours at it.
func peak(ctx context.Context, own *Env, f func(context.Context, *Env, int) error) (most uint64, err error) {
	watch := target.WatchMemory(own.pid)
	look := func() error {
		memory, err := watch.Look()
		if ended := own.alive(); ended != nil {
			return broken("the server did not survive long requests: %v", ended)
		}
		if err != nil {
			return undecided("the server's process could not be observed: %v", err)
		}
		most = max(most, memory)
		return nil
	}
	if err := look(); err != nil {
		return 0, err
	}
	watching, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		ticks := time.NewTicker(10 * time.Millisecond)
		defer ticks.Stop()
		for {
			select {
			case <-watching.Done():
				done <- look()
				return
			case <-ticks.C:
				if err := look(); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	err = f(ctx, own, endless)
	stop()
	if lookErr := <-done; err == nil {
		err = lookErr
	}
	return most, err
}

// accepted waits until the server has accepted every connection that waits for it, where the kernel tells: as long as it
// goes on accepting, 20 s at most.
func (e *Env) accepted(ctx context.Context) {
	least, last := math.MaxInt, time.Now()
	for begin := last; time.Since(begin) < mostQueued && time.Since(last) < e.LongWait() && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		waiting, _, err := target.Queue(e.address)
		if err != nil || waiting == 0 {
			return
		}
		if waiting < least {
			least, last = waiting, time.Now()
		}
	}
}

// mostQueued is how long to wait for a server to accept connections.
const mostQueued = 20 * time.Second

// room knows how much room the server's queue of waiting connections has. A full queue drops connection requests, whose
// second try comes a second later, and that is LIFE-12's matter.
type room struct{ left int }

// wait waits until there is room for one connection more, where the kernel tells. It asks when what it knew of is used up.
func (r *room) wait(ctx context.Context, e *Env) {
	const atOnce = 8
	if r.left--; r.left >= 0 {
		return
	}
	for begin := time.Now(); time.Since(begin) < mostQueued && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		waiting, backlog, err := target.Queue(e.address)
		if free := backlog + 1 - waiting; err != nil || free > 0 { // a queue of n holds n + 1
			r.left = min(max(free, 1), atOnce) - 1
			return
		}
	}
}

// robuIdle opens 500 connections and has an answer beside them. A server that
// serves one client at a time is asked when they have left.
func robuIdle(ctx context.Context, e *Env) error {
	idle := e.clients(501) - 1 // beside which there must be room for one
	var queue room
	for i := range idle {
		if !e.suite.gate.serial {
			queue.wait(ctx, e)
		}
		c, err := e.Dial(ctx, delivery.Options{Timeout: e.Wait(), Number: i})
		if err != nil {
			var m *missing
			if e.suite.gate.serial && errors.As(err, &m) && !m.gone {
				e.Observe("%d connections fit into its queue", i)
				break
			}
			return during(err, fmt.Sprintf("with %d idle connections, ", i))
		}
		defer c.Close()
	}
	if e.suite.gate.serial {
		e.done() // they leave
		return nil
	}
	e.accepted(ctx)
	return during(e.Pulse(ctx), fmt.Sprintf("beside %d idle connections: ", idle))
}

// strangers are the first bytes of protocols that whatever listens is sent some day.
var strangers = []string{
	"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", // TLS, a client's hello
	"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"SSH-2.0-OpenSSH_9.2\r\n",
	"\x05\x02\x00\x02",                     // SOCKS 5
	"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00", // RDP
	"\x00\x00\x00\x08\x04\xd2\x16\x2f",     // PostgreSQL, an SSLRequest
	"\x80\x00\x00\x28\x72\xfe\x1d\x13",     // Sun RPC
	"*1\r\n$4\r\nPING\r\n",                 // Redis
	"\xff\xfb\x1f\xff\xfd\x03",             // telnet
	"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
	"\x00", "\xff\xff\xff\xff",
}

func robuGarbage(ctx context.Context, e *Env) error {
	if err := e.impolite(); err != nil {
		return err
	}
	for _, first := range strangers {
		c, err := e.Dial(ctx, delivery.Options{Stall: e.Wait()})
		if err != nil {
			return err
		}
		_ = c.Send(ctx, []byte(first)) // the server may close before all has come
		c.Cut(ctx)
		c.Close()
	}
	for i := range 40 {
		c, err := e.Dial(ctx, delivery.Options{Stall: e.Wait()})
		if err != nil {
			return err
		}
		garbage := make([]byte, 1+e.Rand.IntN(8000))
		for k := range garbage {
			garbage[k] = byte(e.Rand.Uint32())
		}
		_ = c.Send(ctx, garbage) // the server may close before all has come
		if i%2 == 0 {
			_ = c.HalfClose()
			c.Receive(ctx, delivery.Want{Idle: 50 * time.Millisecond, Total: time.Second})
		}
		c.Close()
	}
	return nil
}

func robuConnects(ctx context.Context, e *Env) error {
	var queue room
	for i := range 2000 {
		queue.wait(ctx, e)
		c, err := e.Dial(ctx, delivery.Options{})
		if err != nil {
			return during(err, fmt.Sprintf("after %d connections that were opened and closed, ", i))
		}
		if i%2 == 0 {
			c.Close()
		} else {
			c.Abort()
		}
	}
	return nil
}

// robuNeverReads fills the buffers on both sides: the server's writes must wait
// or fail, and others be served. A server that serves one client at a time is asked when this one has left.
func robuNeverReads(ctx context.Context, e *Env) error {
	if err := e.sticks(); err != nil {
		return err
	}
	c, err := e.stick(ctx, 600*time.Millisecond, func() error {
		if e.suite.gate.serial {
			return nil
		}
		return during(e.beside().Pulse(ctx), "beside a client that never reads: ")
	})
	if err != nil {
		return err
	}
	c.Close()
	return nil
}
