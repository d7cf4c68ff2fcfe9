package player

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/streamspec/streamspec/internal/delivery"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/kernel"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/target"
)

// A Player plays to one server, in the name of one case or one plan. What is done through it is counted.
type Player struct {
	*Server

	address string
	pid     int
	process Process // of a server that this player alone talks to
	own     *life   // of that server
	name    string  // part of every text that must be told apart
	tally   *tally

	longer time.Duration // what Wait is now; 0 is the server's
	hasty  bool          // it connects also where the server may still count those that have left
	pulse  bool          // it finds out whether the server serves
	held   bool          // the server may be at work for a client that holds it up: its work is no sign that it will answer
}

// Player returns one of that name. Done gives back what it took.
func (s *Server) Player(name string) *Player {
	return &Player{Server: s, address: s.Target.Current(), pid: s.Target.PID(), name: name, tally: newTally()}
}

// feeling is a player that finds out whether the server serves.
func (s *Server) feeling() *Player {
	p := s.Player("pulse")
	p.pulse = true
	return p
}

// Done closes the connections that are still open, and ends what else the player left.
func (p *Player) Done() { p.tally.clear() }

// Cleanup has f called when the player is done.
func (p *Player) Cleanup(f func()) { p.tally.cleanup(f) }

// ID returns a short text that no other call in this run returned: what is
// sent under it cannot be taken for another client's. All are of one length, so
// that what failures cost does not hang on the names of their cases.
func (p *Player) ID() string {
	const width = 14
	return fmt.Sprintf("%s.%0*d", p.name, max(width-len(p.name)-1, 1), p.tally.next())
}

// Plain is the request of a plain session, on a connection of a name of its own.
func (p *Player) Plain() []byte {
	return bound(p.Dialect.Plain(p.ID()), p.nextName()).Request
}

// Traced is Plain, longer: of a client that may leave in its middle, a third of it says already whose it is, so that it is known for that
// where it comes to another.
func (p *Player) Traced() []byte {
	const times = 4
	return bound(p.Dialect.Plain(strings.Repeat(p.ID(), times)), p.nextName()).Request
}

// Burst is what can be sent over and over on a connection of its own, and about how many bytes of answers it has; nil where nothing can.
func (p *Player) Burst(seed uint64) (requests []byte, answers int) {
	if b, ok := p.Dialect.(dialect.Burster); ok {
		return b.Burst(p.nextName(), seed)
	}
	return nil, 0
}

// Observe adds a remark to the requirement's result.
func (p *Player) Observe(format string, args ...any) {
	p.tally.observe(fmt.Sprintf(format, args...))
}

// Check counts a check that no connection shows.
func (p *Player) Check() { p.tally.check(1) }

// Counted is what the player has done so far.
func (p *Player) Counted() Counts { return p.tally.counts() }

// ResetWhen has connections that are closed once over tells an error be reset: the server need not work on for what it still
// holds of them.
func (p *Player) ResetWhen(over func() error) { p.tally.over = over }

// Wait is how long an answer is waited for: at first what was measured or given, and LongWait where a whole case is played again,
// before an answer is called missing.
func (p *Player) Wait() time.Duration { return cmp.Or(p.longer, p.Patience.Answer) }

// LongWait is how long what was missing once is waited for.
func (p *Player) LongWait() time.Duration { return p.Patience.Again() }

// Waiting returns the player with another Wait.
func (p *Player) Waiting(wait time.Duration) *Player {
	other := *p
	other.longer = wait
	return &other
}

// Beside is p beside a client that may hold the server up, which may spin meanwhile.
func (p *Player) Beside() *Player {
	other := *p
	other.held = true
	return &other
}

// Hasty is p that connects also where the server may still count those that have left: whether it is served is not what it asks.
func (p *Player) Hasty() *Player {
	other := *p
	other.hasty = true
	return &other
}

// At is p, talking to a process of its own.
func (p *Player) At(process Process) *Player {
	own := *p
	own.process, own.address, own.pid = process, process.Address(), process.PID()
	own.own = newLife()
	return &own
}

// lives is the life of the server that the player talks to.
func (p *Player) lives() *life {
	if p.own != nil {
		return p.own
	}
	return p.life.Load()
}

// StartAgain starts a server that has ended again, where the suite can, and goes on with it: on another address, perhaps.
func (p *Player) StartAgain(ctx context.Context) bool {
	if p.Target.Alive() == nil || !p.startAgain(ctx) {
		return false
	}
	p.address, p.pid = p.Target.Current(), p.Target.PID()
	return true
}

// Address is where the player connects to.
func (p *Player) Address() string { return p.address }

// PID is the process id of the server; 0 where it is not known.
func (p *Player) PID() int { return p.pid }

// Process is the server's, where this player alone talks to it; else nil.
func (p *Player) Process() Process { return p.process }

