package judge

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/bench"
	"github.com/streamspec/streamspec/internal/contract"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/lives"
	"github.com/streamspec/streamspec/internal/patience"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/rules"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// A Run is the suite, open against one server.
type Run struct {
	// Server is what plans can be played to.
	Server *player.Server

	cfg          Config
	ownTarget    bool
	requirements []contract.Requirement
	cases        func(requirement string) []rules.Case // those that the dialect can show
	gate         gate
	facts        bench.Facts
	started      time.Time
	notes        []string

	big       chan struct{}          // holds the token of the case that holds much memory: a wait too long for a mutex
	serving   context.Context        // done when the run stops, since its server serves no more
	stopped   context.CancelFunc     // ends serving
	stoppedBy atomic.Pointer[string] // the requirement that was judged then
	flight    flight
	beside    atomic.Pointer[[]string] // what else was judged then
	ended     atomic.Pointer[error]    // how the server ended the last time
	brokeBy   atomic.Pointer[string]   // the requirement that was judged when the server served nobody, and had to be started again, the first time
	explained atomic.Bool              // a requirement is told to be broken by that
	lives     lives.Watch              // how the server's lives end
	gaveUp    atomic.Pointer[string]   // why nothing more is judged, where the server could be started again
	behind    atomic.Pointer[string]   // what is said of a server that has put itself in the background
	overs     lives.Overs              // lives that were over, which nobody has asked about yet
	shattered lives.Shattered          // the requirements that are told to be broken by a server that serves nobody behind them
	mingles   atomic.Bool              // cases have shown that the server mixes what its clients say
}

// Open prepares a run: it checks the configuration, reaches the target and
// passes the gate. Its error is *ConfigError or *target.UsageError for
// a call that is wrong, *target.UnreachableError for a target that is not
// there. A gate that is not passed is no error: the verdicts say so.
func Open(ctx context.Context, cfg Config) (*Run, error) {
	r, err := reach(ctx, cfg)
	if err == nil {
		r.passGate(ctx)
	}
	return r, err
}

// Reach prepares a run that plays plans, and leaves the gate out: a server that is wrong to everything can be played to. Of
// an exchange file it learns what the server answers. Its error is that of [Open]; a finding.Error says why nothing can be learned.
func Reach(ctx context.Context, cfg Config) (*Run, error) {
	r, err := reach(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if f := r.learn(ctx); f != nil {
		_ = r.Close(context.WithoutCancel(ctx)) // the finding says more
		return nil, finding.Error{Finding: f}
	}
	b := r.bench("gate", "gate")
	defer b.Done()
	r.look(ctx, b)
	return r, nil
}

// reach checks the configuration and reaches the target.
func reach(ctx context.Context, cfg Config) (*Run, error) {
	d, err := cfg.check()
	if err != nil {
		return nil, err
	}
	r := &Run{cfg: cfg, started: time.Now(), big: make(chan struct{}, 1)}
	r.serving, r.stopped = context.WithCancel(context.Background())
	if r.requirements, err = cfg.selected(d); err != nil {
		return nil, err
	}
	t := cfg.Target
	if t == nil {
		if t, err = target.Address(ctx, cfg.Addr, cfg.PID); err != nil {
			return nil, err
		}
		r.ownTarget = true
	}
	r.Server = player.NewServer(t, d, patience.New(cfg.Timeout), cfg.Confirm)
	r.facts.Most = cfg.Clients
	r.watching()
	if cfg.Connect != nil {
		r.Server.Connect = cfg.Connect
	}
	if cfg.Figures != nil {
		r.Server.Figures = cfg.Figures
	}
	if cfg.Launcher != nil {
		r.Server.Launcher = cfg.Launcher
	}
	if cfg.Restart != nil {
		r.Server.Restart = cfg.Restart
	}
	r.cases = func(id string) []rules.Case { return rules.For(id, r.Server.Dialect) }
	if cfg.Again == nil {
		r.cfg.Again = r.cfg.again(t)
	}
	return r, nil
}

// Close gives back what Open took.
func (r *Run) Close(ctx context.Context) error {
	if r.ownTarget {
		return r.Server.Target.Close(ctx)
	}
	return nil
}

// Requirements returns what the configuration selects and the dialect can show, in the order of the contract.
func (r *Run) Requirements() []contract.Requirement { return slices.Clone(r.requirements) }

// Dialect is what the server speaks; of an exchange file, with what was learned of the server.
func (r *Run) Dialect() dialect.Dialect { return r.Server.Dialect }

// Baseline is what the gate's plain session came to where that was not answered rightly; else nil.
func (r *Run) Baseline() *finding.Finding { return r.gate.baseline }

// Facts are what the gate found out.
func (r *Run) Facts() bench.Facts { return r.facts }

// Notes are remarks about the server that concern every verdict.
func (r *Run) Notes() []string { return slices.Clone(r.notes) }

// Trouble is the one message of a gate that was not passed; "" when it was.
func (r *Run) Trouble() string { return r.gate.trouble }

// note adds a remark about the whole run.
func (r *Run) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// bench makes what a case of that id works with.
func (r *Run) bench(id, name string) *bench.Bench {
	b := bench.New(r.Server, id, name, r.cfg.Seed)
	b.Facts, b.Reader = r.facts, r.cfg.Reader
	b.Facts.Mixes = r.mixes()
	return b
}

// Judge judges the target by every selected requirement and returns the report.
// Its error is that of [Open]. When ctx ends, the report says what is known so far.
func Judge(ctx context.Context, cfg Config) (*report.Report, error) {
	r, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer r.Close(context.WithoutCancel(ctx))
	return r.Begin(ctx).Report(), nil
}

// report makes the report of these results.
func (r *Run) report(ctx context.Context, results []report.Result) *report.Report {
	t := r.Server.Target
	if n := r.Server.Readmitted(); n > 0 {
		r.note("clients were refused that came when others had just left, and served when they came again: %d", n)
	}
	rep := &report.Report{
		Schema: report.Schema, Tool: report.Tool{Name: "streamspec", Version: r.cfg.Version},
		Target: report.Target{
			Name: t.Name, Kind: string(t.Kind), Address: t.Current(), PID: t.PID(),
			Serial: r.facts.Serial, Cuts: "likely", Stderr: t.Stderr(),
		},
		Dialect: r.cfg.Dialect, Seed: r.cfg.Seed, Strict: r.cfg.Strict, Started: r.started,
		DurationMS:  float64(time.Since(r.started).Microseconds()) / 1000,
		Interrupted: ctx.Err() != nil, Trouble: r.gate.trouble, Notes: r.notes, Results: results,
	}
	if r.Server.Sees {
		rep.Target.Cuts = "confirmed"
	}
	if text := r.behind.Load(); text != nil {
		rep.Trouble = *text
		r.withdraw(rep.Results)
	}
	if rep.Trouble == "" && !rep.Interrupted {
		rep.Unexpected = r.cfg.Known.Unmet(rep.Results, contract.IDs(), r.started)
	}
	report.Conclude(rep)
	if rep.Trouble != "" || rep.Interrupted {
		return rep
	}
	if text := r.oneOf(rep); text != "" {
		rep.Notes = append(slices.Clone(rep.Notes), text)
	}
	if text := r.aloof(ctx, rep); text != "" {
		if rep.Conclusion == report.NotConformant {
			rep.Notes = append(slices.Clone(rep.Notes), text)
			return rep
		}
		rep.Trouble = text
		report.Conclude(rep)
	}
	return rep
}
