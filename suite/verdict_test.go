package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/dialect"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// TestReference judges the right server by the dialect that shows most: all of it
// is shown. The specs of ginkgosuite judge it by every dialect.
func TestReference(t *testing.T) {
	rep := judge(t, inProcess(t, "right", "script"))
	if rep.Conclusion != report.Conformant || len(verdicts(rep, report.Warn, report.Skip, report.Inconclusive)) > 0 {
		t.Errorf("the reference server: %s", told(rep))
	}
	if rep.Cuts.Made < 1000 {
		t.Errorf("only %d cuts were made", rep.Cuts.Made)
	}
	d, _ := dialect.Lookup("script")
	want := 0
	for _, r := range Catalogue() {
		if r.In(d) {
			want++
		}
	}
	if len(rep.Results) != want {
		t.Errorf("%d results, and %d requirements show in the dialect", len(rep.Results), want)
	}
}

// TestUnderGoTest is the door for go test, over a right server.
func TestUnderGoTest(t *testing.T) {
	cfg := inProcess(t, "right", "echo")
	cfg.Strict = true
	Test(t, cfg)
}

// TestTrivialServers: a server that answers nothing rightly fails FRAM-1, soon,
// and nothing else is judged by it.
func TestTrivialServers(t *testing.T) {
	reset := func(c *net.TCPConn) { _ = c.SetLinger(0) }
	noise := func(c *net.TCPConn) {
		r := rand.New(rand.NewPCG(1, 2))
		block := make([]byte, 8192)
		for {
			for i := range block {
				block[i] = byte(r.Uint32())
			}
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	}
	shout := func(c *net.TCPConn) { // the answer comes, and half of it once more
		b, _ := io.ReadAll(c)
		_, _ = c.Write(append(b, b[:len(b)/2]...))
	}
	short := func(c *net.TCPConn) { // the last byte never comes
		b, _ := io.ReadAll(c)
		_, _ = c.Write(b[:max(len(b)-1, 0)])
	}
	for name, config := range map[string]func(*testing.T) Config{
		"accept-close":   func(t *testing.T) Config { return inProcess(t, "accept-close", "line") },
		"accept-hang":    func(t *testing.T) Config { return inProcess(t, "accept-hang", "script") },
		"flood":          func(t *testing.T) Config { return inProcess(t, "flood", "script") },
		"sink":           func(t *testing.T) Config { return inProcess(t, "sink", "greet") },
		"constant":       func(t *testing.T) Config { return inProcess(t, "constant", "line") },
		"reset":          func(t *testing.T) Config { return Config{Addr: at(t, reset).addr(), Dialect: "echo"} },
		"noise":          func(t *testing.T) Config { return Config{Addr: at(t, noise).addr(), Dialect: "echo"} },
		"too much":       func(t *testing.T) Config { return Config{Addr: at(t, shout).addr(), Dialect: "echo"} },
		"too little":     func(t *testing.T) Config { return Config{Addr: at(t, short).addr(), Dialect: "echo"} },
		"other dialect":  func(t *testing.T) Config { return Config{Addr: at(t, echo).addr(), Dialect: "script"} },
		"greets no echo": func(t *testing.T) Config { return Config{Addr: at(t, echo).addr(), Dialect: "greet"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			rep := judge(t, config(t))
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if rep.Conclusion != report.NotConformant || rep.Trouble == "" || !strings.Contains(rep.Trouble, "baseline") {
				t.Errorf("the report says %s", told(rep))
			}
			if broken := verdicts(rep, report.Fail, report.Warn); !slices.Equal(broken, []string{"FRAM-1"}) {
				t.Errorf("broken: %q", broken)
			}
			if skipped := verdicts(rep, report.Skip); len(skipped) != len(rep.Results)-1 {
				t.Errorf("%d of %d were skipped", len(skipped), len(rep.Results))
			}
			for _, r := range rep.Results {
				if r.Verdict == report.Skip && !strings.Contains(r.Reason, "the baseline exchange failed") {
					t.Errorf("%s was skipped for this reason: %s", r.ID, r.Reason)
				}
			}
			if guess := strings.Contains(rep.Trouble, "try --dialect echo"); guess != (name == "other dialect" || name == "greets no echo") {
				t.Errorf("the guess at the dialect: %s", rep.Trouble)
			}
		})
	}
}

// TestSlowServer: an answer that is right, and drips, is no failure and no pass.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	cfg := inProcess(t, "drip", "echo")
	rep := judge(t, cfg)
	if rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Trouble, "--timeout") || len(verdicts(rep, report.Fail, report.Warn, report.Pass)) > 0 {
		t.Errorf("a server that drips: %s", told(rep))
	}
}

