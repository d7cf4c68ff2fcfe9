package fuzzer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	fuzz "github.com/streamspec/streamspec/internal/fuzzer"
	"github.com/streamspec/streamspec/internal/judge"
	"github.com/streamspec/streamspec/internal/plan"
	"github.com/streamspec/streamspec/internal/player"
	"github.com/streamspec/streamspec/reference"
	"github.com/streamspec/streamspec/reference/faulty"
	"github.com/streamspec/streamspec/suite/report"
	"github.com/streamspec/streamspec/suite/target"
)

// served is a server of this process, right where fault is "", and what stops it.
func served(t testing.TB, fault, dialect string) *target.Target {
	t.Helper()
	var server interface {
		Listen() error
		ServeForever() error
		Shutdown(context.Context) error
	}
	var addr func() net.Addr
	if fault == "" {
		h, _ := reference.HandlerFor(dialect)
		s := reference.NewTCPServer(reference.Config{Handler: h})
		server, addr = s, s.Addr
	} else {
		s, err := faulty.NewServer(fault, dialect, reference.Config{})
		if err != nil {
			t.Fatal(err)
		}
		server, addr = s, s.Addr
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = server.ServeForever() // it is shut down below
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // a faulty one may not
		<-over
	})
	return target.InProcess("reference", addr().String(), func(context.Context) error { return nil }, nil, 0)
}

func config(t testing.TB, fault, dialect string, plans int) fuzz.Config {
	return fuzz.Config{Suite: judge.Config{Target: served(t, fault, dialect), Dialect: dialect, Seed: 1}, Plans: plans}
}

func run(t testing.TB, cfg fuzz.Config) *fuzz.Result {
	t.Helper()
	r, err := fuzz.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is the result as text.
func told(r *fuzz.Result) string {
	var b strings.Builder
	for _, f := range r.Failures {
		b.WriteString(f.Plan.String())
	}
	_ = r.WriteText(&b) // a builder takes all
	return b.String()
}

// TestRight holds that nothing is found where nothing is wrong.
func TestRight(t *testing.T) {
	for _, d := range []string{"echo", "greet", "line", "script"} {
		t.Run(d, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, inMemory(t, "", d, 600))
				if r.Plans != 600 || len(r.Failures) > 0 || r.Conclusion() != report.Conformant || r.Late > 0 {
					t.Error(told(r))
				}
				if !r.Confirms || r.Cuts.Made == 0 || r.Cuts.Confirmed < r.Cuts.Made {
					t.Errorf("%d of %d cuts confirmed", r.Cuts.Confirmed, r.Cuts.Made)
				}
			})
		})
	}
}

// buffersShared is a seed by which a server that shares a buffer among its sessions is found by a plan that shows it each time.
const buffersShared = 2

// TestFaults holds that faults of every kind are found, by a requirement that explains them, and shown by a small plan that
// fails again and that a right server passes.
func TestFaults(t *testing.T) {
	for name, want := range map[string]struct {
		requirements string // of the first failure
		bytes, cuts  int
	}{
		"read-is-message line":    {"FRAM-2 FRAM-3 FRAM-6 FRAM-4", 6, 1},
		"crlf-split line":         {"FRAM-6", 6, 1},
		"decode-each-read line":   {"FRAM-6", 6, 1},
		"first-line-only line":    {"FRAM-4 LINE-4", 6, 0},
		"second-after-half line":  {"FRAM-2 FRAM-6 FRAM-3", 12, 1},
		"unicode-strip line":      {"LINE-10", 6, 0},
		"last-line-dropped line":  {"LINE-4", 4, 0},
		"latin-1 line":            {"CODE-1 CODE-3 CODE-4", 6, 0},
		"eof-loses line":          {"CLOS-1 FRAM-2", 4, 1},
		"lose-byte-512 echo":      {"FRAM-8", 600, 0},
		"unemptied script":        {"SEND-3", 40, 0},
		"answers-swapped line":    {"FRAM-4", 8, 0},
		"cr-ends line":            {"LINE-9 LINE-2", 6, 0},
		"strip-none line":         {"LINE-2 LINE-3", 6, 0},
		"nul-ends-text line":      {"LINE-7", 6, 0},
		"seven-bit echo":          {"FRAM-8", 4, 0},
		"iac echo":                {"FRAM-8", 8, 0},
		"third-read echo":         {"FRAM-3 FRAM-2", 6, 3},
		"composed line":           {"CODE-5", 6, 0},
		"compatible line":         {"CODE-5", 6, 0},
		"character-halved script": {"CODE-6", 24, 0},
		"limit-characters script": {"CODE-1 LINE-10 CODE-4 LINE-6", 24, 0},
		"read-characters script":  {"READ-1 CODE-1 CODE-4 CODE-6 LINE-10 LIFE-4", 30, 0},
		"buffer-shared script":    {"CONC-1", 24, 0},
		"resend-at-end script":    {"SEND-3 SEND-7 FRAM-1", 40, 0},
	} {
		fault, dialect, _ := strings.Cut(name, " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, ok := faulty.Lookup(fault); !ok {
				t.Fatalf("there is no fault %s", fault)
			}
			cfg := config(t, fault, dialect, 3000)
			cfg.First, cfg.Clients = true, 1 // so that the first is the same each time
			if fault == "buffer-shared" {
				cfg.Suite.Seed = buffersShared
			}
			r := run(t, cfg)
			if len(r.Failures) == 0 {
				t.Fatal(told(r))
			}
			f := r.Failures[0]
			if !strings.Contains(want.requirements, f.Requirement) || f.Plan.Len() > want.bytes || f.Plan.Cuts() > want.cuts || f.Deliveries > 100 || !f.Certain() {
				t.Errorf("found %s after %d deliveries, want %s:\n%s", f.Requirement, f.Deliveries, want.requirements, told(r))
			}
			if f.Evidence.Request.Total == 0 || f.Problem == "" || f.Plan.Seed != cfg.Suite.Seed {
				t.Errorf("the evidence is %+v", f.Evidence)
			}
			right, err := judge.Reach(t.Context(), judge.Config{Target: served(t, "", dialect), Dialect: dialect})
			if err != nil {
				t.Fatal(err)
			}
			e := right.Server.Player("again")
			defer e.Done()
			if _, found := e.Play(t.Context(), f.Plan, e.Wait()); found != nil {
				t.Errorf("a right server fails it too: %s", found.Problem)
			}
		})
	}
}