// Dial connects to the server. A connection that is not made in time is asked for again.
func (p *Player) Dial(ctx context.Context, o delivery.Options) (*Client, *finding.Finding) {
	o.Confirm = p.Mode
	if o.ConfirmCap == 0 {
		o.ConfirmCap = p.tally.cut(p.Patience)
	}
	o.Worked, o.Patience, o.Heed = p.Worked(), p.LongWait(), heeds(ctx)
	if p.Patience.Slow() { // the others take their time too
		o.Between = patience.Pour
	}
	if !p.hasty {
		for wait := p.limit.Wait(); wait > 0 && ctx.Err() == nil; wait = p.limit.Wait() {
			Sleep(ctx, wait)
		}
	}
	if !p.pulse && p.lives().doubted() {
		p.hangs(ctx) // lest each of those that come waits for nothing
	}
	life, f := p.enter()
	if f != nil {
		return nil, f
	}
	p.limit.Entered()
	conn, err := p.Connect(ctx, p.address, o)
	if err != nil {
		p.limit.Left()
		life.left()
		return nil, p.dialFinding(ctx, err)
	}
	c := &Client{Conn: conn, player: p, life: life, name: p.nextName()}
	p.tally.opened(c)
	p.Cleanup(c.Close)
	return c, nil
}

// Enter is Dial, and what the protocol asks for on every connection before its requests.
func (p *Player) Enter(ctx context.Context, o delivery.Options, wait time.Duration) (*Client, *finding.Finding) {
	c, f := p.Dial(ctx, o)
	if f != nil {
		return nil, f
	}
	if x, ok := p.Dialect.(dialect.Opener); ok {
		if f := c.Open(ctx, x.Opening(c.name), wait); f != nil {
			c.Close()
			return nil, f
		}
	}
	return c, nil
}

// Worked returns what tells how long the server has worked since it was last asked; nil where that cannot be seen.
func (p *Player) Worked() func() time.Duration {
	if p.held || p.pid == 0 || p.pid == os.Getpid() { // whose work is ours too
		return nil
	}
	pid, before := p.pid, kernel.Work{}
	return func() time.Duration {
		now, _ := kernel.WorkOf(pid)
		did := now.Since(before)
		before = now
		return did
	}
}

// dialFinding is what a connection that was not made comes to.
func (p *Player) dialFinding(ctx context.Context, err error) *finding.Finding {
	switch {
	case ctx.Err() != nil:
		return finding.Ended(ctx)
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return finding.NewUndecided("this machine lets the suite open no more connections: %v (raise ulimit -n)", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return finding.NewUndecided("this machine has no local port left for a connection: %v", err)
	}
	refused := errors.Is(err, syscall.ECONNREFUSED)
	end := p.Alive()
	if _, deaf := p.deaf.Load(p.pid); refused && end == nil && !deaf && !p.outlives.Load() {
		if end = p.Ended(ctx); end == nil && ctx.Err() == nil {
			p.deaf.Store(p.pid, true)
		}
	}
	if end != nil {
		return NewGone(end)
	}
	kind := finding.Missing
	if refused {
		kind = finding.Gone
	}
	f := finding.New(kind, "no connection could be made: %s", plainError(err))
	f.Cause = err
	return f
}

// Alive returns how the server's process ended, or nil.
func (p *Player) Alive() error {
	if p.process != nil {
		return p.process.Ended()
	}
	return p.Target.Alive()
}

// Ended is Alive, where the server has just stopped serving: the end of a process is known a little
// after its address is closed. Of one that was started for the case, and does not run any more as the system has it, it is waited for: how
// it ended is known when what it wrote has been read, which a busy machine is slow with.
func (p *Player) Ended(ctx context.Context) error {
	if p.process != nil {
		awaitEnd(ctx, p.process, patience.Ended)
		if p.Alive() == nil && runsNoMore(p.process) {
			awaitEnd(ctx, p.process, patience.Kill)
		}
		return p.Alive()
	}
	end := p.Alive()
	for begin := time.Now(); end == nil && p.Target.Kind == target.KindExec && time.Since(begin) < patience.Ended && ctx.Err() == nil; {
		Sleep(ctx, patience.LookAtProcess)
		end = p.Alive()
	}
	return end
}

// awaitEnd waits for the end of a process, most at the longest.
func awaitEnd(ctx context.Context, p Process, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	_, _ = p.Wait(ctx) // whose error is that it was waited for in vain
}

// runsNoMore says whether the system knows the process that was started no more.
func runsNoMore(p Process) bool {
	started, ok := p.(interface{ Leader() int })
	if !ok {
		return false
	}
	_, err := kernel.Identify(started.Leader())
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, fs.ErrNotExist)
}

// plainError strips the layers that repeat addresses from a network error.
func plainError(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