// TestServerThatNeverCloses answers rightly and leaves its connections open:
// that is CLOS's and LIFE's matter, and no other family's.
func TestServerThatNeverCloses(t *testing.T) {
	t.Parallel()
	b := at(t, func(c *net.TCPConn) {
		_, _ = io.Copy(onlyWriter{c}, c)
		<-t.Context().Done()
	})
	rep := judge(t, Config{Addr: b.addr(), Dialect: "echo", Timeout: 400 * time.Millisecond, Only: "LIFE-1..3,CONC-1,CONC-2,FRAM,CLOS,FLOW"})
	for _, r := range rep.Results {
		switch r.ID {
		case "LIFE-3", "CLOS-1", "CLOS-3", "CLOS-4":
			if r.Verdict != report.Fail || !strings.Contains(r.Reason, "did not close") || r.Failure.Ending != "open" {
				t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
			}
		default:
			if r.Verdict != report.Pass {
				t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
			}
		}
	}
}

// TestSerialServer: one client at a time is a broken CONC-2, and nothing else is blamed for it.
func TestSerialServer(t *testing.T) {
	t.Parallel()
	cfg := inProcess(t, "serial", "echo")
	cfg.Timeout = 700 * time.Millisecond
	rep := judge(t, cfg)
	if broken := verdicts(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"CONC-2"}) {
		t.Errorf("a serial server: %s", told(rep))
	}
	if !rep.Target.Serial || rep.Conclusion != report.Conformant || len(rep.Notes) == 0 {
		t.Errorf("serial %t, %s, notes %q", rep.Target.Serial, rep.Conclusion, rep.Notes)
	}
	for _, r := range rep.Results {
		if r.Verdict == report.Skip && !strings.Contains(r.Reason, "one client at a time (CONC-2)") {
			t.Errorf("%s was skipped: %s", r.ID, r.Reason)
		}
	}
	cfg.Strict = true
	cfg.Only = "CONC-2"
	if rep := judge(t, cfg); rep.Conclusion != report.NotConformant {
		t.Errorf("under strict: %s", rep.Sentence)
	}
}

// rigged is an echo server that does something else with one request in its life, the
// fifth that comes in two reads; or with all of them from the fifth on.
type rigged struct {
	mu      sync.Mutex
	seen    int
	instead func(c *net.TCPConn, request []byte)
	always  bool
}

func (r *rigged) handle(c *net.TCPConn) {
	var request []byte
	reads := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			reads++
		}
		request = append(request, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			return
		}
	}
	if reads == 2 && r.picks() {
		r.instead(c, request)
		return
	}
	_, _ = c.Write(request)
}

func (r *rigged) picks() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen++
	return r.seen == 5 || r.always && r.seen > 5
}