// TestSaves holds that every new failure is given to Save, and that a failure to save is told and ends nothing.
func TestSaves(t *testing.T) { synctest.Test(t, testSaves) }

func testSaves(t *testing.T) {
	cfg := inMemory(t, "first-line-only", "line", 200)
	saved := 0
	cfg.Save = func(*fuzz.Failure) error {
		saved++
		return fmt.Errorf("writing: %w", os.ErrPermission)
	}
	r := run(t, cfg)
	if len(r.Failures) == 0 || saved != len(r.Failures) || r.Plans != 200 || !errors.Is(r.Failures[0].SaveError, os.ErrPermission) || !strings.Contains(told(r), "not saved: writing: ") {
		t.Errorf("%d of %d were saved: %s", saved, len(r.Failures), told(r))
	}
}

// TestUnansweredOnce holds that an answer that is missing once, and not when it is asked for again, is no failure, and no pass.
func TestUnansweredOnce(t *testing.T) { synctest.Test(t, testUnansweredOnce) }

func testUnansweredOnce(t *testing.T) {
	var mute atomic.Int64 // counts the connections on which the request of the plans came
	cfg := meeting(t, "echo", 60, func(l net.Listener) error {
		for {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			go func() {
				defer c.Close()
				request, _ := io.ReadAll(c) // the answer shows what came
				if string(request) == "a line of text\n" && mute.Add(1) == 20 {
					<-t.Context().Done()
				}
				_, _ = c.Write(request)
			}()
		}
	})
	cfg.Draw = segments
	r := run(t, cfg)
	if r.Late != 1 || len(r.Failures) > 0 || r.Plans != 60 || r.Conclusion() != report.NoVerdict || !strings.HasPrefix(r.Verdict(), "no verdict: 1 plan went without an answer once") {
		t.Error(told(r))
	}
}

// TestGateFails holds that a server that answers nothing rightly is not fuzzed.
func TestGateFails(t *testing.T) {
	cfg := config(t, "constant", "line", 100)
	cfg.Suite.Timeout = 100 * time.Millisecond
	r := run(t, cfg)
	if r.Plans > 0 || r.Trouble == "" || r.Conclusion() != report.NotConformant {
		t.Error(told(r))
	}
}

// TestInterrupted holds that an end from outside ends the run with what is known.
func TestInterrupted(t *testing.T) { synctest.Test(t, testInterrupted) }

func testInterrupted(t *testing.T) {
	cfg := inMemory(t, "", "line", 0)
	cfg.For = time.Hour
	const end = 10 * time.Millisecond // some hundred plans
	ctx, cancel := context.WithTimeout(t.Context(), end)
	defer cancel()
	begun := time.Now()
	r, err := fuzz.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < end || took > end+100*time.Microsecond || // a nap between two looks ends first
		r.Plans == 0 || !r.Interrupted || r.Conclusion() != report.NoVerdict || len(r.Failures) > 0 {
		t.Errorf("after %v: %s", took, told(r))
	}
}

// TestShards holds that the shards of a seed draw each of its plans once.
func TestShards(t *testing.T) {
	whole := config(t, "", "echo", 90)
	var all []string
	for shard := 1; shard <= 3; shard++ {
		cfg := whole
		cfg.Plans, cfg.Shard, cfg.Shards = 30, shard, 3
		cfg.Guide = fuzz.NewGuide(everything{}, 0, nil, func(p plan.Plan) { all = append(all, p.String()) })
		run(t, cfg)
	}
	var want []string
	whole.Guide = fuzz.NewGuide(everything{}, 0, nil, func(p plan.Plan) { want = append(want, p.String()) })
	run(t, whole)
	slices.Sort(all)
	slices.Sort(want)
	if len(want) != 90 || !slices.Equal(all, want) {
		t.Errorf("the shards drew %d plans, and the whole %d", len(all), len(want))
	}
}

// everything is new to it.
type everything struct{}

func (everything) Fresh(_ context.Context, p plan.Plan, _ []player.Played) []plan.Plan {
	return []plan.Plan{p}
}

func TestConfigIsChecked(t *testing.T) {
	for want, cfg := range map[string]fuzz.Config{
		"say how long to go on":                     {},
		"the time to go on for must be above 0":     {For: -1},
		"the number of plans must be above 0":       {Plans: -1},
		"the number of clients must be from 1 to":   {Plans: 1, Clients: fuzz.MaxClients + 1},
		"a shard is I/N with I from 1 to N":         {Plans: 1, Shard: 3, Shards: 2},
		"a shard is I/N with I from 1 to N and N a": {Plans: 1, Shards: 2},
	} {
		_, err := fuzz.Run(t.Context(), cfg)
		if c := (*judge.ConfigError)(nil); !errors.As(err, &c) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
