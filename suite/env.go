package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/match"
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

	patience time.Duration // what Wait is now; 0 is the suite's
	held     bool          // the server may be at work for a client that holds it up: its work is no sign that it will answer
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
	last     *trial       // the last session that was delivered
	over     func() error // why the case must end now, if it must
	patient  bool         // cuts wait longer to be confirmed
	vain     int          // deliveries that were made once more, and were no more as planned than before; and long waits for a cut in vain
}

func (s *Suite) env(c Case) *Env {
	h := fnv.New64a()
	h.Write([]byte(c.ID))
	return &Env{
		Dialect: s.dialect, Rand: rand.New(rand.NewPCG(s.cfg.Seed, h.Sum64())),
		suite: s, address: s.target.Current(), pid: s.target.PID(), name: cmp.Or(c.tag, c.ID), tally: &tally{over: func() error { return nil }},
	}
}

// startAgain starts a server that has ended again, where the suite can, and goes on with it: on another address, perhaps.
func (e *Env) startAgain(ctx context.Context) bool {
	if e.suite.target.Alive() == nil || !e.suite.startAgain(ctx) {
		return false
	}
	e.address, e.pid = e.suite.target.Current(), e.suite.target.PID()
	return true
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

// clients is how many connections a case opens at once that wants n: as many as the protocol has it.
func (e *Env) clients(n int) int {
	if x := e.exchange(); x != nil && x.File.Limits.Clients > 0 {
		return min(n, x.File.Limits.Clients)
	}
	return n
}

// plain is the request of a plain session, on a connection of a name of its own.
func (e *Env) plain() []byte {
	s := e.Dialect.Plain(e.ID())
	if s.Bind != nil {
		s = s.Bind(e.suite.nextName())
	}
	return s.Request
}

// impolite is why a server must not be sent rubbish, or nil.
func (e *Env) impolite() error {
	if x := e.exchange(); x != nil && x.File.Limits.Polite {
		return &NotShown{"the file says that the server must be sent nothing but its messages (limits: polite)"}
	}
	return nil
}

// partial returns the beginning of a request, at which a handler does not fail
// when its client leaves: a server that fails there is LIFE-4's matter alone.
func (e *Env) partial() []byte { return e.Dialect.Beginning(e.plain()) }

// model is the dialect of a case that is shown only where the answer to any input can be predicted.
func (e *Env) model() dialect.Model { return e.Dialect.(dialect.Model) }

// exchange is the dialect of a case that is shown by an exchange file; nil where another is spoken.
func (e *Env) exchange() *exchange.Dialect {
	x, _ := e.Dialect.(*exchange.Dialect)
	return x
}

// turns are n requests of one session, or *NotShown where the protocol has none that can come again.
func (e *Env) turns(n int) ([]dialect.Turn, error) {
	turns := e.Dialect.Turns(e.ID(), n)
	if len(turns) < n {
		return nil, &NotShown{"no exchange of the file can come again on its connection"}
	}
	return turns, nil
}

// failing are sessions that make a handler fail; none where the dialect has no way to.
func (e *Env) failing() []dialect.Session {
	if m, ok := e.Dialect.(dialect.Model); ok {
		return m.Failing()
	}
	return nil
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

// Wait is how long the suite waits for an answer: at first what was measured or given, and LongWait where the whole case is
// played again, before an answer is called missing.
func (e *Env) Wait() time.Duration { return cmp.Or(e.patience, e.suite.wait) }

// LongWait is three times Wait.
func (e *Env) LongWait() time.Duration { return 3 * e.suite.wait }

// A Client is one connection of a case.
type Client struct {
	*delivery.Conn
	env  *Env
	name string // of the connection, where an exchange file may use it
	once sync.Once

	// amiss says of the last session that its right answer shows little: a cut was no separate read, or the end of the stream,
	// where the case asks for one by itself, came with the last bytes.
	amiss bool
}

// Dial connects to the server. Its error is *missing: a connection that is not had is asked for again.
func (e *Env) Dial(ctx context.Context, o delivery.Options) (*Client, error) {
	o.Confirm = e.suite.cfg.Confirm
	if o.ConfirmCap == 0 {
		o.ConfirmCap = e.cutPatience()
	}
	o.Worked, o.Patience = e.worked(), e.LongWait()
	conn, err := delivery.Dial(ctx, e.address, o)
	if err != nil {
		return nil, e.dialError(ctx, err)
	}
	c := &Client{Conn: conn, env: e, name: e.suite.nextName()}
	e.tally.mu.Lock()
	e.tally.open++
	e.tally.mu.Unlock()
	e.later(c.Close)
	return c, nil
}

// worked returns what tells how long the server has worked since it was last asked; nil where that cannot be seen.
func (e *Env) worked() func() time.Duration {
	if e.held || e.pid == 0 || e.pid == os.Getpid() { // whose work is ours too
		return nil
	}
	pid, before := e.pid, target.Work{}
	return func() time.Duration {
		now, _ := target.WorkOf(pid)
		did := now.Since(before)
		before = now
		return did
	}
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
	if _, deaf := e.suite.deaf.Load(e.pid); b.gone && end == nil && !deaf {
		if end = e.over(ctx); end == nil && ctx.Err() == nil {
			e.suite.deaf.Store(e.pid, true)
		}
	}
	if end != nil {
		b = broken("the server is gone: %s", end)
		b.gone = true
		return b // a fact: asking again cannot change it
	}
	return &missing{b}
}

// beside is e beside a client that may hold the server up, which may spin meanwhile.
func (e *Env) beside() *Env {
	other := *e
	other.held = true
	return &other
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

// Close closes the connection and counts what it did. Once the case has no time left, or the run was interrupted, it resets
// it: the server need not work on for what it still holds of it, and can be stopped at once.
func (c *Client) Close() {
	c.once.Do(func() {
		c.count()
		if c.env.tally.over() != nil {
			_ = c.Conn.Reset()
			return
		}
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
	w := delivery.Want{Any: s.Answers, Like: s.Like, ToEnd: s.End != dialect.ByLeaving, Idle: c.env.Wait() / 2, EndIdle: 100 * time.Millisecond}
	c.Receive(ctx, w)
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

// turn returns the turn for this connection.
func (c *Client) turn(t dialect.Turn) dialect.Turn {
	if t.Bind != nil {
		return t.Bind(c.name)
	}
	return t
}

// bind returns the session for this connection.
func (c *Client) bind(s dialect.Session) dialect.Session {
	if s.Bind != nil {
		return s.Bind(c.name)
	}
	return s
}

// enter does what comes before a session's request: a greeting is taken, and what sets the session up is sent and answered.
func (c *Client) enter(ctx context.Context, opening []dialect.Turn, wait time.Duration) error {
	for _, t := range opening {
		words := "before the request, "
		if len(t.Request) == 0 {
			words = "before anything was sent, "
		}
		if err := c.Turn(ctx, t, delivery.Whole(), wait); err != nil {
			return during(err, words)
		}
	}
	return nil
}

// Enter is Dial, and what the protocol asks for on every connection before its requests.
func (e *Env) Enter(ctx context.Context, o delivery.Options, wait time.Duration) (*Client, error) {
	c, err := e.Dial(ctx, o)
	if err != nil {
		return nil, err
	}
	if x := e.exchange(); x != nil {
		if err := c.enter(ctx, x.Opening(c.name), wait); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// part leaves as the protocol has it, when the answer was right. More than it that came shows here: it comes before
// what the server answers to the leaving.
func (c *Client) part(ctx context.Context, t *trial, wait time.Duration) error {
	s := t.session
	if len(s.Closing) > 0 {
		for _, step := range s.Closing {
			if err := c.Turn(ctx, step, delivery.Whole(), wait); err != nil {
				return during(err, "behind the answer, when the client left: ")
			}
		}
		return nil
	}
	w := delivery.Want{Any: [][]byte{{}}, ToEnd: true, Idle: time.Millisecond}
	if x := c.env.exchange(); x != nil && x.File.Unasked != nil {
		w.Like = []*match.Pattern{x.File.Unasked}
	}
	if s.Farewell != nil && c.HalfClose() == nil {
		w.Any, w.Like, w.Idle = [][]byte{s.Farewell.Answer}, []*match.Pattern{s.Farewell.Like}, wait
	}
	more := c.Receive(ctx, w)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if more.State == delivery.Wrong {
		behind := &trial{session: dialect.Session{Name: s.Name, Request: s.Request, Answers: w.Any}, plan: t.plan, answer: more}
		behind.saw(c)
		return behind.broken("the answer was right, and more came behind it")
	}
	return nil
}

// Turn sends one request of a session that stays open and waits for its answer.
// A missing answer is *missing: the caller's Confirm asks again.
func (c *Client) Turn(ctx context.Context, t dialect.Turn, p delivery.Plan, wait time.Duration) error {
	t = c.turn(t)
	tr := &trial{session: dialect.Session{Name: "one request of several", Request: t.Request, Answers: [][]byte{t.Answer}, Like: []*match.Pattern{t.Like}}, plan: p, wait: wait}
	tr.before = c.Sent()
	tr.answer, tr.playErr = c.Exchange(ctx, t.Request, p, delivery.Want{Any: tr.session.Answers, Like: tr.session.Like, Idle: wait, Total: wait + 20*time.Second})
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