// TestRuleOfRetries: what is missing once is left open, and what is missing
// again fails; a wrong byte fails at once, and the report says how often it came.
func TestRuleOfRetries(t *testing.T) {
	late := func(c *net.TCPConn, b []byte) { time.Sleep(550 * time.Millisecond); _, _ = c.Write(b) }
	wrong := func(c *net.TCPConn, b []byte) { b[0] ^= 1; _, _ = c.Write(b) }
	cut := func(c *net.TCPConn, b []byte) { _, _ = c.Write(b[:len(b)-1]) }
	var silent func(*net.TCPConn, []byte) // it holds the connection until its test has ended
	for _, c := range []struct {
		name    string
		instead func(*net.TCPConn, []byte)
		always  bool
		verdict report.Verdict
		reason  string
		failed  int
		runs    int
	}{
		{"missing once", silent, false, report.Inconclusive, "once of 4 times", 1, 4},
		{"missing always", silent, true, report.Fail, "nothing more came within 900ms, and there was no answer", 2, 2},
		{"late once", late, false, report.Inconclusive, "once of 4 times", 1, 4},
		{"late always", late, true, report.Inconclusive, "once of 4 times", 1, 4},
		{"wrong once", wrong, false, report.Fail, "the answer is wrong from byte 0 on", 1, 3},
		{"wrong always", wrong, true, report.Fail, "the answer is wrong from byte 0 on", 3, 3},
		{"short once", cut, false, report.Fail, "the server closed the connection after", 1, 3},
		{"short always", cut, true, report.Fail, "the server closed the connection after", 3, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := &rigged{instead: c.instead, always: c.always}
			if r.instead == nil {
				r.instead = func(*net.TCPConn, []byte) { <-t.Context().Done() }
			}
			rep := judge(t, Config{Addr: at(t, r.handle).addr(), Dialect: "echo", Only: "FRAM-2", Timeout: 300 * time.Millisecond})
			res := result(t, rep, "FRAM-2")
			if res.Verdict != c.verdict || !strings.Contains(res.Reason, c.reason) {
				t.Fatalf("%s: %s, want %s: %s", res.Verdict, res.Reason, c.verdict, c.reason)
			}
			if res.Failure == nil || res.Failure.Failed != c.failed || res.Failure.Runs != c.runs {
				t.Errorf("the evidence: %+v, want %d of %d", res.Failure, c.failed, c.runs)
			}
			want := report.NotConformant
			if c.verdict == report.Inconclusive {
				want = report.NoVerdict
			}
			if rep.Conclusion != want {
				t.Errorf("the conclusion is %s", rep.Sentence)
			}
		})
	}
}

// TestConfirm is the rule of retries by itself: what an attempt after the other
// comes to, and what is made of it.
func TestConfirm(t *testing.T) {
	const wait = 20 * time.Millisecond
	s := &Suite{target: target.InProcess("none", "127.0.0.1:1", nil, nil, 0), wait: wait}
	odd := errors.New("an error of another kind")
	for _, c := range []struct {
		attempts string // m missing, w wrong, u undecided, o another error, . right
		failed   int    // 0: not broken
		runs     int
		again    string // what was attempted in all
	}{
		{".", 0, 0, "."},
		{"u", 0, 0, "u"},
		{"o", 0, 0, "o"},
		{"m...", 0, 4, "m..."},
		{"mm", 2, 2, "mm"},
		{"m.m", 2, 3, "m.m"},
		{"m..m", 2, 4, "m..m"},
		{"mw", 2, 2, "mw"},
		{"mu", 0, 0, "mu"},
		{"mo", 0, 0, "mo"},
		{"w..", 1, 3, "w.."},
		{"ww.", 2, 3, "ww."},
		{"w.m", 2, 3, "w.m"},
		{"www", 3, 3, "www"},
	} {
		e := s.env(Case{ID: "TEST-1/confirm"})
		done := ""
		var waits []time.Duration
		err := e.Confirm(t.Context(), func(_ context.Context, w time.Duration) error {
			waits = append(waits, w)
			k := len(done)
			if k == len(c.attempts) {
				done += "!"
				return nil
			}
			done += c.attempts[k : k+1]
			switch c.attempts[k] {
			case 'm':
				return &missing{broken("missing")}
			case 'w':
				return broken("wrong")
			case 'u':
				return undecided("undecided")
			case 'o':
				return odd
			}
			return nil
		})
		if done != c.again {
			t.Errorf("%q: attempted %q", c.attempts, done)
		}
		for i, w := range waits {
			if want := wait; w != want && (i == 0 || c.attempts[0] != 'm') || i > 0 && c.attempts[0] == 'm' && w != 3*want {
				t.Errorf("%q: attempt %d waited %s", c.attempts, i, w)
			}
		}
		var b *Broken
		var u *Undecided
		switch last := c.attempts[len(c.attempts)-1]; {
		case c.failed > 0:
			if !errors.As(err, &b) || b.Failure.Failed != c.failed || b.Failure.Runs != c.runs {
				t.Errorf("%q: %#v", c.attempts, err)
			}
			if m := (*missing)(nil); errors.As(err, &m) {
				t.Errorf("%q: still only missing", c.attempts)
			}
		case c.runs > 0:
			if !errors.As(err, &u) || u.Failure == nil || u.Failure.Runs != c.runs || !strings.Contains(u.Reason, "missing, once of 4 times") {
				t.Errorf("%q: %#v", c.attempts, err)
			}
		case last == 'o' && !errors.Is(err, odd), last == 'u' && !errors.As(err, &u), last == '.' && err != nil:
			t.Errorf("%q: %v", c.attempts, err)
		}
	}
}

