package fuzzer

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamspec/streamspec/internal/exchange"
	"github.com/streamspec/streamspec/internal/finding"
	"github.com/streamspec/streamspec/internal/fuzzer/web"
	"github.com/streamspec/streamspec/internal/http1/service"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/internal/player/due"
	"github.com/streamspec/streamspec/suite/report"
)

// defaultClients is how many connections are open side by side where nobody has said it.
const defaultClients = 8

// recent is how many plans are remembered for each connection, lest a server has died of one that was answered.
const recent = 4

// Run plays random plans against a server until the time or the number of plans is over, or ctx ends. Its error is that of
// [judge.Open], or *judge.ConfigError for a configuration that cannot be meant. A server that does not answer a plain session
// rightly is not fuzzed: the result says so.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	s, err := judge.Open(ctx, cfg.Suite)
	if err != nil {
		return nil, err
	}
	defer s.Close(context.WithoutCancel(ctx))
	return On(ctx, s, cfg)
}

// On is Run against a suite that is open.
func On(ctx context.Context, s *judge.Run, cfg Config) (*Result, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	f := &fuzzer{cfg: cfg, run: s, begin: time.Now(), playing: newTurns(), seenWeb: map[web.Key]*Failure{}, limits: Limits{Clients: 4, Long: true, Pauses: true, Resets: true}}
	f.result = Result{Seed: cfg.Suite.Seed, Confirms: s.Server.Sees, Notes: s.Notes(), Trouble: s.Trouble()}
	f.result.Wrong = s.Baseline().Failed()
	if f.result.Trouble == "" {
		f.play(ctx)
		f.result.Trouble = cmp.Or(f.result.Trouble, f.behind())
	}
	f.result.Elapsed = time.Since(f.begin)
	f.result.Interrupted = ctx.Err() != nil
	f.result.Plans = int(f.plans.Load())
	if cfg.Guide != nil {
		f.result.Kept = cfg.Guide.Len()
	}
	f.result.Cuts = report.Cuts{Made: int(f.made.Load()), Confirmed: int(f.confirmed.Load())}
	return &f.result, nil
}

// fuzzer is one run.
type fuzzer struct {
	cfg    Config
	run    *judge.Run
	limits Limits
	begin  time.Time

	next            atomic.Uint64 // the number of the next plan of this shard
	plans           atomic.Int64
	made, confirmed atomic.Int64

	// playing is held by all who play plans, or by one who looks into a failure: nothing else reaches the server meanwhile.
	playing turns
	halted  atomic.Bool // the run is over, for the reason in the result
	result  Result      // held by playing
	looking time.Duration
	quick   time.Duration // see measure
	known   int           // failures in a row that were known
	lives   atomic.Int64  // how often the server was started again

	lastMu sync.Mutex
	last   []drawn // the plans that were played last, by any connection

	web     *service.Service     // where the server speaks HTTP/1.1, and requests of its grammar are played beside the plans; else nil
	seenWeb map[web.Key]*Failure // what was found in them, by what led to it; held by playing
}

// play has the connections play until the run is over.
func (f *fuzzer) play(ctx context.Context) {
	f.measure(ctx)
	if f.cfg.For > 0 {
		over := time.AfterFunc(f.cfg.For, func() { f.halted.Store(true) })
		defer over.Stop()
	}
	clients := f.cfg.Clients
	if clients == 0 {
		clients = defaultClients
	}
	if x, ok := exchange.Of(f.run.Dialect()); ok {
		if most := x.File.Limits.Clients; most > 0 {
			clients = min(clients, most)
			f.limits.Clients = min(f.limits.Clients, max(1, most/clients))
		}
		f.limits.Resets = f.limits.Resets && !x.File.Limits.Polite
	}
	f.meetWeb()
	if f.run.Facts().OneAtATime() {
		clients, f.limits.Clients = 1, 1
	}
	var workers sync.WaitGroup
	for range clients {
		workers.Go(func() { worker{f}.play(ctx, recent*clients) })
	}
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if f.playing.try() {
				f.tell(nil, false)
				f.playing.leave()
			}
		}
	}
}

// tell tells of the progress; playing is held.
func (f *fuzzer) tell(found *Failure, shrinking bool) {
	if f.cfg.Progress == nil {
		return
	}
	kept := 0
	if f.cfg.Guide != nil {
		kept = f.cfg.Guide.Len()
	}
	f.cfg.Progress(Status{
		Elapsed: time.Since(f.begin), Plans: int(f.plans.Load()), Failures: len(f.result.Failures), Kept: kept, Shrinking: shrinking, New: found,
		Cuts: report.Cuts{Made: int(f.made.Load()), Confirmed: int(f.confirmed.Load())},
	})
}

// number is the number of the next plan that this shard draws; ok is false when all were drawn.
func (f *fuzzer) number() (n uint64, ok bool) {
	i := f.next.Add(1) - 1
	if f.cfg.Plans > 0 && i >= uint64(f.cfg.Plans) {
		return 0, false
	}
	if f.cfg.Shards > 0 {
		return i*uint64(f.cfg.Shards) + uint64(f.cfg.Shard-1), true
	}
	return i, true
}

// worker plays one plan after another.
type worker struct{ *fuzzer }

// drawn is a plan, and what is due to it.
type drawn struct {
	plan plan.Plan
	due  []due.Client
	life int64     // which of the server's lives it was played in
	web  *web.Draw // what of HTTP/1.1's grammar it is; nil where it is a plan of the dialect's requests
}

