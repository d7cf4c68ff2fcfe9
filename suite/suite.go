// Package suite holds the contract of a TCP stream server as numbered
// requirements, the cases that show each of them under every delivery, and the
// doors through which they are run: [Run] for a whole report, [Test] for go
// test, and the package ginkgosuite for a ginkgo tree.
package suite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// A Suite is the contract, open against one target: the baseline gate has been
// passed or not, and requirements can be checked.
type Suite struct {
	cfg          Config
	dialect      dialect.Dialect
	target       *target.Target
	ownTarget    bool
	requirements []Requirement
	wait         time.Duration // for an answer
	cap          time.Duration // for a cut to be confirmed
	gate         gate
	started      time.Time
	notes        []string

	unclosed atomic.Bool   // the server was seen to answer and not to close
	restarts atomic.Int64  // how often a case brought the server down and it was started again
	deaf     sync.Map      // pids of servers that refused a connection, and ran on: their end is not waited for again
	names    atomic.Uint64 // of connections that were given
	prefix   string        // what the names of this run begin with
	big      sync.Mutex    // held by the case that holds much memory
	reviving sync.Mutex    // held by who looks whether the server must be started again
	stopped  atomic.Pointer[string]
}

// Open prepares a suite: it checks the configuration, reaches the target and
// passes the baseline gate. Its error is *ConfigError or *target.UsageError for
// a call that is wrong, *target.UnreachableError for a target that is not
// there. A gate that is not passed is no error: the verdicts say so.
func Open(ctx context.Context, cfg Config) (*Suite, error) {
	s, err := reach(ctx, cfg)
	if err == nil {
		s.pass(ctx)
	}
	return s, err
}

// reach checks the configuration and reaches the target.
func reach(ctx context.Context, cfg Config) (*Suite, error) {
	d, err := cfg.check()
	if err != nil {
		return nil, err
	}
	s := &Suite{cfg: cfg, dialect: d, wait: cfg.Timeout, cap: leastCap, started: time.Now()}
	s.prefix = "c" + strings.ToLower(rand.Text()[:4]) // not from the seed: what an earlier run left on the server is not ours
	if s.requirements, err = cfg.selected(d); err != nil {
		return nil, err
	}
	if s.target = cfg.Target; s.target == nil {
		if s.target, err = target.Address(ctx, cfg.Addr, cfg.PID); err != nil {
			return nil, err
		}
		s.ownTarget = true
	}
	if cfg.Again == nil {
		s.cfg.Again = s.cfg.again(s.target)
	}
	return s, nil
}

// Close gives back what Open took.
func (s *Suite) Close(ctx context.Context) error {
	if s.ownTarget {
		return s.target.Close(ctx)
	}
	return nil
}

// Requirements returns what the configuration selects and the dialect can show, in the order of the contract.
func (s *Suite) Requirements() []Requirement { return s.requirements }

// Run judges the target by every selected requirement and returns the report.
// Its error is that of Open. When ctx ends, the report says what is known so far.
func Run(ctx context.Context, cfg Config) (*report.Report, error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.Close(context.WithoutCancel(ctx))
	return s.Run(ctx), nil
}

// Report makes the report of these results.
func (s *Suite) Report(ctx context.Context, results []report.Result) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Name: "streamspec", Version: s.cfg.Version},
		Target: report.Target{
			Name: s.target.Name, Kind: string(s.target.Kind), Address: s.target.Current(), PID: s.target.PID(),
			Serial: s.gate.serial, Cuts: "likely", Stderr: s.target.Stderr(),
		},
		Dialect: s.cfg.Dialect, Seed: s.cfg.Seed, Strict: s.cfg.Strict, Started: s.started,
		DurationMS:  float64(time.Since(s.started).Microseconds()) / 1000,
		Interrupted: ctx.Err() != nil, Trouble: s.gate.trouble, Notes: s.notes, Results: results,
	}
	if s.gate.sees {
		r.Target.Cuts = "confirmed"
	}
	report.Conclude(r)
	return r
}

// nextName returns a name for a connection that no other has, in this run or another.
func (s *Suite) nextName() string {
	serial := strconv.FormatUint(s.names.Add(1), 36)
	return s.prefix + strings.Repeat("0", max(exchange.NameLength-len(s.prefix)-len(serial), 0)) + serial
}

// local reports whether the server runs on this machine: its end of a connection was seen.
func (s *Suite) local() bool { return s.gate.sees }

// endWait is how long to wait for the end of a stream whose answer is complete.
// A server that has once been seen not to close is not waited for again, but
// where its closing is what is judged.
func (s *Suite) endWait(judged bool, wait time.Duration) time.Duration {
	if judged || !s.unclosed.Load() {
		return wait
	}
	return 20 * time.Millisecond
}

// Check judges one requirement.
func (s *Suite) Check(ctx context.Context, r Requirement) report.Result {
	cases := r.casesFor(s.dialect)
	outcomes := make([]outcome, len(cases))
	for i, c := range cases {
		outcomes[i] = s.run(ctx, c)
	}
	return s.verdict(r, outcomes)
}