// TestConfirmEndsWithItsContext: no attempt is made when the run is over, and
// what was seen before that is no failure by itself.
func TestConfirmEndsWithItsContext(t *testing.T) {
	s := &Suite{target: target.InProcess("none", "127.0.0.1:1", nil, nil, 0), wait: time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	err := s.env(Case{ID: "TEST-1/end"}).Confirm(ctx, func(context.Context, time.Duration) error {
		if attempts++; attempts == 2 {
			cancel()
		}
		return &missing{broken("missing")}
	})
	if b := (*Broken)(nil); attempts != 2 || err == nil || errors.As(err, &b) {
		t.Errorf("after %d attempts: %#v", attempts, err)
	}
}

// dying serves rightly until it has accepted so many connections, and is then gone.
func dying(t *testing.T, after int) *bench {
	var b *bench
	ready := make(chan struct{})
	b = at(t, func(c *net.TCPConn) {
		<-ready
		b.mu.Lock()
		over := b.accepted > after
		b.mu.Unlock()
		if over {
			b.die()
			return
		}
		echo(c)
	})
	close(ready)
	return b
}

// TestServerThatDies: it is said once, of the requirement that was judged then; what comes
// after is not judged, and nothing is blamed on it.
func TestServerThatDies(t *testing.T) {
	t.Parallel()
	for _, after := range []int{20, 60, 300} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			rep := judge(t, Config{Addr: dying(t, after).addr(), Dialect: "echo", Timeout: 300 * time.Millisecond, Workers: 1})
			broken := verdicts(rep, report.Fail, report.Warn)
			// What waits runs beside the others, and may see the death too.
			if len(broken) < 1 || len(broken) > 4 || rep.Conclusion != report.NotConformant {
				t.Errorf("the server died, and the report says %s", told(rep))
			}
			after := 0
			for _, r := range rep.Results {
				if strings.Contains(r.Reason, "the server had stopped serving: see ") {
					after++
					if by := r.Reason[strings.LastIndex(r.Reason, " ")+1:]; !slices.Contains(broken, by) {
						t.Errorf("%s points to %s, which is not broken: %s", r.ID, by, told(rep))
					}
				}
			}
			if after < 5 {
				t.Errorf("only %d requirements were left out: %s", after, told(rep))
			}
		})
	}
}

// TestServerThatFailsIsStartedAgain: where the suite can start the server, what
// brought it down is named, and the rest judged on a new one.
func TestServerThatFailsIsStartedAgain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tg, err := target.Start(ctx, launcher(t, "fail-kills", "line"))
	if err != nil {
		t.Fatal(err)
	}
	defer tg.Close(ctx)
	rep := judge(t, Config{Target: tg, Dialect: "line", Timeout: time.Second, Only: "LIFE-1..5,LIFE-12,CONC-3,FRAM-1..3"})
	if broken := verdicts(rep, report.Fail, report.Warn, report.Inconclusive); !slices.Equal(broken, []string{"LIFE-4", "LIFE-5"}) { // a reset fails its handlers too
		t.Errorf("a server that its failing handlers end: %s", told(rep))
	}
	if r := result(t, rep, "CONC-3"); r.Verdict != report.Pass {
		t.Errorf("CONC-3 on the server that was started again: %s: %s", r.Verdict, r.Reason)
	}
}

// recorder is an echo server that keeps what each connection brought.
type recorder struct {
	mu   sync.Mutex
	seen [][]byte
}

func (r *recorder) handle(c *net.TCPConn) {
	request, _ := io.ReadAll(io.TeeReader(c, onlyWriter{c}))
	r.mu.Lock()
	r.seen = append(r.seen, request)
	r.mu.Unlock()
}

