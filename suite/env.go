package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/suite/delivery"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// Env is what a case works with: the server, its dialect, and the case's own
// random choices. What is done through it is counted and recorded.
type Env struct {
	Dialect dialect.Dialect
	// Rand is drawn from the run's seed and the case's id: the same seed makes the same case.
	Rand *rand.Rand

	suite   *Suite
	address string
	pid     int
	process *target.Process // of a server that this case started itself
	name    string          // of the case, part of every text that must be told apart
	tally   *tally
}

// tally is what the connections of one case add up to.
type tally struct {
	mu       sync.Mutex
	serial   int
	open     int // connections
	checks   int
	cuts     report.Cuts
	observed []string
	undo     []func()
}

func (s *Suite) env(c Case) *Env {
	h := fnv.New64a()
	h.Write([]byte(c.ID))
	return &Env{
		Dialect: s.dialect, Rand: rand.New(rand.NewPCG(s.cfg.Seed, h.Sum64())),
		suite: s, address: s.target.Current(), pid: s.target.PID(), name: cmp.Or(c.tag, c.ID), tally: &tally{},
	}
}

// ID returns a short text that no other call in this run returned: what is
// sent under it cannot be taken for another client's. All are of one length, so
// that what failures cost does not hang on the names of their cases.
func (e *Env) ID() string {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	e.tally.serial++
	const width = 14
	return fmt.Sprintf("%s.%0*d", e.name, max(width-len(e.name)-1, 1), e.tally.serial)
}

// partial returns the beginning of a request, at which a handler does not fail
// when its client leaves: a server that fails there is LIFE-4's matter alone.
func (e *Env) partial() []byte { return e.beginning(e.Dialect.Plain(e.ID()).Request) }

// beginning returns as much of the request r as partial does.
func (e *Env) beginning(r []byte) []byte {
	for n := len(r) * 2 / 3; n > 1; n-- {
		if e.Dialect.Predict(r[:n]).End == dialect.ByClient {
			return r[:n]
		}
	}
	return r[:1]
}

// Observe adds a remark to the requirement's result.
func (e *Env) Observe(format string, args ...any) {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	e.tally.observed = append(e.tally.observed, fmt.Sprintf(format, args...))
}

// later has f called when the case is done.
func (e *Env) later(f func()) {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	e.tally.undo = append(e.tally.undo, f)
}

// done ends what the case left open.
func (e *Env) done() {
	e.tally.mu.Lock()
	undo := e.tally.undo
	e.tally.undo = nil
	e.tally.mu.Unlock()
	for i := len(undo) - 1; i >= 0; i-- {
		undo[i]()
	}
}

// Wait is how long the suite waits for an answer at first; LongWait how long
// when it asks again, before it calls an answer missing.
func (e *Env) Wait() time.Duration { return e.suite.wait }

// LongWait is three times Wait.
func (e *Env) LongWait() time.Duration { return 3 * e.suite.wait }

// A Client is one connection of a case.
type Client struct {
	*delivery.Conn
	env  *Env
	once sync.Once
}

// Dial connects to the server. Its error is *missing: a connection that is not had is asked for again.
func (e *Env) Dial(ctx context.Context, o delivery.Options) (*Client, error) {
	o.Confirm = e.suite.cfg.Confirm
	conn, err := delivery.Dial(ctx, e.address, o)
	if err != nil {
		return nil, e.dialError(ctx, err)
	}
	c := &Client{Conn: conn, env: e}
	e.tally.mu.Lock()
	e.tally.open++
	e.tally.mu.Unlock()
	e.later(c.Close)
	return c, nil
}

func (e *Env) dialError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return undecided("this machine lets the suite open no more connections: %v (raise ulimit -n)", err)
	}
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return undecided("this machine has no local port left for a connection: %v", err)
	}
	b := broken("no connection could be made: %s", plainError(err))
	b.gone = errors.Is(err, syscall.ECONNREFUSED)
	end := e.alive()
	if b.gone && end == nil {
		end = e.over(ctx)
	}
	if end != nil {
		b = broken("the server is gone: %s", end)
		b.gone = true
		return b // a fact: asking again cannot change it
	}
	return &missing{b}
}