func (w worker) play(ctx context.Context, remembered int) {
	for ctx.Err() == nil && !w.halted.Load() {
		n, ok := w.number()
		if !ok {
			return
		}
		if w.web != nil && n%2 == 1 {
			w.playWeb(ctx, n, remembered)
			continue
		}
		d, err := w.draw(n)
		if err != nil {
			w.trouble("a plan was drawn that cannot be played: " + err.Error() + " (please report it)")
			return
		}
		w.playing.join()
		d.life = w.lives.Load()
		found := w.once(ctx, d, w.run.Server.Patience.Answer)
		w.remember(d, remembered)
		w.playing.leave()
		w.plans.Add(1)
		if found.Failed() && ctx.Err() == nil {
			w.look(ctx, d, found)
		}
	}
}

// remember keeps the last plans that were played.
func (f *fuzzer) remember(d drawn, most int) {
	f.lastMu.Lock()
	defer f.lastMu.Unlock()
	if len(f.last) >= most {
		f.last = append(f.last[:0], f.last[1:]...)
	}
	f.last = append(f.last, d)
}

// draw makes the plan of a number.
func (w worker) draw(n uint64) (drawn, error) {
	src := Seeded(w.cfg.Suite.Seed, n)
	var d drawn
	switch g := w.cfg.Guide; {
	case w.cfg.Draw != nil:
		d.plan = w.cfg.Draw(w.run.Dialect(), src, w.limits)
	case g != nil:
		d.plan = g.next(w.run.Dialect(), src, w.limits)
	default:
		d.plan = Draw(w.run.Dialect(), src, w.limits)
	}
	d.plan.Seed = w.cfg.Suite.Seed
	var err error
	d.due, err = w.run.Server.Due(d.plan)
	return d, err
}

// once plays a plan once.
func (w worker) once(ctx context.Context, d drawn, wait time.Duration) *finding.Finding {
	e := w.run.Server.Player("fuzz")
	defer e.Done()
	played, found := e.PlayDue(ctx, d.plan, d.due, wait)
	for _, c := range played {
		w.made.Add(int64(c.Cuts.Made))
		w.confirmed.Add(int64(c.Cuts.Confirmed))
	}
	if g := w.cfg.Guide; g != nil && found == nil {
		g.learn(ctx, d.plan, played)
	}
	return found
}

// trouble ends the run for a reason that is no verdict.
func (f *fuzzer) trouble(why string) {
	f.playing.take()
	defer f.playing.yield()
	if f.result.Trouble == "" {
		f.result.Trouble = why
	}
	f.halted.Store(true)
}

// look looks into a plan that failed, while nothing else is played: does it fail again, how small can it be, is it known.
func (w worker) look(ctx context.Context, d drawn, failed *finding.Finding) {
	w.playing.take()
	defer w.playing.yield()
	switch {
	case d.life != w.lives.Load():
		return // it failed because the server ended, which was looked into
	case w.halted.Load() && len(w.result.Failures) > 0 || ctx.Err() != nil:
		w.result.Unexplained++
		return
	}
	elapsed := time.Since(w.begin)
	if w.known >= 3 && w.looking > elapsed/4 {
		w.result.Unexplained++
		w.keep(ctx)
		return
	}
	begin := time.Now()
	w.tell(nil, true)
	found := w.failure(ctx, d, failed)
	w.looking += time.Since(begin)
	if found == nil {
		if ctx.Err() != nil {
			w.result.Unexplained++
		}
		return
	}
	found.After = int(w.plans.Load())
	w.note(found)
}

// note reports a failure, unless it is known.
func (w worker) note(found *Failure) {
	for _, f := range w.result.Failures {
		if f.same(found) {
			f.Seen++
			w.known++
			return
		}
	}
	w.known, found.Seen = 0, 1
	if w.cfg.Save != nil {
		found.SaveError = w.cfg.Save(found)
	}
	w.result.Failures = append(w.result.Failures, found)
	w.tell(found, false)
	if w.cfg.First || len(w.result.Failures) == MaxFailures {
		w.halted.Store(true)
	}
}

// same says whether two failures are one: the same requirement, and the same first byte that differs, or the same bytes there
// at another place of another answer.
func (f *Failure) same(g *Failure) bool {
	if f.Requirement != g.Requirement || f.Died != g.Died || f.Drawn != g.Drawn {
		return false
	}
	if f.Drawn != "" { // which is told once
		return true
	}
	return f.Evidence.FirstDifference == g.Evidence.FirstDifference || f.differs() != "" && f.differs() == g.differs()
}

// differs is what was expected and what came, four bytes from the first on that differs; "" where one of the two ends before.
func (f *Failure) differs() string {
	const some = 4
	from := func(b report.Bytes) string {
		at := f.Evidence.FirstDifference - b.Offset
		if at < 0 || at+some > int64(len(b.Text)) {
			return ""
		}
		return string(b.Text[at : at+some])
	}
	want, got := from(f.Evidence.Expected), from(f.Evidence.Actual)
	if want == "" || got == "" {
		return ""
	}
	return want + "\n" + got
}

// behind is what is said of a server that has put itself in the background: the one that was started has ended, and nobody sees how the
// other does. It is "" for any other.
func (f *fuzzer) behind() string { return player.LeftBehind(f.run.Server.Target.Alive()) }

// revive starts the server again when it has ended, and counts that. It returns whether the server serves, and whether it had
// to be started again.
func (f *fuzzer) revive(ctx context.Context) (serves, restarted bool) {
	serves, restarted = f.run.Server.Revive(ctx)
	if restarted {
		f.lives.Add(1)
		f.result.Restarts++
	}
	return serves, restarted
}