// TestSeed: the same seed makes the same cases, byte for byte and cut for cut,
// and another seed others.
func TestSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (string, report.Cuts) {
		r := &recorder{}
		b := at(t, r.handle)
		rep := judge(t, Config{Addr: b.addr(), Dialect: "echo", Seed: seed, Only: "FRAM-5", Workers: 1})
		if rep.Conclusion != report.Conformant || rep.Seed != seed {
			t.Fatalf("seed %d: %s", seed, told(rep))
		}
		b.stop()
		// Connections beside one another may end in any order.
		slices.SortFunc(r.seen, bytes.Compare)
		var all bytes.Buffer
		for _, request := range r.seen {
			fmt.Fprintf(&all, "%d:%q\n", len(request), request[:min(len(request), 10000)])
		}
		return all.String(), rep.Cuts
	}
	for _, seed := range []uint64{0, 1<<64 - 1} {
		first, cuts := run(seed)
		again, cutsAgain := run(seed)
		if first != again || cuts.Made != cutsAgain.Made {
			t.Errorf("seed %d made other cases the second time: %d and %d bytes, %d and %d cuts", seed, len(first), len(again), cuts.Made, cutsAgain.Made)
		}
		if other, _ := run(seed + 2); other == first {
			t.Errorf("seeds %d and %d made the same cases", seed, seed+2)
		}
	}
}

// TestSeedOfACase: a case's choices are its own: what else runs does not change them.
func TestSeedOfACase(t *testing.T) {
	s := &Suite{cfg: Config{Seed: 7}, target: target.InProcess("none", "127.0.0.1:1", nil, nil, 0)}
	draw := func(id string) uint64 { return s.env(Case{ID: id}).Rand.Uint64() }
	first, again, other := draw("FRAM-5/random"), draw("FRAM-5/random"), draw("FRAM-8/values")
	s.cfg.Seed++
	if first != again || first == other || first == draw("FRAM-5/random") {
		t.Error("the choices of a case do not follow from the seed and its id")
	}
}

// hooks is a Progress that calls.
type hooks struct {
	start func(id string)
	done  func(r report.Result)
}

func (h hooks) Start(id string)      { h.start(id) }
func (h hooks) Done(r report.Result) { h.done(r) }

// TestInterrupt: a run that is interrupted, at the gate or later, ends soon and reports what it knows.
func TestInterrupt(t *testing.T) {
	for _, c := range []struct{ name, fault, dialect, at string }{
		{"in a plain case", "right", "script", "FRAM-5"},
		{"in a case alone", "right", "echo", "ROBU-1"},
		{"at the end", "right", "line", "ROBU-6"},
		{"with a process of its own", "right", "echo", "LIFE-11"},
		{"where nothing is answered", "accept-hang", "echo", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var ended atomic.Pointer[time.Time]
			interrupt := func() {
				now := time.Now()
				if ended.CompareAndSwap(nil, &now) {
					cancel()
				}
			}
			cfg := inProcess(t, c.fault, c.dialect)
			finished := map[string]bool{}
			cfg.Progress = hooks{
				func(id string) {
					if id == c.at {
						interrupt()
					}
				},
				func(report.Result) {},
			}
			if c.at == "" {
				time.AfterFunc(300*time.Millisecond, interrupt) // while it waits for the baseline's answer
			}
			rep, err := Run(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if ended.Load() == nil {
				t.Fatalf("%s was not reached: %s", c.at, rep.Sentence)
			}
			if took := time.Since(*ended.Load()); took > 2*time.Second {
				t.Errorf("the run ended %s after the interrupt", took)
			}
			complete(t, rep)
			if !rep.Interrupted || rep.Conclusion != report.NoVerdict || !strings.Contains(rep.Sentence, "interrupted") && rep.Trouble == "" {
				t.Errorf("interrupted %t: %s", rep.Interrupted, told(rep))
			}
			if broken := verdicts(rep, report.Fail, report.Warn); len(broken) > 0 {
				t.Errorf("the interrupt broke %q: %s", broken, told(rep))
			}
			for _, r := range rep.Results {
				finished[r.ID] = true
			}
			if len(finished) != len(rep.Results) || len(finished) < 30 {
				t.Errorf("%d results, %d different ones", len(rep.Results), len(finished))
			}
			if c.at == "ROBU-6" && result(t, rep, "FRAM-2").Verdict != report.Pass {
				t.Errorf("what was known is lost: %s", told(rep))
			}
		})
	}
}