// run runs one case, within its bound, and never panics.
func (s *Suite) run(ctx context.Context, c Case) (o outcome) {
	c.Timeout += 3 * s.target.StartTime().Round(time.Second) // a case may start three servers
	o = outcome{c: c}
	if s.gate.baseline != nil && c.Requirement == s.gate.breaks {
		o.err, o.checks = s.gate.baseline, 1
		return o
	}
	if o.err = s.lacks(c); o.err != nil {
		return o
	}
	if c.Needs.Has(Big) {
		s.big.Lock()
		defer s.big.Unlock()
	}
	if ctx.Err() != nil { // behind the lock: the run may have been interrupted while the case waited for it
		o.err = ctx.Err()
		return o
	}
	began, life := time.Now(), s.restarts.Load()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	e := s.env(c)
	e.tally.over = ctx.Err
	defer func() {
		e.done()
		o.elapsed = time.Since(began)
		o.observed, o.checks, o.cuts = e.tally.observed, e.tally.checks, e.tally.cuts
		s.afterwards(c, o.err)
		o.disturbed = o.err != nil && s.restarts.Load() != life
	}()
	o.err = guarded(ctx, e, c.Run)
	if o.err == nil && c.Needs.Has(Alone) {
		e.accepted(ctx) // connections that have left are still the server's to accept
		o.err = e.Pulse(ctx)
	}
	return o
}

// guarded runs f; a panic in it is trouble of our own, and no verdict.
func guarded(ctx context.Context, e *Env, f func(context.Context, *Env) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = undecided("a mistake of streamspec's own: %v (please report it)", v)
		}
	}()
	err = f(ctx, e)
	if m := (*missing)(nil); errors.As(err, &m) {
		return e.ask(ctx, m, func(ctx context.Context, wait time.Duration) error {
			e.patience = wait
			return f(ctx, e)
		})
	}
	return err
}

// lacks says why the target cannot show the case.
func (s *Suite) lacks(c Case) error {
	observable := s.target.Launcher() != nil || s.target.PID() != 0
	switch {
	case s.gate.trouble != "":
		return &NotShown{s.gate.reason}
	case c.Needs.Has(Exec) && s.target.Launcher() == nil:
		return &NotShown{"the suite must start and stop the server itself: give --exec"}
	case c.Needs.Has(PID) && !observable:
		return &NotShown{"the server's process must be known: give --pid or --exec"}
	case c.Needs.Has(InProcess) && s.cfg.Reader == nil:
		return &NotShown{"the wire cannot show it: it needs the server's operations in this process"}
	case c.Needs.Has(Together) && s.gate.serial:
		return &NotShown{"the server serves one client at a time (CONC-2)"}
	case c.Needs.Has(Together) && s.gate.mixed != nil && c.Requirement != "CONC-1":
		return &NotShown{"the server mixes the bytes of its clients (CONC-1)"}
	case c.Needs.Has(Turns) && s.gate.held != nil:
		return &NotShown{"the server does not answer a request while its client's side is open (" + openRequirement(s.dialect) + ")"}
	}
	if by := s.stopped.Load(); by != nil {
		return undecided("the server had stopped serving: see %s", *by)
	}
	return nil
}

// afterwards notes a server that a case has brought down, and starts it again
// where the suite can; what follows is then judged on its own. A server that only
// its process tells of may have gone without a failure of this case. It is started
// again once, however many cases have noticed.
func (s *Suite) afterwards(c Case, err error) {
	var b *Broken
	if !errors.As(err, &b) && s.target.Alive() == nil {
		return
	}
	s.reviving.Lock()
	defer s.reviving.Unlock()
	looking, seen := context.WithTimeout(context.Background(), 15*time.Second)
	defer seen()
	if s.target.Alive() == nil && s.answers(looking) {
		return
	}
	if b != nil {
		b.Failure.Cost = 0 // it has brought the server down: nothing is simpler than that
	}
	if s.startAgain(context.Background()) {
		return
	}
	by := c.Requirement
	s.stopped.CompareAndSwap(nil, &by)
}

// startAgain starts a server that has ended again, where the suite can, and says whether it answers.
func (s *Suite) startAgain(ctx context.Context) bool {
	l := s.target.Launcher()
	if l == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second+2*l.Ready()) // on its address first, and then on another
	defer cancel()
	if s.target.Restart(ctx) != nil || !s.answers(ctx) {
		return false
	}
	s.restarts.Add(1)
	return true
}

// answers reports whether a plain session is answered rightly now.
func (s *Suite) answers(ctx context.Context) bool {
	e := s.env(Case{ID: "pulse"})
	defer e.done()
	for _, wait := range []time.Duration{e.Wait(), e.LongWait()} {
		if _, err := e.try(ctx, s.dialect.Plain(e.ID()), Delivery{}, wait); err == nil {
			return true
		} else if b := (*Broken)(nil); errors.As(err, &b) {
			return true // it serves, if wrongly
		}
	}
	return false
}

// Trouble is the one message of a gate that was not passed; "" when it was.
func (s *Suite) Trouble() string { return s.gate.trouble }

// note adds a remark about the whole run.
func (s *Suite) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}