// alive returns how the server's process ended, or nil.
func (e *Env) alive() error {
	if e.process != nil {
		if exit, ended := e.process.Exited(); ended {
			return fmt.Errorf("its process ended with %s", exit)
		}
		return nil
	}
	return e.suite.target.Alive()
}

// over is alive, where the server has just stopped serving: the end of a process is known a little
// after its address is closed.
func (e *Env) over(ctx context.Context) error {
	end := e.alive()
	for begin := time.Now(); end == nil && e.launched() && time.Since(begin) < time.Second && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		end = e.alive()
	}
	return end
}

// launched reports whether the server is a process that the suite has started.
func (e *Env) launched() bool {
	return e.process != nil || e.suite.target.Kind == target.KindExec
}

// plainError strips the layers that repeat addresses from a network error.
func plainError(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}

// Close closes the connection and counts what it did.
func (c *Client) Close() {
	c.once.Do(func() {
		c.count()
		_ = c.Conn.Close()
	})
}

// Abort closes the connection by a reset, and counts what it did.
func (c *Client) Abort() {
	c.once.Do(func() {
		c.count()
		_ = c.Conn.Reset()
	})
}

// finish sends what is left of a session after sent bytes, takes its answer
// without judging it, and closes: nothing of it is left on the server.
func (c *Client) finish(ctx context.Context, s dialect.Session, sent int) {
	if err := c.Send(ctx, s.Request[sent:]); err == nil && s.End == dialect.ByClient {
		_ = c.HalfClose() // the server may have closed before
	}
	c.Receive(ctx, delivery.Want{Any: s.Answers, ToEnd: true, Idle: c.env.Wait() / 2, EndIdle: 100 * time.Millisecond})
	c.Close()
}

// leave ends the connection as a polite client does: it half-closes, takes what
// is still coming, and closes.
func (c *Client) leave(ctx context.Context) {
	if err := c.HalfClose(); err == nil {
		c.Receive(ctx, delivery.Want{Idle: c.env.Wait() / 2, Total: c.env.Wait()})
	}
	c.Close()
}

func (c *Client) count() {
	cuts := c.Conn.Cuts()
	t := c.env.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checks++
	t.open--
	t.cuts.Made += cuts.Made
	t.cuts.Confirmed += cuts.Confirmed
}

// Turn sends one request of a session that stays open and waits for its answer.
// A missing answer is *missing: the caller's Confirm asks again.
func (c *Client) Turn(ctx context.Context, t dialect.Turn, p delivery.Plan, wait time.Duration) error {
	tr := &trial{session: dialect.Session{Name: "one request of several", Request: t.Request, Answers: [][]byte{t.Answer}}, plan: p, wait: wait}
	tr.before = c.Sent()
	tr.answer, tr.playErr = c.Exchange(ctx, t.Request, p, delivery.Want{Any: tr.session.Answers, Idle: wait, Total: wait + 20*time.Second})
	tr.saw(c)
	return tr.judge(ctx, c.env)
}

// Instance returns an Env for a server that only this case talks to: one that
// the suite starts for it, or the target itself where only its process is known.
func (e *Env) Instance(ctx context.Context) (*Env, error) {
	l := e.suite.target.Launcher()
	if l == nil {
		return e, nil
	}
	p, err := l.Start(ctx)
	if err != nil {
		return nil, e.startError(ctx, err)
	}
	e.later(p.Kill)
	return e.at(p), nil
}

// at is e, talking to p.
func (e *Env) at(p *target.Process) *Env {
	own := *e
	own.process, own.address, own.pid = p, p.Address(), p.PID()
	return &own
}

func (e *Env) startError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return undecided("the server could not be started once more: %v", err)
}