// TestProgress: every requirement begins once and ends once.
func TestProgress(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	begun, ended := map[string]int{}, map[string]int{}
	cfg := inProcess(t, "right", "greet")
	cfg.Only, cfg.Workers = "FRAM-1..6,CLOS,LIFE-1..3,CONC-1", 8
	cfg.Progress = hooks{
		func(id string) { mu.Lock(); begun[id]++; mu.Unlock() },
		func(r report.Result) {
			mu.Lock()
			defer mu.Unlock()
			if ended[r.ID]++; begun[r.ID] != 1 || r.Verdict != report.Pass {
				t.Errorf("%s ended with %s after %d beginnings", r.ID, r.Verdict, begun[r.ID])
			}
		},
	}
	rep := judge(t, cfg)
	for _, r := range rep.Results {
		if begun[r.ID] != 1 || ended[r.ID] != 1 {
			t.Errorf("%s began %d times and ended %d times", r.ID, begun[r.ID], ended[r.ID])
		}
	}
	if len(begun) != len(rep.Results) || len(begun) == 0 {
		t.Errorf("%d began, %d results", len(begun), len(rep.Results))
	}
}

// TestPanic: a mistake of the suite's own is no verdict on the server.
func TestPanic(t *testing.T) {
	cfg := inProcess(t, "right", "echo")
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(context.Context, *Env) error{
		"panic":   func(context.Context, *Env) error { panic("a mistake") },
		"runtime": func(_ context.Context, e *Env) error { return (*trial)(nil).judge(t.Context(), e) },
		"nil":     nil,
	} {
		r := Requirement{ID: "TEST-1", Level: report.Must, Dialects: "e", Cases: []Case{{ID: "TEST-1/" + name, Requirement: "TEST-1", Dialects: "e", Timeout: time.Second, Run: run}}}
		res := s.Check(t.Context(), r)
		if res.Verdict != report.Inconclusive || !strings.Contains(res.Reason, "a mistake of streamspec's own") || strings.Contains(res.Reason, "\n") {
			t.Errorf("%s: %s: %s", name, res.Verdict, res.Reason)
		}
	}
	slow := Requirement{ID: "TEST-2", Level: report.Must, Dialects: "e", Cases: []Case{{ID: "TEST-2/slow", Requirement: "TEST-2", Dialects: "e", Timeout: 30 * time.Millisecond, Run: func(ctx context.Context, _ *Env) error {
		<-ctx.Done()
		return ctx.Err()
	}}}}
	if res := s.Check(t.Context(), slow); res.Verdict != report.Inconclusive || res.Reason != "TEST-2/slow was not done within 30ms" {
		t.Errorf("a case that takes longer than it may: %s: %s", res.Verdict, res.Reason)
	}
}

// TestVerdict: what the outcomes of a requirement's cases add up to.
func TestVerdict(t *testing.T) {
	s := &Suite{cfg: Config{Again: func(id string) string { return "again " + id }}}
	outcomes := map[byte]outcome{
		'.': {checks: 1}, 'b': {err: broken("it broke"), checks: 1}, 'u': {err: undecided("who knows")},
		's': {err: &NotShown{"not here"}}, 'c': {err: context.Canceled}, 'd': {c: Case{ID: "x", Timeout: time.Second}, err: context.DeadlineExceeded},
	}
	for _, c := range []struct {
		level           report.Level
		of              string
		verdict         report.Verdict
		reason, remarks string
	}{
		{report.Must, "..", report.Pass, "", ""},
		{report.Must, ".b", report.Fail, "it broke", ""},
		{report.Should, "b.", report.Warn, "it broke", ""},
		{report.May, ".", report.Info, "", ""},
		{report.May, "b.", report.Info, "", "it broke"},
		{report.Must, ".u", report.Inconclusive, "who knows", ""},
		{report.Should, "u", report.Inconclusive, "who knows", ""},
		{report.Must, "ub", report.Fail, "it broke", ""},
		{report.Must, "su", report.Inconclusive, "who knows", ""},
		{report.Must, "ss", report.Skip, "not here", ""},
		{report.May, "s", report.Skip, "not here", ""},
		{report.Must, "s.", report.Pass, "", "in part: not here"},
		{report.Must, "sb", report.Fail, "it broke", ""},
		{report.Must, ".c", report.Inconclusive, "interrupted", ""},
		{report.Must, "d", report.Inconclusive, "x was not done within 1s", ""},
		{report.Must, "", report.Skip, "no case shows it in this dialect", ""},
	} {
		var all []outcome
		for i := range len(c.of) {
			all = append(all, outcomes[c.of[i]])
		}
		res := s.verdict(Requirement{ID: "TEST-1", Level: c.level, Sentence: "It MUST hold.", Causes: []string{"a cause"}}, all)
		if res.Verdict != c.verdict || res.Reason != c.reason || res.Observed != c.remarks {
			t.Errorf("%s %q: %s, %q, %q", c.level, c.of, res.Verdict, res.Reason, res.Observed)
		}
		if failed := res.Verdict == report.Fail || res.Verdict == report.Warn; failed != (res.Failure != nil) {
			t.Errorf("%s %q: the evidence is %+v", c.level, c.of, res.Failure)
		} else if failed && (res.Failure.Again != "again TEST-1" || res.Failure.Requirement != "It MUST hold." || res.Failure.Problem != "it broke" || len(res.Failure.Causes) != 1) {
			t.Errorf("%s %q: the evidence is %+v", c.level, c.of, res.Failure)
		}
	}
}

// TestWhatTheTargetLacks is skipped, with a reason that says what to give.
func TestWhatTheTargetLacks(t *testing.T) {
	t.Parallel()
	rep := judge(t, Config{Addr: at(t, echo).addr(), Dialect: "echo", Only: "LIFE-1,LIFE-6..11,ROBU-2"})
	for _, r := range rep.Results {
		want, reason := report.Skip, "give --exec"
		switch r.ID {
		case "LIFE-1":
			want, reason = report.Pass, ""
		case "LIFE-10", "LIFE-11":
			reason = "give --pid or --exec"
		case "ROBU-2":
			want, reason = report.Pass, ""
			if !strings.Contains(r.Observed, "in part: the server's process must be known") {
				t.Errorf("ROBU-2 does not say that its memory was not looked at: %q", r.Observed)
			}
		}
		if r.Verdict != want || !strings.HasSuffix(r.Reason, reason) {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	cfg := inProcess(t, "right", "script")
	cfg.Reader, cfg.Only = nil, "READ-3"
	if rep := judge(t, cfg); rep.Conclusion != report.NoVerdict || result(t, rep, "READ-3").Verdict != report.Skip {
		t.Errorf("READ-3 without the server's operations: %s", told(rep))
	}
}

// touching is a reader that reads although nothing is asked for.
type touching struct{ io.Reader }

func (r touching) Read(n int) (string, error) {
	_, _ = r.Reader.Read(make([]byte, n+1))
	return "", nil
}

func TestReadOfNothing(t *testing.T) {
	cfg := inProcess(t, "right", "script")
	cfg.Only = "READ-3"
	if rep := judge(t, cfg); rep.Conclusion != report.Conformant {
		t.Errorf("the reference server: %s", told(rep))
	}
	cfg.Reader = func(rw io.ReadWriter) Reader { return touching{rw} }
	if rep := judge(t, cfg); rep.Conclusion != report.NotConformant {
		t.Errorf("a read(0) that reads: %s", told(rep))
	}
}

// TestUnreachable: where nothing listens, that is said, within three seconds.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	began := time.Now()
	rep, err := Run(t.Context(), Config{Addr: addr})
	var unreachable *target.UnreachableError
	if !errors.As(err, &unreachable) || rep != nil {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestFaults: every planted fault is caught, by the requirement that it breaks,
// in the first dialect in which it shows.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a run for every fault")
	}
	for _, f := range faulty.All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			cfg := inProcess(t, f.Name, f.Dialects[0])
			cfg.Only = familyOf(f.Requirement) + ",FRAM-1..3"
			rep := judge(t, cfg)
			broken := verdicts(rep, report.Fail, report.Warn)
			t.Log(rep.Sentence)
			if f.Name == "drip" { // too slow to be judged: no verdict, and no pass
				if rep.Conclusion != report.NoVerdict || rep.Trouble == "" || len(verdicts(rep, report.Pass)) > 0 {
					t.Errorf("not caught: %s", told(rep))
				}
				return
			}
			want := f.Requirement
			if rep.Trouble != "" { // already the whole message is wrong, and FRAM-1 is the control
				want = "FRAM-1"
			}
			if !slices.Contains(broken, want) {
				t.Fatalf("%s is not among the broken ones: %s", want, told(rep))
			}
			if r, _ := Lookup(want); r.Level == report.Must && rep.Conclusion != report.NotConformant {
				t.Errorf("a MUST is broken, and the conclusion is %s", told(rep))
			}
			if r := result(t, rep, want); r.Failure.Problem == "" || r.Failure.Requirement == "" || len(r.Failure.Causes) == 0 {
				t.Errorf("%s has no evidence: %+v", want, r.Failure)
			}
		})
	}
}
